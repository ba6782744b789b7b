/**
 * Requests that travel together (src/warehouse/shared-commits.ts) while clients hang up, over the
 * Worker's own socket: behind the development proxy it would not see them go.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { SHARED_LOST_MS } from "../../src/warehouse/limits.ts";
import { buildHeadgate, workerSettings } from "../bench/build.ts";
import { ADMIN_TOKEN, type RunningWorker, startWorker, bundleModules } from "../bench/workers.ts";
import { CLIENT_ID, IMPORT_TOKEN } from "./constants.ts";
import { Connection, rawRequest } from "./raw.ts";

const CLIENTS = 64;
const LOAD_MS = 4_000;
/** Of a crowded local server; far below {@link SHARED_LOST_MS}, after which lost ones are given up. */
const ANSWER_MS_MAX = SHARED_LOST_MS / 4;
/** The moments of a hang-up, in ms after the request was sent: an answer takes about as long. */
const HANG_UP_MS_MAX = 100;

let folder: string;
let worker: RunningWorker;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headgate-shared-"));
  const bundle = await buildHeadgate(join(folder, "bundle"));
  worker = await startWorker({
    name: "headgate",
    modules: bundleModules(bundle),
    settings: workerSettings({}),
    stateFolder: join(folder, "state"),
    direct: true,
  });
  base = `http://127.0.0.1:${worker.port}`;
});

afterAll(async () => {
  await worker.close();
  await rm(folder, { recursive: true, force: true });
});

function pushOf(id: number, sequence: number): Uint8Array {
  const body = `[{"client_id":${CLIENT_ID},"table_name":"shared","action":"upsert","key_names":["id"],"sequence":${sequence},"data":{"id":${id}}}]`;
  return rawRequest(
    "POST /v2/import/push",
    [
      `Host: 127.0.0.1:${worker.port}`,
      `Authorization: Bearer ${IMPORT_TOKEN}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
    ],
    body,
  );
}

/** What a client knows of its point. */
interface Client {
  readonly id: number;
  sent: number;
  acknowledged: number;
}

const slowest = { ms: 0 };
let hangUps = 0;

async function answered(connection: Connection, client: Client): Promise<void> {
  const begin = performance.now();
  client.sent += 1;
  connection.send(pushOf(client.id, client.sent));
  const { status, text } = await connection.answer();
  slowest.ms = Math.max(slowest.ms, performance.now() - begin);
  // A busy machine may be told to come again.
  if (status === 201) client.acknowledged = client.sent;
  else expect([status, text]).toEqual([503, expect.any(String)]);
}

async function patientClient(client: Client, until: number): Promise<void> {
  using connection = await Connection.open(base);
  do await answered(connection, client);
  while (Date.now() < until);
}

/** A client that gives up somewhere between its request and after the answer. */
async function hastyClient(client: Client, until: number): Promise<void> {
  while (Date.now() < until) {
    const connection = await Connection.open(base);
    client.sent += 1;
    connection.send(pushOf(client.id, client.sent));
    await pause(Math.random() * HANG_UP_MS_MAX);
    if (connection.leftover.startsWith("HTTP/1.1 201")) client.acknowledged = client.sent;
    else hangUps += 1;
    connection.reset();
  }
}

async function admin<T>(path: string): Promise<T> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await fetch(`${base}/admin/v1/clients/${CLIENT_ID}/tables${path}`, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

/** The sequence that each point has. */
async function storedSequences(): Promise<Map<number, number>> {
  const { tables } = await admin<{ tables: { id: number; name: string }[] }>("");
  const id = tables.find(({ name }) => name === "shared")?.id;
  const { rows } = await admin<{ rows: { sequence: string; data: { id: number } }[] }>(
    `/${id}/rows?limit=100`,
  );
  return new Map(rows.map(({ sequence, data }) => [data.id, Number(sequence)]));
}

it("loses nothing and keeps nobody waiting when clients hang up", async () => {
  const clients = Array.from({ length: CLIENTS }, (_, id) => ({ id, sent: 0, acknowledged: 0 }));
  const [first] = clients;
  if (first !== undefined) await patientClient(first, 0);
  slowest.ms = 0;
  const until = Date.now() + LOAD_MS;
  await Promise.all(
    clients.map((client) => (client.id % 3 === 1 ? hastyClient : patientClient)(client, until)),
  );
  expect(hangUps).toBeGreaterThan(100);
  expect(slowest.ms).toBeLessThan(ANSWER_MS_MAX);

  // Nobody is believed to be under way: a crowd that comes now finds a leader among itself.
  for (const count of [1, CLIENTS]) {
    slowest.ms = 0;
    await Promise.all(clients.slice(0, count).map((client) => patientClient(client, 0)));
    expect(slowest.ms).toBeLessThan(1_000);
  }

  const stored = await storedSequences();
  for (const { id, sent, acknowledged } of clients) {
    expect(stored.get(id)).toBeGreaterThanOrEqual(acknowledged);
    expect(stored.get(id)).toBeLessThanOrEqual(sent);
  }
  expect(worker.errors).toEqual([]);
});
