/**
 * What a client's last import was and how many there were, for programs that ask whether fresh
 * data is there (wire.md 4.5). A push must not wait for that: an isolate notes its imports in
 * memory and writes them to the catalogue beside the requests, a client's first one at once and
 * what follows together, every few seconds. A crash loses the notes of those seconds, that is
 * some numbers of this display; the imports themselves were committed before they were noted.
 */
import { logError, messageOf } from "../../log.ts";
import type { ImportPlan } from "../../warehouse/plan.ts";
import { WRITE_STEP_MS, WriteTimes } from "./write-times.ts";

/**
 * Clients that an isolate remembers, each of about 200 bytes: as many as a deployment has. One
 * that is forgotten is only written more often.
 */
const CLIENTS_MAX = 10_000;

/** Adds imports; the newest end stays, in whatever order isolates write. */
const UPDATE = `UPDATE clients SET import_jobs = import_jobs + ?2, import_started_at =
CASE WHEN ?4 >= coalesce(import_ended_at, ?4) THEN ?3 ELSE import_started_at END,
import_ended_at = max(?4, coalesce(import_ended_at, ?4)) WHERE id = ?1`;

/** The imports of a client that are not written yet. Instants in ms since 1970. */
interface Noted {
  readonly clientId: number;
  count: number;
  /** Of the one that ended last. */
  startedAt: number;
  endedAt: number;
  readonly times: WriteTimes;
}

/** The notes of one isolate. */
export class ImportJobs {
  readonly #env: Env;
  readonly #stepMs: number;
  readonly #clients = new Map<number, Noted>();

  /** @param stepMs least time between two writes for one client. */
  constructor(env: Env, stepMs: number = WRITE_STEP_MS) {
    this.#env = env;
    this.#stepMs = stepMs;
  }

  /** Notes an import that has just ended. Makes no call that the caller waits for. */
  note(context: Pick<ExecutionContext, "waitUntil">, clientId: number, startedAt: number): void {
    const noted = this.#notedOf(clientId);
    noted.count += 1;
    noted.startedAt = startedAt;
    noted.endedAt = Date.now();
    noted.times.noted(context, () => this.#write(noted));
  }

  #notedOf(clientId: number): Noted {
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    const times = new WriteTimes(this.#stepMs);
    const noted = { clientId, count: 0, startedAt: 0, endedAt: 0, times };
    this.#clients.set(clientId, noted);
    const [oldest] = this.#clients.keys();
    // What it has waiting is written all the same: its write does not look it up.
    if (this.#clients.size > CLIENTS_MAX && oldest !== undefined) this.#clients.delete(oldest);
    return noted;
  }

  /** Never rejects. What could not be written is written with the client's next import. */
  async #write(noted: Noted): Promise<void> {
    const { clientId, count, startedAt, endedAt } = noted;
    if (count === 0) return;
    noted.count = 0;
    try {
      const update = this.#env.CATALOG.prepare(UPDATE);
      await update.bind(clientId, count, startedAt, endedAt).run();
    } catch (error) {
      // It may have taken effect: then these imports count twice, and the number only grows.
      noted.count += count;
      logError("import_jobs_failed", { client: clientId, message: messageOf(error) });
    }
  }
}

const isolates = new WeakMap<Env, ImportJobs>();

/**
 * The notes of the isolate with these bindings.
 *
 * @param stepMs of notes that are begun with this call; see {@link ImportJobs}.
 */
export function importJobsOf(env: Env, stepMs: number = WRITE_STEP_MS): ImportJobs {
  let jobs = isolates.get(env);
  if (jobs === undefined) {
    jobs = new ImportJobs(env, stepMs);
    isolates.set(env, jobs);
  }
  return jobs;
}

/**
 * Notes that an import was committed, unless it had nothing to store.
 *
 * @param startedAt when its request came, in ms since 1970.
 */
export function noteImport(
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
  plan: Pick<ImportPlan, "clientId" | "isEmpty">,
  startedAt: number,
): void {
  if (!plan.isEmpty) importJobsOf(env).note(context, plan.clientId, startedAt);
}
