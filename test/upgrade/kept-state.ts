/** The kept states of releases: test/upgrade/<release>/, which make.ts has written. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answers } from "./answers.ts";
import type { Credentials } from "./traffic.ts";

/** The ids of exports by what became of them. */
export interface KeptExports {
  /** By the ids of their tables. */
  readonly completed: Readonly<Record<string, number>>;
  readonly otherCompleted: Readonly<Record<string, number>>;
  /** Expired, with and without a file that the release's own sweep has deleted. */
  readonly swept: number;
  readonly expired: number;
  readonly failed: number;
  /** Under way when the release was killed. */
  readonly running: number;
}

/** An object of the bucket. */
export interface KeptFile {
  readonly contentType: string;
  readonly base64: string;
}

/** What state.json has: all that the SQL does not tell. */
export interface KeptState {
  /** The release's. */
  readonly commit: string;
  /** In ms since 1970. */
  readonly madeAt: number;
  readonly credentials: Credentials;
  readonly exports: KeptExports;
  /** What the release answered of this state. */
  readonly answers: Answers;
  /** By their keys. */
  readonly files: Readonly<Record<string, KeptFile>>;
}

/** A kept state and where it is. */
export interface Kept extends KeptState {
  readonly name: string;
  /** The files of SQL by the bindings of their databases. */
  readonly sql: { readonly CATALOG: string; readonly SHARD_0: string };
}

/** All kept states, the oldest release's first. */
export function keptStates(): Kept[] {
  const names = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return names.map((name) => keptState(name)).toSorted((a, b) => a.madeAt - b.madeAt);
}

function keptState(name: string): Kept {
  const folder = join(import.meta.dirname, name);
  const state = JSON.parse(readFileSync(join(folder, "state.json"), "utf8")) as KeptState;
  const sql = (file: string): string => readFileSync(join(folder, file), "utf8");
  return { ...state, name, sql: { CATALOG: sql("catalog.sql"), SHARD_0: sql("shard-0.sql") } };
}
