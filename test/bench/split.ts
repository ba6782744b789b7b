/**
 * A table under load whose key ranges split: the built Worker in workerd, many clients at once.
 *
 *   node --disable-warning=ExperimentalWarning test/bench/split.ts [splits per s] [seconds] [seed]
 *
 * Prints for each second the ranges that the table had, and what the clients saw; at the end it
 * compares what is stored with a register of the highest sequences. Ends with 1 where a client saw
 * anything but 201, or a row is not as it should be.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { quantile } from "../support/quantile.ts";
import { Random } from "../support/random.ts";
import { databasesWith, withDatabase } from "../support/state-folder.ts";
import { CLIENT_ID, IMPORT_TOKEN } from "./bodies.ts";
import { buildHeadgate, workerSettings } from "./build.ts";
import { bundleModules, startWorker } from "./workers.ts";

const [requestsPerS = "5", seconds = "30", seedText = String(Date.now() % 1_000_000)] =
  process.argv.slice(2);
const CLIENTS = 32;
const KEYS = 5_000;

const folder = mkdtempSync(join(tmpdir(), "headgate-split-"));
const seed = Number(seedText);
const random = new Random(seed);
const highest = new Map<number, number>();
const statuses = new Map<number, number>();
let latencies: number[] = [];

async function push(port: number): Promise<void> {
  const rows = Array.from({ length: 1 + random.below(3) }, () => ({
    id: random.below(KEYS),
    s: random.below(1e6),
  }));
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
  for (const file of databasesWith(folder, "rows")) {
    const rows = withDatabase(file, (shard) => shard.prepare("SELECT data FROM rows").all());
    for (const { data } of rows) {
      const { id, s } = JSON.parse(String(data)) as { id: number; s: number };
      if (stored.has(id)) throw new Error(`${id} is on two shards`);
      stored.set(id, s);
    }
  }
  return [...highest].filter(([id, s]) => stored.get(id) !== s).length + stored.size - highest.size;
}

function report(second: number, ranges: readonly unknown[]): void {
  const at = (share: number) =>
    latencies.length === 0 ? "-" : quantile(latencies, share).toFixed(1);
  const figures = `${latencies.length} requests, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
  console.log(`${second} s: ${ranges.length} ranges, ${figures}`);
  latencies = [];
}

function rangesNow(catalogue: DatabaseSync): unknown[] {
  const row = catalogue.prepare("SELECT ranges FROM tables WHERE name = '\"hot\"'").get();
  return JSON.parse(String(row?.["ranges"] ?? "[]")) as unknown[];
}

async function main(): Promise<boolean> {
  console.log(`splits at ${requestsPerS}/s for ${seconds} s, seed ${seed}, ${CLIENTS} clients`);
  const variables = { SPLIT_REQUESTS_PER_S: requestsPerS, LOG_REQUESTS: "none" };
  const settings = workerSettings({ shards: 2, variables });
  const bundle = await buildHeadgate(join(folder, "dist"));
  const modules = bundleModules(bundle);
  const options = { name: "headgate", modules, settings, stateFolder: folder, direct: true };
  const worker = await startWorker(options);
  const end = performance.now() + Number(seconds) * 1_000;
  const clients = Array.from({ length: CLIENTS }, () => load(worker.port, end));
  const [file = ""] = databasesWith(folder, "import_tokens");
  const catalogue = new DatabaseSync(file, { readOnly: true });
  for (let second = 1; performance.now() < end; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    report(second, rangesNow(catalogue));
  }
  await Promise.all(clients);
  catalogue.close();
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
