/** The bytes of one part of a zip file, up to an exact size. */
import { END_BYTES_MAX } from "../limits.ts";
import {
  beginZip,
  canFill,
  deflatePiece,
  endZip,
  fill,
  FILL_BYTES_MIN,
  type ZipState,
  type ZipStep,
} from "./zip.ts";

/** Bytes of room at first; files are mostly small, so it grows from there. */
const FIRST_BYTES = 64 * 1024;

/** Collects the pieces of a part. */
export class PartBytes {
  readonly #bytesMax: number;
  #zip: ZipState;
  #bytes: Uint8Array;
  #length = 0;

  /**
   * @param zip the state after what was written before.
   * @param carried the bytes of this part that were made already.
   */
  constructor(bytesMax: number, zip: ZipState, carried: Uint8Array) {
    this.#bytesMax = bytesMax;
    this.#zip = zip;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, bytesMax));
    this.#append(carried);
  }

  /** The first part of a file, with its local header. */
  static begin(bytesMax: number, memberName: string, modified: Date): PartBytes {
    const { state, bytes } = beginZip(memberName, modified);
    return new PartBytes(bytesMax, state, bytes);
  }

  /** The state of the file after what was added so far. */
  get zip(): ZipState {
    return this.#zip;
  }

  /** Bytes left of the part. */
  get room(): number {
    return this.#bytesMax - this.#length;
  }

  /** What was added so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Adds data as one piece, or, where the part has no room for it, nothing: false. */
  add(data: Uint8Array): boolean {
    const piece = deflatePiece(this.#zip, data);
    if (!canFill(this.room - piece.bytes.length)) return false;
    this.#step(piece);
    return true;
  }

  /** Fills the part to its exact size. */
  fill(): void {
    this.#step(fill(this.#zip, this.room));
  }

  /** Ends the file; false where there is no room, and nothing was added. */
  end(): boolean {
    if (this.room < END_BYTES_MAX + FILL_BYTES_MIN) return false;
    this.#append(endZip(this.#zip));
    return true;
  }

  #step({ state, bytes }: ZipStep): void {
    this.#zip = state;
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(Math.max(needed, 2 * needed), this.#bytesMax));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }
}
