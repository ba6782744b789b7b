/**
 * Reading request bodies: never more than the limit, gzip undone, and counted against what
 * the isolate works on, so that memory stays bounded whatever is sent (promise P7).
 */
import { Buffer } from "../buffer.ts";
import { discardRest, readWithin } from "./discard.ts";
import type { Importer } from "./credentials/import-tokens.ts";
import { Refusal } from "./errors.ts";
import {
  ADMISSION_MS_MAX,
  BODY_IDLE_MS_MAX,
  IN_FLIGHT_BYTES_MAX,
  QUOTED_LENGTH_MAX,
  SMALL_BODY_BYTES,
} from "./limits.ts";
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

/**
 * The body's bytes, after `Content-Encoding` is undone (wire.md 1.3). A body of exactly
 * `bytesMax` is accepted; a larger one is refused as soon as that is known, which is before it
 * is read where Content-Length says so.
 *
 * @throws Refusal body_too_large, content_encoding, body_malformed (broken gzip) or overloaded.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
  admission: Admission,
): Promise<Uint8Array> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") {
    const length = contentLength(request);
    if (length !== undefined && length > bytesMax) throw tooLarge(length, bytesMax);
    if (length !== undefined && length <= SMALL_BODY_BYTES) return readSmall(request, admission);
    return readStream(bodyOf(request), bytesMax, admission);
  }
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw new Refusal("content_encoding", { TYPE: encoding.slice(0, QUOTED_LENGTH_MAX) });
  }
  return readGzip(bodyOf(request), bytesMax, admission);
}

/**
 * A small body at once, not by way of `request.body`: the stream object alone was a fifth of the
 * time of a small push. The server holds a body to its Content-Length. It is counted when it is
 * here: what a connection only announces takes no memory, and must keep nobody out.
 */
async function readSmall(request: Request, admission: Admission): Promise<Uint8Array> {
  const bytes = await request.arrayBuffer().catch(() => {
    throw broken(PLAIN.ifBroken);
  });
  admission.take(bytes.byteLength);
  return new Uint8Array(bytes);
}

/** What is wrong with a body that cannot be read; a sender that hung up is no defect of ours. */
function broken(reason: string): Refusal {
  return new Refusal("body_malformed", { PARSER: reason });
}

/** What comes out of a gzip stream. Once it is refused, only what is sent is read on. */
async function readGzip(
  source: ReadableStream<Uint8Array>,
  bytesMax: number,
  admission: Admission,
): Promise<Uint8Array> {
  const gzip = new DecompressionStream("gzip");
  const plain = source.pipeThrough(gzip, { preventCancel: true });
  return readStream(plain, bytesMax, admission, {
    ifBroken: "The gzip encoding of the body is broken.",
    discard: async (reader) => {
      // To unpack a bomb to its end took seconds: 100 MB came out of 100 kB.
      await reader.cancel().catch(() => undefined);
      if (!source.locked) await discardRest(source.getReader());
    },
  });
}

/** The body as a stream; empty where there is none. */
function bodyOf(request: Request): ReadableStream<Uint8Array> {
  // The runtime's types do not say that a request's body is bytes.
  return (request.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>;
}

function contentLength(request: Request): number | undefined {
  const text = request.headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** What to do with a stream that cannot be read, and with the rest of one that is refused. */
interface Otherwise {
  readonly ifBroken: string;
  readonly discard: (reader: ReadableStreamDefaultReader<Uint8Array>) => Promise<void>;
}

const PLAIN: Otherwise = { ifBroken: "The body breaks off.", discard: discardRest };

async function readStream(
  stream: ReadableStream<Uint8Array>,
  bytesMax: number,
  admission: Admission,
  { ifBroken, discard }: Otherwise = PLAIN,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const piece = await readWithin(reader, BODY_IDLE_MS_MAX);
      // What has arrived of a body takes room that others need.
      if (piece === undefined) throw new Refusal("unavailable");
      const { done, value } = piece;
      if (done) return Buffer.concat(pieces, length);
      length += value.byteLength;
      if (length > bytesMax) throw tooLarge(length, bytesMax);
      admission.take(value.byteLength);
      pieces.push(value);
    }
  } catch (error) {
    pieces.length = 0;
    admission.releaseBytes();
    if (!(error instanceof Refusal)) throw broken(ifBroken);
    await discard(reader);
    throw error;
  }
}

function tooLarge(bytes: number, limit: number): Refusal {
  return new Refusal("body_too_large", { BYTES: bytes, LIMIT: limit });
}
