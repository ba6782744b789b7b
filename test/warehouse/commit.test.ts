import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../../src/http/errors.ts";
import { type Chunk, chunkText } from "../../src/warehouse/chunks.ts";
import { commitTables } from "../../src/warehouse/commit.ts";
import { DraftTable } from "../../src/warehouse/draft-table.ts";
import type { KeyRange } from "../../src/warehouse/slots.ts";
import type {
  ActivationResult,
  RangeActivation,
  RangeCommit,
} from "../../src/warehouse/table-range.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { type Tap, tapEnv, tapRange } from "../support/tap.ts";
import { newTenant, storedRows } from "../support/tenant.ts";
import { otherIsolate, pushWith, tableId } from "../support/worker.ts";

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Message = RangeCommit | RangeActivation;

/** Objects that keep what they are told, and answer what the test wants. */
function fakeRanges(answer: (message: Message, call: number) => ActivationResult = () => ({})) {
  const messages: { readonly name: string; readonly message: Message }[] = [];
  const getByName = vi.fn<(name: string) => unknown>((name) => {
    const call = async (message: Message): Promise<ActivationResult> => {
      // A copy, as RPC makes one.
      messages.push({ name, message: structuredClone(message) });
      return answer(message, messages.length);
    };
    return { commit: call, activate: call };
  });
  const env = { ...testEnv, TABLE_RANGE: { getByName } as unknown as Env["TABLE_RANGE"] };
  return { env, messages, getByName };
}

const RANGES: readonly KeyRange[] = [
  { start: 0, shard: 0 },
  { start: 100, shard: 1 },
  { start: 200, shard: 0 },
];

/** A draft of a table with rows of so many characters each. */
function draftOf(rows: number, length: number, ranges: readonly KeyRange[] = RANGES): DraftTable {
  const table = { name: "t", keyNames: ["id"], sortedKeyNames: ["id"], ranges };
  const draft = DraftTable.of(
    {
      id: 77,
      ...table,
      columns: new Map([
        ["id", 2],
        ["x", 1],
      ]),
    },
    0,
  );
  for (let id = 0; id < rows; id += 1) {
    draft.upsert({
      record: id,
      table: "t",
      keyNames: ["id"],
      sequence: "1",
      version: "0",
      data: { id, x: "a".repeat(length) },
      keyLengthMax: 256,
    });
  }
  return draft;
}

const chunksOf = (message: Message): readonly Chunk[] =>
  "chunks" in message ? message.chunks : [];

describe("the calls of the objects", () => {
  test("each range's rows go to its own object, and name its shard", async () => {
    const { env, messages } = fakeRanges();
    await commitTables(env, [draftOf(100, 10)]);
    const sent = messages.map(({ name, message }) => `${name} ${message.shard}`);
    expect(sent.toSorted()).toEqual(["77:0 0", "77:100 1", "77:200 0"]);
    const ids = messages.flatMap(({ message }) =>
      chunksOf(message).flatMap((chunk) => [...chunkText(chunk).matchAll(/"id":(\d+)/g)]),
    );
    expect(new Set(ids.map((match) => match[1])).size).toBe(100);
  });

  test("nothing to write is no call", async () => {
    const { env, messages } = fakeRanges();
    await commitTables(env, []);
    await commitTables(env, [draftOf(0, 0)]);
    expect(messages).toEqual([]);
  });

  test("a call never has more than RPC takes; the rows keep their order", async () => {
    const { env, messages } = fakeRanges();
    await commitTables(env, [draftOf(60, 1_000_000, [{ start: 0, shard: 0 }])]);
    expect(messages).toHaveLength(3);
    const bytes = messages.map(({ message }) =>
      chunksOf(message).reduce((total, chunk) => total + chunk.bytes, 0),
    );
    expect(Math.max(...bytes)).toBeLessThanOrEqual(24_000_000);
    const ids = messages.flatMap(({ message }) =>
      chunksOf(message).flatMap((chunk) =>
        [...chunkText(chunk).matchAll(/"id":(\d+)/g)].map((match) => Number(match[1])),
      ),
    );
    expect(ids).toEqual(Array.from({ length: 60 }, (_, id) => id));
  });

  test("a version switch visits each shard once, on and on until it is done", async () => {
    const tenant = await newTenant();
    await pushWith(testEnv, tenant, [
      { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } },
    ]);
    const id = await tableId(tenant, "t");
    const draft = DraftTable.of(
      {
        id,
        name: "t",
        keyNames: ["id"],
        sortedKeyNames: ["id"],
        ranges: RANGES,
        columns: new Map(),
      },
      0,
    );
    draft.activate("5");
    draft.activate("4");
    const { env, messages } = fakeRanges((message, call) =>
      call === 1 ? { next: `after ${message.shard}` } : {},
    );
    await commitTables(env, [draft]);
    expect(messages.map(({ message }) => message)).toEqual([
      { tableId: id, shard: 0, version: "5", after: "" },
      { tableId: id, shard: 0, version: "5", after: "after 0" },
      { tableId: id, shard: 1, version: "5", after: "" },
    ]);
  });

  test("a stub that broke is replaced", async () => {
    const { env, messages, getByName } = fakeRanges((_, call) => {
      if (call > 1) return {};
      throw Object.assign(new Error("the object was reset"), { retryable: true });
    });
    await commitTables(env, [draftOf(1, 1, [{ start: 0, shard: 0 }])]);
    expect(getByName).toHaveBeenCalledTimes(2);
    expect(messages[1]).toEqual(messages[0]);
  });

  test.each([
    [Object.assign(new Error("x"), { overloaded: true, retryable: true }), "overloaded"],
    [new Error("The Durable Object exceeded its memory limit"), "unavailable"],
    [new Error("anything"), "unavailable"],
  ])("a call that fails: %s", async (error, code) => {
    const { env } = fakeRanges(() => {
      throw error;
    });
    await expect(commitTables(env, [draftOf(1, 1)])).rejects.toMatchObject({ code });
  });

  test.each([
    ["overloaded", "overloaded"],
    ["unavailable", "unavailable"],
    ["failed", "internal"],
  ] as const)("an answer that says %s is a refusal", async (error, code) => {
    const { env } = fakeRanges(() => ({ error, message: "why" }));
    const refusal: unknown = await commitTables(env, [draftOf(9, 1)]).catch(
      (thrown: unknown) => thrown,
    );
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code });
  });
});

/** Lets the n-th call fail, before or after it was made. */
function fault(n: number, when: "before" | "after", message: string) {
  const state = { calls: 0, met: "" };
  const tap: Tap = async (call, next) => {
    state.calls += 1;
    if (state.calls !== n) return next();
    state.met = `${call.binding}.${call.method}`;
    if (when === "after") await next();
    throw new Error(message);
  };
  return { state, tap };
}

const records = [1, 2, 3, 4].map((id) => ({
  table_name: "t",
  sequence: 5,
  key_names: ["id"],
  data: { id, x: "new" },
}));
const expected = records.map(({ data }) => JSON.stringify(data));

describe.each(["before", "after"] as const)("the n-th call fails %s it was made", (when) => {
  const messages = [
    "D1_ERROR: Network connection lost.",
    "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
    "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
  ];

  test.each(messages)("a first push: %s", async (message) => {
    const met: string[] = [];
    for (let n = 1; ; n += 1) {
      const tenant = await newTenant();
      const { state, tap } = fault(n, when, message);
      const answer = await pushWith(tapEnv(otherIsolate(), tap), tenant, records);
      expect([201, 503]).toContain(answer.status);
      // No 2xx without the data (P1); what passes is not seen, but for the look-up of the token.
      const rows = (await storedRows(tenant, "t")).map((row) => row.data);
      if (answer.status === 201) expect(rows).toEqual(expected);
      else expect(answer.headers.get("retry-after")).toBe("1");
      if (state.met === "") break;
      met.push(state.met);
      if (message.includes("lost") && met.length > 1) expect(answer.status).toBe(201);
      // The same request can be sent again as it was (P3).
      expect((await pushWith(otherIsolate(), tenant, records)).status).toBe(201);
      expect((await storedRows(tenant, "t")).map((row) => row.data)).toEqual(expected);
    }
    expect(met.filter((name) => name === "TABLE_RANGE.commit")).toHaveLength(2);
    // The last one is the note of the import, beside the request.
    expect(met).toHaveLength(9);
  });

  test.each(messages)("in the object: %s", async (message) => {
    for (const n of [1, 2]) {
      const tenant = await newTenant();
      const old = records.map((record) => ({
        ...record,
        sequence: 4,
        data: { id: record.data.id },
      }));
      await pushWith(testEnv, tenant, old);
      const { state, tap } = fault(n, when, message);
      const id = await tableId(tenant, "t");
      for (const start of [0, 128]) await tapRange(testEnv, `${id}:${start}`, tap);
      const answer = await pushWith(testEnv, tenant, records);
      const rows = (await storedRows(tenant, "t")).map((row) => row.data);
      expect(state.met).toMatch(/^SHARD_[01]\.run$/);
      if (answer.status === 201) expect(rows).toEqual(expected);
      expect(answer.status).toBe(message.includes("lost") ? 201 : 503);
      expect((await pushWith(testEnv, tenant, records)).status).toBe(201);
      expect((await storedRows(tenant, "t")).map((row) => row.data)).toEqual(expected);
    }
  });
});
