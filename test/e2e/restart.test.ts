/**
 * `npm start` on a state folder, stopped and started again: what was acknowledged is there, and
 * the local contract of design.md 2 holds. The other tests' server has no such folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { freePort } from "../support/free-port.ts";
import { readZip } from "../support/read-zip.ts";
import { CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN, ROOT, TOOL_ENVIRONMENT } from "./constants.ts";

/** A start applies the migrations and bundles the Worker; a busy machine takes its time. */
const START_MS_MAX = 120_000;

/** A running `npm start`. */
interface Server {
  readonly base: string;
  readonly child: ChildProcess;
  readonly printed: () => string;
}

let stateFolder: string;
let running: Server | undefined;

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "headgate-restart-"));
});

afterAll(async () => {
  if (running !== undefined) await stop(running);
  await rm(stateFolder, { recursive: true, force: true });
});

/** What `npm start -- --port N --persist-to DIR` runs. */
async function start(): Promise<Server> {
  const port = await freePort();
  const args = ["--port", String(port), "--ip", "127.0.0.1", "--persist-to", stateFolder];
  const child = spawn(process.execPath, [join(ROOT, "scripts/start.mjs"), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...TOOL_ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece: Uint8Array) => {
      text += new TextDecoder().decode(piece);
    });
  }
  running = { base: `http://127.0.0.1:${port}`, child, printed: () => text };
  const { base, printed } = running;
  await vi.waitFor(
    async () => {
      expect(child.exitCode, printed()).toBeNull();
      expect((await fetch(`${base}/v2/import/status`)).status).toBe(200);
      expect(printed()).toContain("Headgate answers on");
    },
    { timeout: START_MS_MAX, interval: 100 },
  );
  return running;
}

async function stop({ child }: Server): Promise<void> {
  running = undefined;
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function push({ base }: Server, sequence: number, status: string): Promise<number> {
  const response = await fetch(`${base}/v2/import/push`, {
    method: "POST",
    headers: { Authorization: `Bearer ${IMPORT_TOKEN}`, "Content-Type": "application/json" },
    body: `[{"client_id":${CLIENT_ID},"table_name":"users","sequence":${sequence},"action":"upsert","key_names":["id"],"data":{"id":10,"status":"${status}"}}]`,
  });
  return response.status;
}

async function exportJson<T>({ base }: Server, method: string, path: string): Promise<T> {
  const headers = { "X-RJM-API-Key": EXPORT_KEY };
  const response = await fetch(`${base}/0.1${path}`, { method, headers });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

async function csvOf({ base }: Server, exportId: number): Promise<string> {
  return vi.waitFor(
    async () => {
      const headers = { "X-RJM-API-Key": EXPORT_KEY };
      const response = await fetch(`${base}/0.1/export/${exportId}`, { headers });
      expect(response.status).toBe(200);
      const { data } = readZip(new Uint8Array(await response.arrayBuffer()));
      return new TextDecoder().decode(data);
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** Asks for an export of the only table. */
async function newExport(server: Server): Promise<number> {
  const tables = `/client/${CLIENT_ID}/table`;
  const list = await exportJson<{ tables: { id: number; name: string }[] }>(server, "GET", tables);
  expect(list.tables).toMatchObject([{ name: "users" }]);
  const path = `${tables}/${list.tables[0]?.id}/export`;
  return (await exportJson<{ export_id: number }>(server, "POST", path)).export_id;
}

it("state survives a restart", { timeout: 3 * START_MS_MAX }, async () => {
  const before = await start();
  expect(before.printed()).toContain("/v2/import/push");
  expect(before.printed()).toContain("/console");
  expect(await push(before, 100, "pending")).toBe(201);
  expect(await push(before, 102, "shipped")).toBe(201);
  const oldExport = await newExport(before);
  expect(await csvOf(before, oldExport)).toBe("id,status\r\n10,shipped\r\n");
  await stop(before);
  // What it started may end a moment after it.
  await vi.waitFor(() => expect(fetch(before.base)).rejects.toThrow("fetch failed"), {
    timeout: 10_000,
  });

  const after = await start();
  // The file is still there, and the sequence still counts.
  expect(await csvOf(after, oldExport)).toBe("id,status\r\n10,shipped\r\n");
  expect(await push(after, 101, "late")).toBe(201);
  expect(await csvOf(after, await newExport(after))).toBe("id,status\r\n10,shipped\r\n");
  expect(await push(after, 103, "returned")).toBe(201);
  expect(await csvOf(after, await newExport(after))).toBe("id,status\r\n10,returned\r\n");
  await stop(after);
});
