/** Reading a stream in large pieces. */

/** What the next piece is read into, in bytes: the runtime's own are of 4 KiB. */
const PIECE_BYTES = 65_536;

/** Until one has filled it: who only begins to send takes no more of the isolate's memory. */
const FIRST_PIECE_BYTES = 4_096;

/** Reads a stream. A piece is good until the next one is asked for. */
export interface PieceReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(): Promise<void>;
}

/** The reader of a stream that nobody reads. */
export function pieceReader(stream: ReadableStream<Uint8Array>): PieceReader {
  const reader = byteReader(stream);
  if (reader === undefined) return stream.getReader();
  let buffer = new ArrayBuffer(FIRST_PIECE_BYTES);
  return {
    async read() {
      const piece = await reader.read(new Uint8Array(buffer));
      if (piece.done) return { done: true, value: undefined };
      const { buffer: read, byteLength } = piece.value;
      const isFull = byteLength === read.byteLength && byteLength < PIECE_BYTES;
      buffer = isFull ? new ArrayBuffer(PIECE_BYTES) : read;
      return piece;
    },
    cancel: () => reader.cancel(),
  };
}

/** Undefined for a stream of a program's own that is not one of bytes. */
function byteReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
