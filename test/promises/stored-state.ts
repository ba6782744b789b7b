/** All that is stored of one client, to be compared between runs. */
import { testEnv } from "../support/env.ts";
import type { Tenant } from "../support/tenant.ts";

/** A table with its columns, in their order. */
export interface StoredTable {
  readonly keyNames: string;
  /** The name of its table, where it is a subtable. */
  readonly parent: string | null;
  readonly version: string;
  /** Names with their type bits. */
  readonly columns: readonly string[];
}

/** A row; the key of a table without keys is `+`, since it is chosen by chance. */
export interface StoredRow {
  readonly table: string;
  readonly shard: number;
  readonly text: string;
  readonly data: string;
}

/** What a client has, without its numbers: equal for two clients who sent the same. */
export interface StoredState {
  readonly tables: Readonly<Record<string, StoredTable>>;
  /** In the order of their texts. */
  readonly rows: readonly StoredRow[];
}

const TABLES = `SELECT tables.id, tables.name, tables.key_names, parents.name AS parent,
CAST(tables.current_version AS TEXT) AS version FROM tables
LEFT JOIN tables AS parents ON parents.id = tables.parent_id
WHERE tables.integration_id = ?1 ORDER BY tables.name`;

const COLUMNS = `SELECT columns.table_id, columns.name || ' ' || columns.types AS text FROM columns
JOIN tables ON tables.id = columns.table_id WHERE tables.integration_id = ?1 ORDER BY columns.id`;

const ROWS = `SELECT table_id, key, CAST(sequence AS TEXT) AS sequence,
CAST(version AS TEXT) AS version, data FROM rows
WHERE table_id IN (SELECT value FROM json_each(?1))`;

interface TableRow {
  readonly id: number;
  readonly name: string;
  readonly key_names: string;
  readonly parent: string | null;
  readonly version: string;
}

interface Row {
  readonly table_id: number;
  readonly key: string;
  readonly sequence: string;
  readonly version: string;
  readonly data: string;
}

/** Reads it from the databases themselves. */
export async function storedState(tenant: Tenant): Promise<StoredState> {
  const { CATALOG, SHARD_0, SHARD_1 } = testEnv;
  const [tables, columns] = await CATALOG.batch([
    CATALOG.prepare(TABLES).bind(tenant.integrationId),
    CATALOG.prepare(COLUMNS).bind(tenant.integrationId),
  ]);
  const found = (tables?.results ?? []) as TableRow[];
  const texts = (columns?.results ?? []) as { table_id: number; text: string }[];
  const ids = JSON.stringify(found.map(({ id }) => id));
  const shards = await Promise.all(
    [SHARD_0, SHARD_1].map((shard) => shard.prepare(ROWS).bind(ids).all<Row>()),
  );
  const byId = new Map(found.map((table) => [table.id, table]));
  const rows = shards.flatMap(({ results }, shard) =>
    results.map((row) => rowOf(row, shard, byId.get(row.table_id))),
  );
  return {
    tables: Object.fromEntries(
      found.map(({ id, name, key_names, parent, version }) => {
        const own = texts.filter(({ table_id }) => table_id === id).map(({ text }) => text);
        return [String(JSON.parse(name)), { keyNames: key_names, parent, version, columns: own }];
      }),
    ),
    rows: rows.toSorted((a, b) => (a.text < b.text ? -1 : 1)),
  };
}

function rowOf(row: Row, place: number, table: TableRow | undefined): StoredRow {
  const isAppended = table?.key_names === "[]";
  const key = isAppended ? "+" : row.key;
  const name = String(JSON.parse(table?.name ?? '""'));
  const text = [name, key, row.sequence, row.version, row.data].join(" ");
  // By chance, too.
  const shard = isAppended ? 0 : place;
  return { table: name, shard, text, data: row.data };
}
