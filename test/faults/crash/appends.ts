/** Append-only tables: each request adds its rows, all of them or none. */
import { createHash } from "node:crypto";
import { type Check, fieldOf, type Finding, type Model, type Row } from "./model.ts";

interface Request {
  readonly rows: number;
  sends: number;
  acknowledged: number;
}

/** A table without a key. */
export class Appends implements Model {
  readonly table: string;
  readonly isLarge = false;
  readonly columns: ReadonlySet<string> = new Set();
  /** Whether a request that is sent again adds nothing, because it has an Idempotency-Key. */
  readonly #isOnce: boolean;
  readonly #requests = new Map<string, Request>();

  constructor(table: string, isOnce: boolean) {
    this.table = table;
    this.#isOnce = isOnce;
  }

  get isKnown(): boolean {
    return [...this.#requests.values()].some(({ acknowledged }) => acknowledged > 0);
  }

  /** The JSON texts of a request's rows. */
  dataOf(request: string, rows: number): string[] {
    return Array.from({ length: rows }, (_, index) => {
      const mark = this.#markOf(request, String(index));
      return `{"request":"${request}","row":${index},"mark":"${mark}"}`;
    });
  }

  send(request: string, rows: number): void {
    const known = this.#requests.get(request);
    if (known === undefined) this.#requests.set(request, { rows, sends: 1, acknowledged: 0 });
    else known.sends += 1;
  }

  acknowledge(request: string): void {
    const known = this.#requests.get(request);
    if (known !== undefined) known.acknowledged += 1;
  }

  check(): Check {
    const least = [...this.#requests].map(([id, request]): [string, Request, number] => [
      id,
      request,
      this.#isOnce ? Math.min(1, request.acknowledged) : request.acknowledged,
    ]);
    return (rows) => {
      const findings: Finding[] = [];
      const found = this.#count(rows, findings);
      for (const [id, request, copiesMin] of least) {
        const copies = Array.from({ length: request.rows }, (_, row) => found.get(`${id}/${row}`));
        const text = `${this.table} ${id}: ${copies.join()} of ${copiesMin} to ${request.sends}`;
        const counts = copies.map((count) => count ?? 0);
        const [low, high] = [Math.min(...counts), Math.max(...counts)];
        const copiesMax = this.#isOnce ? 1 : request.sends;
        if (low < copiesMin) findings.push({ kind: "lost", text });
        else if (low !== high || high > copiesMax) findings.push({ kind: "wrong", text });
      }
      return { checks: least.length + rows.length, findings };
    };
  }

  accept(rows: readonly Row[]): void {
    const found = this.#count(rows, []);
    for (const [id, request] of this.#requests) request.acknowledged = found.get(`${id}/0`) ?? 0;
  }

  #count(rows: readonly Row[], findings: Finding[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const row of rows) {
      const [request, index] = [fieldOf(row, "request"), fieldOf(row, "row")];
      const place = `${request}/${index}`;
      found.set(place, (found.get(place) ?? 0) + 1);
      const isSent = this.#requests.has(request);
      if (isSent && fieldOf(row, "mark") === this.#markOf(request, index)) continue;
      findings.push({ kind: "wrong", text: `${this.table}: ${JSON.stringify([...row])}` });
    }
    return found;
  }

  #markOf(request: string, index: string): string {
    const text = `${this.table}/${request}/${index}`;
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
  }
}
