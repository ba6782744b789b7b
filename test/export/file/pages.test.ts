/** Reading ahead: what is asked of the shards, and what comes out, whatever the limits are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Text } from "../../../src/buffer.ts";
import { LineBytes } from "../../../src/export/file/line-bytes.ts";
import { PART_LIMITS, type PartLimits } from "../../../src/export/limits.ts";
import { type Position, TablePages, type TableSource } from "../../../src/export/file/pages.ts";
import { chunkMember } from "../../../src/warehouse/chunks.ts";
import { keyText } from "../../../src/warehouse/keys.ts";
import type { LinesPage } from "../../../src/warehouse/row-lines.ts";
import { upsertRows } from "../../../src/warehouse/rows.ts";
import { shardDatabase } from "../../../src/warehouse/shards.ts";
import { testEnv } from "../../support/env.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";

const BEGIN: Position = { shardIndex: 0, after: "" };

let lastTableId = 8_100_000;

/** Makes a table with rows of so many letters on each of the two shards; returns its id. */
async function newTable(sizes: readonly (readonly number[])[], letter = "x"): Promise<number> {
  lastTableId += 1;
  for (const [shard, list] of sizes.entries()) {
    const members = list.map((size, id) => {
      const data = { id: 2 * id + shard, text: letter.repeat(size) };
      return chunkMember("1", "0", keyText(["id"], data, 256, 0), JSON.stringify(data));
    });
    const database = shardDatabase(testEnv, shard);
    if (members.length > 0) await upsertRows(database, lastTableId, [`{${members.join()}}`]);
  }
  return lastTableId;
}

const fill = (count: number, size: number): number[] => Array.from({ length: count }, () => size);

function sourceOf(tableId: number, more: Partial<TableSource> = {}): TableSource {
  return { tableId, shards: [0, 1], ...more };
}

/** The ids in the lines of a page. */
function idsOf(page: LinesPage): number[] {
  const text = utf8Text(new LineBytes().of(page));
  return Array.from(text.matchAll(/^\{"id":(\d+),/gm), ([, id]) => Number(id));
}

/** Counts the queries of shards, and can let one fail. */
function counter(failAt = 0): { readonly queries: (readonly unknown[])[]; readonly tap: Tap } {
  const queries: (readonly unknown[])[] = [];
  const tap: Tap = async (call, next) => {
    queries.push([call.binding, ...(call.statements[0]?.values ?? [])]);
    if (queries.length === failAt) throw new Error("D1_ERROR: lost");
    return next();
  };
  return { queries, tap };
}

/** Notes which queries ask for hex. */
function formCounter(): { readonly forms: string[]; readonly tap: Tap } {
  const forms: string[] = [];
  const tap: Tap = async ({ statements: [{ sql } = { sql: "" }] }, next) => {
    forms.push(sql.includes("hex(") ? "hex" : "text");
    return next();
  };
  return { forms, tap };
}

/** Some hundred rows are a page. */
const SMALL: Partial<PartLimits> = { pageBytes: 100_000 };

/** Reads all pages of one part. */
async function readPart(
  env: Env,
  source: TableSource,
  from: Position,
  limits: Partial<PartLimits>,
  isLast: (page: number) => boolean = () => false,
): Promise<{ ids: number[]; pages: TablePages; rows: number[] }> {
  const pages = new TablePages(env, source, from, { ...PART_LIMITS, ...limits });
  const ids: number[] = [];
  const rows: number[] = [];
  for (;;) {
    const next = await pages.next(isLast(rows.length));
    if (next === undefined) return { ids, pages, rows };
    const found = idsOf(next.page);
    expect(found).toHaveLength(next.page.rows);
    expect(next.page.rows).toBeGreaterThan(0);
    ids.push(...found);
    rows.push(next.page.rows);
  }
}

describe("pages", () => {
  test("have every row once, part after part, and cost no more queries than a part has", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 60 });
    const limits = fc.record({
      pageRows: fc.integer({ min: 1, max: 20 }),
      pageBytes: fc.integer({ min: 1, max: 3_000 }),
      partPages: fc.integer({ min: 1, max: 6 }),
    });
    const lasts = fc.func(fc.boolean());
    await fc.assert(
      fc.asyncProperty(sizes, sizes, limits, lasts, async (first, second, some, isLast) => {
        const tableId = await newTable([first, second]);
        const all: number[] = [];
        let from = BEGIN;
        for (;;) {
          const { queries, tap } = counter();
          const part = await readPart(tapEnv(testEnv, tap), sourceOf(tableId), from, some, isLast);
          expect(queries.length).toBeLessThanOrEqual(some.partPages);
          // Each place is asked for once.
          expect(
            new Set(queries.map(([shard, , after]) => JSON.stringify([shard, after]))).size,
          ).toBe(queries.length);
          all.push(...part.ids);
          if (part.pages.isAtEnd) break;
          expect(queries).toHaveLength(some.partPages);
          from = part.pages.position;
        }
        const ids = [first, second].flatMap((list, shard) => list.map((_, id) => 2 * id + shard));
        expect(all).toEqual(ids);
      }),
      { numRuns: 60 },
    );
  });

  test("are asked for while the page before is worked on", async () => {
    const tableId = await newTable([fill(30, 10), []]);
    const { queries, tap } = counter();
    const limits = { ...PART_LIMITS, pageRows: 10 };
    const pages = new TablePages(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, limits);
    await pages.next(false);
    expect(queries).toHaveLength(2);
    await pages.next(false);
    expect(queries).toHaveLength(3);
  });

  test("are not asked for where no other is wanted, and come where one is after all", async () => {
    const tableId = await newTable([fill(30, 10), []]);
    const { queries, tap } = counter();
    const limits = { ...PART_LIMITS, pageRows: 10 };
    const pages = new TablePages(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, limits);
    const first = await pages.next(true);
    expect(queries).toHaveLength(1);
    const second = await pages.next(true);
    expect(queries).toHaveLength(2);
    expect([first, second].flatMap((next) => (next === undefined ? [] : idsOf(next.page)))).toEqual(
      Array.from({ length: 20 }, (_, id) => 2 * id),
    );
  });

  test("have as many rows as fit, once their size is known", async () => {
    const tableId = await newTable([[...fill(1_000, 960), ...fill(2_000, 10)], []]);
    const { queries, tap } = counter();
    const limits = { pageBytes: 100_000, pageRows: 500 };
    const { rows } = await readPart(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, limits);
    // The first page is cut by its bytes, the next ones fit: 90 rows of 1,000 bytes.
    expect(rows[0]).toBeGreaterThan(95);
    const asked = queries.map(([, , , rowsMax]) => Number(rowsMax));
    expect(asked[0]).toBe(500);
    for (const some of asked.slice(1, 10)) expect(some).toBeLessThan(95);
    // And many where they are small, up to the limit.
    expect(Math.max(...asked.slice(10))).toBe(500);
    expect(rows.reduce((sum, some) => sum + some, 0)).toBe(3_000);
  });

  test("one at least is read, however large its row", async () => {
    const tableId = await newTable([[500_000, 1, 1_500_000], [900_000]]);
    const { ids } = await readPart(testEnv, sourceOf(tableId), BEGIN, { pageBytes: 1_000 });
    expect(ids).toEqual([0, 2, 4, 1]);
  });
});

describe("pages of many rows come as hex", () => {
  /** Which pages did, and how many rows each has. */
  async function formsOf(sizes: readonly number[]): Promise<[boolean, number][]> {
    const tableId = await newTable([sizes, []]);
    const pages = new TablePages(testEnv, sourceOf(tableId), BEGIN, PART_LIMITS);
    const forms: [boolean, number][] = [];
    const ids: number[] = [];
    for (let next = await pages.next(false); next !== undefined; next = await pages.next(false)) {
      forms.push([next.page.isHex, next.page.rows]);
      ids.push(...idsOf(next.page));
    }
    expect(ids).toEqual(sizes.map((_, id) => 2 * id));
    return forms;
  }

  test("after the first one, which shows how large they are", async () => {
    expect(await formsOf(fill(3_000, 10))).toEqual([
      [false, 1_000],
      [true, 2_000],
    ]);
  });

  test("and as text where a large row is among them, or all are too many bytes", async () => {
    const large = await formsOf([...fill(1_500, 10), 20_000, ...fill(500, 10)]);
    expect(large.map(([isHex]) => isHex)).toEqual([false, false]);
    const grown = await formsOf([...fill(1_000, 10), ...fill(1_500, 1_200)]);
    expect(grown.map(([isHex]) => isHex)).toEqual([false, false, true]);
  });

  test("by their bytes, not their letters", async () => {
    const tableId = await newTable([fill(2_000, 100), []], "я");
    const { forms, tap } = formCounter();
    const { ids } = await readPart(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, SMALL);
    expect(ids).toHaveLength(2_000);
    // The first one, and the end of the other shard.
    expect(forms.slice(0, -1)).toEqual(["text", ...forms.slice(1, -1).map(() => "hex")]);
    expect(forms.length).toBeGreaterThan(4);
  });

  test("where large rows come again and again seldom, and always after they are past", async () => {
    const spoilt = fill(8_000, 80).map((size, id) => (id % 200 === 199 ? 4_000 : size));
    const tableId = await newTable([[...spoilt, ...fill(9_000, 80)], []]);
    const { forms, tap } = formCounter();
    const { ids } = await readPart(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, SMALL);
    expect(ids).toEqual(Array.from({ length: 17_000 }, (_, id) => 2 * id));
    const text = (count: number): string[] => Array.from({ length: count }, () => "text");
    // A text page after each attempt that fails; then 0, 1, 3, 7 others before the next one.
    const failed = ["hex", ...text(1), "hex", ...text(2), "hex", ...text(4), "hex", ...text(8)];
    expect(forms.slice(0, 1 + failed.length)).toEqual(["text", ...failed]);
    expect(forms.slice(-5, -1)).toEqual(["hex", "hex", "hex", "hex"]);
  });

  test("not where few fit", async () => {
    const forms = await formsOf(fill(200, 12_000));
    expect(forms.some(([isHex]) => isHex)).toBe(false);
  });
});

describe("a read that fails", () => {
  test.each([1, 2, 3])("the %d. one, is the failure of the page that it was for", async (n) => {
    const tableId = await newTable([fill(30, 10), []]);
    const { tap } = counter(n);
    const limits = { ...PART_LIMITS, pageRows: 10 };
    const pages = new TablePages(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, limits);
    for (let page = 1; page < n; page += 1) await pages.next(false);
    await expect(pages.next(false)).rejects.toThrow("lost");
  });

  test("ahead, where nobody wants its page, is nobody's", async () => {
    const tableId = await newTable([fill(30, 10), []]);
    const { queries, tap } = counter(2);
    const limits = { ...PART_LIMITS, pageRows: 10 };
    const pages = new TablePages(tapEnv(testEnv, tap), sourceOf(tableId), BEGIN, limits);
    await pages.next(false);
    expect(queries).toHaveLength(2);
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

describe("sessions", () => {
  /** Bindings that note with which bookmark each shard is read. */
  function watched(): { readonly env: Env; readonly sessions: string[] } {
    const sessions: string[] = [];
    const watch = (name: string, database: D1Database): D1Database =>
      new Proxy(database, {
        get(target, member) {
          if (member === "withSession") {
            return (bookmark?: string) => {
              sessions.push(`${name} ${bookmark}`);
              return target.withSession(bookmark);
            };
          }
          if (member === "prepare") sessions.push(`${name} alone`);
          const value: unknown = Reflect.get(target, member);
          return typeof value === "function" ? (value as () => unknown).bind(target) : value;
        },
      });
    const { SHARD_0, SHARD_1 } = testEnv;
    const shards = { SHARD_0: watch("0", SHARD_0), SHARD_1: watch("1", SHARD_1) };
    return { env: { ...testEnv, ...shards }, sessions };
  }

  test("of its shard's bookmark make each read; without one the primary does", async () => {
    const tableId = await newTable([fill(15, 10), fill(5, 10)]);
    const first = testEnv.SHARD_0.withSession("first-primary");
    await first.prepare("SELECT 1").first();
    const bookmark = first.getBookmark() ?? "none";
    const { env, sessions } = watched();
    const source = sourceOf(tableId, { bookmarks: [bookmark, null] });
    const { ids } = await readPart(env, source, BEGIN, { pageRows: 10 });
    expect(ids).toHaveLength(20);
    const [three, two] = [fill(3, 0), fill(2, 0)];
    expect(sessions).toEqual([...three.map(() => `0 ${bookmark}`), ...two.map(() => "1 alone")]);
  });
});
