/**
 * `npm run bench -- report`: how long figures take over a table of a million rows, beside bare
 * `node:sqlite` with the same questions to the same file in the same run. One machine, local D1:
 * nothing here says how fast production is.
 */
import { rmSync } from "node:fs";
import { buildTable, type ExportBench, startAgain } from "./export.ts";
import { checkDisk } from "./export-tables.ts";
import { measureQuestions } from "./report-measure.ts";
import { isMet, questionHeading, questionText, RATIO_MAX } from "./report-text.ts";
import { machineText } from "./report.ts";

/** Runs the benchmark; the exit code is 1 where a target is missed and that is asked for. */
export async function benchReports(bench: ExportBench): Promise<void> {
  const { options, say, folder } = bench;
  checkDisk(folder, options.reportRows);
  say(`before: ${machineText()}\n${questionHeading()}`);
  const table = await buildTable(bench, options.reportRows);
  const worker = await startAgain(bench, table);
  const questions = await measureQuestions(table, worker, (result) => say(questionText(result)));
  await worker.close();
  rmSync(table.folder, { recursive: true, force: true, maxRetries: 3 });
  const met = questions.filter(isMet).length;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ questions, ratioMax: RATIO_MAX }, null, 2)}\n`);
  }
  say(`\nafter: ${machineText()}\n${met} of ${questions.length} targets met`);
  if (options.check && met < questions.length) process.exitCode = 1;
}
