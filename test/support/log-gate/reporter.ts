/** For tests inside workerd: what the service logs there is searched, and not printed. */
import type { Reporter } from "vitest/node";
import { isLogLine, LogSearch } from "./search.ts";

/** The two ends of it in a vitest configuration. */
export interface LogGate {
  /** `onConsoleLog`: false for what is not to be printed. */
  readonly onConsoleLog: (log: string, type: string, entity?: { readonly id: string }) => boolean;
  readonly reporter: Reporter;
}

/**
 * Fails the run where a line has a credential.
 *
 * @param requestsMin lines of requests that a run of all files has at least; a run of some files
 *   may have fewer.
 */
export function logGate(requestsMin: number): LogGate {
  const search = new LogSearch();
  return {
    onConsoleLog(log, _type, entity) {
      search.take(log, entity?.id ?? "a file's own code");
      return !log.split("\n").every((line) => line === "" || isLogLine(line));
    },
    reporter: {
      onTestRunEnd(modules) {
        try {
          search.check(modules.length >= WHOLE_RUN_FILES ? requestsMin : 0);
          console.log(search.summary);
        } catch (error) {
          process.exitCode = 1;
          console.error(error instanceof Error ? error.message : error);
        }
      },
    },
  };
}

/** A run of that many files is one of all: the project has more, and nobody names so many. */
const WHOLE_RUN_FILES = 100;
