/** What the exports of figures and charts share. */
import { Refusal } from "../http/errors.ts";
import { fromStore } from "../warehouse/store-errors.ts";
import { findTable, type TableInfo } from "../warehouse/read-tables.ts";
import { STATEMENTS_MAX } from "./engine/engine-limits.ts";
import { Calls, DEFAULT_SCAN, type ScanOptions } from "./engine/scan.ts";
import type { WholeReportRow } from "./store.ts";

/** A report that is to be reckoned; it need not be stored. */
export interface Run {
  readonly clientId: number;
  readonly row: Pick<WholeReportRow, "definition" | "filters">;
  /** What moving ranges are reckoned from, in ms since 1970. */
  readonly now: number;
}

/** An export of a stored report. */
export interface ExportRun extends Run {
  readonly row: WholeReportRow;
}

/** The file of a report, and how many values are not in it, being no dates or no numbers. */
export interface Reckoned {
  readonly text: string;
  readonly notDates: number;
  readonly notNumbers: number;
}

/**
 * A table of a report.
 *
 * @throws Refusal export_invalid where it is gone.
 */
export async function tableOf(
  env: Env,
  clientId: number,
  id: number,
  place: string,
): Promise<TableInfo> {
  const table = await fromStore(() => findTable(env, clientId, id));
  if (table !== undefined) return table;
  const REASON = `${place}.table_id: the client has no table with the id ${id}.`;
  throw new Refusal("export_invalid", { REASON });
}

/**
 * How the questions of one export are asked, which share the statements of its invocation. They
 * must be asked one after the other: each may take the memory that there is.
 */
export function newScan(): ScanOptions {
  return { ...DEFAULT_SCAN, calls: new Calls(STATEMENTS_MAX) };
}
