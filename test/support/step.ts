/**
 * The steps of a Workflow without its engine: retries without pauses, results that go through
 * JSON, and a memory that outlives the run, as that of an instance outlives a crash.
 */
import type { WorkflowStep } from "cloudflare:workers";
import { PART_LIMITS, type PartLimits } from "../../src/export/limits.ts";
import { ExportRun } from "../../src/export/job/run.ts";

interface StepConfig {
  readonly retries: { readonly limit: number };
}

/** The memory of an instance. */
export class Steps {
  /** Results by name, as JSON. */
  readonly results = new Map<string, string>();
  /** Names in the order in which they were begun, once for each attempt. */
  readonly attempts: string[] = [];
  /** The process dies once this step is done; with `resultLost`, before that is noted. */
  dieAfter: { readonly name: string; readonly resultLost: boolean } | undefined;
  #die: () => void = () => undefined;

  /** Resolves where the process dies. */
  readonly death = new Promise<void>((resolve) => {
    this.#die = resolve;
  });

  async do(name: string, config: StepConfig, callback: () => Promise<unknown>): Promise<unknown> {
    const known = this.results.get(name);
    if (known !== undefined) return JSON.parse(known);
    const result = await this.#attempt(name, config, callback);
    const isLast = this.dieAfter?.name === name;
    const text = JSON.stringify(result) ?? "null";
    if (!isLast || this.dieAfter?.resultLost !== true) this.results.set(name, text);
    if (isLast) {
      this.#die();
      await new Promise(() => undefined);
    }
    return JSON.parse(text);
  }

  async #attempt(name: string, config: StepConfig, run: () => Promise<unknown>): Promise<unknown> {
    for (let attempt = 0; ; attempt += 1) {
      this.attempts.push(name);
      try {
        return await run();
      } catch (error) {
        const { message } = error as Error;
        const isFinal = (error as Error).name === "NonRetryableError";
        // What comes out of a step is a copy: the engine writes the class before the message.
        if (isFinal) throw new Error(`NonRetryableError: ${message}`, { cause: error });
        if (attempt === config.retries.limit) throw new Error(message, { cause: error });
      }
    }
  }
}

/** Runs the job of an export in this process, until it ends or dies. */
export async function runJob(
  env: Env,
  exportId: number,
  options: { readonly limits?: Partial<PartLimits>; readonly steps?: Steps } = {},
): Promise<Steps> {
  const steps = options.steps ?? new Steps();
  const run = new ExportRun(env, exportId, { ...PART_LIMITS, ...options.limits });
  await Promise.race([run.run(steps as unknown as WorkflowStep), steps.death]);
  return steps;
}
