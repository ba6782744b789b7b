/** Reading the catalogue's tables and columns for owners and exports, straight and uncached. */
import { type Column, columnType } from "./columns.ts";
import type { NestedTable, RootTable } from "./nested.ts";
import { type KeyRange, rangesFromText } from "./slots.ts";

/** A table as its client sees it; how its rows are unrolled: nested.ts. */
export interface TableInfo extends NestedTable {
  readonly id: number;
  readonly name: string;
  readonly integrationId: number;
  readonly keyNames: readonly string[];
  readonly nested: boolean;
  /** The table whose rows are stored, where this one is a subtable. */
  readonly parent?: RootTable & { readonly id: number };
  /** The id of the table in whose rows this one's are: its parent's, or its own. */
  readonly sourceTableId: number;
  readonly ranges: readonly KeyRange[];
  /** ms since 1970. */
  readonly createdAt: number;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly nested: string;
  readonly key_names: string;
  readonly ranges: string;
  readonly created_at: number;
  readonly parent_id: number | null;
  readonly parent_name: string | null;
  readonly parent_key_names: string | null;
}

/** A subtable has the ranges of its parent. */
const SELECT = `SELECT tables.id, tables.name, tables.integration_id, integrations.nested,
  tables.key_names, coalesce(parents.ranges, tables.ranges) AS ranges, tables.created_at,
  tables.parent_id, parents.name AS parent_name, parents.key_names AS parent_key_names
FROM tables JOIN integrations ON integrations.id = tables.integration_id
LEFT JOIN tables AS parents ON parents.id = tables.parent_id`;

/** The tables of all integrations of a client, in the order of their creation (wire.md 1.4). */
export async function listTables(env: Env, clientId: number): Promise<TableInfo[]> {
  const { results } = await env.CATALOG.prepare(
    `${SELECT} WHERE tables.client_id = ?1 ORDER BY tables.id`,
  )
    .bind(clientId)
    .all<Row>();
  return results.map(toInfo);
}

/** A table of a client, or undefined: one of another client does not exist for it. */
export async function findTable(
  env: Env,
  clientId: number,
  id: number,
): Promise<TableInfo | undefined> {
  const row = await env.CATALOG.prepare(`${SELECT} WHERE tables.id = ?1 AND tables.client_id = ?2`)
    .bind(id, clientId)
    .first<Row>();
  return row === null ? undefined : toInfo(row);
}

function toInfo(row: Row): TableInfo {
  return {
    id: row.id,
    name: JSON.parse(row.name) as string,
    integrationId: row.integration_id,
    nested: row.nested === "tables",
    ...parentOf(row),
    sourceTableId: row.parent_id ?? row.id,
    keyNames: JSON.parse(row.key_names) as string[],
    ranges: rangesFromText(row.ranges),
    createdAt: row.created_at,
  };
}

function parentOf(row: Row): Pick<TableInfo, "parent"> {
  const { parent_id: id, parent_name: name, parent_key_names: keyNames } = row;
  if (id === null || name === null || keyNames === null) return {};
  return {
    parent: { id, name: JSON.parse(name) as string, keyNames: JSON.parse(keyNames) as string[] },
  };
}

/**
 * The columns of a table in the order of their first appearance.
 *
 * @param throughId the last column id to show: an export keeps the columns it began with.
 */
export async function listColumns(
  env: Env,
  tableId: number,
  throughId: number = Number.MAX_SAFE_INTEGER,
): Promise<Column[]> {
  const { results } = await env.CATALOG.prepare(
    "SELECT name, types FROM columns WHERE table_id = ?1 AND id <= ?2 ORDER BY id",
  )
    .bind(tableId, throughId)
    .all<{ name: string; types: number }>();
  return results.map(({ name, types }) => ({
    name: JSON.parse(name) as string,
    type: columnType(types),
    types,
  }));
}

/** The id of the column that appeared last, 0 where there is none. */
export async function lastColumnId(env: Env, tableId: number): Promise<number> {
  const id = await env.CATALOG.prepare("SELECT max(id) AS id FROM columns WHERE table_id = ?1")
    .bind(tableId)
    .first<number>("id");
  return id ?? 0;
}
