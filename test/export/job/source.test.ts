/** What the first step of an export finds and fixes, and what its parts take from it. */
import { describe, expect, test } from "vitest";
import { definitionText, readDefinition } from "../../../src/export/definition.ts";
import { type ExportRow, readExport, startExport } from "../../../src/export/exports.ts";
import { hasEveryRow, lookAt, sourceOf, TableGone } from "../../../src/export/job/source.ts";
import { TooManyRows } from "../../../src/export/file/part-writer.ts";
import { MemoryBucket } from "../../support/bucket.ts";
import { testEnv } from "../../support/env.ts";
import { exportTableId, infoOf } from "../../support/export.ts";
import { linesOf, quietConsole } from "../../support/quiet-console.ts";
import { runJob } from "../../support/step.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { newTenant, pushRecords, type Tenant } from "../../support/tenant.ts";

const ROWS = 25;

/** A filter as the catalogue keeps it. */
const OVER_3 =
  '{"filters":[{"id":"A","column":"id","operator":"greater","value":3,"kind":"number"}]}';

async function push(tenant: Tenant, data: readonly Record<string, unknown>[]): Promise<void> {
  const records = data.map((one) => ({
    table_name: "t",
    sequence: 1,
    key_names: ["id"],
    data: one,
  }));
  expect((await pushRecords(tenant, records)).status).toBe(201);
}

/** A tenant with a table of {@link ROWS} rows on two shards. */
async function newTable(): Promise<Tenant> {
  const tenant = await newTenant();
  await push(
    tenant,
    Array.from({ length: ROWS }, (_, id) => ({ id, text: `=${id}`, "=more": null })),
  );
  return tenant;
}

/** Records an export whose job the test makes itself. */
async function newExport(tenant: Tenant, definition = "{}"): Promise<ExportRow> {
  const tableId = await exportTableId(tenant, "t");
  const env = { ...testEnv, EXPORT_JOB: { create: async () => ({}) } };
  const wanted = { clientId: tenant.clientId, tableId, name: "t", definition };
  return startExport(env as unknown as Env, wanted);
}

describe("the first look", () => {
  test("counts the rows of all shards and fixes the columns", async () => {
    const tenant = await newTable();
    const row = await newExport(tenant);
    const beginning = await lookAt(testEnv, row, 1_000);
    expect(beginning).toMatchObject({
      tableId: row.table_id,
      shards: [0, 1],
      rowsTotal: ROWS,
    });
    await push(tenant, [{ id: 1_000, late: 1 }]);
    // What goes through a step is JSON.
    const kept = JSON.parse(JSON.stringify(beginning)) as typeof beginning;
    const source = await sourceOf(testEnv, row, kept);
    expect(source.columns).toEqual(["id", "text", "=more"]);
    expect(source.header).toBe("id,text,=more\r\n");
    expect(source.bookmarks).toEqual(beginning.bookmarks);
  });

  test("takes each bookmark from the primary, by its first query of the shard", async () => {
    const tenant = await newTable();
    const row = await newExport(tenant);
    const seen: string[] = [];
    const watch = (name: string, database: D1Database): D1Database =>
      new Proxy(database, {
        get(target, member) {
          if (member === "prepare") throw new Error("a query without a session");
          if (member !== "withSession") return Reflect.get(target, member) as unknown;
          return (from: string) => {
            seen.push(`${name} ${from}`);
            return target.withSession(from);
          };
        },
      });
    const { SHARD_0, SHARD_1 } = testEnv;
    const env = { ...testEnv, SHARD_0: watch("0", SHARD_0), SHARD_1: watch("1", SHARD_1) };
    const { bookmarks } = await lookAt(env, row, 1_000);
    expect(seen).toEqual(["0 first-primary", "1 first-primary"]);
    expect(bookmarks).toEqual([expect.any(String), expect.any(String)]);
    // They are of a moment: a replica that has got there may answer.
    for (const [shard, bookmark] of bookmarks.entries()) {
      const database = shard === 0 ? SHARD_0 : SHARD_1;
      const sum = await database
        .withSession(bookmark ?? "")
        .prepare("SELECT count(*) AS n FROM rows WHERE table_id = ?1")
        .bind(row.table_id)
        .first<number>("n");
      expect(sum).toBeGreaterThan(0);
    }
  });

  test("takes them also of shards at which the count did not arrive", async () => {
    const tenant = await newTable();
    const row = await newExport(tenant, OVER_3);
    const sessions: D1DatabaseSession[] = [];
    const many = new Proxy(testEnv.SHARD_0, {
      get: (target, member) => {
        if (member !== "withSession") return Reflect.get(target, member) as unknown;
        return (from: string) => {
          const session = target.withSession(from);
          sessions.push(session);
          // A table of which a query counts more than anybody waits for.
          const first = async () => {
            await session.prepare("SELECT 1").first();
            return { rows: 50_000_001, last: "x" };
          };
          const prepare = () => ({ bind: () => ({ first }) });
          return { prepare, getBookmark: () => session.getBookmark() };
        };
      },
    });
    const { bookmarks, rowsTotal } = await lookAt({ ...testEnv, SHARD_0: many }, row, 10);
    expect(sessions).toHaveLength(1);
    expect(rowsTotal).toBeNull();
    expect(bookmarks).toEqual([expect.any(String), expect.any(String)]);
  });

  test("refuses too many rows before there is an upload", async () => {
    const tenant = await newTable();
    const row = await newExport(tenant);
    await expect(lookAt(testEnv, row, ROWS - 1)).rejects.toThrow(TooManyRows);
    await expect(lookAt(testEnv, row, ROWS)).resolves.toMatchObject({ rowsTotal: ROWS });
    const bucket = new MemoryBucket();
    const log = quietConsole();
    const made: string[] = [];
    const tap: Tap = (call, next) => {
      made.push(call.method);
      return next();
    };
    const env = tapEnv({ ...testEnv, FILES: bucket.binding }, tap);
    await runJob(env, row.id, { limits: { rowsMax: ROWS - 1 } });
    expect(linesOf(log, row.id)).toHaveLength(1);
    log.mockRestore();
    expect(made).not.toContain("createMultipartUpload");
    expect(await infoOf(tenant, row.id)).toMatchObject({
      status: "Error",
      error: `The table has more rows than an export can have: ${ROWS - 1}.`,
    });
  });

  test("does not refuse a table of which a filter may want few", async () => {
    const tenant = await newTable();
    const row = await newExport(tenant, OVER_3);
    expect(await lookAt(testEnv, row, 5)).toMatchObject({ rowsTotal: ROWS });
  });

  test("of a table that is not there, or another client's, is TableGone", async () => {
    const row = await newExport(await newTable());
    const { clientId } = await newTenant();
    for (const changes of [{ table_id: 999_999_999 }, { client_id: clientId }]) {
      const other = { ...row, ...changes };
      await expect(lookAt(testEnv, other, 10)).rejects.toThrow(TableGone);
      const beginning = await lookAt(testEnv, row, 100);
      await expect(sourceOf(testEnv, other, beginning)).rejects.toThrow(TableGone);
    }
  });
});

describe("the source of a part", () => {
  async function sourceWith(definition: string) {
    const row = await newExport(await newTable(), definition);
    return sourceOf(testEnv, row, await lookAt(testEnv, row, 100));
  }

  test("has the columns of the definition, in its order", async () => {
    const source = await sourceWith('{"columns":["text","id"]}');
    expect(source.columns).toEqual(["text", "id"]);
    expect(source.header).toBe("text,id\r\n");
    expect(source).toMatchObject({ memberName: "t.csv" });
    expect([source.matches, source.unroll]).toEqual([undefined, undefined]);
  });

  test("has the filter of the definition", async () => {
    const { matches } = await sourceWith(OVER_3);
    expect([3, 4].map((id) => matches?.({ id }))).toEqual([false, true]);
  });

  test("marks formulas where that is asked for, names included", async () => {
    const source = await sourceWith('{"spreadsheet_safe":true}');
    expect(source.header).toBe("id,text,'=more\r\n");
    expect(source.write?.(["text"], { text: "=1" })).toBe("'=1\r\n");
    expect(source.leaveTo?.has("=".charCodeAt(0))).toBe(true);
    const plain = await sourceWith("{}");
    expect(plain.write?.(["text"], { text: "=1" })).toBe("=1\r\n");
    expect(plain.leaveTo).toBeUndefined();
  });

  test("is that of the text which the catalogue has", async () => {
    const text = `{"columns":["id"],${OVER_3.slice(1, -1)},"filter_logic":"[A]"}`;
    const definition = readDefinition(text);
    expect(readDefinition(definitionText(definition))).toEqual(definition);
    const row = await newExport(await newTable(), definitionText(definition));
    const kept = await readExport(testEnv, row.id);
    expect(readDefinition(kept?.definition ?? "")).toEqual(definition);
  });
});

test("only a table of its own without a filter gives a record for each row", () => {
  const whole = readDefinition("{}");
  const filtered = readDefinition(OVER_3);
  type Table = Parameters<typeof hasEveryRow>[0];
  const table = { id: 1, name: "t" } as Table;
  const subtable: Table = { ...table, parent: { id: 2, name: "p", keyNames: ["id"] } };
  expect(hasEveryRow(table, whole)).toBe(true);
  expect(hasEveryRow(table, filtered)).toBe(false);
  expect(hasEveryRow(subtable, whole)).toBe(false);
});
