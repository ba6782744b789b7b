/** What the exports of figures and charts share. */
import { Refusal } from "../http/errors.ts";
import { findTable, type TableInfo } from "../warehouse/read-tables.ts";
import { STATEMENTS_MAX } from "./engine/engine-limits.ts";
import { Calls, DEFAULT_SCAN, type ScanOptions } from "./engine/scan.ts";
import type { WholeReportRow } from "./store.ts";

/** An export of a report. */
export interface Run {
  readonly clientId: number;
  readonly row: WholeReportRow;
  /** What moving ranges are reckoned from, in ms since 1970. */
  readonly now: number;
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
  const table = await findTable(env, clientId, id);
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
