/**
 * A cold start: the size of the bundle, and how long a fresh runtime takes to its first answer to
 * a push of one point, less what it takes with a Worker that has the same bindings and does
 * nothing. So the start of the process and of the simulators of D1 and R2 is left out, and what
 * is told is the Worker's own: reading and running its bundle, its first look at the databases
 * and the first commit.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { median } from "../support/quantile.ts";
import { pushPoint } from "./export-client.ts";
import { cpuMs } from "./cpu.ts";
import { medianOf, rangeOf } from "./measure.ts";
import type { Reading } from "./readings.ts";
import type { RunningWorker, WorkerModule } from "./workers.ts";

const GZIP_BYTES_MAX = 250_000;
const FIRST_ANSWER_MS_MAX = 150;

/** Starts a Worker with Headgate's bindings, on databases that are prepared. */
export type StartCold = (modules: WorkerModule[]) => Promise<RunningWorker>;

/** The Worker that does nothing; its classes are what the bindings want. */
const NOTHING = `import { DurableObject, WorkflowEntrypoint } from "cloudflare:workers";
export class TableRange extends DurableObject {}
export class ExportJob extends WorkflowEntrypoint {}
export default {
  async fetch(request) {
    await request.json();
    return Response.json({ status: "OK" }, { status: 201 });
  },
};`;

interface ColdRun {
  elapsedMs: number;
  cpuMs: number | undefined;
}

/** Starts both Workers `rounds` times in turn. */
export async function measureCold(
  bundle: string,
  modules: WorkerModule[],
  start: StartCold,
  rounds: number,
): Promise<Reading[]> {
  const nothing = [{ name: "nothing.js", source: NOTHING }];
  // The first starts meet files that no cache has, and make the table.
  await runCold(nothing, start, 0);
  await runCold(modules, start, 0);
  const elapsed: number[] = [];
  const cpu: (number | undefined)[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const empty = await runCold(nothing, start, round);
    const mine = await runCold(modules, start, round);
    elapsed.push(mine.elapsedMs - empty.elapsedMs);
    cpu.push(mine.cpuMs === undefined ? undefined : mine.cpuMs - (empty.cpuMs ?? 0));
  }
  const gzip = gzipSync(readFileSync(bundle)).length;
  return [
    {
      id: "cold / bundle",
      text: "bundle, gzip",
      ...{ value: gzip, unit: "bytes", aim: { atMost: GZIP_BYTES_MAX } },
    },
    {
      id: "cold / answer",
      text: "first answer of a fresh runtime, less that of an empty Worker",
      ...{ value: median(elapsed), unit: "ms", range: rangeOf(elapsed) },
      ...{ byCpu: medianOf(cpu), aim: { atMost: FIRST_ANSWER_MS_MAX } },
    },
  ];
}

/** From before the start of the process to the whole answer. */
async function runCold(modules: WorkerModule[], start: StartCold, round: number): Promise<ColdRun> {
  const startedAt = performance.now();
  const worker = await start(modules);
  await pushPoint(worker.port, "cold", `{"id":${round}}`);
  const elapsedMs = performance.now() - startedAt;
  const used = cpuMs(worker.pid);
  await worker.close();
  return { elapsedMs, cpuMs: used };
}
