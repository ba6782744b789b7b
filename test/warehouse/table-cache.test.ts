import { describe, expect, test } from "vitest";
import { cacheOf, TableCache, type TableRecord } from "../../src/warehouse/table-cache.ts";
import { testEnv } from "../support/env.ts";

const integration = { clientId: 1, integrationId: 7 };

function record(name: string, columns: readonly string[] = []): TableRecord {
  return {
    id: 1,
    name,
    keyNames: ["id"],
    sortedKeyNames: ["id"],
    ranges: [],
    columns: new Map(columns.map((column) => [column, 1])),
  };
}

const names = ["a", "b", "c", "d", "e"];

const isKnown = (cache: TableCache, name: string): boolean =>
  cache.get(integration, name) !== undefined;

describe("the cache of tables", () => {
  test("keeps tables of integrations apart", () => {
    const cache = new TableCache();
    cache.set(integration, record("a"));
    expect(isKnown(cache, "a")).toBe(true);
    expect(isKnown(cache, "b")).toBe(false);
    expect(cache.get({ clientId: 1, integrationId: 77 }, "a")).toBeUndefined();
    // 7/1/a is not table 1/a of integration 7 and table a of integration 7/1.
    cache.set({ clientId: 1, integrationId: 1 }, record("1/a"));
    expect(isKnown(cache, "1/a")).toBe(false);
  });

  test("forgets the oldest when its bytes are used up, and never the newest", () => {
    const cache = new TableCache(1_000);
    for (const name of names) cache.set(integration, record(name));
    const known = names.map((name) => isKnown(cache, name));
    // An entry has about 400 bytes.
    expect(known).toEqual([false, false, false, true, true]);
    const large = record(
      "large",
      Array.from({ length: 100 }, (_, index) => `column ${index}`),
    );
    cache.set(integration, large);
    expect(isKnown(cache, "large")).toBe(true);
    expect(names.some((name) => isKnown(cache, name))).toBe(false);
  });

  test("counts long names as what they are", () => {
    const cache = new TableCache(10_000);
    cache.set(integration, record("a"));
    cache.set(integration, record("b", ["x".repeat(10_000)]));
    expect(isKnown(cache, "a")).toBe(false);
  });

  test("counts subtables, and columns that are added to them", () => {
    const cache = new TableCache(10_000);
    const sub = { ...record("b__sub"), parentId: 1 };
    const root = { ...record("b"), subtables: new Map([["b__sub", sub]]) };
    cache.set(integration, record("a"));
    cache.set(integration, root);
    expect(isKnown(cache, "a")).toBe(true);
    cache.addColumns(sub, new Map([["x".repeat(10_000), 1]]), root);
    expect([...sub.columns.values()]).toEqual([1]);
    expect(isKnown(cache, "a")).toBe(false);
    cache.set(integration, record("c"));
    cache.set(integration, { ...root, name: "d", subtables: new Map([["b__sub", sub]]) });
    expect(isKnown(cache, "c")).toBe(false);
  });

  test("counts columns that are added", () => {
    const cache = new TableCache(10_000);
    const [a, b] = [record("a"), record("b")];
    cache.set(integration, a);
    cache.set(integration, b);
    cache.addColumns(b, new Map([["x".repeat(10_000), 1]]));
    expect(isKnown(cache, "a")).toBe(false);
    expect(b.columns.size).toBe(1);
  });

  test("does not count columns of a record that it does not have any more", () => {
    const cache = new TableCache(10_000);
    const stale = record("a");
    cache.set(integration, stale);
    cache.set(integration, record("a"));
    for (let i = 0; i < 200; i += 1) cache.addColumns(stale, new Map([[`column ${i}`, 1]]));
    cache.set(integration, record("b"));
    cache.set(integration, record("c"));
    expect([isKnown(cache, "a"), isKnown(cache, "b")]).toEqual([true, true]);
    expect(stale.columns.size).toBe(200);
    expect(cache.get(integration, "a")?.columns.size).toBe(0);
  });

  test("unites the types of a column", () => {
    const cache = new TableCache();
    const a = record("a", ["x"]);
    cache.set(integration, a);
    cache.addColumns(
      a,
      new Map([
        ["x", 2],
        ["y", 4],
      ]),
    );
    cache.addColumns(a, new Map([["y", 8]]));
    expect([...a.columns]).toEqual([
      ["x", 3],
      ["y", 12],
    ]);
  });

  test("is one for each env", () => {
    expect(cacheOf(testEnv)).toBe(cacheOf(testEnv));
    expect(cacheOf(testEnv)).not.toBe(cacheOf({ ...testEnv }));
  });
});
