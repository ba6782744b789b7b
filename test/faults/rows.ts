/** Rows whose content follows from their id and version, and the files that they must be in. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { readZip } from "../support/read-zip.ts";

/** Bytes of the text of a row before base64, which deflate takes back. */
const TEXT_BYTES = 750;

/** Random text of a row, the same each time. */
function textOf(id: number, version: number): string {
  const hash = createHash("shake256", { outputLength: TEXT_BYTES });
  return hash.update(`${id}/${version}`).digest("base64");
}

/** The data of a row. */
export function rowOf(id: number, version: number): Record<string, unknown> {
  return { id, version, text: textOf(id, version) };
}

/** Versions of rows by their ids, of which only ever more is noted. */
export class Versions {
  readonly byId = new Map<number, number>();

  note(id: number, version: number): void {
    this.byId.set(id, Math.max(version, this.byId.get(id) ?? 0));
  }

  copy(): Versions {
    const copy = new Versions();
    for (const [id, version] of this.byId) copy.byId.set(id, version);
    return copy;
  }
}

/**
 * Checks a file of rows: its zip, each row's content, each id once, and the versions.
 *
 * @param least what must be in it, in these versions or newer ones.
 * @param most what may be in it.
 * @returns how many rows it has.
 */
export function checkFile(zip: Uint8Array, least: Versions, most: Versions): number {
  const lines = new TextDecoder().decode(readZip(zip).data).split("\r\n");
  expect(lines.shift()).toBe("id,version,text");
  expect(lines.pop()).toBe("");
  const found = new Map<number, number>();
  const wrong: string[] = [];
  for (const line of lines) {
    const [id = Number.NaN, version = Number.NaN] = line.split(",", 2).map(Number);
    const isNew = !found.has(id);
    const isInRange = version >= (least.byId.get(id) ?? 0) && version <= (most.byId.get(id) ?? -1);
    const isWhole = line === `${id},${version},${textOf(id, version)}`;
    if (!isNew || !isInRange || !isWhole) wrong.push(`${line.slice(0, 40)} twice: ${!isNew}`);
    found.set(id, version);
  }
  const missing = [...least.byId.keys()].filter((id) => !found.has(id));
  expect({ wrong: wrong.slice(0, 5), missing: missing.slice(0, 5) }).toEqual({
    wrong: [],
    missing: [],
  });
  return lines.length;
}
