import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorAnswer, jsonAnswer, rjmetricsHeaders } from "../../src/http/answer.ts";
import { type ErrorCode, type ErrorParams, Refusal } from "../../src/http/errors.ts";
import type { Surface } from "../../src/http/surfaces.ts";
import { quietConsole } from "../support/quiet-console.ts";

const SURFACES: readonly Surface[] = [
  "push",
  "validate",
  "batch",
  "stitch",
  "rjmetrics",
  "native",
  "export",
  "admin",
];

const log = vi.spyOn(console, "error");
beforeEach(() => {
  log.mockReset();
  quietConsole();
});
afterEach(() => {
  log.mockReset();
});

function requestOf(headers: Record<string, string> = {}): Request {
  return new Request("https://headgate.example/some/path?apikey=s3cret", { headers });
}

function answerTo(
  surface: Surface,
  code: ErrorCode,
  params: ErrorParams = {},
  record?: number,
  request = requestOf(),
): Response {
  return errorAnswer(surface, request, new Refusal(code, params, record));
}

test("jsonAnswer is not to be stored, and takes further headers", async () => {
  const answer = jsonAnswer(201, "{}", { Vary: "Accept" });
  expect(answer.status).toBe(201);
  expect(Object.fromEntries(answer.headers)).toEqual({
    "content-type": "application/json",
    "cache-control": "no-store",
    vary: "Accept",
  });
  expect(await answer.text()).toBe("{}");
});

test.each([
  [undefined, "text/html; charset=UTF-8"],
  ["*/*", "text/html; charset=UTF-8"],
  ["application/json", "application/json"],
  ["text/html, application/json;q=0.1", "application/json"],
])("an RJMetrics answer to Accept %j is typed %s", (accept, type) => {
  const request = requestOf(accept === undefined ? {} : { Accept: accept });
  expect(rjmetricsHeaders(request)).toEqual({ "Content-Type": type, Vary: "Accept" });
  const answer = answerTo("rjmetrics", "unauthorized", {}, undefined, request);
  expect(answer.headers.get("content-type")).toBe(type);
  expect(answer.headers.get("vary")).toBe("Accept");
});

describe("places of a body", () => {
  const hostile = 'a"b\\c\n\u0000<LIMIT>$&\u2028\ud800';

  test("are filled with text that stays text", async () => {
    const answer = answerTo("rjmetrics", "key_names_differ", { TABLE: hostile, NAMES: "x" }, 3);
    expect(JSON.parse(await answer.text())).toEqual({
      code: 400,
      message: "Bad Request",
      reasons: [`Record 3: table ${hostile} has the keys x.`],
      record: 3,
    });
  });

  test("a place that is a whole text takes any value", async () => {
    const reason = JSON.parse('{"__proto__":["unknown key"],"a":["<RECORD>"]}') as unknown;
    const answer = answerTo("push", "record_members", { REASON: reason }, 0);
    const text = await answer.text();
    expect(text).toContain('{"__proto__":["unknown key"],"a":["<RECORD>"]}');
    expect(text.endsWith(',"record":0}')).toBe(true);
  });

  test("a caller's text is cut, so that answers stay short", async () => {
    const answer = answerTo("batch", "key_missing", { KEY: "k".repeat(1_000_000) }, 0);
    expect((await answer.text()).length).toBeLessThan(2_000);
  });

  test("without a record there is none in the body", async () => {
    const body: unknown = await answerTo("push", "array_expected").json();
    expect(body).toEqual({ status: "ERROR", message: "An array of records is expected" });
  });
});

describe("headers", () => {
  test.each(SURFACES)("%s: no answer may be stored", (surface) => {
    for (const code of ["internal", "overloaded"] as const) {
      expect(answerTo(surface, code).headers.get("cache-control")).toBe("no-store");
    }
  });

  test.each(SURFACES)("%s: each 503 and 429 has Retry-After, and nothing else has", (surface) => {
    for (const code of ["overloaded", "unavailable", "internal"] as const) {
      const { status, headers } = answerTo(surface, code);
      expect(headers.get("retry-after")).toBe([429, 503].includes(status) ? "1" : null);
    }
  });

  test("validate never answers 503", () => {
    expect(answerTo("validate", "overloaded").status).toBe(500);
    expect(answerTo("validate", "unavailable").status).toBe(500);
  });

  test("a 405 names the methods and is text", async () => {
    const answer = answerTo("push", "method_not_allowed", { ALLOW: "POST" });
    expect(answer.headers.get("allow")).toBe("POST");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toBe("Method not allowed.");
  });

  test("the admin API answers problems", () => {
    expect(answerTo("admin", "not_found").headers.get("content-type")).toBe(
      "application/problem+json",
    );
  });

  test("a 401 names the scheme where there is one", () => {
    expect(answerTo("push", "unauthorized").headers.get("www-authenticate")).toBe("Bearer");
    expect(answerTo("admin", "unauthorized").headers.get("www-authenticate")).toBe("Bearer");
    expect(answerTo("rjmetrics", "unauthorized").headers.get("www-authenticate")).toBeNull();
    expect(answerTo("validate", "unauthorized").headers.get("www-authenticate")).toBeNull();
  });
});

describe("defects", () => {
  const causes = [new Error("D1_ERROR: boom at 10.0.0.1"), "boom", undefined, null, { a: 1 }];

  test.each(SURFACES)("%s: a 500 in the surface's shape that tells no cause", async (surface) => {
    for (const cause of causes) {
      const answer = errorAnswer(surface, requestOf(), cause);
      expect(answer.status).toBe(500);
      const text = await answer.text();
      expect(text).toBe(await answerTo(surface, "internal").text());
      expect(text).toContain("Something went wrong on our end.");
    }
  });

  test("are logged with the cause and without the query", () => {
    errorAnswer("rjmetrics", requestOf({ Authorization: "Bearer t0ken" }), new Error("the cause"));
    expect(log).toHaveBeenCalledOnce();
    const line = String(log.mock.calls[0]?.[0]);
    expect(line).toContain("the cause");
    expect(JSON.parse(line)).toMatchObject({ level: "error", method: "GET", path: "/some/path" });
    expect(line).not.toMatch(/s3cret|t0ken/);
  });

  test("a refusal that a surface has no answer for is a defect, too", async () => {
    const answer = answerTo("export", "batch_sequence", { REASON: "x" }, 1);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ code: 500, message: "Server Error" });
    expect(String(log.mock.calls[0]?.[0])).toContain("batch_sequence has no answer");
  });

  test("a refusal is not logged: it is the caller's", () => {
    answerTo("push", "unauthorized");
    expect(log).not.toHaveBeenCalled();
  });
});
