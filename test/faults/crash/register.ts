/** Tables with a key: of each key the newest write is kept, or none below an activated version. */
import { markOf, type Write, writeOf } from "./marks.ts";
import { type Check, fieldOf, type Finding, type Model, type Row } from "./model.ts";

/** One write in a request. */
export interface KeyedWrite extends Write {
  readonly id: string;
}

/**
 * A table whose keys each hold the write of the highest sequence. Where the surface has no
 * sequence, the sequence counts the writes of the one writer of the key, which are in order.
 */
export class Register implements Model {
  readonly table: string;
  readonly isLarge: boolean;
  readonly columns = new Set<string>();
  #acknowledged = new Map<string, Write>();
  #activationSent = 0;
  #activated = 0;

  constructor(table: string, isLarge = false) {
    this.table = table;
    this.isLarge = isLarge;
  }

  get isKnown(): boolean {
    return this.#acknowledged.size > 0;
  }

  /** The JSON text of a row's data. */
  dataOf(write: KeyedWrite, more = ""): string {
    const mark = markOf(this.table, write.id, write);
    return `{"id":"${write.id}","seq":${write.sequence},"mark":"${mark}"${more}}`;
  }

  acknowledge(writes: readonly KeyedWrite[], columns: readonly string[] = []): void {
    for (const { id, sequence, version } of writes) {
      const known = this.#acknowledged.get(id);
      if (known !== undefined && known.sequence >= sequence) continue;
      this.#acknowledged.set(id, { sequence, version });
    }
    for (const column of columns) this.columns.add(column);
  }

  /** Notes that a version switch is on its way: rows of lower versions may go. */
  sendActivation(version: number): void {
    this.#activationSent = Math.max(this.#activationSent, version);
  }

  /** Notes that a version switch is done: rows of lower versions are gone. */
  acknowledgeActivation(version: number): void {
    this.#activated = Math.max(this.#activated, version);
  }

  check(): Check {
    const least = new Map(this.#acknowledged);
    const activated = this.#activated;
    return (rows) => {
      const findings: Finding[] = [];
      const found = this.#read(rows, findings);
      for (const [id, write] of least) {
        const stored = found.get(id);
        if (stored === undefined ? this.#mayBeGone(write) : stored.sequence >= write.sequence) {
          continue;
        }
        const instead = stored === undefined ? "nothing" : String(stored.sequence);
        findings.push({ kind: "lost", text: this.#text(id, `${write.sequence}: ${instead}`) });
      }
      for (const [id, { version }] of found) {
        if (version >= activated) continue;
        const text = this.#text(id, `of version ${version} after the switch to ${activated}`);
        findings.push({ kind: "wrong", text });
      }
      return { checks: least.size + rows.length, findings };
    };
  }

  accept(rows: readonly Row[]): void {
    this.#acknowledged = this.#read(rows, []);
  }

  #mayBeGone({ version }: Write): boolean {
    return version < this.#activationSent;
  }

  /** The writes that rows come from; rows that nobody sent, and keys that come twice, are wrong. */
  #read(rows: readonly Row[], findings: Finding[]): Map<string, Write> {
    const found = new Map<string, Write>();
    for (const row of rows) {
      const id = fieldOf(row, "id");
      const write = writeOf(this.table, id, fieldOf(row, "mark"));
      const isWhole = write !== undefined && fieldOf(row, "seq") === String(write.sequence);
      // Pages of rows say the stored sequence; of a point without one it is -1.
      const stored = row.get("$sequence") ?? "-1";
      const isStored = stored === "-1" || stored === String(write?.sequence);
      if (!isWhole || !isStored) {
        findings.push({ kind: "wrong", text: this.#text(id, JSON.stringify([...row])) });
      }
      if (found.has(id)) findings.push({ kind: "wrong", text: this.#text(id, "twice") });
      if (write !== undefined) found.set(id, write);
    }
    return found;
  }

  #text(id: string, what: string): string {
    return `${this.table} ${id}, ${what}`;
  }
}
