/**
 * Who takes part, and what each has stored so far.
 */
import { WindowRunner } from "./child.ts";
import { cpuMs } from "./cpu.ts";
import type { Keys } from "./bodies.ts";
import type { LoadWindow, WindowResult } from "./load.ts";
import type { RunningWorker } from "./workers.ts";

/** The contestants by the name that reports use. */
export type ContestantName = "headgate" | "empty" | "sqlite";

/** A window's result with the CPU time that the contestant took, where the system tells it. */
export interface Measured extends WindowResult {
  serverCpuMs: number | undefined;
}

/** What a window is told apart from what the contestant knows itself. */
export interface Load extends Pick<LoadWindow, "shape" | "concurrency" | "windowMs"> {
  keys: "fresh" | "updates" | "stale";
  requestsMax?: number;
}

/** What a contestant has stored in one table. */
interface TableState {
  /** Ids below this one are stored: updates and stale points choose among them. */
  stored: number;
  nextId: number;
  nextSequence: number;
}

/** A program under load. */
export class Contestant {
  readonly name: ContestantName;
  private readonly runner: WindowRunner;
  private readonly port: number;
  private readonly worker: RunningWorker | undefined;
  private readonly tables = new Map<string, TableState>();

  private constructor(name: ContestantName, runner: WindowRunner, worker?: RunningWorker) {
    this.name = name;
    this.runner = runner;
    this.worker = worker;
    this.port = worker?.port ?? 0;
  }

  /** A Worker; all Workers share one load generator, since they run one after the other. */
  static worker(name: ContestantName, worker: RunningWorker, runner: WindowRunner): Contestant {
    return new Contestant(name, runner, worker);
  }

  /** The bare SQLite program, with its database in `file`. */
  static sqlite(file: string): Contestant {
    return new Contestant("sqlite", new WindowRunner("sqlite.ts", [file]));
  }

  /** Runs a window of load. Throws where an answer is not 201. */
  async run(load: Load): Promise<Measured> {
    const state = this.table(load.shape.table);
    const keys: Keys =
      load.keys === "fresh"
        ? { kind: "fresh", next: state.nextId }
        : { kind: "stored", count: state.stored };
    const before = cpuMs(this.worker?.pid);
    const result = await this.runner.run({
      port: this.port,
      shape: load.shape,
      concurrency: load.concurrency,
      keys,
      sequence: state.nextSequence,
      stale: load.keys === "stale",
      windowMs: load.windowMs,
      requestsMax: load.requestsMax ?? Number.MAX_SAFE_INTEGER,
    });
    const after = cpuMs(this.worker?.pid);
    state.nextSequence += result.keysUsed;
    if (load.keys === "fresh") state.nextId += result.keysUsed;
    const serverCpuMs = before === undefined || after === undefined ? undefined : after - before;
    return { ...result, serverCpuMs: this.worker ? serverCpuMs : result.clientCpuMs };
  }

  /**
   * Stores rows with the ids from 0 on, 10,000 a request, for at most `msMax`. Throws where
   * Headgate has acknowledged rows that are not there.
   */
  async fill(table: string, rows: number, msMax: number): Promise<Measured> {
    const points = 10_000;
    const before = await this.worker?.countRows();
    const result = await this.run({
      shape: { points, table, numbers: "exact", encoding: "json" },
      concurrency: 1,
      keys: "fresh",
      windowMs: msMax,
      requestsMax: rows / points,
    });
    const stored = result.requests * points;
    this.table(table).stored = stored;
    const after = await this.worker?.countRows();
    if (this.name === "headgate" && after !== (before ?? 0) + stored) {
      throw new Error(
        `${stored} rows were acknowledged on top of ${before}; now there are ${after}.`,
      );
    }
    return result;
  }

  /** Rows that updates of this table choose from. */
  storedRows(table: string): number {
    return this.table(table).stored;
  }

  private table(name: string): TableState {
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const state = { stored: 0, nextId: 0, nextSequence: 1 };
    this.tables.set(name, state);
    return state;
  }

  /** Ends the SQLite program; Workers and the load generator are closed by who started them. */
  close(): void {
    if (this.worker === undefined) this.runner.close();
  }
}
