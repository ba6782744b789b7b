/**
 * Who takes part, and what each has stored so far.
 */
import { ChildRunner, WindowRunner } from "./child.ts";
import { cpuMs, cpuMsOfTree } from "./cpu.ts";
import type { Keys } from "./bodies.ts";
import type { LoadWindow, WindowResult } from "./load.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";
import type { ServerQuestion } from "./postgres-server.ts";
import type { RunningWorker } from "./workers.ts";

/** The contestants by the name that reports use. */
export type ContestantName = "headgate" | "empty" | "sqlite" | "postgres";

/** A window's result with the CPU time that the contestant took, where the system tells it. */
export interface Measured extends WindowResult {
  serverCpuMs: number | undefined;
}

/** What a window is told apart from what the contestant knows itself. */
export interface Load extends Pick<LoadWindow, "shape" | "concurrency" | "windowMs"> {
  keys: "fresh" | "updates" | "stale";
  requestsMax?: number;
  mayBeOverloaded?: boolean;
}

/** What a contestant has stored in one table. */
interface TableState {
  /** Ids below this one are stored: updates and stale points choose among them. */
  stored: number;
  nextId: number;
  nextSequence: number;
}

/** What is loaded: a server on a port, or a program that is asked for windows itself. */
interface Loaded {
  port: number;
  /** CPU time of its processes so far; undefined for a program, which tells its own. */
  cpuMs: (() => number | undefined) | undefined;
  /** How many rows it holds, where that is checked. */
  countRows: (() => Promise<number>) | undefined;
  close: () => void;
}

/** A program under load. */
export class Contestant {
  readonly name: ContestantName;
  private readonly runner: WindowRunner;
  private readonly loaded: Loaded;
  private readonly tables = new Map<string, TableState>();

  private constructor(name: ContestantName, runner: WindowRunner, loaded: Loaded) {
    this.name = name;
    this.runner = runner;
    this.loaded = loaded;
  }

  /** A Worker; all servers share one load generator, since they run one after the other. */
  static worker(name: ContestantName, worker: RunningWorker, runner: WindowRunner): Contestant {
    return new Contestant(name, runner, {
      port: worker.port,
      cpuMs: () => cpuMs(worker.pid),
      countRows: name === "headgate" ? () => worker.countRows() : undefined,
      close: () => undefined,
    });
  }

  /** The bare SQLite program, with its database in `file`. */
  static sqlite(file: string): Contestant {
    const runner = new WindowRunner("sqlite.ts", [file]);
    const close = () => runner.close();
    return new Contestant("sqlite", runner, {
      ...{ port: 0, cpuMs: undefined, countRows: undefined, close },
    });
  }

  /** The Node server on PostgreSQL; its CPU time is that of both. */
  static async postgres(cluster: PostgresCluster, runner: WindowRunner): Promise<Contestant> {
    const server = new ChildRunner<ServerQuestion, number>("postgres-server.ts", [cluster.host]);
    return new Contestant("postgres", runner, {
      port: await server.run({ ask: "port" }),
      cpuMs: () => {
        const [node, database] = [cpuMsOfTree(server.pid), cluster.cpuMs()];
        return node === undefined || database === undefined ? undefined : node + database;
      },
      countRows: () => server.run({ ask: "rows" }),
      close: () => server.close(),
    });
  }

  /** Runs a window of load. Throws where an answer is not 201. */
  async run(load: Load): Promise<Measured> {
    const state = this.table(load.shape.table);
    const keys: Keys =
      load.keys === "fresh"
        ? { kind: "fresh", next: state.nextId }
        : { kind: "stored", count: state.stored };
    const before = this.loaded.cpuMs?.();
    const result = await this.runner.run({
      port: this.loaded.port,
      shape: load.shape,
      concurrency: load.concurrency,
      keys,
      sequence: state.nextSequence,
      stale: load.keys === "stale",
      windowMs: load.windowMs,
      requestsMax: load.requestsMax ?? Number.MAX_SAFE_INTEGER,
      mayBeOverloaded: load.mayBeOverloaded ?? false,
    });
    const after = this.loaded.cpuMs?.();
    state.nextSequence += result.keysUsed;
    if (load.keys === "fresh") state.nextId += result.keysUsed;
    const serverCpuMs = before === undefined || after === undefined ? undefined : after - before;
    return { ...result, serverCpuMs: this.loaded.cpuMs ? serverCpuMs : result.clientCpuMs };
  }

  /**
   * Stores rows with the ids from 0 on, 10,000 a request, for at most `msMax`. Throws where
   * a server has acknowledged rows that are not there.
   */
  async fill(table: string, rows: number, msMax: number): Promise<Measured> {
    const points = 10_000;
    const before = await this.loaded.countRows?.();
    const result = await this.run({
      shape: { points, table, numbers: "exact", encoding: "json" },
      concurrency: 1,
      keys: "fresh",
      windowMs: msMax,
      requestsMax: rows / points,
    });
    const stored = result.requests * points;
    this.table(table).stored = stored;
    const after = await this.loaded.countRows?.();
    if (before !== undefined && after !== before + stored) {
      const counts = `${stored} rows were acknowledged on top of ${before}`;
      throw new Error(`${this.name}: ${counts}; now there are ${after}.`);
    }
    return result;
  }

  /** Rows that updates of this table choose from. */
  storedRows(table: string): number {
    return this.table(table).stored;
  }

  /** Tells of rows with the ids from 0 on that were put into a table by other ways. */
  tellStored(table: string, stored: number): void {
    this.tables.set(table, { stored, nextId: stored, nextSequence: 1 });
  }

  private table(name: string): TableState {
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const state = { stored: 0, nextId: 0, nextSequence: 1 };
    this.tables.set(name, state);
    return state;
  }

  /** Ends its programs; Workers, PostgreSQL and the load generator are their starters'. */
  close(): void {
    this.loaded.close();
  }
}
