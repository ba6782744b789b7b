/**
 * For runs whose servers are processes of their own: they write their log lines to a folder,
 * which is searched at the end of the run (vitest's globalSetup).
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogSearch } from "./search.ts";

/** The folder's name in the environment of all processes of the run. */
const VARIABLE = "HEADGATE_LOG_DIR";

/** Fewer lines of requests mean that nothing was kept; each file of such a run makes more. */
const REQUESTS_MIN = 10;

/** Keeps a line, where the run has a folder for them. */
export function keepLogLine(line: string): void {
  const folder = process.env[VARIABLE];
  if (folder !== undefined) appendFileSync(join(folder, `${process.pid}.log`), `${line}\n`);
}

/** Runs before the first file; what it returns runs after the last, and fails the run. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "headgate-log-"));
  process.env[VARIABLE] = folder;
  return function teardown() {
    delete process.env[VARIABLE];
    const search = new LogSearch();
    for (const file of readdirSync(folder)) {
      search.take(readFileSync(join(folder, file), "utf8"), file);
    }
    rmSync(folder, { recursive: true });
    search.check(REQUESTS_MIN);
    console.log(search.summary);
  };
}
