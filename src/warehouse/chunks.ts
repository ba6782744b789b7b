/**
 * The form in which rows travel from the Worker through the Durable Object into D1: members
 * of one JSON object, `"<sequence>/<version> <key>":<data>`, without the braces around them.
 * SQLite's json_each hands out label and data of an object's members without parsing the data
 * a second time, which makes the upsert of 10,000 points a quarter faster than an array of
 * arrays (34 against 47 ms through local D1); repeated labels are kept as separate rows, in
 * order. Chunks can be joined with a comma, which is the whole of group commit.
 */
import { Buffer, freeBytes, utf8Text } from "../buffer.ts";
import { Gathered } from "../gathered.ts";
import { Refusal } from "../http/errors.ts";
import { KeyOrder } from "./key-order.ts";
import { PARAMETER_BYTES_MAX } from "./limits.ts";
import { withVersion } from "./older-chunks.ts";

/** The sequence of a point that came without one: it replaces any, and loses to any. */
export const NO_SEQUENCE = "-1";

/** Bytes of the members in one parameter: it has braces around them. */
const MEMBERS_BYTES_MAX = PARAMETER_BYTES_MAX - 2;

/** A run of rows of one table and range; `members` is UTF-8 where they are many, or not ASCII. */
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
 * Members that are text before they become bytes, in UTF-16 units. A request with fewer stays text,
 * which takes the fewest steps.
 */
const TAIL_LENGTH = 16_384;

/**
 * Collects members into chunks that fit a bound parameter. The bytes are counted only when
 * they might matter: a UTF-16 unit is at most 3 bytes, so short texts need no count.
 *
 * Many members become bytes on the way: as texts that are joined in the end, those of 4 MB were
 * 10 MB more of memory that nobody tidies up for long.
 */
export class ChunkBuilder {
  readonly #chunks: Chunk[] = [];
  /** Members as bytes, which are before those that are text. */
  #gathered: Gathered | undefined;
  #tail = "";
  /** Of the members since the last chunk; undefined where there are none. */
  #order: KeyOrder | undefined;

  /**
   * Adds a member. Chunks of many have theirs in the order of the keys ({@link KeyOrder}); a few, and
   * those without keys, stay as they come.
   *
   * @throws Refusal record_too_large where the member alone does not fit a parameter.
   */
  add(member: string, record: number, key = ""): void {
    // Two commas: before the tail and before the member.
    const bytesAtMost = this.#gatheredBytes + 3 * (this.#tail.length + member.length) + 2;
    if (bytesAtMost > MEMBERS_BYTES_MAX) this.#makeRoom(member, record);
    this.#tail = this.#tail === "" ? member : `${this.#tail},${member}`;
    this.#order ??= new KeyOrder();
    this.#order.add(key, member.length);
    if (this.#tail.length >= TAIL_LENGTH) this.#gather();
  }

  /** The chunks, complete. Nothing may be added afterwards. */
  finish(): readonly Chunk[] {
    this.#close();
    return this.#chunks;
  }

  get #gatheredBytes(): number {
    return this.#gathered?.length ?? 0;
  }

  #makeRoom(member: string, record: number): void {
    const bytes = checkedBytes(member, record);
    this.#gather();
    if (this.#gatheredBytes + 1 + bytes > MEMBERS_BYTES_MAX) this.#close();
  }

  #gather(): void {
    if (this.#tail === "") return;
    this.#gathered ??= new Gathered(MEMBERS_BYTES_MAX);
    if (this.#gathered.length > 0) this.#gathered.addText(",");
    const before = this.#gathered.length;
    this.#gathered.addText(this.#tail);
    this.#order?.became(this.#tail, this.#gathered.length - before);
    this.#tail = "";
  }

  #close(): void {
    const order = this.#order;
    if (order === undefined) return;
    if (this.#gathered !== undefined) this.#gather();
    const members =
      this.#gathered === undefined ? textOrBytes(this.#tail) : order.sorted(this.#gathered.bytes());
    const bytes = typeof members === "string" ? members.length : members.byteLength;
    this.#chunks.push({ members, bytes, rows: order.size });
    this.#gathered = undefined;
    this.#tail = "";
    this.#order = undefined;
  }
}

/** A text beyond Latin-1 would cross RPC with two bytes a character, and RPC has 32 MiB. */
function textOrBytes(text: string): string | Uint8Array {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text);
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
  let together: Chunk[] = [];
  let bytes = 0;
  const close = (): void => {
    if (together.length > 0) parameters.push(objectOf(together));
    together = [];
    bytes = 0;
  };
  for (const chunk of chunks) {
    if (bytes + chunk.bytes > MEMBERS_BYTES_MAX) close();
    together.push(chunk);
    bytes += chunk.bytes + 1;
  }
  close();
  return parameters;
}

/** One JSON object of all members. */
function objectOf(chunks: readonly Chunk[]): string {
  if (!chunks.some(isBytes)) return `{${chunks.map(chunkText).join(",")}}`;
  // Braces and commas as bytes, too: around a text of 1.9 MB they would make a second one.
  const object = new Gathered(PARAMETER_BYTES_MAX);
  chunks.forEach((chunk, index) => {
    object.addText(index === 0 ? "{" : ",");
    if (isBytes(chunk)) object.add(chunk.members);
    else object.addText(chunkText(chunk));
  });
  object.addText("}");
  const text = object.text();
  object.free();
  return text;
}

function isBytes(chunk: Chunk): chunk is Chunk & { readonly members: Uint8Array } {
  return typeof chunk.members !== "string" && chunk.version === undefined;
}

/** UTF-8 bytes of all members. */
export function bytesOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
}

/**
 * Gives back the memory of chunks that are written, or sent: they are empty afterwards. Their
 * buffers are outside the heap, and would stay until that is tidied up.
 */
export function freeChunks(chunks: readonly Chunk[]): void {
  for (const { members } of chunks) {
    // Only one's own: small Buffers may share theirs.
    if (typeof members !== "string" && members.byteLength === members.buffer.byteLength) {
      freeBytes(members);
    }
  }
}
