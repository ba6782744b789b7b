/**
 * Migrations that a release had stay as they were, and whatever state an earlier release has
 * left, all migrations together make the schema of a new one of it.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { ROOT } from "../e2e/constants.ts";
import { dump, rowsOf, tablesOf } from "../upgrade/dump.ts";
import { keptStates } from "../upgrade/kept-state.ts";

/** SHA-256 of each migration file, by its path below migrations/; a new one is added by hand. */
const RELEASED = JSON.parse(
  readFileSync(join(ROOT, "test/upgrade/migrations.json"), "utf8"),
) as Readonly<Record<string, string>>;

function read(path: string): string {
  return readFileSync(join(ROOT, "migrations", path), "utf8");
}

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, "migrations", folder)).toSorted();
}

/** Tables, indexes, triggers and views with their SQL; without what is the tools' own. */
function schemaOf(database: DatabaseSync): string[] {
  return database
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    .all()
    .filter(({ tbl_name: table }) => !/^(d1_|sqlite_)/.test(String(table)))
    .map((entry) => Object.values(entry).map(String).join(" | "))
    .toSorted();
}

/** Columns, references and indexes as SQLite itself has understood them. */
function shapeOf(database: DatabaseSync): unknown {
  const tables = tablesOf(database)
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("d1_"))
    .toSorted();
  const pragmas = ["table_xinfo", "foreign_key_list", "index_list"];
  return tables.map((name) => [
    name,
    pragmas.map((pragma) => database.prepare(`SELECT * FROM pragma_${pragma}(?)`).all(name)),
  ]);
}

/** Applies what is missing, each file in a transaction with references checked, as D1 does. */
function migrate(database: DatabaseSync, folder: string): DatabaseSync {
  database.exec("PRAGMA foreign_keys = ON");
  const list = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'd1_migrations'").get();
  const done = list === undefined ? [] : database.prepare("SELECT name FROM d1_migrations").all();
  const names = new Set(done.map(({ name }) => name));
  for (const file of filesOf(folder).filter((name) => !names.has(name))) {
    database.exec(`BEGIN;\n${read(`${folder}/${file}`)}\n;COMMIT;`);
  }
  return database;
}

function built(sql: string): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec(`BEGIN; PRAGMA defer_foreign_keys = TRUE;\n${sql}\nCOMMIT;`);
  return database;
}

test("a migration is not changed, renamed or taken away once it is released", () => {
  const files = ["catalog", "shard"].flatMap((folder) =>
    filesOf(folder).map((name) => `${folder}/${name}`),
  );
  const hashes = files.map((path) => [path, createHash("sha256").update(read(path)).digest("hex")]);
  // A new migration: add its line, which the failure shows.
  expect(Object.fromEntries(hashes)).toEqual(RELEASED);
});

describe.each(keptStates())("state of $name", ({ sql }) => {
  const databases = [
    ["catalog", sql.CATALOG],
    ["shard", sql.SHARD_0],
  ] as const;

  test.each(databases)("its %s gets the schema of a new one", (folder, text) => {
    using old = migrate(built(text), folder);
    using fresh = migrate(new DatabaseSync(":memory:"), folder);
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
    expect(shapeOf(old)).toEqual(shapeOf(fresh));
    expect(old.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
    expect(old.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  });

  test.each(databases)("its %s keeps every row and number", (folder, text) => {
    using before = built(text);
    using after = migrate(built(text), folder);
    const shapes = [...tablesOf(before), { name: "sqlite_sequence", columns: ["name", "seq"] }];
    for (const shape of shapes) {
      const rows = rowsOf(before, shape);
      expect(rowsOf(after, shape)).toEqual(expect.arrayContaining(rows));
      // Migrations may number something new, but the old tables get no rows.
      const isOurs = !/^(d1_|sqlite_)/.test(shape.name);
      if (isOurs) expect(rowsOf(after, shape)).toHaveLength(rows.length);
    }
  });

  test.each(databases)("its %s is the same after a dump", (_, text) => {
    using database = built(text);
    expect(dump(database)).toBe(text);
  });
});
