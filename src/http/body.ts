/** Reading request bodies: never more than the limit, gzip undone (promise P7). */
import type { Admission } from "./admission.ts";
import { discardRest, readWithin } from "./discard.ts";
import { Refusal } from "./errors.ts";
import { Gathered } from "../gathered.ts";
import {
  BODY_IDLE_MS_MAX,
  BODY_MS_MAX,
  GZIP_GROWTH,
  QUOTED_LENGTH_MAX,
  SMALL_BODY_BYTES,
  UNKNOWN_BODY_BYTES,
} from "./limits.ts";
import { type PieceReader, pieceReader } from "./pieces.ts";

/**
 * The body's bytes, after `Content-Encoding` is undone (wire.md 1.3). A body of exactly
 * `bytesMax` is accepted; a larger one is refused as soon as that is known, which is before it
 * is read where Content-Length says so.
 *
 * @throws Refusal body_too_large, content_encoding, body_malformed (broken gzip), overloaded, or
 * unavailable where it comes too slowly.
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
    return readStream(bodyOf(request), { bytesMax, length, expected: length }, admission);
  }
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw new Refusal("content_encoding", { TYPE: encoding.slice(0, QUOTED_LENGTH_MAX) });
  }
  const sent = contentLength(request);
  const expected = sent === undefined ? undefined : GZIP_GROWTH * sent;
  return readGzip(bodyOf(request), { bytesMax, expected }, admission);
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
  size: Size,
  admission: Admission,
): Promise<Uint8Array> {
  const gzip = new DecompressionStream("gzip");
  const plain = source.pipeThrough(gzip, { preventCancel: true });
  return readStream(plain, size, admission, {
    ifBroken: "The gzip encoding of the body is broken.",
    discard: async (reader) => {
      // To unpack a bomb to its end took seconds: 100 MB came out of 100 kB.
      await reader.cancel().catch(() => undefined);
      if (!source.locked) await discardRest(pieceReader(source));
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
  readonly discard: (reader: PieceReader) => Promise<void>;
}

const PLAIN: Otherwise = { ifBroken: "The body breaks off.", discard: discardRest };

/** What is known of a body before it is read, in bytes. */
interface Size {
  readonly bytesMax: number;
  /** As its sender says. */
  readonly length?: number | undefined;
  readonly expected: number | undefined;
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  { bytesMax, length: lengthMax = bytesMax, expected = UNKNOWN_BODY_BYTES }: Size,
  admission: Admission,
  { ifBroken, discard }: Otherwise = PLAIN,
): Promise<Uint8Array> {
  const gathered = new Gathered(lengthMax);
  let isLarge = false;
  const reader = pieceReader(stream);
  const deadline = Date.now() + BODY_MS_MAX;
  admission.mayGiveWay(() => gathered.free());
  try {
    for (;;) {
      const piece = await readWithin(reader.read(), BODY_IDLE_MS_MAX);
      // What has arrived of a body takes room that others need.
      if (piece === undefined) throw new Refusal("unavailable");
      if (admission.gaveWay) throw new Refusal("overloaded");
      const { done, value } = piece;
      if (done) {
        admission.noteArrived();
        return gathered.bytes();
      }
      if (Date.now() > deadline) throw new Refusal("unavailable");
      const length = gathered.length + value.byteLength;
      if (length > bytesMax) throw tooLarge(length, bytesMax);
      admission.take(value.byteLength);
      gathered.add(value);
      if (isLarge || length <= SMALL_BODY_BYTES) continue;
      isLarge = true;
      await admission.waitForRoom(Math.min(Math.max(expected, length), bytesMax));
    }
  } catch (error) {
    gathered.free();
    admission.releaseBytes();
    if (!(error instanceof Refusal)) throw broken(ifBroken);
    await discard(reader);
    throw error;
  }
}

function tooLarge(bytes: number, limit: number): Refusal {
  return new Refusal("body_too_large", { BYTES: bytes, LIMIT: limit });
}
