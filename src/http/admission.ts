/**
 * What the isolate works on at a time: the requests of each integration, and the bytes of all
 * bodies, so that memory stays bounded whatever is sent (promise P7).
 */
import type { Importer } from "./credentials/import-tokens.ts";
import { Refusal } from "./errors.ts";
import { ADMISSION_MS_MAX, IN_FLIGHT_BYTES_MAX } from "./limits.ts";
import { type DoorOutcome, Doors } from "./overload.ts";

/** Body bytes that this isolate works on, and by whom they were taken. */
let inFlightBytes = 0;
const admitted = new Set<Admission>();
const doors = new Doors();

/**
 * A request's place in the isolate: among the requests of its integration, and a share of the
 * memory for its body. Give it back when the request is answered.
 */
export class Admission {
  #bytes = 0;
  #lastTakenAt = 0;
  #door: string | undefined;
  /** Whether it was the isolate's memory that had no room: no matter of the integration's. */
  #isOver = false;

  /**
   * Takes a place among the requests of an integration, before anything is done for its body.
   *
   * @param table where the path names it: then among those to that table.
   * @throws Refusal overloaded, while their commits are refused.
   */
  enter({ integrationId }: Importer, table = ""): void {
    const now = Date.now();
    const door = `${integrationId}:${table}`;
    if (!doors.enter(door, now)) {
      releaseLost(now);
      throw new Refusal("overloaded");
    }
    this.#door = door;
    this.#lastTakenAt = now;
    admitted.add(this);
  }

  /** @throws Refusal overloaded. */
  take(bytes: number): void {
    const now = Date.now();
    // A body alone is always admitted: it is below the limit of its endpoint.
    if (isOver(bytes)) releaseLost(now);
    if (isOver(bytes)) {
      this.#isOver = true;
      throw new Refusal("overloaded");
    }
    inFlightBytes += bytes;
    this.#bytes += bytes;
    this.#lastTakenAt = now;
    admitted.add(this);
  }

  /** Gives the memory back; may be called twice. */
  releaseBytes(): void {
    inFlightBytes -= this.#bytes;
    this.#bytes = 0;
  }

  /** Gives everything back; may be called twice. */
  release(outcome: DoorOutcome = "other"): void {
    this.releaseBytes();
    admitted.delete(this);
    if (this.#door === undefined) return;
    doors.leave(this.#door, this.#isOver ? "other" : outcome, Date.now());
    this.#door = undefined;
  }

  /** Whether its request must have ended without giving it back. */
  isLost(now: number): boolean {
    return now - this.#lastTakenAt > ADMISSION_MS_MAX;
  }
}

/** Runs work with an admission of its own, given back when the work ends. */
export async function withAdmission<T>(work: (admission: Admission) => Promise<T>): Promise<T> {
  const admission = new Admission();
  let outcome: DoorOutcome = "other";
  try {
    const result = await work(admission);
    outcome = "done";
    return result;
  } catch (error) {
    if (error instanceof Refusal && error.code === "overloaded") outcome = "refused";
    throw error;
  } finally {
    admission.release(outcome);
  }
}

function isOver(bytes: number): boolean {
  return inFlightBytes > 0 && inFlightBytes + bytes > IN_FLIGHT_BYTES_MAX;
}

/**
 * Takes back what nobody gives back: the platform may end the request of a client that hangs up
 * anywhere, and no `finally` runs then.
 */
function releaseLost(now: number): void {
  for (const admission of admitted) if (admission.isLost(now)) admission.release();
}
