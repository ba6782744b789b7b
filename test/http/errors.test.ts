import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ErrorAnswer, type ErrorCode, ERRORS } from "../../src/http/errors.ts";
import type { Surface } from "../../src/http/surfaces.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { tapEnv } from "../support/tap.ts";
import { otherIsolate, pushWith } from "../support/worker.ts";
import { ERROR_CASES } from "./error-cases.ts";
import { newWorld } from "./error-world.ts";
import { ERROR_MEMBERS } from "./surfaces.ts";

interface Pair {
  readonly code: ErrorCode;
  readonly surface: Surface;
  readonly answer: ErrorAnswer;
}

const PAIRS: readonly Pair[] = Object.entries(ERRORS).flatMap(([code, row]) =>
  Object.entries(row.answers).map(([surface, answer]) => ({
    code: code as ErrorCode,
    surface: surface as Surface,
    answer,
  })),
);

const log = vi.spyOn(console, "error");
beforeAll(() => {
  quietConsole();
});
afterAll(() => {
  log.mockRestore();
});

describe("the table", () => {
  test("has a case for each pair, and each case is a pair", () => {
    const name = ({ code, surface }: { code: string; surface: string }) => `${code} ${surface}`;
    expect(ERROR_CASES.map(name).sort()).toEqual(PAIRS.map(name).sort());
  });

  test.each(PAIRS)("$code on $surface is in the surface's shape", ({ code, surface, answer }) => {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    if (answer.text === true) {
      expect(answer.body).not.toMatch(/[<{]/);
      return;
    }
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    expect(ERROR_MEMBERS[surface]).toContain(Object.keys(body).join());
    if (surface === "rjmetrics" || surface === "export") {
      expect(body["code"]).toBe(answer.status);
      expect(body["reasons"]).toEqual([expect.stringMatching(/./)]);
    }
    if (surface === "admin" || surface === "native") {
      expect(body["status"]).toBe(answer.status);
      expect(body["type"]).toBe(`/docs/errors#${code}`);
    }
    if (surface === "native") expect(body["code"]).toBe(code);
  });

  test("what helps to repeat as it is, and only that, is a 429 or a 5xx", () => {
    for (const [code, { retry, answers }] of Object.entries(ERRORS)) {
      const isOurs = retry === "as it is" || code === "admin_unconfigured";
      for (const { status } of Object.values(answers)) {
        expect(status === 429 || status >= 500, code).toBe(isOurs);
      }
    }
  });

  test("RJMetrics answers have the documented codes only, and validate has no 503", () => {
    const statusesOf = (surface: Surface) =>
      new Set(PAIRS.filter((pair) => pair.surface === surface).map(({ answer }) => answer.status));
    expect(statusesOf("rjmetrics")).toEqual(new Set([400, 401, 404, 500, 503]));
    expect(statusesOf("validate")).toEqual(new Set([400, 403, 405, 413, 415, 422, 500]));
  });
});

/** What an answer's text must match: the body with any text in its places. */
function patternOf({ body }: ErrorAnswer): RegExp {
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  // A place that is a whole text takes any JSON.
  const pattern = body
    .split(/("<[A-Z]+>"|<[A-Z]+>)/)
    .map((part) => (/^"?<[A-Z]+>"?$/.test(part) ? "[^]+" : literal(part)))
    .join("");
  const record = '(?:,"record":\\d+|,"index":\\d+,"field":(?:null|".*"))?';
  return new RegExp(`^${pattern.replace(/\\\}$/, "")}${record}\\}$`);
}

const ROW_CODES =
  /^(?:key_|record_|columns?_|activations_|tables_|table_is|subtables?_|clients_several|batch_record)/;

/** Where no record is to blame, since all share the table and the keys. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  "key_names_differ native",
  "table_is_subtable native",
]);

/** The index of the wrong record of a case; that of all others is 0. */
const WRONG_RECORDS: ReadonlyMap<ErrorCode, number> = new Map([
  ["tables_too_many", 100],
  ["activations_too_many", 100],
  ["clients_several", 1],
]);

/** The index that an answer has to name, where it is about one record. */
function wrongRecordOf(code: ErrorCode, surface: Surface): number | undefined {
  return OF_THE_REQUEST.has(`${code} ${surface}`) ? undefined : (WRONG_RECORDS.get(code) ?? 0);
}

describe("answers", () => {
  test.each(ERROR_CASES)("$code on $surface: $status", async ({ code, surface, status, send }) => {
    const world = await newWorld();
    const response = await send(world);
    const text = await response.text();
    const answer = ERRORS[code].answers[surface];
    expect(answer).toBeDefined();
    if (answer === undefined) return;
    expect({ status: response.status, text }).toMatchObject({ status });
    expect(answer.status).toBe(status);
    if (answer.text === true) {
      expect(text).toBe(answer.body);
      expect(response.headers.get("content-type")).toBe("text/plain; charset=UTF-8");
    } else {
      expect(text).toMatch(patternOf(answer));
      expect(text).not.toMatch(/<[A-Z]+>|undefined|\[object/);
      const { record, index } = JSON.parse(text) as { record?: number; index?: number };
      if (ROW_CODES.test(code) && code !== "records_too_many") {
        expect(record ?? index).toBe(wrongRecordOf(code, surface));
      }
    }
    expect(response.headers.get("cache-control")).toBe("no-store");
    const retryAfter = [429, 503].includes(status) ? "1" : null;
    expect(response.headers.get("retry-after")).toBe(code === "rate_limited" ? "10" : retryAfter);
    const { tenant } = world;
    for (const secret of [tenant.token, tenant.exportKey, "secret_column", "D1_", "    at "]) {
      expect(text).not.toContain(secret);
    }
  });
});

/** Messages of D1 and what an import answers to them (platform.md 4). */
const MESSAGES: readonly [message: string, status: number][] = [
  ["D1_ERROR: Network connection lost.", 503],
  ["D1_ERROR: D1 DB storage caused object to be reset.", 503],
  ["D1_ERROR: D1 DB reset because its code was updated.", 503],
  ["D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.", 503],
  ["D1_ERROR: Can't read from request stream because client disconnected.", 503],
  ["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", 503],
  ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", 503],
  ["D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.", 503],
  ["D1_ERROR: D1 DB exceeded its memory limit and was reset.", 503],
  ["D1_ERROR: D1 DB exceeded its CPU time limit and was reset.", 503],
  ["D1_ERROR: Exceeded the free tier daily row write limit", 503],
  ["D1_TYPE_ERROR: Type 'undefined' not supported", 500],
  ["D1_ERROR: UNIQUE constraint failed: SQLITE_CONSTRAINT", 500],
  ["D1_ERROR: string or blob too big: SQLITE_TOOBIG", 500],
  ["D1_ERROR: not authorized: SQLITE_AUTH", 500],
];

describe("a push whose catalogue fails", () => {
  test.each(MESSAGES)("%s: %i", async (message, status) => {
    const { tenant } = await newWorld();
    const env = tapEnv(otherIsolate(), (call, next) =>
      call.method === "batch" ? Promise.reject(new Error(message)) : next(),
    );
    const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
    const response = await pushWith(env, tenant, [record]);
    const text = await response.text();
    expect({ status: response.status, text }).toMatchObject({ status });
    expect(JSON.parse(text)).toEqual({ status: "ERROR", message: expect.any(String) as unknown });
    expect(text).not.toContain(message);
    expect(text).not.toMatch(/D1|SQLITE/);
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    // Nothing was stored: the same request again is a success.
    expect((await pushWith(testEnv, tenant, [record])).status).toBe(201);
  });
});

describe("a push whose object fails", () => {
  const flagged = (flag: string): Error => Object.assign(new Error("stub"), { [flag]: true });
  test.each<[string, Error, number]>([
    ["overloaded", flagged("overloaded"), 503],
    ["retryable", flagged("retryable"), 503],
    ["of its own", flagged("remote"), 503],
    ["for any reason", new Error("internal error; reference = abc"), 503],
  ])("%s", async (_name, error, status) => {
    const { tenant } = await newWorld();
    const env = tapEnv(otherIsolate(), (call, next) =>
      call.binding === "TABLE_RANGE" ? Promise.reject(error) : next(),
    );
    const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
    const response = await pushWith(env, tenant, [record]);
    const text = await response.text();
    expect({ status: response.status, text }).toMatchObject({ status });
    expect(text).not.toMatch(/stub|reference/);
    expect(response.headers.get("retry-after")).toBe("1");
  });
});
