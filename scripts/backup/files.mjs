/** The files of a backup: written so that a stop at any time leaves what can be gone on with. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, stat, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { typeOf } from "./page.mjs";

/** Writes a whole file; at no time a part of it is there under its name. */
export async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text, { flush: true });
  await rename(`${path}.new`, path);
}

/** A JSON file, or undefined where there is none. */
export async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** `{ bytes, sha256 }` of a file. */
export async function sumOf(path) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * The lines of a stream of texts. They end with LF only: node:readline would also end them at
 * U+2028, which JSON may have.
 */
export async function* linesOf(texts) {
  let rest = "";
  for await (const chunk of texts) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

/**
 * A file of lines, each `{"sequence":…,"data":{…}}`, that is appended to. It counts what it has:
 * `rows`, `bytes`, and the columns that the data has, by the JSON types of their values.
 */
export class RowFile {
  rows = 0;
  bytes = 0;
  #columns = new Map();
  #hash = createHash("sha256");
  #file;

  /**
   * Opens a file to go on behind its first `bytes`; whatever follows them is cut off. One that
   * has not that many begins anew.
   *
   * @returns undefined in the last case.
   */
  static async open(path, bytes) {
    await mkdir(dirname(path), { recursive: true });
    const found = await stat(path).catch(() => undefined);
    if ((found?.size ?? 0) < bytes) return undefined;
    const rowFile = new RowFile();
    if (found !== undefined) {
      await truncate(path, bytes);
      for await (const line of linesOf(createReadStream(path, "utf8"))) rowFile.#count(line);
    }
    rowFile.#file = await open(path, "a");
    return rowFile;
  }

  /** Appends lines; they are on the disk when it resolves. */
  async append(lines) {
    if (lines.length === 0) return;
    for (const line of lines) this.#count(line);
    await this.#file.appendFile(lines.map((line) => `${line}\n`).join(""));
    await this.#file.sync();
  }

  async close() {
    await this.#file.close();
  }

  /** What the manifest says of it. */
  summary() {
    return {
      rows: this.rows,
      bytes: this.bytes,
      sha256: this.#hash.copy().digest("hex"),
      columns: Object.fromEntries([...this.#columns].map(([name, types]) => [name, [...types]])),
    };
  }

  #count(line) {
    this.#hash.update(line).update("\n");
    this.bytes += Buffer.byteLength(line) + 1;
    this.rows += 1;
    for (const [name, value] of Object.entries(JSON.parse(line).data)) {
      const types = this.#columns.get(name) ?? new Set();
      this.#columns.set(name, types.add(typeOf(value)));
    }
  }
}
