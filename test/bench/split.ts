/**
 * A table under load whose key ranges split: the built Worker in workerd, many clients at once.
 *
 *   node --disable-warning=ExperimentalWarning test/bench/split.ts [splits per s] [seconds] [seed]
 *
 * Prints for each second the ranges that the table had, and what the clients saw; at the end it
 * compares what is stored with a register of the highest sequences. Ends with 1 where a client saw
 * anything but 201, or a row is not as it should be.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CLIENT_ID, IMPORT_TOKEN } from "./bodies.ts";
import { buildHeadgate, workerSettings } from "./build.ts";
import { bundleModules, startWorker } from "./workers.ts";

const [requestsPerS = "5", seconds = "30", seedText = String(Date.now() % 1_000_000)] =
  process.argv.slice(2);
const CLIENTS = 32;
const KEYS = 5_000;

const folder = mkdtempSync(join(tmpdir(), "headgate-split-"));
let seed = Number(seedText);
const highest = new Map<number, number>();
const statuses = new Map<number, number>();
let latencies: number[] = [];

function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 1;
  return Math.floor((seed / 2 ** 31) * below);
}

/** The databases in the state folder that have this table. */
function databases(table: string): DatabaseSync[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".sqlite"))
    .map((file) => new DatabaseSync(join(folder, file), { readOnly: true }))
    .filter((database) => {
      const found = database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table);
      if (found === undefined) database.close();
      return found !== undefined;
    });
}

async function push(port: number): Promise<void> {
  const rows = Array.from({ length: 1 + random(3) }, () => ({ id: random(KEYS), s: random(1e6) }));
  const messages = rows.map((data) => ({
    ...{ client_id: CLIENT_ID, table_name: "hot", action: "upsert", key_names: ["id"] },
    ...{ sequence: data.s, data },
  }));
  const begin = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/v2/import/push`, {
    method: "POST",
    headers: { Authorization: `Bearer ${IMPORT_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify(messages),
  });
  await response.text();
  latencies.push(performance.now() - begin);
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  if (response.status !== 201) return;
  for (const { id, s } of rows) highest.set(id, Math.max(s, highest.get(id) ?? -1));
}

async function load(port: number, end: number): Promise<void> {
  while (performance.now() < end) await push(port);
}

function wrongRows(): number {
  const stored = new Map<number, number>();
  for (const shard of databases("applied_requests")) {
    for (const { data } of shard.prepare("SELECT data FROM rows").all() as { data: string }[]) {
      const { id, s } = JSON.parse(data) as { id: number; s: number };
      if (stored.has(id)) throw new Error(`${id} is on two shards`);
      stored.set(id, s);
    }
    shard.close();
  }
  return [...highest].filter(([id, s]) => stored.get(id) !== s).length + stored.size - highest.size;
}

function report(second: number, ranges: readonly unknown[]): void {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(1) ?? "-";
  const figures = `${sorted.length} requests, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
  console.log(`${second} s: ${ranges.length} ranges, ${figures}`);
  latencies = [];
}

async function main(): Promise<boolean> {
  console.log(`splits at ${requestsPerS}/s for ${seconds} s, seed ${seed}, ${CLIENTS} clients`);
  const base = workerSettings();
  const own = { SPLIT_REQUESTS_PER_S: requestsPerS, LOG_REQUESTS: "none" };
  const settings = {
    ...base,
    bindings: { ...(base.bindings as Record<string, string>), ...own },
    d1Databases: { ...(base.d1Databases as Record<string, string>), SHARD_1: "shard-1" },
  } as typeof base;
  const bundle = await buildHeadgate(join(folder, "dist"));
  const modules = bundleModules(bundle);
  const options = { name: "headgate", modules, settings, stateFolder: folder, direct: true };
  const worker = await startWorker(options);
  const end = performance.now() + Number(seconds) * 1_000;
  const clients = Array.from({ length: CLIENTS }, () => load(worker.port, end));
  const [catalogue] = databases("import_tokens");
  for (let second = 1; performance.now() < end; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const row = catalogue?.prepare("SELECT ranges FROM tables WHERE name = '\"hot\"'").get();
    report(second, JSON.parse(String(row?.["ranges"] ?? "[]")) as unknown[]);
  }
  await Promise.all(clients);
  catalogue?.close();
  await worker.close();
  const wrong = wrongRows();
  console.log(`answers ${JSON.stringify([...statuses])}; ${highest.size} rows, ${wrong} wrong`);
  for (const error of worker.errors) console.log(error);
  return wrong === 0 && statuses.size === 1 && statuses.has(201);
}

try {
  if (!(await main())) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
