import { Buffer } from "../../src/buffer.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cursorFromText, cursorText, type RowCursor } from "../../src/admin/row-pages.ts";
import { readUnrolled, type UnrolledLimits } from "../../src/admin/unrolled-pages.ts";
import { findTable, type TableInfo } from "../../src/warehouse/read-tables.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, pushRecords, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { call, expectProblem } from "./call.ts";

const LIMITS: UnrolledLimits = { bytesMax: 4_000_000, queriesMax: 10 };

interface Tables {
  readonly tenant: Tenant;
  /** The table whose rows the subtable's are in. */
  readonly root: TableInfo;
  readonly list: TableInfo;
}

async function newTables(lists: readonly unknown[][]): Promise<Tables> {
  const tenant = await newTenant({ nested: true });
  const records = [["seed"], ...lists].map((list, id) => ({
    table_name: "t",
    sequence: 1,
    key_names: ["id"],
    data: { id, list },
  }));
  expect((await pushRecords(tenant, records)).status).toBe(201);
  const info = async (name: string): Promise<TableInfo> => {
    const found = await findTable(testEnv, tenant.clientId, await tableId(tenant, name));
    if (found === undefined) throw new Error(`no table ${name}`);
    return found;
  };
  return { tenant, root: await info("t"), list: await info("t__list") };
}

/** The records of each page, to the end. */
async function pagesOf(
  table: TableInfo,
  rowsMax: number,
  limits: UnrolledLimits = LIMITS,
): Promise<string[][]> {
  const pages: string[][] = [];
  let after: RowCursor | undefined;
  do {
    const { rows, next } = await readUnrolled(testEnv, table, after, rowsMax, limits);
    pages.push(rows.map(({ data }) => data));
    // As it travels.
    after = next === undefined ? undefined : cursorFromText(cursorText(next));
    expect(after).toEqual(next);
  } while (after !== undefined);
  return pages;
}

describe("pages of a subtable", () => {
  test("have each element once, wherever they end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 300 }),
        async (lists, rowsMax, bytesMax) => {
          const { list } = await newTables(lists);
          const [all = []] = await pagesOf(list, 1_000);
          expect(all).toHaveLength(1 + lists.flat().length);
          expect(new Set(all).size).toBe(all.length);
          const pages = await pagesOf(list, rowsMax, { bytesMax, queriesMax: 3 });
          expect(pages.flat()).toEqual(all);
          for (const page of pages) {
            expect(page.length).toBeLessThanOrEqual(rowsMax);
            const bytes = page.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
            if (page.length > 1) expect(bytes).toBeLessThanOrEqual(bytesMax);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test("end with what they have when they have read their share of rows", async () => {
    const { list } = await newTables(Array.from({ length: 30 }, () => []));
    const pages = await pagesOf(list, 100, { bytesMax: 60, queriesMax: 1 });
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.filter((page) => page.length > 0)).toHaveLength(1);
    expect((await pagesOf(list, 100)).map(({ length }) => length)).toEqual([1]);
  });

  test("go on with the next row where the one that they ended in is gone", async () => {
    const { root, list } = await newTables(Array.from({ length: 6 }, () => ["a", "b", "c"]));
    const all = await readUnrolled(testEnv, list, undefined, 100);
    const { rows, next } = await readUnrolled(testEnv, list, undefined, 2);
    const key = rows.at(-1)?.key;
    const left = all.rows.slice(2).filter((row) => row.key !== key);
    expect(left.length).toBeGreaterThan(12);
    for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
      await shard
        .prepare("DELETE FROM rows WHERE table_id = ?1 AND key = ?2")
        .bind(root.id, key)
        .run();
    }
    expect((await readUnrolled(testEnv, list, next, 100)).rows).toEqual(left);
  });
});

describe("cursors", () => {
  const path = ({ tenant }: Tables, table: TableInfo, after: string): string =>
    `/clients/${tenant.clientId}/tables/${table.id}/rows?after=${after}`;
  const base64url = (text: string): string => Buffer.from(text).toString("base64url");

  test.each(['[0,"A1",0]', '[0,"A1",-1]', '[0,"A1",1.5]', '[0,"A1","1"]', '[0,"A1",1,2]', "[0]"])(
    "%s is none",
    async (text) => {
      const tables = await newTables([]);
      const answer = await call("GET", path(tables, tables.list, base64url(text)));
      expectProblem(answer, 422, "admin_invalid", /^after: /);
    },
  );

  test("into the middle of a row are none where nested values are JSON", async () => {
    const tenant = await newTenant();
    const record = { table_name: "t", key_names: ["id"], sequence: 2, data: { id: 1 } };
    await pushRecords(tenant, [record]);
    const id = await tableId(tenant, "t");
    const after = base64url('[0,"A1",1]');
    const where = `/clients/${tenant.clientId}/tables/${id}/rows?after=${after}`;
    expectProblem(await call("GET", where), 422, "admin_invalid", /^after: /);
  });
});

describe("GET …/rows?whole=1", () => {
  const rowsPath = ({ tenant }: Tables, table: TableInfo) =>
    `/clients/${tenant.clientId}/tables/${table.id}/rows`;

  test("shows the rows of a root table as they were pushed, page by page", async () => {
    const tables = await newTables([[{ a: 1 }], [{ a: 2 }, { a: 3 }]]);
    const texts: string[] = [];
    let after = "";
    do {
      const path = `${rowsPath(tables, tables.root)}?whole=1&limit=2${after}`;
      const answer = await call("GET", path);
      expect(answer.status, answer.text).toBe(200);
      const page = answer.json as { rows: { data: unknown }[]; next: string | null };
      texts.push(...page.rows.map(({ data }) => JSON.stringify(data)));
      after = page.next === null ? "" : `&after=${page.next}`;
    } while (after !== "");
    expect(texts.sort()).toEqual([
      '{"id":0,"list":["seed"]}',
      '{"id":1,"list":[{"a":1}]}',
      '{"id":2,"list":[{"a":2},{"a":3}]}',
    ]);
  });

  test("is not for a subtable, and takes no other value", async () => {
    const tables = await newTables([]);
    const subtable = `${rowsPath(tables, tables.list)}?whole=1`;
    expectProblem(await call("GET", subtable), 422, "admin_invalid");
    const other = `${rowsPath(tables, tables.root)}?whole=0`;
    expectProblem(await call("GET", other), 422, "admin_invalid");
  });
});
