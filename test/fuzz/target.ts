/** The built Worker in a process of its own, and what can be seen of it from outside. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildHeadgate, ROOT, type WorkerSettings, workerSettings } from "../bench/build.ts";
import { ADMIN_TOKEN, bundleModules, type RunningWorker, startWorker } from "../bench/workers.ts";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { Connection, type RawAnswer } from "../e2e/raw.ts";
import { memoryOf, type ProcessMemory } from "../support/process-memory.ts";
import { ANSWER_MS_MAX } from "./oracle.ts";
import { bytesOf, type Input, isWellFormed } from "./request.ts";
import { Written } from "./written.ts";

export { ADMIN_TOKEN };

/** How often an input is sent whose answer takes too long: what is slow by itself is so each time. */
const SENT_MAX = 3;

/** What became of an input. */
export interface Outcome {
  /** Undefined where the connection ended without an answer. */
  readonly answer: RawAnswer | undefined;
  readonly elapsedMs: number;
  /** What went wrong on the way: a connection that broke, or nothing within 15 s. */
  readonly trouble: string | undefined;
}

/** The service under test. */
export class Target {
  readonly base: string;
  readonly pid: number | undefined;
  readonly written: Written;
  readonly #folder: string;
  readonly #worker: RunningWorker;
  #connection: Connection | undefined;

  private constructor(folder: string, worker: RunningWorker) {
    this.#folder = folder;
    this.#worker = worker;
    this.base = `http://127.0.0.1:${worker.port}`;
    this.pid = worker.pid;
    this.written = new Written(join(folder, "state"));
  }

  /** Builds and starts the service, on an empty state folder with the demo client. */
  static async start(options: { readonly inspectorPort?: number } = {}): Promise<Target> {
    const folder = await mkdtemp(join(tmpdir(), "headgate-fuzz-"));
    const bundle = await buildHeadgate(join(folder, "bundle"));
    // A line for each request: a run of tests searches them for credentials (log-gate).
    const settings = workerSettings({ variables: { LOG_REQUESTS: "all" } });
    const worker = await startWorker({
      name: "headgate",
      modules: bundleModules(bundle),
      settings: { ...settings, assets: assetSettings() },
      stateFolder: join(folder, "state"),
      direct: true,
      ...options,
    });
    return new Target(folder, worker);
  }

  /** Errors that the Worker has logged, the newest last; reading takes them away. */
  takeErrors(): string[] {
    return this.#worker.errors.splice(0);
  }

  /**
   * Sends an input, over the connection of the one before where that is still there; and again
   * where its answer took longer than {@link ANSWER_MS_MAX}, as on a machine that stood still.
   */
  async send(input: Input): Promise<Outcome> {
    let outcome = await this.#sendOnce(input);
    for (let sent = 1; sent < SENT_MAX && outcome.elapsedMs > ANSWER_MS_MAX; sent += 1) {
      outcome = await this.#sendOnce(input);
    }
    return outcome;
  }

  async #sendOnce(input: Input): Promise<Outcome> {
    const startedAt = performance.now();
    const ended = (answer: RawAnswer | undefined, trouble?: unknown): Outcome => ({
      answer,
      elapsedMs: performance.now() - startedAt,
      trouble: trouble === undefined ? undefined : describe(trouble),
    });
    try {
      const connection = await this.#open();
      connection.send(bytesOf(input));
      let answer = await connection.answer(input.method);
      while (answer.status < 200) answer = await connection.answer(input.method);
      // Where it is not sure what the runtime takes for the end of this request, or where it
      // answered before the body was read, the next one must not come behind it.
      const isOver = answer.headers.get("connection") === "close" || connection.leftover !== "";
      if (isOver || connection.isEnded || !isWellFormed(input)) this.hangUp();
      return ended(answer);
    } catch (error) {
      this.hangUp();
      return ended(undefined, error);
    }
  }

  /** The next input has a connection of its own. */
  hangUp(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #open(): Promise<Connection> {
    if (this.#connection?.isEnded === true) this.hangUp();
    this.#connection ??= await Connection.open(this.base);
    return this.#connection;
  }

  /** Stops the service and deletes its files. */
  async remove(): Promise<void> {
    this.hangUp();
    this.written.close();
    await this.#worker.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The memory of the runtime, its peak since {@link resetPeak}. Throws where it is not told. */
  memory(): ProcessMemory {
    const memory = memoryOf(this.pid);
    if (memory === undefined) throw new Error("the runtime's memory is not told");
    return memory;
  }

  /** Forgets the peak so far: proc_pid_clear_refs(5). */
  resetPeak(): void {
    writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }
}

function describe(trouble: unknown): string {
  return trouble instanceof Error ? trouble.message : "unknown trouble";
}

/** The assets, which the benchmarks leave out. */
function assetSettings(): WorkerSettings["assets"] {
  return unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml")).workerOptions.assets;
}

/** The document of all operations (src/assets). */
export const OPENAPI_FILE = join(ROOT, "src/assets/openapi.json");
