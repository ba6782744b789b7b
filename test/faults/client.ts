/** What programs do with a service that may die at any moment. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN } from "../e2e/constants.ts";
import { isUnderWay, untilEnded } from "./export-end.ts";
import { rowOf, Versions } from "./rows.ts";
import type { Service } from "./service.ts";

/** How long an export may take after the last restart, in ms: some times what it ever takes. */
const EXPORT_MS_MAX = 120_000;

/** Pause before a push is repeated that was refused as too much, in ms. */
const REFUSED_PAUSE_MS = 100;

/** The info of an export (wire.md 4.2). */
interface Info {
  readonly status: string;
  readonly row_count: number | null;
  readonly progress: { readonly rows_done: number; readonly rows_total: number | null };
}

/** A table, with what was pushed to it and what of that was acknowledged. */
export class Table {
  readonly name: string;
  readonly sent = new Versions();
  readonly acknowledged = new Versions();
  readonly #service: Service;

  constructor(service: Service, name: string) {
    this.#service = service;
    this.name = name;
  }

  /**
   * Pushes rows, again where they are refused as too much: a commit that stands still with the
   * machine is taken for stuck. Rejects where the service dies, and they may be stored or not.
   */
  async push(rows: readonly { readonly id: number; readonly version: number }[]): Promise<void> {
    for (const { id, version } of rows) this.sent.note(id, version);
    const points = rows.map(({ id, version }) => ({
      client_id: CLIENT_ID,
      table_name: this.name,
      action: "upsert",
      sequence: version,
      key_names: ["id"],
      data: rowOf(id, version),
    }));
    await this.#send(JSON.stringify(points));
    for (const { id, version } of rows) this.acknowledged.note(id, version);
  }

  async #send(body: string): Promise<void> {
    const headers = { Authorization: `Bearer ${IMPORT_TOKEN}`, "Content-Type": "application/json" };
    for (;;) {
      const url = `${this.#service.base}/v2/import/push`;
      const answer = await fetch(url, { method: "POST", headers, body });
      if (answer.status !== 503) {
        await textOf(answer, 201);
        return;
      }
      await answer.text();
      await sleep(REFUSED_PAUSE_MS);
    }
  }

  /** Asks for an export of the table. */
  async startExport(): Promise<number> {
    const path = `/client/${CLIENT_ID}/table`;
    const { tables } = await this.#json<{ tables: { id: number; name: string }[] }>(path);
    const id = tables.find(({ name }) => name === this.name)?.id;
    const started = await this.#json<{ export_id: number }>(`${path}/${id}/export`, "POST");
    return started.export_id;
  }

  /** The info of an export. */
  info(exportId: number): Promise<Info> {
    return this.#json<Info>(`/export/${exportId}/info`);
  }

  /** Waits until an export has read so many rows, or has ended; whether it goes on. */
  async waitForRows(exportId: number, rowsDone: number): Promise<boolean> {
    const isEnough = ({ progress }: Info): boolean => progress.rows_done >= rowsDone;
    const info = await untilEnded(() => this.info(exportId), EXPORT_MS_MAX, isEnough);
    if (!isUnderWay(info.status)) return false;
    if (!isEnough(info)) throw new Error(`${info.status}, ${JSON.stringify(info.progress)}`);
    return true;
  }

  /** Waits for the end of an export, which must be a file, and downloads it. */
  async download(exportId: number): Promise<{ readonly zip: Uint8Array; readonly rows: number }> {
    await this.waitForRows(exportId, Infinity);
    const info = await this.info(exportId);
    if (info.status !== "Completed") throw new Error(JSON.stringify(info));
    const answer = await this.#fetch(`/export/${exportId}`);
    if (answer.status !== 200) throw new Error(await answer.text());
    return { zip: new Uint8Array(await answer.arrayBuffer()), rows: info.row_count ?? -1 };
  }

  #fetch(path: string, method = "GET"): Promise<Response> {
    const headers = { "X-RJM-API-Key": EXPORT_KEY };
    return fetch(`${this.#service.base}/0.1${path}`, { method, headers });
  }

  async #json<T>(path: string, method = "GET"): Promise<T> {
    return JSON.parse(await textOf(await this.#fetch(path, method), 200)) as T;
  }
}

/** The text of an answer that must have this status. */
async function textOf(answer: Response, status: number): Promise<string> {
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  return text;
}
