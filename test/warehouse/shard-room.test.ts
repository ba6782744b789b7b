import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NEW_TABLE_SHARDS_MAX } from "../../src/warehouse/limits.ts";
import {
  measureShards,
  readShards,
  rememberShards,
  shardsForNewTable,
} from "../../src/warehouse/shard-room.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { rangesText } from "../support/hot.ts";
import { searchCall } from "../support/quiet-console.ts";
import { tapEnv, tapRange } from "../support/tap.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, pushTextWith, pushWith, tableId } from "../support/worker.ts";

const log = vi.fn<(line: string) => void>((line) => {
  searchCall("error", [line]);
});

/** The lines of the log since the test began. */
const lines = (): Record<string, unknown>[] =>
  log.mock.calls.map(([line]) => JSON.parse(line) as Record<string, unknown>);

beforeEach(() => {
  log.mockClear();
  vi.spyOn(console, "error").mockImplementation(log);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const GB = 1_000_000_000;

/** An isolate whose shards the catalogue says to be so large. */
function isolateWith(...bytes: readonly number[]): Env {
  const sizes = bytes.map((size, shard) => ({ shard, bytes: size, measured_at: 0 }));
  const env = tapEnv(otherIsolate(), async (call, next) => {
    const result = await next();
    const at = call.statements.findIndex(({ sql }) => sql.includes("FROM shards"));
    if (at < 0) return result;
    const own = result as unknown as D1Result[];
    return own.with(at, { ...own[at], results: sizes } as unknown as D1Result) as typeof result;
  });
  const more = bytes.map((_, shard): [string, unknown] => [
    `SHARD_${shard}`,
    Reflect.get(env, `SHARD_${shard}`) ?? testEnv.SHARD_0,
  ]);
  return { ...env, ...Object.fromEntries(more) };
}

const record = (id: number) => ({
  ...{ table_name: "t", sequence: 1, key_names: ["id"], data: { id } },
});

async function pushed(env: Env, tenant: Tenant): Promise<number> {
  const response = await pushWith(env, tenant, [record(1), record(2), record(3)]);
  await response.text();
  return response.status;
}

const rangesOf = async (tenant: Tenant): Promise<string> => rangesText(await tableId(tenant, "t"));

describe("a new table", () => {
  test.each([
    [[], "[[0,0],[128,1]]"],
    [[9 * GB, 1], "[[0,1]]"],
    [[7.9 * GB, 8 * GB], "[[0,0]]"],
    [[5 * GB, 1 * GB], "[[0,0],[128,1]]"],
  ])("with shards of %o bytes has the ranges %s", async (bytes, expected) => {
    const tenant = await newTenant();
    expect(await pushed(isolateWith(...bytes), tenant)).toBe(201);
    expect(await rangesOf(tenant)).toBe(expected);
    expect(await storedRows(tenant, "t")).toHaveLength(3);
  });

  test("has the emptiest of many shards, ascending", () => {
    const env = otherIsolate();
    const bytes = [3, 9, 1, 8, 2, 7, 4, 6, 5, 10, 11, 0].map((size) => size * 0.5 * GB);
    const sized = bytes.map((size, shard) => ({ shard, bytes: size, measured_at: 0 }));
    const names = bytes.map((_, shard) => [`SHARD_${shard}`, testEnv.SHARD_0]);
    const many = { ...env, ...Object.fromEntries(names) } as Env;
    rememberShards(many, sized);
    expect(shardsForNewTable(many)).toEqual([0, 2, 4, 5, 6, 7, 8, 11]);
    expect(shardsForNewTable(many)).toHaveLength(NEW_TABLE_SHARDS_MAX);
    // One that was added since is empty.
    rememberShards(many, sized.slice(0, -1));
    expect(shardsForNewTable(many)).toContain(11);
    rememberShards(
      many,
      sized.map((size) => ({ ...size, bytes: 8 * GB })),
    );
    expect(shardsForNewTable(many)).toEqual([]);
  });

  test("is refused with 503 where all are full, and nothing is stored; others go on", async () => {
    const tenant = await newTenant();
    const full = isolateWith(8 * GB, 9 * GB);
    const response = await pushWith(full, tenant, [record(1)]);
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).not.toBeNull();
    expect(await response.text()).toContain("The store is full");
    await expect(tableId(tenant, "t")).rejects.toThrow("no table");
    expect(lines()).toMatchObject([{ event: "shards_full" }]);
    // A look-up that finds the table has no need of room.
    expect(await pushed(testEnv, tenant)).toBe(201);
    expect(await pushed(isolateWith(8 * GB, 9 * GB), tenant)).toBe(201);
    // Room again, since a shard was added: the same request.
    const other = await newTenant();
    expect(await pushed(isolateWith(8 * GB, 9 * GB), other)).toBe(503);
    expect(await pushed(isolateWith(8 * GB, 1 * GB), other)).toBe(201);
    expect(await rangesOf(other)).toBe("[[0,1]]");
  });

  test("can be validated where all are full", async () => {
    const tenant = await newTenant();
    const env = isolateWith(8 * GB, 8 * GB);
    const body = JSON.stringify([{ client_id: tenant.clientId, action: "upsert", ...record(1) }]);
    expect((await pushTextWith(env, tenant, body, "validate")).status).toBe(200);
  });
});

test("a database without room for rows: 503, a line in the log, and the request may come again", async () => {
  const tenant = await newTenant();
  expect(await pushed(testEnv, tenant)).toBe(201);
  const id = await tableId(tenant, "t");
  let isFull = true;
  for (const start of [0, 128]) {
    await tapRange(testEnv, `${id}:${start}`, (call, next) => {
      const fails = isFull && call.binding.startsWith("SHARD_");
      return fails ? Promise.reject(new Error("D1_ERROR: Exceeded maximum DB size")) : next();
    });
  }
  expect(await pushed(testEnv, tenant)).toBe(503);
  expect(lines()).toContainEqual(
    expect.objectContaining({ event: "shard_full", message: "D1_ERROR: Exceeded maximum DB size" }),
  );
  isFull = false;
  expect(await pushed(testEnv, tenant)).toBe(201);
});

describe("the sweep's measurement", () => {
  const list = async (env: Env): Promise<unknown> => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const response = await callWorker(env, "/admin/v1/shards", { headers });
    expect(response.status).toBe(200);
    return response.json();
  };

  test("is what the admin sees", async () => {
    const begin = Date.now();
    await measureShards(testEnv);
    const sizes = await readShards(testEnv);
    expect(sizes.map(({ shard }) => shard)).toEqual([0, 1]);
    for (const { size } of sizes) {
      expect(size?.bytes).toBeGreaterThan(4_000);
      expect(size?.measured_at).toBeGreaterThanOrEqual(begin);
    }
    expect(lines()).toEqual([]);
    const is_full = false;
    const expected = sizes.map(({ shard, size }) => ({
      ...{ shard, bytes: size?.bytes, bytes_max: 8 * GB, is_full },
      measured_at: new Date(size?.measured_at ?? 0).toISOString(),
    }));
    expect(await list(testEnv)).toEqual({ shards: expected });
    const added = { ...otherIsolate(), SHARD_2: testEnv.SHARD_1 } as Env;
    const unmeasured = { shard: 2, bytes: null, bytes_max: 8 * GB, is_full, measured_at: null };
    expect(await list(added)).toEqual({ shards: [...expected, unmeasured] });
  });

  test("names a full shard in the log each time, and one that does not answer", async () => {
    const env = { ...otherIsolate(), SHARD_GB_MAX: "0.004" };
    const large = tapEnv(env, async (call, next) => {
      const result = await next();
      if (call.binding !== "SHARD_1") return result;
      return { ...result, meta: { size_after: 4_000_000 } };
    });
    // Written back: the sizes are those of all tests.
    try {
      await measureShards(large);
    } finally {
      await measureShards(testEnv);
    }
    expect(lines().filter(({ shard }) => shard === 1)).toMatchObject([
      { event: "shard_full", bytes: 4_000_000, bytes_max: 4_000_000 },
    ]);
    const broken = tapEnv(otherIsolate(), (call, next) =>
      call.binding === "SHARD_0" ? Promise.reject(new Error("no answer")) : next(),
    );
    await expect(measureShards(broken)).rejects.toThrow("no answer");
    expect(lines().at(-1)).toMatchObject({ event: "shard_not_measured", shard: 0 });
  });
});
