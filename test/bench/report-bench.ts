/**
 * `npm run bench -- report`: how long figures and cohort charts take over a table of a million
 * rows, beside bare `node:sqlite` with the same questions to the same file in the same run, and
 * beside PostgreSQL. One machine, local D1: nothing here says how fast production is.
 */
import { rmSync } from "node:fs";
import type { Bench } from "./bench.ts";
import { buildTable, startAgain } from "./export.ts";
import { REPORT_COLUMNS } from "./export-orders.ts";
import { checkDisk } from "./export-tables.ts";
import { fillOrders } from "./postgres-orders.ts";
import type { Reading } from "./readings.ts";
import { measureQuestions } from "./report-measure.ts";
import { questionHeading, questionReadings, questionText } from "./report-text.ts";

/** Runs the benchmark; returns what it has measured. */
export async function benchReports(bench: Bench): Promise<Reading[]> {
  const { options, say, folder } = bench;
  checkDisk(folder, options.reportRows);
  say(questionHeading());
  const table = await buildTable(bench, options.reportRows, REPORT_COLUMNS);
  const cluster = await bench.postgres();
  if (cluster !== undefined) await fillOrders(cluster, table.plainFile, REPORT_COLUMNS);
  const worker = await startAgain(bench, table);
  const questions = await measureQuestions(table, worker, cluster, (result) =>
    say(questionText(result)),
  );
  await worker.close();
  rmSync(table.folder, { recursive: true, force: true, maxRetries: 3 });
  return questions.flatMap(questionReadings);
}
