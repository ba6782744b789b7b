/** What a client reads: the tables, their rows page by page, and the files of exports. */
import { CLIENT_ID, EXPORT_KEY } from "../../e2e/constants.ts";
import { readZip } from "../../support/read-zip.ts";
import { untilEnded } from "../export-end.ts";
import type { Row } from "./model.ts";
import { ADMIN_HEADERS } from "./tokens.ts";
import type { Wire } from "./wire.ts";

/** Longest wait for the end of an export, in ms. */
const EXPORT_MS_MAX = 120_000;

/** Rows of a page: the most that a request may ask for. */
const PAGE_ROWS = 1_000;

const EXPORT_HEADERS = { "X-RJM-API-Key": EXPORT_KEY } as const;

const TABLES = `/0.1/client/${CLIENT_ID}/table`;

/** Reads from a service that lives. */
export class Reader {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** The tables by their names; a name must not come twice. */
  async tables(): Promise<Map<string, number>> {
    const { tables } = await this.#json<{ tables: { id: number; name: string }[] }>(TABLES);
    const byName = new Map(tables.map(({ id, name }) => [name, id]));
    if (byName.size < tables.length) this.#wire.wrong.push("a table is listed twice");
    return byName;
  }

  /** The names of a table's columns. */
  async columns(tableId: number): Promise<Set<string>> {
    const path = `${TABLES}/${tableId}`;
    const { columns } = await this.#json<{ columns: { name: string }[] }>(path);
    return new Set(columns.map(({ name }) => name));
  }

  /** All rows; `$sequence` is the stored sequence. */
  async rows(tableId: number): Promise<Row[]> {
    const path = `/admin/v1/clients/${CLIENT_ID}/tables/${tableId}/rows?limit=${PAGE_ROWS}`;
    const found: Row[] = [];
    for (let after = ""; ;) {
      const { text } = await this.#wire.call(`${path}${after}`, { headers: ADMIN_HEADERS });
      const page = exactly(text) as { rows: PagedRow[]; next: string | null };
      for (const { sequence, data } of page.rows) {
        found.push(new Map([...Object.entries(data), ["$sequence", sequence]]));
      }
      if (page.next === null) return found;
      after = `&after=${page.next}`;
    }
  }

  /** Asks for an export of a table. Rejects where the service dies. */
  async startExport(tableId: number): Promise<number> {
    const path = `${TABLES}/${tableId}/export`;
    return (await this.#json<{ export_id: number }>(path, "POST")).export_id;
  }

  /** The status of an export. */
  async status(exportId: number): Promise<string> {
    return (await this.#info(exportId)).status;
  }

  /** Waits for the end of an export; its status. */
  async ended(exportId: number): Promise<string> {
    return (await untilEnded(() => this.#info(exportId), EXPORT_MS_MAX)).status;
  }

  /** The ids of all exports. */
  async exportIds(): Promise<number[]> {
    const { exports } = await this.#json<{ exports: { id: number }[] }>("/0.1/export");
    return exports.map(({ id }) => id);
  }

  /** The rows of an export's file, once it is complete. */
  async file(exportId: number): Promise<Row[]> {
    const status = await this.ended(exportId);
    if (status !== "Completed") throw new Error(`export ${exportId} is ${status}`);
    const url = `${this.#wire.base}/0.1/export/${exportId}`;
    const answer = await fetch(url, { headers: EXPORT_HEADERS });
    if (answer.status !== 200) throw new Error(`export ${exportId}: ${await answer.text()}`);
    return rowsOfFile(new Uint8Array(await answer.arrayBuffer()));
  }

  #info(exportId: number): Promise<{ status: string }> {
    return this.#json<{ status: string }>(`/0.1/export/${exportId}/info`);
  }

  async #json<T>(path: string, method = "GET"): Promise<T> {
    const answer = await this.#wire.call(path, { method, headers: EXPORT_HEADERS });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as T;
  }
}

interface PagedRow {
  readonly sequence: string;
  readonly data: Record<string, string>;
}

/** JSON with its numbers as the texts that they are. */
function exactly(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === "number" ? source : value,
  );
}

/** No value of these rows has a comma, a quote or a line end. */
function rowsOfFile(zip: Uint8Array): Row[] {
  const lines = new TextDecoder().decode(readZip(zip).data).split("\r\n");
  if (lines.pop() !== "") throw new Error("a file ends in the middle of a line");
  const names = lines.shift()?.split(",") ?? [];
  return lines.map((line) => {
    const values = line.split(",");
    return new Map(names.map((name, index) => [name, values[index] ?? ""]));
  });
}
