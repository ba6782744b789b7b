/** Files of exports, and the filters that say what is in them. */
import { unzip } from "../support/export.ts";
import { type Cell, readCsv } from "../support/read-csv.ts";
import type { FilterPlan } from "./model-program.ts";
import { compareNumbers } from "./model-values.ts";

/** Rows in an order that depends on nothing but them. */
export function sortedRows(rows: readonly (readonly Cell[])[]): (readonly Cell[])[] {
  const text = (row: readonly Cell[]): string => JSON.stringify(row);
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** A file's header row and its other rows, sorted. */
export async function fileOf(response: Response): Promise<(readonly Cell[])[]> {
  const [header = [], ...rows] = readCsv((await unzip(response)).csv, "\r\n");
  return [header, ...sortedRows(rows)];
}

/** Whether a value meets a filter; null and absent meet only `is_null`. */
export function meets(
  json: string | undefined,
  operator: FilterPlan["operator"],
  operand: string,
): boolean {
  const isNull = json === undefined || json === "null";
  if (isNull || operator === "is_null") return isNull && operator === "is_null";
  if (operator === "is_not_null") return true;
  if (operand.startsWith('"')) {
    const [own, other] = [String(JSON.parse(json)), String(JSON.parse(operand))];
    return operator === "equal" ? own === other : own > other;
  }
  const order = compareNumbers(json, operand);
  return operator === "equal" ? order === 0 : order > 0;
}
