/** Pushes and reads of chance, each recorded in a history. */
import { Buffer } from "../../src/buffer.ts";
import { type History, NO_ROW, NO_WRITE } from "./history.ts";
import { type OrderTable, type Point, rowsOfAnswer, type SeenRow } from "./points.ts";
import type { Random } from "../support/random.ts";
import {
  type OrderRequest,
  type Pusher,
  sequenceFor,
  type Surface,
  surfacesFor,
} from "./surfaces.ts";

/** What a server answers. */
export interface OrderAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request; rejects where no answer comes, and the request may have had its effect. */
export type Send = (request: OrderRequest) => Promise<OrderAnswer>;

/** What to drive. */
export interface DriverOptions {
  readonly history: History;
  readonly random: Random;
  readonly pusher: Pusher;
  readonly adminToken: string;
  readonly tables: readonly OrderTable[];
  /** Databases that the rows are spread over. */
  readonly shards: number;
  /** Most points of a request. */
  readonly pointsMax: number;
  /** Share of the requests with a point that must be refused. */
  readonly badShare: number;
  /** Differs from run to run. */
  readonly runName: string;
}

/** Near the end of int64: doubles are 1,024 apart there. */
const SEQUENCE_START = 9_223_372_036_854_775_807n - 2n ** 40n;
const INT64_MAX = 9_223_372_036_854_775_807n;

/** So many writes have one sequence, about; the points of a request are up to a few apart. */
const WRITES_PER_SEQUENCE = 16;
const SEQUENCE_SPREAD = 40;

/** Every key of so many has sequences at both ends of int64. */
const EXTREME_KEYS = 61;

/** Most requests are small: so many keep more of them under way at once. */
const SIZE_POWER = 6;

/** Attempts of a request whose outcome is unknown. */
const ATTEMPTS_MAX = 3;

/** Rows that a page may have (admin/limits.ts). */
const PAGE_ROWS_MAX = 1_000;

/** Drives a store with one history. */
export class Driver {
  readonly counts = { ok: 0, failed: 0, unknown: 0, pages: 0, repeats: 0 };
  /** Requests by surface. */
  readonly bySurface = new Map<string, number>();
  /** Answers that are no success, by status and text, for the report. */
  readonly failures = new Map<string, number>();
  readonly #options: DriverOptions;
  readonly #ids = new Map<string, number>();

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  /** The name of a key of the history: `orders/17`. */
  nameOf(key: number): string {
    const table = this.#options.tables.findLast(({ firstKey }) => firstKey <= key);
    return `${table?.name}/${key - (table?.firstKey ?? 0)}`;
  }

  /**
   * Pushes points of some tables, and sends the request again, as it was, where its outcome is
   * unknown, perhaps.
   *
   * @param tables of which one is chosen, or more.
   */
  async push(send: Send, tables: readonly OrderTable[]): Promise<void> {
    const { history, random, pusher, badShare, runName } = this.#options;
    const table = random.pick(tables);
    const surface = random.pick(surfacesFor(table.kind));
    const id = history.begin();
    const isBad = random.chance(badShare);
    const points = this.#points(id, surface, table, tables, isBad);
    const request = surface.request(pusher, points, `${runName}-${id}`);
    this.bySurface.set(surface.name, (this.bySurface.get(surface.name) ?? 0) + 1);
    let outcome = await this.#attempt(send, request, isBad);
    for (let i = 1; i < ATTEMPTS_MAX && outcome === "unknown" && random.chance(0.5); i += 1) {
      this.counts.repeats += 1;
      // A refusal would be that of the repeat only.
      const next = await this.#attempt(send, request, isBad);
      if (next === "ok") outcome = next;
    }
    history.end(id, outcome);
    this.counts[outcome] += 1;
  }

  /** Reads one key, or a page from a place on. */
  async read(send: Send, table: OrderTable): Promise<void> {
    const { history, random, shards } = this.#options;
    const isPage = random.chance(0.7);
    const key = random.below(table.keys);
    const after = JSON.stringify([random.below(shards), keyTextOf(key)]);
    const rowsMax = 1 + random.below(PAGE_ROWS_MAX);
    const query = isPage
      ? `after=${Buffer.from(after).toString("base64url")}&limit=${rowsMax}`
      : `key=${encodeURIComponent(`{"id":${key}}`)}`;
    const path = await this.#rowsPath(send, table);
    const id = history.begin();
    const answer = await send(this.#get(`${path}?${query}`)).catch(() => undefined);
    if (answer?.status !== 200) {
      this.#noteFailure(answer);
      history.end(id, "unknown");
      return;
    }
    const rows = rowsOfAnswer(history, answer.text);
    this.#record(id, table, rows);
    if (!isPage && rows.length === 0) history.read(id, table.firstKey + key, NO_ROW, NO_WRITE);
    history.end(id, "ok");
  }

  /** Reads all keys of a table, those too that have no row. */
  async readAll(send: Send, table: OrderTable): Promise<void> {
    const { history } = this.#options;
    const whole = history.begin();
    const path = await this.#rowsPath(send, table);
    const missing = new Set(Array.from({ length: table.keys }, (_, key) => key));
    let after = "";
    do {
      const id = history.begin();
      const answer = await send(this.#get(`${path}?limit=${PAGE_ROWS_MAX}${after}`));
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      const rows = rowsOfAnswer(history, answer.text);
      this.#record(id, table, rows);
      history.end(id, "ok");
      for (const row of rows) missing.delete(row.id);
      after = nextOf(answer.text);
    } while (after !== "");
    for (const key of missing) history.read(whole, table.firstKey + key, NO_ROW, NO_WRITE);
    history.end(whole, "ok");
  }

  #record(request: number, table: OrderTable, rows: readonly SeenRow[]): void {
    this.counts.pages += 1;
    for (const { id, sequence, write, note } of rows) {
      this.#options.history.read(request, table.firstKey + id, sequence, write, note);
    }
  }

  async #attempt(
    send: Send,
    request: OrderRequest,
    isBad: boolean,
  ): Promise<"ok" | "failed" | "unknown"> {
    const answer = await send(request).catch(() => undefined);
    if (answer !== undefined && answer.status < 300) {
      if (isBad) throw new Error(`not refused: ${request.path} ${request.body.slice(0, 300)}`);
      return "ok";
    }
    if (!isBad) this.#noteFailure(answer);
    // After a 429 or a 5xx some key ranges may have their part (promise P3).
    const isRefused = answer !== undefined && answer.status < 500 && answer.status !== 429;
    return isRefused ? "failed" : "unknown";
  }

  #noteFailure(answer: OrderAnswer | undefined): void {
    const text = answer === undefined ? "no answer" : `${answer.status} ${answer.text}`;
    const short = text.slice(0, 160);
    this.failures.set(short, (this.failures.get(short) ?? 0) + 1);
  }

  #points(
    request: number,
    surface: Surface,
    table: OrderTable,
    tables: readonly OrderTable[],
    isBad: boolean,
  ): Point[] {
    const { history, random, pointsMax } = this.#options;
    const others = tables.filter(({ kind }) => kind !== "none");
    const sizeMax = Math.min(pointsMax, surface.pointsMax);
    const count = 1 + Math.floor(sizeMax * random.next() ** SIZE_POWER);
    const bad = isBad ? random.below(count) : -1;
    const isMixed = surface.isMixed && random.chance(0.2);
    return Array.from({ length: count }, (_, index): Point => {
      const target = isMixed ? random.pick(others) : table;
      // The square makes the first keys hot.
      const id = Math.floor(target.keys * random.next() ** 2);
      const sequence = sequenceFor(surface, this.#sequence(id));
      const write = history.write(request, target.firstKey + id, sequence);
      const point = { table: target, id, write, sequence };
      const badSequence = random.chance(0.5) ? "-1" : String(INT64_MAX + 1n);
      return index === bad ? { ...point, badSequence } : point;
    });
  }

  #sequence(id: number): bigint {
    const { history, random } = this.#options;
    if (id % EXTREME_KEYS === 1 && random.chance(0.3)) {
      return random.pick([0n, 1n, INT64_MAX - 1n, 2n ** 53n, 2n ** 53n + 1n]);
    }
    const now = Math.floor(history.counts.writes / WRITES_PER_SEQUENCE);
    return SEQUENCE_START + BigInt(now + random.below(SEQUENCE_SPREAD));
  }

  /** The path of a table's rows; the table is asked for once. */
  async #rowsPath(send: Send, { name }: OrderTable): Promise<string> {
    const path = `/admin/v1/clients/${this.#options.pusher.clientId}/tables`;
    if (!this.#ids.has(name)) {
      const answer = await send(this.#get(path));
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      const { tables } = JSON.parse(answer.text) as { tables: { id: number; name: string }[] };
      for (const table of tables) this.#ids.set(table.name, table.id);
    }
    return `${path}/${this.#ids.get(name)}/rows`;
  }

  #get(path: string): OrderRequest {
    const headers = { Authorization: `Bearer ${this.#options.adminToken}` };
    return { method: "GET", path, headers, body: "" };
  }
}

/** The key text of an id (warehouse/keys.ts). */
function keyTextOf(id: number): string {
  const digits = String(id);
  return `${String.fromCharCode(64 + digits.length)}${digits}`;
}

function nextOf(answer: string): string {
  const next = /"next":"([\w-]+)"\}$/.exec(answer)?.[1];
  return next === undefined ? "" : `&after=${next}`;
}

/** Tables with so many keys, given numbers one after the other. */
export function tablesOf(
  sizes: readonly (readonly [name: string, kind: OrderTable["kind"], keys: number])[],
): OrderTable[] {
  let firstKey = 0;
  return sizes.map(([name, kind, keys]) => {
    const table = { name, kind, keys, firstKey };
    firstKey += keys;
    return table;
  });
}
