/**
 * What the isolate works on at a time: the requests of each integration, and the bytes of all
 * bodies, so that memory stays bounded whatever is sent (promise P7).
 */
import { ArrivalSpeed } from "./arrival-speed.ts";
import type { Importer } from "./credentials/import-tokens.ts";
import { Refusal } from "./errors.ts";
import {
  ADMISSION_MS_MAX,
  ANNOUNCED_MS_MAX,
  IN_FLIGHT_BYTES_MAX,
  ROOM_BYTES_MAX,
  SMALL_BODY_BYTES,
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
  /** Since when it has room for a large body that is not here whole, in ms since 1970. */
  #comingSince: number | undefined;
  #lastTakenAt = 0;
  /** Of a body that is read in pieces and not here whole. */
  #speed: ArrivalSpeed | undefined;
  /** Frees what has come of its body. */
  #freeBody: (() => void) | undefined;
  #gaveWay = false;
  #yieldsToAll = false;
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
    const takeRoom = (): boolean =>
      this.#takeRoom(bytes, (other, now) =>
        Math.max(other.#roomBytes(now), other.#announcedBytes(now)),
      );
    if (await waitInTurn(takeRoom)) return;
    // What is only announced makes others wait, and keeps nobody out.
    if (this.#takeRoom(bytes, (other, now) => other.#roomBytes(now))) return;
    this.#isOver = true;
    throw new Refusal("overloaded");
  }

  /** Returns false where there is none. */
  #takeRoom(bytes: number, bytesOf: BytesOf): boolean {
    const now = Date.now();
    if (!isRoomFor(bytes, bytesOf, now)) return false;
    this.#isWaiting = false;
    this.#announced = bytes;
    this.#comingSince = now;
    // It did not come while it waited.
    if (this.#speed !== undefined) this.#speed = new ArrivalSpeed(now);
    this.#lastTakenAt = now;
    admitted.add(this);
    return true;
  }

  /** Call it when all of the body is here: from then on it counts as what it is. */
  noteArrived(): void {
    this.#announced = 0;
    this.#comingSince = undefined;
    this.#speed = undefined;
    this.#freeBody = undefined;
  }

  /**
   * Until it has arrived, the body may be given up where it trickles and others need the memory.
   *
   * @param freeBody frees what has come. It may be called while another request runs, so it must
   * wait for nothing.
   */
  mayGiveWay(freeBody: () => void): void {
    this.#freeBody = freeBody;
    this.#speed = new ArrivalSpeed(Date.now());
  }

  /** Lets the body give way to anybody at any time: it is of somebody without a credential. */
  yieldToAll(): void {
    this.#yieldsToAll = true;
  }

  /** Whether what has come of its body is gone: the request has to be refused. */
  get gaveWay(): boolean {
    return this.#gaveWay;
  }

  #giveWay(): void {
    this.#freeBody?.();
    this.#gaveWay = true;
    this.#isOver = true;
    this.releaseBytes();
  }

  /**
   * What it has of the room for large bodies. One that comes slowly has none: until it is parsed
   * it is in memory once, and its sender could make it last for ever.
   */
  #roomBytes(now: number): number {
    return this.#isWaiting || this.#isSlow(now) ? 0 : this.#bytes;
  }

  #announcedBytes(now: number): number {
    return this.#isSlow(now) ? 0 : this.#announced;
  }

  #isSlow(now: number): boolean {
    return this.#comingSince !== undefined && now - this.#comingSince > ANNOUNCED_MS_MAX;
  }

  /** Whether its memory can be had for others; who waits for room is not read, and so not slow. */
  #canGiveWay(now: number): boolean {
    if (this.#isWaiting || this.#speed === undefined) return false;
    return this.#yieldsToAll || this.#speed.isTrickling(now);
  }

  /** Gives up other bodies that have to give way, where that makes room enough. */
  #makeRoom(bytes: number, now: number): void {
    const slow = [...admitted].filter((other) => other !== this && other.#canGiveWay(now));
    const freed = slow.reduce((sum, other) => sum + other.#bytes, 0);
    if (isOver(bytes - freed)) return;
    for (const other of slow) {
      if (!isOver(bytes)) return;
      other.#giveWay();
    }
  }

  /** @throws Refusal overloaded. */
  take(bytes: number): void {
    const now = Date.now();
    // A body alone is always admitted: it is below the limit of its endpoint.
    if (isOver(bytes)) releaseLost(now);
    if (isOver(bytes)) this.#makeRoom(bytes, now);
    if (isOver(bytes)) {
      this.#isOver = true;
      throw new Refusal("overloaded");
    }
    inFlightBytes += bytes;
    this.#bytes += bytes;
    this.#speed?.note(bytes, now);
    this.#lastTakenAt = now;
    admitted.add(this);
  }

  /** Gives the memory back; may be called twice. */
  releaseBytes(): void {
    inFlightBytes -= this.#bytes;
    this.#bytes = 0;
    this.noteArrived();
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

/** What another one has of the room. */
type BytesOf = (other: Admission, now: number) => number;

/**
 * One large body always has room, however many small ones there are: those do not wait for it, and
 * between them there may be no moment without any.
 */
function isRoomFor(bytes: number, bytesOf: BytesOf, now: number): boolean {
  releaseLost(now);
  let all = bytes;
  let isAlone = true;
  for (const admission of admitted) {
    const own = bytesOf(admission, now);
    all += own;
    if (own > SMALL_BODY_BYTES) isAlone = false;
  }
  return isAlone || all <= ROOM_BYTES_MAX;
}

/**
 * Takes back what nobody gives back: the platform may end the request of a client that hangs up
 * anywhere, and no `finally` runs then.
 */
function releaseLost(now: number): void {
  for (const admission of admitted) if (admission.isLost(now)) admission.release();
}
