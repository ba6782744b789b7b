/** The search for credentials in the log of a run can fail: lines that have one, planted. */
import { describe, expect, test } from "vitest";
import { randomBytes } from "node:crypto";
import { keepLogLine, setup } from "../support/log-gate/folder.ts";
import { logGate } from "../support/log-gate/reporter.ts";
import {
  credentialsIn,
  FIXED_CREDENTIALS,
  isLogLine,
  LogSearch,
} from "../support/log-gate/search.ts";

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
    lines.forEach(keepLogLine);
    if (message === undefined) expect(teardown).not.toThrow();
    else expect(teardown).toThrow(message);
  }
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
