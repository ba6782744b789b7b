/** What an export is made from: what its first step fixes, and what each part takes from it. */
import { compile } from "../../filter/compile.ts";
import { unroller } from "../../warehouse/nested.ts";
import {
  findTable,
  lastColumnId,
  listColumns,
  type TableInfo,
} from "../../warehouse/read-tables.ts";
import { freshSession } from "../../warehouse/shards.ts";
import { shardsOf } from "../../warehouse/slots.ts";
import { countRows } from "./count.ts";
import { csvField, csvHeader, csvRow, FORMULA_BYTES, safeCsvField, safeCsvRow } from "../../csv.ts";
import { type ExportDefinition, readDefinition } from "../definition.ts";
import type { ExportRow } from "../exports.ts";
import { memberName } from "../file/file-name.ts";
import { COUNT_ROWS_MAX } from "../limits.ts";
import { type PartSource, TooManyRows } from "../file/part-writer.ts";
import type { RecordRules } from "../file/records.ts";

/** What holds for all parts of a file. Small and plain JSON: a step's result has 1 MiB at most. */
export interface Beginning {
  /** The table whose rows are stored. */
  readonly tableId: number;
  readonly shards: number[];
  /** See TableSource. */
  readonly bookmarks: (string | null)[];
  /** The file has the columns that the table had then; more may appear while it is read. */
  readonly lastColumnId: number;
  /** Rows of the table then; null where counting them would take too long. */
  readonly rowsTotal: number | null;
}

/** The table of an export was not found, or is another client's: no attempt will find it. */
export class TableGone extends Error {}

/**
 * Looks at the table for the first time.
 *
 * @param rowsMax most rows of the export.
 * @throws TableGone; TooManyRows where all rows are wanted and they are more than that.
 */
export async function lookAt(env: Env, row: ExportRow, rowsMax: number): Promise<Beginning> {
  const table = await tableOf(env, row);
  const shards = shardsOf(table.ranges);
  const sessions = shards.map((shard) => freshSession(env, shard));
  const isWhole = hasEveryRow(table, readDefinition(row.definition));
  const countMax = isWhole ? rowsMax : COUNT_ROWS_MAX;
  const rows = await countRows(sessions, table.sourceTableId, countMax);
  if (isWhole && rows > rowsMax) throw new TooManyRows(rowsMax);
  for (const session of sessions) {
    // Counting may have stopped before this shard.
    if (session.getBookmark() === null) await session.prepare("SELECT 1").first();
  }
  return {
    tableId: table.sourceTableId,
    shards,
    bookmarks: sessions.map((session) => session.getBookmark()),
    lastColumnId: await lastColumnId(env, table.id),
    rowsTotal: rows > countMax ? null : rows,
  };
}

/** Whether each row of the table gives one record of the file. */
export function hasEveryRow(table: TableInfo, { filter }: ExportDefinition): boolean {
  return filter === undefined && table.parent === undefined;
}

/** The source of a part. @throws TableGone. */
export async function sourceOf(
  env: Env,
  row: ExportRow,
  beginning: Beginning,
): Promise<PartSource> {
  const table = await tableOf(env, row);
  const definition = readDefinition(row.definition);
  const columns =
    definition.columns ??
    (await listColumns(env, table.id, beginning.lastColumnId)).map(({ name }) => name);
  const { tableId, shards, bookmarks } = beginning;
  return {
    ...rulesOf(table, definition),
    columns,
    header: csvHeader(columns, definition.spreadsheetSafe ? safeCsvField : csvField),
    tableId,
    shards,
    bookmarks,
    memberName: memberName(row.name),
    modified: row.created_at,
  };
}

function rulesOf(table: TableInfo, definition: ExportDefinition): Omit<RecordRules, "columns"> {
  const { filter, spreadsheetSafe } = definition;
  return {
    ...(spreadsheetSafe ? { write: safeCsvRow, leaveTo: FORMULA_BYTES } : { write: csvRow }),
    ...(filter === undefined ? {} : { matches: compile(filter) }),
    ...(table.nested ? { unroll: unroller(table) } : {}),
  };
}

async function tableOf(env: Env, row: ExportRow): Promise<TableInfo> {
  const table = await findTable(env, row.client_id, row.table_id);
  if (table === undefined) throw new TableGone("the table of the export is gone");
  return table;
}
