/**
 * The export surface as its programs use it (wire.md 4): ask, look until it is there, download.
 */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CLIENT_ID, IMPORT_TOKEN } from "./bodies.ts";

/** The export key of scripts/demo.sql. */
export const EXPORT_KEY = "demo-export-key";
/** Looks at an export, in ms: apart by a fiftieth of its time, so that they hardly disturb it. */
const LOOK_MS_MIN = 5;
const LOOK_MS_MAX = 500;
const LOOK_SHARE = 1 / 50;
/** After this time an export is not waited for any more, in ms. */
const EXPORT_MS_MAX = 30 * 60_000;

/** An export that is completed. */
export interface FinishedExport {
  id: number;
  rows: number;
  /** From the request to the first look that found it completed. */
  elapsedMs: number;
}

/** Sends one data point with the key `id`, which makes the table and its columns. */
export async function pushPoint(port: number, table: string, json: string): Promise<void> {
  const head = `"client_id":${CLIENT_ID},"table_name":"${table}","sequence":1`;
  const answer = await fetch(`http://127.0.0.1:${port}/v2/import/push`, {
    method: "POST",
    headers: { Authorization: `Bearer ${IMPORT_TOKEN}`, "Content-Type": "application/json" },
    body: `[{${head},"action":"upsert","key_names":["id"],"data":${json}}]`,
  });
  if (answer.status !== 201) throw new Error(`push: ${answer.status} ${await answer.text()}`);
}

/** The id of a table. */
export async function tableId(port: number, name: string): Promise<number> {
  const { tables } = await call<{ tables: { id: number; name: string }[] }>(
    port,
    "GET",
    `/client/${CLIENT_ID}/table`,
  );
  const table = tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`There is no table ${name}.`);
  return table.id;
}

/** Exports a table. Throws where the export fails. */
export async function exportTable(port: number, table: number): Promise<FinishedExport> {
  const startedAt = performance.now();
  const path = `/client/${CLIENT_ID}/table/${table}/export`;
  const { id } = await call<{ id: number }>(port, "POST", path);
  for (;;) {
    const info = await call<Info>(port, "GET", `/export/${id}/info`);
    const elapsedMs = performance.now() - startedAt;
    if (info.status === "Completed") return { id, rows: info.row_count ?? 0, elapsedMs };
    if (info.status === "Error") throw new Error(`Export ${id} failed: ${info.error}`);
    if (elapsedMs > EXPORT_MS_MAX) throw new Error(`Export ${id} is still ${info.status}.`);
    await sleep(Math.min(Math.max(elapsedMs * LOOK_SHARE, LOOK_MS_MIN), LOOK_MS_MAX));
  }
}

interface Info {
  status: string;
  row_count: number | null;
  error: string | null;
}

/** Downloads an export into a file; returns the time it took, in ms. */
export async function downloadExport(port: number, id: number, file: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await request(port, "GET", `/export/${id}`);
  if (answer.body === null) throw new Error(`Export ${id} has no file.`);
  await pipeline(answer.body, createWriteStream(file));
  return performance.now() - startedAt;
}

async function call<T>(port: number, method: string, path: string): Promise<T> {
  const answer = await request(port, method, path);
  return answer.json<T>();
}

async function request(port: number, method: string, path: string): Promise<Response> {
  const headers = { "X-RJM-API-Key": EXPORT_KEY };
  const answer = await fetch(`http://127.0.0.1:${port}/0.1${path}`, { method, headers });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
