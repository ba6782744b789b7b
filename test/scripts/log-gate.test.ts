/** The search for credentials in the log of a run can fail: lines that have one, planted. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keepLogLine, noteServer, setup } from "../support/log-gate/folder.ts";
import { logGate } from "../support/log-gate/reporter.ts";
import {
  credentialsIn,
  FIXED_CREDENTIALS,
  isLogLine,
  LogSearch,
} from "../support/log-gate/search.ts";
import { quietConsole, takeFindings } from "../support/quiet-console.ts";

const line = (path: string): string =>
  JSON.stringify({ level: "info", event: "request", id: "x", surface: "push", path, status: 200 });

const secret = randomBytes(32).toString("hex");
const encoded = (text: string): string =>
  [...text].map((one) => `%${one.charCodeAt(0).toString(16)}`).join("");

const PLANTED: Readonly<Record<string, string>> = {
  "a secret": `/${secret}`,
  "in capitals": `/${secret.toUpperCase()}`,
  "percent-encoded": `/${encoded(secret)}`,
  "encoded twice": `/${encoded(encoded(secret))}`,
  base64: `/${btoa(secret)}`,
  "base64 of a pair": `/${btoa(`user:${FIXED_CREDENTIALS[0]}`)}`,
  "the query of RJMetrics": "/v2/client/1/authenticate?apikey=x",
  "a cookie": `__Host-headgate=${secret.slice(0, 8)}`,
  "a header": "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
  "a token of Access": "eyJhbGciOiJSUzI1NiJ9.eyJlbWFpbCI6ImEifQ.c2ln",
  ...Object.fromEntries(FIXED_CREDENTIALS.map((fixed) => [fixed, `/x/${fixed}/y`])),
};

describe("a credential in a line is found", () => {
  test.each(Object.entries(PLANTED))("%s", (_, path) => {
    const search = new LogSearch();
    search.take(`${line("/ok")}\n${line(path)}\n`, "planted");
    expect(search.findings).toHaveLength(1);
    expect(() => search.check(0)).toThrow("have a credential");
    // What is printed of it has none.
    expect(credentialsIn(search.findings.join().replace(/^.* in /, ""))).toEqual([]);
  });
});

test("lines without one are none, and no other output is a line", () => {
  const search = new LogSearch();
  expect(isLogLine("[wrangler:info] GET /v2/import/status 200 OK (1ms)")).toBe(true);
  search.take([line("/v2/import/push"), line("/[redacted]"), secret, ""].join("\n"), "x");
  expect(search).toMatchObject({ lines: 2, requests: 2, findings: [] });
  expect(() => search.check(2)).not.toThrow();
});

test("a run whose log was not read fails, too", () => {
  expect(() => new LogSearch().check(1)).toThrow("only 0 lines");
});

test("a run with servers of its own fails at its end", () => {
  for (const [planted, message] of [
    [secret, "have a credential"],
    ["ok", undefined],
    [undefined, "only 0 lines"],
  ] as const) {
    const teardown = setup();
    const lines =
      planted === undefined ? [] : Array.from({ length: 20 }, () => line(`/${planted}`));
    noteServer();
    lines.forEach(keepLogLine);
    if (message === undefined) expect(teardown).not.toThrow();
    else expect(teardown).toThrow(message);
  }
  // One of files that start none has nothing to search.
  expect(setup()).not.toThrow();
  // Outside such a run nothing is kept.
  keepLogLine(line("/"));
});

test("a run inside workerd fails at its end", () => {
  const before = process.exitCode;
  const gate = logGate(0);
  expect(gate.onConsoleLog(line("/ok"), "stdout")).toBe(false);
  expect(gate.onConsoleLog("words of a test", "stdout")).toBe(true);
  gate.reporter.onTestRunEnd?.([], [], "passed");
  expect(process.exitCode).toBe(before);
  gate.onConsoleLog(line(`/${secret}`), "stdout");
  gate.reporter.onTestRunEnd?.([], [], "passed");
  expect(process.exitCode).toBe(1);
  process.exitCode = before;
});

describe("a console that a test keeps quiet", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("is searched, whatever the line looks like", () => {
    const spy = quietConsole();
    console.error("nothing", { level: "error" }, new Error("nothing"));
    expect(takeFindings()).toEqual([]);
    console.error(JSON.stringify({ t: secret }));
    expect(takeFindings()).toEqual(["console.error: 64 hex digits"]);
    console.error(new Error(secret));
    expect(takeFindings()).toHaveLength(1);
    expect(takeFindings()).toEqual([]);
    expect(spy).toHaveBeenCalledTimes(3);
  });

  /** Files that replace the console and search or compare each line themselves. */
  const SEARCHING = new Set([
    "console/session/sign-in.test.ts",
    "http/captured-log.ts",
    "http/security.test.ts",
    "import/rjmetrics/security.test.ts",
    "import/stitch/push-credentials.test.ts",
    "support/quiet-console.ts",
    "warehouse/shard-room.test.ts",
  ]);

  const MUTE = /spyOn\(\s*console,[^)]*\)\s*\.mock|console\.(?:log|warn|error|info|debug) = /;

  test("is quiet by quietConsole alone", () => {
    const folder = join(import.meta.dirname, "..");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const mute = files
      .filter((file) => file.endsWith(".ts") && MUTE.test(readFileSync(join(folder, file), "utf8")))
      .filter((file) => file !== "scripts/log-gate.test.ts");
    expect(mute.toSorted()).toEqual([...SEARCHING].toSorted());
  });
});
