/**
 * Tables and their columns in the catalogue. A warm request makes no call here: see
 * table-cache.ts.
 *
 * Names are stored as JSON text with its quotes: the store would otherwise change names with
 * a lone surrogate or a NUL, which JSON allows.
 */
import { sortedKeyNames } from "./keys.ts";
import { rememberShards, SELECT_SHARDS, type ShardSize } from "./shard-room.ts";
import { rangesFromText } from "./slots.ts";
import { fromStore } from "./store-errors.ts";
import { cacheOf, type Integration, type TableRecord } from "./table-cache.ts";

export type { Integration, TableRecord } from "./table-cache.ts";

/** The names as one bound parameter: a JSON array of the texts that stand in the catalogue. */
const namesParameter = (names: Iterable<string>): string =>
  JSON.stringify([...names].map((name) => JSON.stringify(name)));

const SELECT_TABLES = `SELECT id, name, key_names, ranges, parent_id FROM tables
WHERE integration_id = ?1 AND name IN (SELECT value FROM json_each(?2))`;

const SELECT_COLUMNS = `SELECT columns.table_id, columns.name, columns.types
FROM columns JOIN tables ON tables.id = columns.table_id
WHERE tables.integration_id = ?1 AND tables.name IN (SELECT value FROM json_each(?2))
ORDER BY columns.id`;

/**
 * The tables of these names and all whose names begin with one of them and `__`, as those of
 * its subtables do, and those that would be in a new subtable's way. A name is JSON text: its
 * last character is a quote, and "`" comes after "_".
 */
const WITH_FOUND = `WITH wanted (name) AS (SELECT value FROM json_each(?2)),
found (id) AS (
  SELECT tables.id FROM wanted CROSS JOIN tables ON
    tables.integration_id = ?1 AND tables.name = wanted.name
  UNION
  SELECT tables.id FROM wanted CROSS JOIN tables ON tables.integration_id = ?1
    AND tables.name >= substr(wanted.name, 1, length(wanted.name) - 1) || '__'
    AND tables.name < substr(wanted.name, 1, length(wanted.name) - 1) || '_\`'
)`;

const SELECT_WITH_SUBTABLES = `${WITH_FOUND}
SELECT tables.id, tables.name, tables.key_names, tables.ranges, tables.parent_id
FROM found CROSS JOIN tables ON tables.id = found.id ORDER BY tables.id`;

const SELECT_THEIR_COLUMNS = `${WITH_FOUND}
SELECT columns.table_id, columns.name, columns.types
FROM found CROSS JOIN columns ON columns.table_id = found.id ORDER BY columns.id`;

interface TableRow {
  readonly id: number;
  readonly name: string;
  readonly key_names: string;
  readonly ranges: string;
  readonly parent_id: number | null;
}

interface ColumnRow {
  readonly table_id: number;
  readonly name: string;
  readonly types: number;
}

/**
 * The tables of an integration that exist among these names. Tables that this isolate knows
 * cost nothing; all others one D1 call together. Where nested values are subtables, each table
 * has its own, and tables that were read with it may be among the answer.
 */
export async function findTables(
  env: Env,
  integration: Integration,
  names: ReadonlySet<string>,
): Promise<Map<string, TableRecord>> {
  const cache = cacheOf(env);
  const found = new Map<string, TableRecord>();
  const unknown: string[] = [];
  for (const name of names) {
    const record = cache.get(integration, name);
    if (record === undefined) unknown.push(name);
    else found.set(name, record);
  }
  if (unknown.length === 0) return found;
  for (const [name, record] of await readTables(env, integration, unknown)) {
    if (!found.has(name)) found.set(name, record);
  }
  return found;
}

/** What {@link findTables} finds, as the catalogue has it now. One D1 call. */
export async function readTables(
  env: Env,
  integration: Integration,
  names: readonly string[],
): Promise<Map<string, TableRecord>> {
  const statements =
    integration.nested === true
      ? [SELECT_WITH_SUBTABLES, SELECT_THEIR_COLUMNS]
      : [SELECT_TABLES, SELECT_COLUMNS];
  const bound = [integration.integrationId, namesParameter(names)] as const;
  const selects = statements.map((sql) => env.CATALOG.prepare(sql).bind(...bound));
  selects.push(env.CATALOG.prepare(SELECT_SHARDS));
  const [tables, columns, shards] = await fromStore(() => env.CATALOG.batch(selects));
  // Whoever finds that a table is missing knows by the same call where it can be made.
  rememberShards(env, (shards?.results ?? []) as ShardSize[]);
  const found = new Map<string, TableRecord>();
  for (const record of toRecords(tables?.results ?? [], columns?.results ?? [])) {
    found.set(record.name, record);
  }
  for (const name of names) {
    const record = found.get(name);
    if (record !== undefined) cacheOf(env).set(integration, record);
  }
  return found;
}

function toRecords(tables: unknown[], columns: unknown[]): Iterable<TableRecord> {
  const byId = new Map<number, TableRecord>();
  for (const row of tables as TableRow[]) {
    const keyNames = JSON.parse(row.key_names) as string[];
    byId.set(row.id, {
      id: row.id,
      name: JSON.parse(row.name) as string,
      keyNames,
      sortedKeyNames: sortedKeyNames(keyNames),
      ranges: rangesFromText(row.ranges),
      columns: new Map(),
      ...(row.parent_id === null ? { subtables: new Map() } : { parentId: row.parent_id }),
    });
  }
  for (const record of byId.values()) {
    const root = record.parentId === undefined ? undefined : byId.get(record.parentId);
    root?.subtables?.set(record.name, record);
  }
  for (const row of columns as ColumnRow[]) {
    byId.get(row.table_id)?.columns.set(JSON.parse(row.name) as string, row.types);
  }
  return byId.values();
}

const ACTIVATE = `UPDATE tables SET current_version = CAST(?2 AS INTEGER), counted_rows = NULL
WHERE id = ?1 AND current_version <= CAST(?2 AS INTEGER) RETURNING id`;

/**
 * Makes a version the table's current one, unless a higher one is (wire.md 2.9).
 *
 * @param version an int64 as text.
 * @returns whether it is now; then the rows of lower versions are to be deleted.
 */
export async function raiseVersion(env: Env, tableId: number, version: string): Promise<boolean> {
  const update = env.CATALOG.prepare(ACTIVATE).bind(tableId, version);
  return (await fromStore(() => update.first())) !== null;
}
