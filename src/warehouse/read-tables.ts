/** Reading the catalogue's tables and columns for owners and exports, straight and uncached. */
import { type Column, columnType } from "./columns.ts";
import { type KeyRange, rangesFromText } from "./slots.ts";

/** A table as its client sees it. */
export interface TableInfo {
  readonly id: number;
  readonly name: string;
  readonly integrationId: number;
  readonly keyNames: readonly string[];
  readonly ranges: readonly KeyRange[];
  /** ms since 1970. */
  readonly createdAt: number;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly key_names: string;
  readonly ranges: string;
  readonly created_at: number;
}

const FIELDS = "id, name, integration_id, key_names, ranges, created_at";

/** The tables of all integrations of a client, in the order of their creation (wire.md 1.4). */
export async function listTables(env: Env, clientId: number): Promise<TableInfo[]> {
  const { results } = await env.CATALOG.prepare(
    `SELECT ${FIELDS} FROM tables WHERE client_id = ?1 ORDER BY id`,
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
  const row = await env.CATALOG.prepare(
    `SELECT ${FIELDS} FROM tables WHERE id = ?1 AND client_id = ?2`,
  )
    .bind(id, clientId)
    .first<Row>();
  return row === null ? undefined : toInfo(row);
}

function toInfo(row: Row): TableInfo {
  return {
    id: row.id,
    name: JSON.parse(row.name) as string,
    integrationId: row.integration_id,
    keyNames: JSON.parse(row.key_names) as string[],
    ranges: rangesFromText(row.ranges),
    createdAt: row.created_at,
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
  }));
}

/** The id of the column that appeared last, 0 where there is none. */
export async function lastColumnId(env: Env, tableId: number): Promise<number> {
  const id = await env.CATALOG.prepare("SELECT max(id) AS id FROM columns WHERE table_id = ?1")
    .bind(tableId)
    .first<number>("id");
  return id ?? 0;
}
