/** Compares the tables with what was acknowledged. */
import type { Finding, Model, Row, Verdict } from "./model.ts";
import type { Reader } from "./reader.ts";

/** The verdict on several things. */
export function together(verdicts: readonly Verdict[]): Verdict {
  return {
    checks: verdicts.reduce((sum, { checks }) => sum + checks, 0),
    findings: verdicts.flatMap(({ findings }) => findings),
  };
}

/**
 * Audits tables, one after the other. Nothing may write to them meanwhile. What is stored counts
 * as acknowledged from now on, so that a loss is found once, and nothing goes back later.
 */
export async function auditTables(reader: Reader, models: readonly Model[]): Promise<Verdict> {
  const tables = await reader.tables();
  const verdicts: Verdict[] = [];
  for (const model of models) {
    verdicts.push(await auditTable(reader, model, tables.get(model.table)));
  }
  return together(verdicts);
}

async function auditTable(
  reader: Reader,
  model: Model,
  tableId: number | undefined,
): Promise<Verdict> {
  const isMissing = tableId === undefined;
  const rows = isMissing ? [] : await allRows(reader, model, tableId);
  const verdict = model.check()(rows);
  const columns = isMissing ? new Set<string>() : await reader.columns(tableId);
  const missing = [...model.columns].filter((column) => !columns.has(column));
  const findings = missing.map((column): Finding => {
    return { kind: "lost", text: `${model.table}: no column ${column}` };
  });
  model.accept(rows);
  return together([verdict, { checks: model.columns.size, findings }]);
}

async function allRows(reader: Reader, model: Model, tableId: number): Promise<Row[]> {
  if (!model.isLarge) return reader.rows(tableId);
  return reader.file(await reader.startExport(tableId));
}
