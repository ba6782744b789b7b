/** Bytes that come in pieces: a body while it arrives, the rows of a request while they are made. */
import { freeBytes, utf8Text } from "./buffer.ts";

const encoder = new TextEncoder();

/**
 * Pieces put together in one buffer, which is moved into one of twice its size where it is full.
 * The old one is freed at that moment: pieces that are kept and joined at the end are twice the
 * whole until memory is tidied up. There is no buffer before the first piece, and none larger than
 * it then: of a thousand bodies that have only begun, 64 KiB each were half of the isolate's memory.
 */
export class Gathered {
  readonly #lengthMax: number;
  #buffer = new ArrayBuffer(0);
  #length = 0;

  /** @param lengthMax in bytes: no more room is made than that. */
  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds a copy of a piece. */
  add(piece: Uint8Array): void {
    this.#room(piece.byteLength).set(piece);
    this.#length += piece.byteLength;
  }

  /** Adds a text as UTF-8. */
  addText(text: string): void {
    const { read, written } = encoder.encodeInto(text, this.#room(3 * text.length));
    if (read < text.length) throw new Error("more bytes than there may be");
    this.#length += written;
  }

  /** All of it, in a buffer of its own length. Nothing may be added afterwards. */
  bytes(): Uint8Array {
    if (this.#buffer.byteLength > this.#length) this.#buffer = this.#buffer.transfer(this.#length);
    return new Uint8Array(this.#buffer);
  }

  /** All of it, which must be UTF-8, as text. */
  text(): string {
    return utf8Text(new Uint8Array(this.#buffer, 0, this.#length));
  }

  /** Gives the memory back; may be called twice. Nothing may be added afterwards. */
  free(): void {
    freeBytes(new Uint8Array(this.#buffer));
    this.#buffer = new ArrayBuffer(0);
    this.#length = 0;
  }

  /** The room behind what is there: so many bytes, or less where there may not be more. */
  #room(bytes: number): Uint8Array {
    const needed = Math.min(this.#length + bytes, this.#lengthMax);
    const has = this.#buffer.byteLength;
    if (needed > has) {
      const doubled = Math.min(2 * has, this.#lengthMax);
      this.#buffer = this.#buffer.transfer(Math.max(doubled, needed));
    }
    return new Uint8Array(this.#buffer, this.#length);
  }
}
