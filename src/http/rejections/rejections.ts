/**
 * Why data did not arrive: the last refused requests of each integration. An answer must not
 * wait for that, and a storm of refusals must not become a storm of writes: an isolate notes
 * them in memory, equal ones as one, and writes them to the catalogue beside the requests, an
 * integration's first one at once and what follows together, every few seconds. A crash loses
 * the notes of those seconds.
 */
import { logError, messageOf } from "../../log.ts";
import type { Call } from "../calls/call.ts";
import type { Refusal } from "../errors.ts";
import { IMPORT_SURFACES, type Surface } from "../surfaces.ts";
import { WRITE_STEP_MS, WriteTimes } from "../calls/write-times.ts";
import { keyOf, type Note, noteOf, OTHERS, othersOf, rejectionOf, together } from "./note.ts";
import { addRejections } from "./rows.ts";

/** Different refusals of an integration that wait for one write; more are counted together. */
export const DIFFERENT_MAX = 20;

/**
 * Notes that wait in an isolate, over all integrations: about 10 KB each, 5 MB of its 128. With
 * more, refusals are counted together, one note for each integration.
 */
const WAITING_MAX = 500;

/** Integrations that an isolate remembers. One that is forgotten is only written more often. */
const INTEGRATIONS_MAX = 1_000;

/**
 * The surfaces that import. Of `validate`, which stores nothing, the refusals are kept as well:
 * a program that validates first never sends what was refused, so there is no other trace of why
 * its data did not arrive. The sandbox has none: what is sent there is not meant to arrive.
 */
const SURFACES: ReadonlySet<Surface> = new Set(IMPORT_SURFACES);

/** What an isolate knows of an integration. */
interface Integration {
  readonly id: number;
  /** By what makes them equal. */
  notes: Map<string, Note>;
  readonly times: WriteTimes;
}

type Context = Pick<ExecutionContext, "waitUntil">;

/** The notes of one isolate. */
export class Rejections {
  readonly #env: Env;
  readonly #stepMs: number;
  readonly #integrations = new Map<number, Integration>();
  #waiting = 0;

  /** @param stepMs least time between two writes for one integration. */
  constructor(env: Env, stepMs: number = WRITE_STEP_MS) {
    this.#env = env;
    this.#stepMs = stepMs;
  }

  /** Notes a refusal. Makes no call that the caller waits for. */
  note(context: Context, integrationId: number, note: Note): void {
    const integration = this.#integrationOf(integrationId);
    this.#add(integration, note);
    integration.times.noted(context, () => this.#write(integration));
  }

  #integrationOf(id: number): Integration {
    const known = this.#integrations.get(id);
    if (known !== undefined) return known;
    const integration = { id, notes: new Map(), times: new WriteTimes(this.#stepMs) };
    this.#integrations.set(id, integration);
    const [oldest] = this.#integrations.keys();
    // What it has waiting is written all the same: its write does not look it up.
    if (this.#integrations.size > INTEGRATIONS_MAX && oldest !== undefined) {
      this.#integrations.delete(oldest);
    }
    return integration;
  }

  #add({ notes }: Integration, note: Note): void {
    const key = keyOf(note);
    const equal = notes.get(key);
    if (equal !== undefined) {
      notes.set(key, together(equal, note));
    } else if (
      note.code === OTHERS.code ||
      (notes.size < DIFFERENT_MAX && this.#waiting < WAITING_MAX)
    ) {
      notes.set(key, note);
      this.#waiting += 1;
    } else {
      const others = othersOf(note);
      const counted = notes.get(keyOf(others));
      if (counted === undefined) this.#waiting += 1;
      notes.set(keyOf(others), counted === undefined ? others : together(counted, others));
    }
  }

  /** Never rejects. What could not be written is written with the integration's next refusal. */
  async #write(integration: Integration): Promise<void> {
    const { notes } = integration;
    if (notes.size === 0) return;
    integration.notes = new Map();
    this.#waiting -= notes.size;
    try {
      await addRejections(this.#env, integration.id, [...notes.values()].map(rejectionOf));
    } catch (error) {
      logError("rejections_failed", { integration: integration.id, message: messageOf(error) });
      // It may have taken effect: then these refusals count twice.
      for (const note of notes.values()) this.#add(integration, note);
    }
  }
}

const isolates = new WeakMap<Env, Rejections>();

/**
 * The notes of the isolate with these bindings.
 *
 * @param stepMs of notes that are begun with this call; see {@link Rejections}.
 */
export function rejectionsOf(env: Env, stepMs: number = WRITE_STEP_MS): Rejections {
  let rejections = isolates.get(env);
  if (rejections === undefined) {
    rejections = new Rejections(env, stepMs);
    isolates.set(env, rejections);
  }
  return rejections;
}

/**
 * Notes that a request was refused, where it was an import whose integration is known: an
 * unknown token belongs to nobody. Never throws, and makes no call that the caller waits for.
 *
 * @param call what was learned of the request.
 * @param refusal of a defect, one with the code `internal`.
 * @param status of the answer.
 */
export function noteRejection(
  env: Env,
  context: Context,
  call: Call,
  refusal: Refusal,
  status: number,
): void {
  const { importer, surface, isSandbox } = call;
  if (importer === undefined || surface === undefined || !SURFACES.has(surface)) return;
  if (isSandbox) return;
  try {
    const note = noteOf(call, surface, refusal, status);
    rejectionsOf(env).note(context, importer.integrationId, note);
  } catch (error) {
    logError("rejections_failed", {
      integration: importer.integrationId,
      message: messageOf(error),
    });
  }
}
