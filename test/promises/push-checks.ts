/** What must hold of a push that met a fault (promises P1, P3 and P7). */
import { expect } from "vitest";
import { Admission } from "../../src/http/admission.ts";
import { ERRORS, type ErrorCode } from "../../src/http/errors.ts";
import { IN_FLIGHT_BYTES_MAX } from "../../src/http/limits.ts";
import type { Surface } from "../../src/http/surfaces.ts";
import type { FaultyWorld } from "../support/faults.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { testEnv } from "../support/env.ts";
import { type PushCase, sendPush } from "./push-cases.ts";
import { type StoredRow, type StoredState, storedState } from "./stored-state.ts";

/** An answer as it was seen. */
export interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A push that is about to be made, and what must come of it. */
export interface Arranged {
  readonly tenant: Tenant;
  readonly before: StoredState;
}

/** What a push leaves where nothing fails. */
export interface Expected {
  readonly state: StoredState;
  readonly text: string;
}

/** A tenant who has made the earlier requests by way of these bindings. */
export async function arranged(push: PushCase, env: Env): Promise<Arranged> {
  const tenant = await newTenant({ nested: push.isNested === true });
  for (const earlier of push.earlier ?? []) {
    expect((await sendPush(env, tenant, earlier)).status).toBeLessThan(300);
  }
  return { tenant, before: await storedState(tenant) };
}

/** The answer to the push itself. */
export async function pushed(push: PushCase, env: Env, tenant: Tenant): Promise<Seen> {
  const response = await sendPush(env, tenant, push.push);
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

/** What the push leaves and says without a fault. */
export async function expectedOf(push: PushCase): Promise<Expected> {
  const { tenant } = await arranged(push, testEnv);
  const { status, text } = await pushed(push, testEnv, tenant);
  expect(status, text).toBe(push.status);
  return { state: await storedState(tenant), text };
}

/** An answer is the right one of the error table, as its surface writes it. */
export function expectFailure(seen: Seen, surface: Surface, codes: readonly ErrorCode[]): void {
  const { status, text, headers } = seen;
  const answers = codes.map((code) => ERRORS[code].answers[surface]);
  const found = answers.find((answer) => answer?.body === text);
  expect({ status, text }).toEqual({ status: found?.status, text: found?.body });
  expect(headers.get("cache-control")).toBe("no-store");
  const isWaiting = status === 503 || status === 429;
  expect(headers.has("retry-after")).toBe(isWaiting);
}

/**
 * Nothing is there that was neither there before nor is wanted, each key range has all of the
 * request's rows or none, and no row has a field that is no column (P3).
 */
export function expectNoHalf(before: StoredState, now: StoredState, wanted: StoredState): void {
  expect(Object.keys(wanted.tables)).toEqual(expect.arrayContaining(Object.keys(now.tables)));
  for (const [name, table] of Object.entries(now.tables)) {
    const { columns = [], ...rest } = wanted.tables[name] ?? {};
    const older = before.tables[name]?.columns ?? [];
    expect([...columns, ...older]).toEqual(expect.arrayContaining([...table.columns]));
    expect({ keyNames: table.keyNames, parent: table.parent }).toMatchObject({
      keyNames: table.keyNames,
      parent: "parent" in rest ? rest.parent : null,
    });
  }
  const known = new Set([...before.rows, ...wanted.rows].map(({ text }) => text));
  expect(now.rows.filter(({ text }) => !known.has(text))).toEqual([]);
  expectWholeRanges(before, now, wanted);
  expectColumns(now);
}

function expectWholeRanges(before: StoredState, now: StoredState, wanted: StoredState): void {
  const old = new Set(before.rows.map(({ text }) => text));
  const isNew = ({ text }: StoredRow): boolean => !old.has(text);
  // Rows of two versions are written in two steps, so that their range is whole step by step.
  const range = ({ table, shard, text }: StoredRow): string =>
    `${table} ${shard} ${text.split(" ", 4).at(3)}`;
  const whole = Map.groupBy(wanted.rows.filter(isNew), range);
  const there = Map.groupBy(now.rows.filter(isNew), range);
  for (const [name, rows] of there) {
    const texts = rows.map(({ text }) => text);
    expect(texts).toEqual(whole.get(name)?.map(({ text }) => text));
  }
}

function expectColumns({ tables, rows }: StoredState): void {
  for (const { table, data } of rows) {
    const columns = tables[table]?.columns.map((text) => text.split('"')[1] ?? "") ?? [];
    for (const field of Object.keys(JSON.parse(data) as object)) {
      const isColumn = columns.some((name) => name === field || name.startsWith(`${field}__`));
      const isSubtable = Object.hasOwn(tables, `${table}__${field}`);
      expect({ table, field, is: isColumn || isSubtable }).toMatchObject({ is: true });
    }
  }
}

/** Tries of one call, where it may be tried again (platform.md 4). */
const ATTEMPTS_MAX = 4;

/** No call was tried more often than it may be. */
export function expectFewAttempts(world: FaultyWorld, isRetried: boolean): void {
  const max = isRetried ? ATTEMPTS_MAX : 1;
  const often = [...world.attempts()].filter(([, count]) => count > max);
  expect(often).toEqual([]);
}

/** Where a point of a commit has the bytes that still wait (warehouse/commit-metrics.ts). */
const WAITING_BYTES = 5;

/**
 * No queue of an object has anything left, and all body bytes were given back.
 *
 * @param isAlone whether no two requests waited in one queue; else they were all for one.
 */
export function expectNothingHeld(world: FaultyWorld, isAlone = true): void {
  const commits = world.points.filter(({ blobs }) => blobs?.[0] === "commit");
  const waiting = commits.map(({ doubles }) => doubles?.[WAITING_BYTES] ?? -1);
  const last = isAlone ? waiting : waiting.slice(-1);
  expect(last.filter((bytes) => bytes !== 0)).toEqual([]);
  const all = new Admission();
  // Only where nothing else is admitted.
  all.take(IN_FLIGHT_BYTES_MAX + 1);
  all.release();
}
