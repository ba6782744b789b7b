/**
 * The engine of the exports' Workflow in this process: it runs jobs step by step with a memory
 * of what was done, tries again without pauses, and can lose the process or give a step up while
 * that goes on.
 */
import type { WorkflowStep } from "cloudflare:workers";
import { ExportRun } from "../../src/export/job/run.ts";
import { PART_LIMITS, type PartLimits } from "../../src/export/limits.ts";

interface StepConfig {
  readonly retries: { readonly limit: number };
}

/** How the engine names the time of a step that is over. */
const TIMED_OUT = "WorkflowTimeoutError: Execution timed out after 300000ms";

const never = (): Promise<never> => new Promise(() => undefined);

/** A step that the instance began: once for each attempt. */
export interface Attempt {
  readonly name: string;
  /** From 0, anew in each process. */
  readonly attempt: number;
}

class Instance {
  status: InstanceStatus["status"] = "running";
  readonly attempts: Attempt[] = [];
  readonly ended: Promise<void>;
  /** The attempts, which end however they do. */
  readonly under: Promise<unknown>[] = [];
  /** Results of steps that are done, as JSON: what outlives the process. */
  readonly #results = new Map<string, string>();
  readonly #run: (step: WorkflowStep) => Promise<void>;
  #end: () => void = () => undefined;
  /** Counts the processes: what an earlier one still does is nobody's any more. */
  #life = 0;
  #interrupt: (error: Error) => void = () => undefined;

  constructor(run: (step: WorkflowStep) => Promise<void>) {
    this.#run = run;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Begins in a process, or goes on in another one. */
  start(): void {
    this.#life += 1;
    const life = this.#life;
    const step = {
      do: (name: string, config: StepConfig, callback: () => Promise<unknown>) =>
        this.#do(life, name, config, callback),
    };
    this.#run(step as unknown as WorkflowStep).then(
      () => this.#over(life, "complete"),
      () => this.#over(life, "errored"),
    );
  }

  terminate(): void {
    this.#over(this.#life, "terminated");
    this.#life += 1;
  }

  /** The engine gives the attempt up that is under way, which goes on all the same. */
  timeOut(): void {
    this.#interrupt(new Error(TIMED_OUT));
  }

  #over(life: number, status: InstanceStatus["status"]): void {
    if (life !== this.#life || this.status !== "running") return;
    this.status = status;
    this.#end();
  }

  async #do(
    life: number,
    name: string,
    config: StepConfig,
    callback: () => Promise<unknown>,
  ): Promise<unknown> {
    for (let attempt = 0; ; attempt += 1) {
      if (life !== this.#life) await never();
      const known = this.#results.get(name);
      if (known !== undefined) return JSON.parse(known);
      this.attempts.push({ name, attempt });
      try {
        // First, since the callback may be interrupted at its very first call.
        const interruption = this.#interruption();
        const work = callback();
        this.under.push(work.catch(() => undefined));
        const result = await Promise.race([interruption, work]);
        if (life !== this.#life) await never();
        this.#results.set(name, JSON.stringify(result) ?? "null");
      } catch (error) {
        const { message, name: kind } = error as Error;
        const isFinal = kind === "NonRetryableError";
        // What comes out of a step is a copy: the engine writes the class before the message.
        if (isFinal) throw new Error(`NonRetryableError: ${message}`, { cause: error });
        if (attempt === config.retries.limit) throw new Error(message, { cause: error });
      }
    }
  }

  #interruption(): Promise<never> {
    return new Promise((_, reject) => {
      this.#interrupt = reject;
    });
  }
}

/** See the module's comment. */
export class Engine {
  /** The bindings of the jobs that start from now on. */
  env: Env | undefined;
  readonly limits: PartLimits;
  #instances = new Map<string, Instance>();

  constructor(limits: Partial<PartLimits>) {
    this.limits = { ...PART_LIMITS, ...limits };
  }

  /** As the binding that the code knows. */
  get binding(): Env["EXPORT_JOB"] {
    const create = async ({ id = "", params }: WorkflowInstanceCreateOptions<unknown>) => {
      if (this.#instances.has(id)) throw new Error("(instance.already_exists)");
      const { exportId } = params as { readonly exportId: number };
      const { env } = this;
      if (env === undefined) throw new Error("the engine has no bindings yet");
      const run = new ExportRun(env, exportId, this.limits);
      const instance = new Instance((step) => run.run(step));
      this.#instances.set(id, instance);
      instance.start();
      return this.#handle(id);
    };
    return { create, get: async (id: string) => this.#handle(id) } as unknown as Env["EXPORT_JOB"];
  }

  #handle(id: string): object {
    const instance = this.#instances.get(id);
    if (instance === undefined) throw new Error("(instance.not_found) Instance not found");
    return {
      status: async () => ({ status: instance.status }),
      sendEvent: async () => undefined,
      terminate: async () => {
        if (instance.status !== "running") throw new Error("(instance.cannot_terminate)");
        instance.terminate();
      },
    };
  }

  /** All steps that were begun. */
  get attempts(): Attempt[] {
    return [...this.#instances.values()].flatMap(({ attempts }) => attempts);
  }

  /** The process of all jobs dies, and another one goes on with each that had not ended. */
  crash(): void {
    for (const instance of this.#running()) instance.start();
  }

  /** Gives up the steps that are under way. */
  timeOut(): void {
    for (const instance of this.#running()) instance.timeOut();
  }

  /** Whether a job is under way. */
  get isBusy(): boolean {
    return this.#running().length > 0;
  }

  /** Resolves once no job is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running().map(({ ended }) => ended));
  }

  /** Resolves once the attempts of all jobs have ended, those that were given up too. */
  async settled(): Promise<void> {
    await Promise.all([...this.#instances.values()].flatMap(({ under }) => under));
  }

  /** Forgets all that ended. */
  forget(): void {
    this.#instances = new Map();
  }

  #running(): Instance[] {
    return [...this.#instances.values()].filter(({ status }) => status === "running");
  }
}
