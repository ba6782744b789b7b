/**
 * The console of tests in which the service is meant to log: nothing is printed. What is printed
 * is searched for credentials by the run itself (log-gate); what a spy takes is searched here.
 */
import { vi } from "vitest";
import { credentialsIn } from "./log-gate/search.ts";

/** The ways to write to the console. */
export type ConsoleMethod = "log" | "warn" | "error" | "info" | "debug";

/** What was found and not reported yet. */
const findings = new Set<string>();

/** Searches one call of the console. The credential itself is not repeated. */
export function searchCall(method: ConsoleMethod, parts: readonly unknown[]): void {
  const texts = parts.map((part) => (part instanceof Error ? (part.stack ?? "") : String(part)));
  for (const found of credentialsIn(texts.join(" "))) findings.add(`console.${method}: ${found}`);
}

/**
 * Spies on the console: each call is recorded and searched, and nothing is printed. The test in
 * which a credential comes fails (setup.ts).
 */
export function quietConsole(method: ConsoleMethod = "error") {
  return vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
    searchCall(method, parts);
  });
}

/**
 * What a spy has taken of one export: jobs that earlier tests began may still be at work, and log
 * what they do.
 *
 * @returns the lines that name this export, or none.
 */
export function linesOf(
  { mock }: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } },
  exportId: number,
): string[] {
  const lines = mock.calls.map((parts) => parts.map(String).join(" "));
  return lines.filter((line) => {
    const named = /"exportId":(\d+)/.exec(line)?.[1];
    return named === undefined || Number(named) === exportId;
  });
}

/** What was found since this was last asked: of which call, and what. */
export function takeFindings(): string[] {
  const found = [...findings];
  findings.clear();
  return found;
}
