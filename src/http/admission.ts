/**
 * What the isolate works on at a time: the requests of each integration, and the bytes of all
 * bodies, so that memory stays bounded whatever is sent (promise P7).
 */
import type { Importer } from "./credentials/import-tokens.ts";
import { Refusal } from "./errors.ts";
import {
  ADMISSION_MS_MAX,
  ANNOUNCED_MS_MAX,
  IN_FLIGHT_BYTES_MAX,
  ROOM_BYTES_MAX,
} from "./limits.ts";
import { type DoorOutcome, Doors } from "./overload.ts";
import { waitInTurn } from "./room.ts";

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
  /** What its body is expected to be, in bytes. */
  #announced = 0;
  #isWaiting = false;
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

  /**
   * Waits until few enough others have large bodies; call it when one has begun to come.
   *
   * @param bytes that the body is expected to have.
   * @throws Refusal overloaded, where others have the room for too long.
   */
  async waitForRoom(bytes: number): Promise<void> {
    this.#isWaiting = true;
    const hasRoom = (): boolean => isRoomFor(bytes, (other, now) => other.expectedBytes(now));
    const isTurn = await waitInTurn(hasRoom);
    // What is only announced makes others wait, and keeps nobody out.
    if (!isTurn && !isRoomFor(bytes, (other) => (other.#isWaiting ? 0 : other.#bytes))) {
      this.#isOver = true;
      throw new Refusal("overloaded");
    }
    this.#isWaiting = false;
    this.#announced = bytes;
    this.#lastTakenAt = Date.now();
    admitted.add(this);
  }

  /** The bytes that it has or is expected to have soon; none while it waits itself. */
  expectedBytes(now: number): number {
    if (this.#isWaiting) return 0;
    const isComing = now - this.#lastTakenAt <= ANNOUNCED_MS_MAX;
    return isComing ? Math.max(this.#bytes, this.#announced) : this.#bytes;
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
    this.#announced = 0;
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

/** A body alone always has room. */
function isRoomFor(bytes: number, bytesOf: (other: Admission, now: number) => number): boolean {
  const now = Date.now();
  releaseLost(now);
  let others = 0;
  for (const admission of admitted) others += bytesOf(admission, now);
  return others === 0 || others + bytes <= ROOM_BYTES_MAX;
}

/**
 * Takes back what nobody gives back: the platform may end the request of a client that hangs up
 * anywhere, and no `finally` runs then.
 */
function releaseLost(now: number): void {
  for (const admission of admitted) if (admission.isLost(now)) admission.release();
}
