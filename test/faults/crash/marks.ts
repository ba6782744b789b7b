/** Marks: what a row carries so that it can be told which write it comes from. */
import { createHash, randomUUID } from "node:crypto";

/** A write of a row. */
export interface Write {
  /** Grows from write to write; int64, and beyond what a double holds. */
  readonly sequence: bigint;
  /** The table version (wire.md 2.9). */
  readonly version: number;
}

/** Known to this process only: a mark that checks out was made here, and made to be sent. */
const SECRET = randomUUID();

/** Of the size that target-stitch sends: a double would lose the last digits. */
let last = 1_795_241_049_244_168_800n;

/** A higher sequence than any before. */
export function nextSequence(): bigint {
  last += 1n;
  return last;
}

function digestOf(text: string): string {
  return createHash("sha256").update(`${SECRET}/${text}`).digest("hex").slice(0, 16);
}

/** The mark of a write to a key of a table. */
export function markOf(table: string, id: string, { sequence, version }: Write): string {
  return `${sequence}.${version}.${digestOf(`${table}/${id}/${sequence}/${version}`)}`;
}

/** The write that a mark comes from, or undefined: nobody has sent it for this key. */
export function writeOf(table: string, id: string, mark: string): Write | undefined {
  const parts = /^(\d+)\.(\d+)\.[\da-f]+$/.exec(mark);
  if (parts === null) return undefined;
  const write = { sequence: BigInt(parts[1] ?? ""), version: Number(parts[2]) };
  return markOf(table, id, write) === mark ? write : undefined;
}
