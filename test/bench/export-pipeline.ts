/**
 * What exports are compared with: `sqlite3 -csv … | zip`, each run in a process group of its own.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { ORDER_COLUMNS } from "./export-orders.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";

/** The programs that a run needs, by the names of their Debian packages. */
const PROGRAMS = ["sqlite3", "zip", "unzip"] as const;

/** One run of the pipeline. */
export interface PipelineRun {
  elapsedMs: number;
  /** CPU time of both programs. */
  cpuMs: number;
  /** Size of the zip file. */
  bytes: number;
}

/** Says what to install where a program is missing, or undefined where all are there. */
export function missingPrograms(): string | undefined {
  const missing = PROGRAMS.filter((name) => {
    return spawnSync("bash", ["-c", `command -v ${name}`]).status !== 0;
  });
  if (missing.length === 0) return undefined;
  const names = missing.join(" ");
  return `Not installed: ${names}. On Debian and Ubuntu: apt-get install -y ${names}`;
}

/** The query over the plain table. */
export const PLAIN_QUERY = `SELECT ${ORDER_COLUMNS.join(", ")} FROM orders ORDER BY id`;

/** The query over the rows as Headgate stores them. */
export function jsonQuery(tableId: number): string {
  const fields = ORDER_COLUMNS.map((name) => `json_extract(data, '$.${name}') AS ${name}`);
  return `SELECT ${fields.join(", ")} FROM rows WHERE table_id = ${tableId} ORDER BY key`;
}

/** Runs the pipeline with the rows of `query` on the database `file`. */
export async function runPipeline(file: string, query: string, zip: string): Promise<PipelineRun> {
  const startedAt = performance.now();
  // The last line of `times` is the CPU time of the shell's children: `0m1.20s 0m0.10s`.
  const script = 'sqlite3 -csv -header "$1" "$2" | zip -q "$3" - && times';
  const text = await shell(script, [file, query, zip]);
  const elapsedMs = performance.now() - startedAt;
  return { elapsedMs, cpuMs: childrenCpuMs(text), bytes: statSync(zip).size };
}

/** The same with PostgreSQL's `COPY … CSV`; the CPU time is that of the server too. */
export async function runCopy(cluster: PostgresCluster, zip: string): Promise<PipelineRun> {
  const serverMs = cluster.cpuMs() ?? 0;
  const startedAt = performance.now();
  const copy = `COPY (${PLAIN_QUERY}) TO STDOUT (FORMAT csv, HEADER)`;
  const script = 'zip="$1"; shift; "$@" | zip -q "$zip" - && times';
  const text = await shell(script, [zip, ...cluster.psqlArgs(copy)]);
  const elapsedMs = performance.now() - startedAt;
  const cpuMs = childrenCpuMs(text) + (cluster.cpuMs() ?? 0) - serverMs;
  return { elapsedMs, cpuMs, bytes: statSync(zip).size };
}

/** The SHA-256 of a zip's only member; quotes that CSV does not need are left out of it. */
export async function contentHash(zip: string): Promise<string> {
  const text = await shell(`unzip -p "$1" | tr -d '"\\r' | sha256sum`, [zip]);
  return text.slice(0, 64);
}

/** Tests a zip's CRC and sizes as `unzip -t` does. Throws where they are wrong. */
export async function testZip(zip: string): Promise<void> {
  await shell('unzip -tq "$1"', [zip]);
}

/** Runs a script; its process group ends with this process. Throws unless all of it went well. */
export async function shell(script: string, parameters: string[]): Promise<string> {
  const args = ["-c", `set -o pipefail; ${script}`, "bash", ...parameters];
  const child = spawn("bash", args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const end = () => child.pid !== undefined && killGroup(child.pid);
  process.once("exit", end);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const [code] = (await once(child, "close")) as [number | null];
  process.removeListener("exit", end);
  if (code !== 0) throw new Error(`${script}\n${output}`);
  return output;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function childrenCpuMs(times: string): number {
  const last = times.trimEnd().split("\n").at(-1) ?? "";
  let seconds = 0;
  for (const [, minutes, rest] of last.matchAll(/(\d+)m([\d.]+)s/g)) {
    seconds += Number(minutes) * 60 + Number(rest);
  }
  return seconds * 1000;
}
