/** What the service writes to the log, and bindings that let it write. */
import { vi } from "vitest";
import { searchCall } from "../support/quiet-console.ts";
import { otherIsolate } from "../support/worker.ts";

/** One line, as it was written. */
export interface LoggedLine {
  readonly method: "log" | "warn" | "error" | "info" | "debug";
  readonly text: string;
}

const METHODS = ["log", "warn", "error", "info", "debug"] as const;

/** Takes in all lines from now on. Restore it at the end of the test. */
export function captureLog() {
  const lines: LoggedLine[] = [];
  const spies = METHODS.map((method) =>
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      searchCall(method, parts);
      const text = parts.map((part) => (part instanceof Error ? part.stack : String(part)));
      lines.push({ method, text: text.join(" ") });
    }),
  );
  return {
    lines,
    /** The lines of an event, parsed. */
    events: (event: string) =>
      lines
        .map(({ text }) => JSON.parse(text) as Record<string, unknown>)
        .filter((line) => line["event"] === event),
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

/** A fresh isolate that logs these requests. */
export function loggingEnv(which: "all" | "failed" | "none" = "all"): Env {
  return { ...otherIsolate(), LOG_REQUESTS: which };
}
