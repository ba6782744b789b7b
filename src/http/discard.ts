/**
 * Reading on what nobody wants: a request that is refused before its body was read.
 *
 * Without it the answer is often lost. The runtime closes a connection whose body it was not
 * asked for, and a client that is still sending then gets a reset, or an error of the server in
 * front of the Worker, instead of our 401 or 413.
 */

import { type PieceReader, pieceReader } from "./pieces.ts";

/** Most bytes that are read and thrown away: what the platform lets in (workers/platform/limits). */
const DISCARD_BYTES_MAX = 100_000_000;

/** How long the next bytes are waited for, in ms: a client may wait for its answer first. */
const IDLE_MS_MAX = 250;

/** A timer that is so much late, in ms, was kept from running, as the next bytes may have been. */
const LATE_MS = 50;

/** How long a body is read on, in ms: its request is answered afterwards. */
const DISCARD_MS_MAX = 10_000;

type Reading = ReturnType<PieceReader["read"]>;

/**
 * Reads a body to its end if nobody has begun to. Call it when the answer is decided and before
 * it is given: afterwards the runtime takes the body away. Never throws.
 */
export async function discardBody(request: Request): Promise<void> {
  // In this order: the stream object is made when it is first asked for, which takes time.
  if (request.bodyUsed || request.body === null) return;
  await discardRest(pieceReader(request.body as ReadableStream<Uint8Array>));
}

/** Reads to the end of a body, within limits of bytes and time. Never throws. */
export async function discardRest(reader: PieceReader): Promise<void> {
  const deadline = Date.now() + DISCARD_MS_MAX;
  try {
    let reading: Reading | undefined;
    for (let left = DISCARD_BYTES_MAX; left > 0 && Date.now() < deadline;) {
      const begin = Date.now();
      // A read that is given up takes its piece nevertheless: it is waited for again.
      reading ??= reader.read();
      const piece = await readWithin(reading, IDLE_MS_MAX);
      // Where the timer itself came late, the next bytes may be here and wait for the thread.
      if (piece === undefined && Date.now() - begin > IDLE_MS_MAX + LATE_MS) continue;
      if (piece === undefined || piece.done) return;
      left -= piece.value.byteLength;
      reading = undefined;
    }
  } catch {
    // The client hung up; there is nothing left to read.
  }
}

/**
 * What a read gives, or undefined if it does not end within so many ms: it goes on then, and may
 * be handed in again.
 */
export async function readWithin(
  reading: Reading,
  ms: number,
): Promise<ReadableStreamReadResult<Uint8Array> | undefined> {
  // It may fail when nobody waits for it any more.
  reading.catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const idle = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([reading, idle]);
  } finally {
    clearTimeout(timer);
  }
}
