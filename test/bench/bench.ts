/** What the main program lends to each of the benchmarks. */
import type { WindowRunner } from "./child.ts";
import type { Options } from "./options.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";
import type { RunningWorker, WorkerModule } from "./workers.ts";

/** How to start a Worker; without modules, Headgate. */
export interface BenchStart {
  /** Where the runtime keeps its files. */
  folder: string;
  isPrepared: boolean;
  inspectorPort?: number | undefined;
  modules?: WorkerModule[];
  /** Whether the Worker has no bindings. */
  isBare?: boolean;
}

/** The run. */
export interface Bench {
  options: Options;
  /** For all files of the run; its owner removes it. */
  folder: string;
  say: (text: string) => unknown;
  /** The bundle of Headgate: a path. */
  bundle: () => Promise<string>;
  /** The bundle of the empty Worker. */
  emptyBundle: () => Promise<string>;
  /** Starts a Worker; its owner closes it where this does not. */
  start: (start: BenchStart) => Promise<RunningWorker>;
  /** A load generator, that ends with the run. */
  startLoad: () => WindowRunner;
  /** The PostgreSQL of the run, started when it is first asked for; undefined where there is none. */
  postgres: () => Promise<PostgresCluster | undefined>;
  freePort: () => Promise<number>;
  /** Runs before the run ends, the last first. */
  atEnd: (cleanup: () => unknown) => void;
}
