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

/** Where a server ran, fewer lines of requests mean that nothing was kept. */
const REQUESTS_MIN = 10;

/** Keeps a line, where the run has a folder for them. */
export function keepLogLine(line: string): void {
  append(`${line}\n`);
}

/** Notes that this process starts a server, so that its lines are missed where there are none. */
export function noteServer(): void {
  append("");
}

function append(text: string): void {
  const folder = process.env[VARIABLE];
  if (folder !== undefined) appendFileSync(join(folder, `${process.pid}.log`), text);
}

/** Runs before the first file; what it returns runs after the last, and fails the run. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "headgate-log-"));
  process.env[VARIABLE] = folder;
  return function teardown() {
    delete process.env[VARIABLE];
    const search = new LogSearch();
    const files = readdirSync(folder);
    for (const file of files) {
      search.take(readFileSync(join(folder, file), "utf8"), file);
    }
    rmSync(folder, { recursive: true });
    search.check(files.length === 0 ? 0 : REQUESTS_MIN);
    console.log(search.summary);
  };
}
