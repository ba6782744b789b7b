/**
 * The last recorded run, in recorded.json: a part for each command, with the machine and the day.
 * Ratios of two machines may be compared with care, times and rates may not.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import type { Reading, Unit } from "./readings.ts";

/** What was measured of one thing. */
export interface RecordedValue {
  value: number;
  unit: Unit;
  /** The lowest and the highest value of a round, where there were several. */
  low?: number;
  high?: number;
}

/** What one command has recorded. */
export interface RecordedPart {
  /** The day, in UTC. */
  date: string;
  command: string;
  machine: string;
  /** By the ids of the readings. */
  values: Record<string, RecordedValue>;
}

type Recorded = Record<string, RecordedPart>;

const FILE = join(import.meta.dirname, "recorded.json");
/** Digits of a recorded value: more are noise. */
const DIGITS = 4;
/** What else the machine did when the run began. */
const [LOAD_BEFORE = 0] = loadavg();

/** What a command has recorded, or undefined where it never has. */
export function recordedPart(part: string): RecordedPart | undefined {
  return readAll()[part];
}

/** Puts the values of a run in the place of those of the command's last recorded one. */
export function record(part: string, readings: readonly Reading[], versions: string): void {
  const values = Object.fromEntries(
    readings.map(({ id, value, unit, range }) => {
      const rounds = range === undefined ? {} : { low: round(range[0]), high: round(range[1]) };
      return [id, { value: round(value), unit, ...rounds }];
    }),
  );
  const date = new Date().toISOString().slice(0, 10);
  const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
  const all = { ...readAll(), [part]: { date, command, machine: machine(versions), values } };
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
}

function readAll(): Recorded {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Recorded) : {};
}

function machine(versions: string): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = `load before ${LOAD_BEFORE.toFixed(1)}`;
  return `${availableParallelism()} cores (${model}), ${memory}, ${load}, ${versions}`;
}

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
