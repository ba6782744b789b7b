/**
 * How many D1 calls and statements a push takes, counted by counting.ts.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Shape } from "./bodies.ts";
import type { D1Call } from "./counting.ts";
import type { WorkerModule } from "./workers.ts";
import type { Contestant, Load } from "./contestants.ts";
import type { Aim, Reading } from "./readings.ts";

/** What was counted. A statement of a batch counts as one. */
export interface Counts {
  /** The push that creates its table: no target. */
  firstPush: CallCount;
  /** A push of one point to a table that was written a moment ago. */
  warmPush: CallCount;
  /** 64 connections at once. */
  concurrent: CallCount & { requests: number; notesMax: number };
  /** A push of 10,000 points. */
  bigPush: CallCount & { megabytes: number; statementsPerMegabyte: number };
  readings: Reading[];
}

/** D1 calls by database. */
export interface CallCount {
  /** Without {@link noteCalls}. */
  catalogCalls: number;
  /** Notes of imports, beside the requests: none waits for them (src/http/calls/import-jobs.ts). */
  noteCalls: number;
  shardCalls: number;
  /** Of all but the notes. */
  statements: number;
  /** The distinct statements of {@link catalogCalls}. */
  catalogSql: string[];
}

const MEGABYTE = 1_000_000;
/** Most statements for a MB pushed in one body. */
const STATEMENTS_PER_MEGABYTE_MAX = 3;
/** Calls of a request where 64 are sent at once: far fewer, but at least two share one. */
const SHARED_CALLS_MAX = 0.5;
/** Calls after the answer (`waitUntil`) count too: what comes within this time is seen. */
const AFTERMATH_MS = 300;
/** How the statement begins by which an isolate notes its imports. */
const NOTE_SQL = "UPDATE clients SET import_jobs";
/** Time between two notes for one client, in ms, as the Worker has it. */
const NOTE_STEP_MS = 5_000;
/** Bounds each of the windows, which end by their number of requests. */
const WINDOW_MS_MAX = 20_000;

/** The modules of the counting Worker around a bundle. */
export function countingModules(bundle: string): WorkerModule[] {
  const file = join(import.meta.dirname, "counting.ts");
  return [
    { name: "counting.js", source: stripTypeScriptTypes(readFileSync(file, "utf8")) },
    { name: "bundle.js", source: readFileSync(bundle, "utf8") },
  ];
}

/** Pushes to a Worker with {@link countingModules} and counts. */
export async function countCalls(contestant: Contestant, port: number): Promise<Counts> {
  const load = (points: number, concurrency: number, requestsMax: number): Load => {
    const shape: Shape = { points, table: "counted", numbers: "exact", encoding: "json" };
    return { shape, concurrency, requestsMax, keys: "fresh", windowMs: WINDOW_MS_MAX };
  };
  await takeCalls(port);
  await contestant.run(load(1, 1, 1));
  const firstPush = count(await takeCalls(port));
  if (firstPush.shardCalls === 0) {
    throw new Error("A push made no D1 call that was counted: is env taken from elsewhere?");
  }
  await contestant.run(load(1, 1, 5));
  await takeCalls(port);
  await contestant.run(load(1, 1, 1));
  const warmPush = count(await takeCalls(port));
  const begun = performance.now();
  const many = await contestant.run(load(1, 64, 64 * 20));
  const notesMax = 1 + Math.ceil((performance.now() - begun + AFTERMATH_MS) / NOTE_STEP_MS);
  const concurrent = { ...count(await takeCalls(port)), requests: many.requests, notesMax };
  await contestant.run(load(10_000, 1, 1));
  await takeCalls(port);
  const big = await contestant.run(load(10_000, 1, 1));
  const megabytes = big.bytes / MEGABYTE;
  const bigCount = count(await takeCalls(port));
  const statementsPerMegabyte = bigCount.statements / megabytes;
  const bigPush = { ...bigCount, megabytes, statementsPerMegabyte };
  const counts = { firstPush, warmPush, concurrent, bigPush };
  return { ...counts, readings: readingsOf(counts) };
}

function readingsOf(counts: Omit<Counts, "readings">): Reading[] {
  const { warmPush, concurrent, bigPush } = counts;
  const catalogCalls = warmPush.catalogCalls + concurrent.catalogCalls + bigPush.catalogCalls;
  const one = (id: string, text: string, value: number, aim: Aim): Reading => {
    return { id: `D1 / ${id}`, text, value, unit: "count", aim };
  };
  const perMegabyte = { atMost: STATEMENTS_PER_MEGABYTE_MAX };
  const perPush = concurrent.shardCalls / concurrent.requests;
  const notes = { atMost: concurrent.notesMax };
  return [
    one("statements", "D1 statements for a MB", bigPush.statementsPerMegabyte, perMegabyte),
    one("calls", "D1 calls of a warm small push", warmPush.shardCalls, { atMost: 1 }),
    one("shared", "D1 calls a push of 64 at once, which share them", perPush, {
      below: SHARED_CALLS_MAX,
    }),
    one("catalogue", "catalogue calls when warm", catalogCalls, { atMost: 0 }),
    one("notes", "notes of imports beside, one in 5 s", concurrent.noteCalls, notes),
  ];
}

/** The calls since the last look. */
async function takeCalls(port: number): Promise<D1Call[]> {
  await sleep(AFTERMATH_MS);
  const answer = await fetch(`http://127.0.0.1:${port}/__d1-calls`);
  return answer.json<D1Call[]>();
}

function count(calls: D1Call[]): CallCount {
  const waited = calls.filter((call) => !call.sql.every((sql) => sql.startsWith(NOTE_SQL)));
  const catalog = waited.filter((call) => call.binding === "CATALOG");
  return {
    catalogCalls: catalog.length,
    noteCalls: calls.length - waited.length,
    shardCalls: waited.length - catalog.length,
    statements: waited.reduce((sum, call) => sum + call.statements, 0),
    catalogSql: [...new Set(catalog.flatMap((call) => call.sql))],
  };
}
