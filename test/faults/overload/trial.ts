/**
 * Promise P7 under load: how fast the service is when it has little to do, how much it can commit,
 * and what becomes of twice that.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildHeadgate, workerSettings } from "../../bench/build.ts";
import { ChildRunner } from "../../bench/child.ts";
import { bundleModules, type RunningWorker, startWorker } from "../../bench/workers.ts";
import { quantile } from "../../support/quantile.ts";
import { isAccepted, isRefused, type Lane, type Sent, type Stretch } from "./generator.ts";
import { MemoryWatch } from "./memory.ts";
import { Probe } from "./probe.ts";
import { FIRST_REQUEST, SURFACES } from "./requests.ts";
import { countLost } from "./stored.ts";

/** What is tried, and for how long, in s. */
export interface TrialOptions {
  /** Of a variant of the Worker; without it the Worker itself. */
  readonly entry?: string;
  /** Clients of each surface that find the capacity. */
  readonly clients: number;
  /** Before anything is measured: the tables are made, and the code is compiled. */
  readonly warmS: number;
  readonly capacityS: number;
  readonly unloadedS: number;
  readonly overloadS: number;
  readonly afterS: number;
}

/** What came of a stretch, latencies in ms. */
export interface Figures {
  readonly perS: number;
  readonly accepted: number;
  readonly refused: number;
  /** Answers that are neither, with the status. */
  readonly others: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of refusals. */
  readonly refusedP99Ms: number;
  readonly refusedMaxMs: number;
  readonly badRetryAfter: number;
  /** By how much the generator was late, at most. */
  readonly lateMaxMs: number;
}

/** What came of a trial. */
export interface Trial {
  readonly capacity: Figures;
  readonly unloaded: Figures;
  readonly overload: Figures;
  readonly after: Figures;
  /** The longest that a request which needs nothing took during the overload, in ms. */
  readonly probeMaxMs: number;
  /** Resident memory of the runtime in the quarters of the overload, in MB. */
  readonly memoryMb: readonly number[];
  /** Acknowledged points that are not stored. */
  readonly lost: number;
}

/** Share of the capacity at which the service counts as unloaded. */
const UNLOADED_SHARE = 0.1;
const OVERLOAD_FACTOR = 2;

/** Runs a trial on a Worker of its own. */
export async function runTrial(options: TrialOptions): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-overload-"));
  const generator = new ChildRunner<Stretch, Sent[]>("../faults/overload/generator.ts", []);
  try {
    const worker = await started(folder, options.entry);
    const load = new Load(worker, generator);
    let found;
    try {
      found = await stretches(load, worker, options);
    } finally {
      await worker.close();
    }
    const { accepted, ...trial } = found;
    return { ...trial, lost: countLost(folder, accepted) };
  } finally {
    generator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function started(folder: string, entry?: string): Promise<RunningWorker> {
  const settings = workerSettings({ variables: { LOG_REQUESTS: "failed" } });
  const modules = bundleModules(await buildHeadgate(join(folder, "dist"), entry));
  return startWorker({ name: "headgate", modules, settings, stateFolder: folder, direct: true });
}

/** Sends stretches of load and keeps what was acknowledged. */
class Load {
  readonly accepted: Sent[] = [];
  readonly #worker: RunningWorker;
  readonly #generator: ChildRunner<Stretch, Sent[]>;
  #first = FIRST_REQUEST;

  constructor(worker: RunningWorker, generator: ChildRunner<Stretch, Sent[]>) {
    this.#worker = worker;
    this.#generator = generator;
  }

  async run(lanes: readonly Lane[], seconds: number): Promise<Sent[]> {
    const ms = seconds * 1_000;
    const { port } = this.#worker;
    const sent = await this.#generator.run({ port, lanes, ms, first: this.#first });
    this.#first += sent.length;
    this.accepted.push(...sent.filter(isAccepted));
    return sent;
  }
}

async function stretches(
  load: Load,
  worker: RunningWorker,
  { clients, warmS, capacityS, unloadedS, overloadS, afterS }: TrialOptions,
): Promise<Omit<Trial, "lost"> & { readonly accepted: readonly Sent[] }> {
  const closed = SURFACES.map((surface) => ({ surface, clients }));
  await load.run(closed, warmS);
  const full = await load.run(closed, capacityS);
  const scheduled = (factor: number): Lane[] =>
    SURFACES.map((surface) => {
      const accepted = full.filter((sent) => sent.surface === surface && isAccepted(sent));
      return { surface, perS: factor * fastPerS(accepted, capacityS) };
    });
  await sleep(500);
  const unloaded = await load.run(scheduled(UNLOADED_SHARE), unloadedS);
  const memory = new MemoryWatch(worker.pid);
  const probe = new Probe(worker.port);
  const overload = await load.run(scheduled(OVERLOAD_FACTOR), overloadS);
  const probeMaxMs = await probe.stop();
  const memoryMb = memory.stop();
  // At once: what was refused a moment ago is let in again.
  const after = await load.run(scheduled(UNLOADED_SHARE), afterS);
  return {
    capacity: figuresOf(full, capacityS),
    unloaded: figuresOf(unloaded, unloadedS),
    overload: figuresOf(overload, overloadS),
    after: figuresOf(after, afterS),
    probeMaxMs,
    memoryMb,
    accepted: load.accepted,
  };
}

/**
 * Requests per second in the best of the seconds, half as many as were to be: in others the machine
 * was busy. Those behind the end count, too: where an answer takes seconds, most come there.
 */
function fastPerS(accepted: readonly Sent[], seconds: number): number {
  const counts = Array.from({ length: seconds }, () => 0);
  for (const { atMs, latencyMs } of accepted) {
    const second = Math.floor((atMs + latencyMs) / 1_000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  const all = Array.from(counts, (count: number | undefined) => count ?? 0);
  const best = all.toSorted((a, b) => b - a).slice(0, Math.ceil(seconds / 2));
  return best.reduce((sum, count) => sum + count, 0) / best.length;
}

/** The figures of a stretch. */
export function figuresOf(sent: readonly Sent[], seconds: number): Figures {
  const accepted = sent.filter(isAccepted);
  const refused = sent.filter(isRefused);
  const others = sent.filter((one) => !isAccepted(one) && !isRefused(one));
  const latencies = accepted.map(({ latencyMs }) => latencyMs);
  const refusals = refused.map(({ latencyMs }) => latencyMs);
  return {
    perS: accepted.length / seconds,
    accepted: accepted.length,
    refused: refused.length,
    others: others.map(({ status }) => status),
    p50Ms: latencyAt(latencies, 0.5),
    p99Ms: latencyAt(latencies, 0.99),
    refusedP99Ms: latencyAt(refusals, 0.99),
    refusedMaxMs: latencyAt(refusals, 1),
    badRetryAfter: refused.filter(({ retryAfter }) => retryAfter !== "1").length,
    lateMaxMs: latencyAt(
      sent.map(({ lateMs }) => lateMs),
      1,
    ),
  };
}

/** 0 where there was no such answer. */
function latencyAt(values: readonly number[], share: number): number {
  return values.length === 0 ? 0 : quantile(values, share);
}

/** The figures as lines to print. */
export function describeTrial(trial: Trial): string {
  const line = (name: string, figures: Figures): string => {
    const { perS, accepted, refused, others, p50Ms, p99Ms } = figures;
    const { refusedP99Ms, refusedMaxMs, lateMaxMs } = figures;
    const answers = `${accepted} accepted (${perS.toFixed(1)}/s), ${refused} refused`;
    const ms = `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
    const late = `refusals p99 ${refusedP99Ms.toFixed(0)}, at most ${refusedMaxMs.toFixed(0)} ms`;
    const generator = `generator at most ${lateMaxMs.toFixed(0)} ms late`;
    return `${name}: ${answers}, ${others.length} others; ${ms}; ${late}; ${generator}`;
  };
  return [
    line("capacity", trial.capacity),
    line("unloaded", trial.unloaded),
    line("overload", trial.overload),
    line("after   ", trial.after),
    `memory ${trial.memoryMb.join(", ")} MB; ${trial.lost} acknowledged points lost; ` +
      `requests that need nothing at most ${trial.probeMaxMs.toFixed(0)} ms`,
  ].join("\n");
}
