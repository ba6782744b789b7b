/**
 * The form in which rows travel from the Worker through the Durable Object into D1: members
 * of one JSON object, `"<sequence>/<version> <key>":<data>`, without the braces around them.
 * SQLite's json_each hands out label and data of an object's members without parsing the data
 * a second time, which makes the upsert of 10,000 points a quarter faster than an array of
 * arrays (34 against 47 ms through local D1); repeated labels are kept as separate rows, in
 * order. Chunks can be joined with a comma, which is the whole of group commit.
 */
import { Buffer, utf8Text } from "../buffer.ts";
import { Refusal } from "../http/errors.ts";
import { PARAMETER_BYTES_MAX } from "./limits.ts";
import { withVersion } from "./older-chunks.ts";

/** The sequence of a point that came without one: it replaces any, and loses to any. */
export const NO_SEQUENCE = "-1";

/** Bytes of the members in one parameter: it has braces around them. */
const MEMBERS_BYTES_MAX = PARAMETER_BYTES_MAX - 2;

/** A run of rows of one table and range; `members` is UTF-8 where it is not ASCII. */
export interface Chunk {
  readonly members: string | Uint8Array;
  /** UTF-8 bytes of `members`. */
  readonly bytes: number;
  /** How many members, for the metrics; absent from a Worker of an older release. */
  readonly rows?: number;
  /** Of all rows, whose labels have none: only from a Worker of the first release. */
  readonly version?: string;
}

/**
 * One member. The label is free of quotes and backslashes where the key is a number. It has
 * the version of each row, so that rows of many versions still are one statement.
 *
 * @param sequence an int64 as text, or NO_SEQUENCE.
 * @param version the row's table_version, an int64 as text.
 * @param data JSON text.
 */
export function chunkMember(sequence: string, version: string, key: string, data: string): string {
  const label = `${sequence}/${version} ${key}`;
  const quoted = /["\\]/.test(key) ? JSON.stringify(label) : `"${label}"`;
  return `${quoted}:${data}`;
}

/**
 * Collects members into chunks that fit a bound parameter. The bytes are counted only when
 * they might matter: a UTF-16 unit is at most 3 bytes, so short texts need no count.
 */
export class ChunkBuilder {
  readonly #chunks: Chunk[] = [];
  /** Texts whose bytes are counted, and the text after them, whose bytes are not. */
  #counted: string[] = [];
  #countedBytes = 0;
  #tail = "";
  #rows = 0;

  /** @throws Refusal record_too_large where the member alone does not fit a parameter. */
  add(member: string, record: number): void {
    // Two commas: before the tail and before the member.
    const bytesAtMost = this.#countedBytes + 3 * (this.#tail.length + member.length) + 2;
    if (bytesAtMost > MEMBERS_BYTES_MAX) this.#makeRoom(member, record);
    this.#tail = this.#tail === "" ? member : `${this.#tail},${member}`;
    this.#rows += 1;
  }

  /** The chunks, complete. Nothing may be added afterwards. */
  finish(): readonly Chunk[] {
    this.#close();
    return this.#chunks;
  }

  #makeRoom(member: string, record: number): void {
    const bytes = checkedBytes(member, record);
    this.#count();
    if (this.#countedBytes + 1 + bytes > MEMBERS_BYTES_MAX) this.#close();
  }

  #count(): void {
    if (this.#tail === "") return;
    if (this.#counted.length > 0) this.#countedBytes += 1;
    this.#countedBytes += Buffer.byteLength(this.#tail);
    this.#counted.push(this.#tail);
    this.#tail = "";
  }

  #close(): void {
    this.#count();
    if (this.#counted.length === 0) return;
    const text = this.#counted.join(",");
    const bytes = this.#countedBytes;
    // A text beyond Latin-1 would cross RPC with two bytes a character, and RPC has 32 MiB.
    const members = bytes === text.length ? text : Buffer.from(text);
    this.#chunks.push({ members, bytes, rows: this.#rows });
    this.#counted = [];
    this.#countedBytes = 0;
    this.#rows = 0;
  }
}

function checkedBytes(member: string, record: number): number {
  const bytes = Buffer.byteLength(member);
  if (bytes <= MEMBERS_BYTES_MAX) return bytes;
  throw new Refusal("record_too_large", { N: bytes, LIMIT: MEMBERS_BYTES_MAX }, record);
}

/**
 * Checks a member that is added later.
 *
 * @throws Refusal record_too_large where it does not fit a parameter.
 */
export function checkMember(member: string, record: number): void {
  if (3 * member.length > MEMBERS_BYTES_MAX) checkedBytes(member, record);
}

/** The text of a chunk's members. */
export function chunkText(chunk: Chunk): string {
  const text = typeof chunk.members === "string" ? chunk.members : utf8Text(chunk.members);
  return chunk.version === undefined ? text : withVersion(text, chunk.version);
}

/**
 * Joins chunks, in their order, into as few JSON objects as fit bound parameters: none has more
 * than {@link PARAMETER_BYTES_MAX} bytes.
 */
export function joinChunks(chunks: readonly Chunk[]): string[] {
  const parameters: string[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (texts.length > 0) parameters.push(`{${texts.join(",")}}`);
    texts = [];
    bytes = 0;
  };
  for (const chunk of chunks) {
    if (bytes + chunk.bytes > MEMBERS_BYTES_MAX) close();
    texts.push(chunkText(chunk));
    bytes += chunk.bytes + 1;
  }
  close();
  return parameters;
}
