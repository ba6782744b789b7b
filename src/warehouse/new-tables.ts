/** What an import adds to the catalogue: tables, subtables, columns and types. */
import { Buffer } from "../buffer.ts";
import { sortedKeyNames } from "./keys.ts";
import { PARAMETER_BYTES_MAX } from "./limits.ts";
import { type KeyRange, rangesToText } from "./slots.ts";
import { fromStore } from "./store-errors.ts";
import { cacheOf, type Integration, type TableRecord } from "./table-cache.ts";
import { readTables } from "./tables.ts";

/** A table to be created. */
export interface NewTable {
  readonly name: string;
  readonly keyNames: readonly string[];
  readonly ranges: readonly KeyRange[];
  /** The name of its table, where this is a subtable. */
  readonly parent?: string;
}

/** Types of columns of one table that are not recorded yet. */
export interface NewColumns {
  readonly table: TableRecord;
  readonly bits: ReadonlyMap<string, number>;
  /** The table of a subtable. */
  readonly root?: TableRecord;
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

/** Of the names wanted: a table with other keys, a subtable; a table, a subtable of another. */
const NO_CONFLICT = `NOT EXISTS (
  SELECT 1 FROM json_each(?4) AS other CROSS JOIN tables ON
    tables.integration_id = ?2 AND tables.name = other.value->>0
  WHERE CASE WHEN other.value->>4 IS NULL
    THEN tables.parent_id IS NOT NULL OR tables.key_set <> other.value->>2
    ELSE tables.parent_id IS NULL OR tables.parent_id IS NOT (
      SELECT roots.id FROM tables AS roots
      WHERE roots.integration_id = ?2 AND roots.name = other.value->>4
    ) END
)`;

const INSERT_ROOTS = `INSERT INTO tables
  (client_id, integration_id, name, key_names, key_set, ranges, created_at)
SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, ?3 FROM json_each(?4)
WHERE value->>4 IS NULL AND ${NO_CONFLICT}
ON CONFLICT (integration_id, name) DO NOTHING`;

const INSERT_SUBTABLES = `INSERT INTO tables
  (client_id, integration_id, name, key_names, key_set, ranges, parent_id, created_at)
SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, parents.id, ?3
FROM json_each(?4) CROSS JOIN tables AS parents ON
  parents.integration_id = ?2 AND parents.name = value->>4
WHERE ${NO_CONFLICT}
ON CONFLICT (integration_id, name) DO NOTHING`;

/**
 * Creates the tables that do not exist yet and returns all of them as they are now, and with
 * them what {@link findTables} finds. Another request may have created one first, with other
 * key names, or as a subtable or the contrary, which the caller must compare: then none is
 * created, so that a refused request leaves nothing behind (promise P3). Where the tables need
 * several parameters, that holds for those of each. Two D1 calls.
 */
export async function createTables(
  env: Env,
  integration: Integration,
  tables: readonly NewTable[],
): Promise<Map<string, TableRecord>> {
  const rows = tables.map(({ name, keyNames, ranges, parent }) =>
    JSON.stringify([
      JSON.stringify(name),
      JSON.stringify(keyNames),
      JSON.stringify(sortedKeyNames(keyNames)),
      rangesToText(ranges),
      ...(parent === undefined ? [] : [JSON.stringify(parent)]),
    ]),
  );
  const { clientId, integrationId } = integration;
  const now = Date.now();
  const arrays = jsonArrays(rows);
  // The tables before their subtables.
  const statements =
    integration.nested === true ? [INSERT_ROOTS, INSERT_SUBTABLES] : [INSERT_TABLES];
  const inserts = statements.flatMap((sql) => {
    const insert = env.CATALOG.prepare(sql);
    return arrays.map((array) => insert.bind(clientId, integrationId, now, array));
  });
  await fromStore(() => env.CATALOG.batch(inserts));
  const names = new Set(tables.flatMap(({ name, parent = name }) => [name, parent]));
  return readTables(env, integration, [...names]);
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
  for (const { table, bits, root } of added) cacheOf(env).addColumns(table, bits, root);
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

/** Rows are deleted after it, so what was counted does not hold any more. */
