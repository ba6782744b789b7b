/**
 * Tables and their columns in the catalogue. A warm request makes no call here: see
 * table-cache.ts.
 *
 * Names are stored as JSON text with its quotes: the store would otherwise change names with
 * a lone surrogate or a NUL, which JSON allows.
 */
import { Buffer } from "../buffer.ts";
import { sortedKeyNames } from "./keys.ts";
import { PARAMETER_BYTES_MAX } from "./limits.ts";
import { type KeyRange, rangesFromText, rangesToText } from "./slots.ts";
import { fromStore } from "./store-errors.ts";
import { cacheOf, type Integration, type TableRecord } from "./table-cache.ts";

export type { Integration, TableRecord } from "./table-cache.ts";

/** A table to be created. */
export interface NewTable {
  readonly name: string;
  readonly keyNames: readonly string[];
  readonly ranges: readonly KeyRange[];
}

/** Types of columns of one table that are not recorded yet. */
export interface NewColumns {
  readonly table: TableRecord;
  readonly bits: ReadonlyMap<string, number>;
}

/** The names as one bound parameter: a JSON array of the texts that stand in the catalogue. */
const namesParameter = (names: Iterable<string>): string =>
  JSON.stringify([...names].map((name) => JSON.stringify(name)));

const SELECT_TABLES = `SELECT id, name, key_names, ranges FROM tables
WHERE integration_id = ?1 AND name IN (SELECT value FROM json_each(?2))`;

const SELECT_COLUMNS = `SELECT columns.table_id, columns.name, columns.types
FROM columns JOIN tables ON tables.id = columns.table_id
WHERE tables.integration_id = ?1 AND tables.name IN (SELECT value FROM json_each(?2))
ORDER BY columns.id`;

interface TableRow {
  readonly id: number;
  readonly name: string;
  readonly key_names: string;
  readonly ranges: string;
}

interface ColumnRow {
  readonly table_id: number;
  readonly name: string;
  readonly types: number;
}

/**
 * The tables of an integration that exist among these names. Tables that this isolate knows
 * cost nothing; all others one D1 call together.
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
  const bound = [integration.integrationId, namesParameter(unknown)] as const;
  const selects = [SELECT_TABLES, SELECT_COLUMNS].map((sql) =>
    env.CATALOG.prepare(sql).bind(...bound),
  );
  const [tables, columns] = await fromStore(() => env.CATALOG.batch(selects));
  for (const record of toRecords(tables?.results ?? [], columns?.results ?? [])) {
    cache.set(integration, record);
    found.set(record.name, record);
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
    });
  }
  for (const row of columns as ColumnRow[]) {
    byId.get(row.table_id)?.columns.set(JSON.parse(row.name) as string, row.types);
  }
  return byId.values();
}

const INSERT_TABLES = `INSERT INTO tables
  (client_id, integration_id, name, key_names, key_set, ranges, created_at)
SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, ?3 FROM json_each(?4)
WHERE NOT EXISTS (
  SELECT 1 FROM json_each(?4) AS wanted CROSS JOIN tables ON
    tables.integration_id = ?2 AND tables.name = wanted.value->>0
  WHERE tables.key_set <> wanted.value->>2
)
ON CONFLICT (integration_id, name) DO NOTHING`;

/**
 * Creates the tables that do not exist yet and returns all of them as they are now. Another
 * request may have created one first, with other key names, which the caller must compare: then
 * none is created, so that a refused request leaves nothing behind (promise P3). One D1 call.
 */
export async function createTables(
  env: Env,
  integration: Integration,
  tables: readonly NewTable[],
): Promise<Map<string, TableRecord>> {
  const rows = tables.map(({ name, keyNames, ranges }) =>
    JSON.stringify([
      JSON.stringify(name),
      JSON.stringify(keyNames),
      JSON.stringify(sortedKeyNames(keyNames)),
      rangesToText(ranges),
    ]),
  );
  const { clientId, integrationId } = integration;
  const insert = env.CATALOG.prepare(INSERT_TABLES);
  const now = Date.now();
  const inserts = jsonArrays(rows).map((array) => insert.bind(clientId, integrationId, now, array));
  await fromStore(() => env.CATALOG.batch(inserts));
  return findTables(env, integration, new Set(tables.map((table) => table.name)));
}

const INSERT_COLUMNS = `INSERT INTO columns (table_id, name, types)
SELECT value->>0, value->>1, value->>2 FROM json_each(?1) WHERE true
ON CONFLICT (table_id, name) DO UPDATE SET types = columns.types | excluded.types`;

/** Records columns and types, before any row that has them is committed. One D1 call. */
export async function recordColumns(env: Env, added: readonly NewColumns[]): Promise<void> {
  const rows = added.flatMap(({ table, bits }) =>
    [...bits].map(([name, types]) => JSON.stringify([table.id, JSON.stringify(name), types])),
  );
  const insert = env.CATALOG.prepare(INSERT_COLUMNS);
  const inserts = jsonArrays(rows).map((array) => insert.bind(array));
  await fromStore(() => env.CATALOG.batch(inserts));
  for (const { table, bits } of added) cacheOf(env).addColumns(table, bits);
}

/** JSON texts as JSON arrays that each fit a bound parameter. */
function jsonArrays(texts: readonly string[]): string[] {
  const arrays: string[] = [];
  let members: string[] = [];
  // Brackets and commas: one more than the members.
  let bytes = 1;
  for (const text of texts) {
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > PARAMETER_BYTES_MAX) {
      arrays.push(`[${members.join(",")}]`);
      members = [];
      bytes = 1;
    }
    members.push(text);
    bytes += more;
  }
  if (members.length > 0) arrays.push(`[${members.join(",")}]`);
  return arrays;
}

const ACTIVATE = `UPDATE tables SET current_version = CAST(?2 AS INTEGER)
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
