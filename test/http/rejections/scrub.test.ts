import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../../src/http/errors.ts";
import { bodyBeginning, excerptOf, recordBeginning } from "../../../src/http/rejections/excerpt.ts";
import { reasonOf } from "../../../src/http/rejections/reason.ts";
import { scrub } from "../../../src/http/rejections/scrub.ts";
import { isObject, type Json, parseExact } from "../../../src/json/exact.ts";
import { newTenant } from "../../support/tenant.ts";
import { callWorker, otherIsolate } from "../../support/worker.ts";
import { rejectionsOfTenant } from "./support.ts";

/** Digits of a token that may be left: what a cut leaves, or what a parser quotes. */
const LEFT_MAX = 7;

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });

/** The length of the longest piece of the credential that is in a text. */
function longestPiece(text: string, credential: string): number {
  let longest = 0;
  for (let from = 0; from < credential.length; from += 1) {
    while (text.includes(credential.slice(from, from + longest + 1))) {
      longest += 1;
      if (from + longest >= credential.length) return longest;
    }
  }
  return longest;
}

/**
 * Numbers of few digits: one of seventeen has a piece of a credential by chance, once in some
 * thousand runs.
 */
const numbers = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((number) => Number(number.toPrecision(4)))
  .filter((number) => !/[\da-f]{8}/.test(String(number)));

/** Values with the credential as a key, a value or a part of one, at any depth and place. */
function withCredential(credential: string): fc.Arbitrary<Json> {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constant("x".repeat(900)),
    fc.nat(1_100).map((length) => "é".repeat(length)),
  );
  const piece = fc.oneof(
    fc.constant(credential),
    fc.constant(credential.toUpperCase()),
    fc.tuple(text, text).map(([before, after]) => `${before}${credential}${after}`),
    fc.constant(`https://host/path?apikey=${credential}&x=1`),
    fc.constant(encodeURIComponent(JSON.stringify({ apikey: credential }))),
    fc.constant(JSON.stringify(JSON.stringify({ token: credential }))),
  );
  return fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      piece,
      text,
      numbers,
      fc.array(tie("value"), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.oneof(piece, text), tie("value")), { maxLength: 4 })
        .map((members) => Object.fromEntries(members)),
    ),
  })).value;
}

describe("a credential", () => {
  test("is in no excerpt, wherever it was in the record", () => {
    const pair = hex(64).chain((one) => fc.tuple(fc.constant(one), withCredential(one)));
    fc.assert(
      fc.property(pair, fc.boolean(), ([credential, value], isKnown) => {
        const credentials = isKnown ? [credential] : [];
        const record = excerptOf(recordBeginning(value), credentials);
        const bytes = new TextEncoder().encode(`${JSON.stringify(value)}]`);
        const body = excerptOf(bodyBeginning(bytes), credentials);
        for (const excerpt of [record, body]) {
          expect(excerpt.length).toBeLessThanOrEqual(1_000);
          expect(excerpt.isWellFormed()).toBe(true);
          expect(longestPiece(excerpt.toLowerCase(), credential)).toBeLessThanOrEqual(LEFT_MAX);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("is in no excerpt, at whatever place that ends", () => {
    const credential = "0123456789abcdef".repeat(4);
    for (const before of [900, 3_900]) {
      for (let shift = 0; shift < 120; shift += 1) {
        const text = `${"x ".repeat(before / 2)}${"y".repeat(shift)}${credential}`;
        for (const credentials of [[credential], []]) {
          for (const beginning of [
            recordBeginning({ text: `${text}${"z".repeat(9_000)}` }),
            bodyBeginning(new TextEncoder().encode(`${text}${"z".repeat(9_000)}`)),
          ]) {
            // What is seen of the text, not only what is kept of it.
            const { text: seen, isCut } = beginning;
            const scrubbed = scrub(seen, { credentials, isCut });
            expect(longestPiece(scrubbed, credential)).toBeLessThanOrEqual(LEFT_MAX);
          }
        }
      }
    }
  });

  test("is in no excerpt of many of them, which make the text shorter", () => {
    const credential = "fedcba9876543210".repeat(4);
    for (let shift = 0; shift < 70; shift += 1) {
      const body = new TextEncoder().encode(`${"x".repeat(shift)}${`"${credential}",`.repeat(99)}`);
      const excerpt = excerptOf(bodyBeginning(body), []);
      expect(longestPiece(excerpt, credential)).toBeLessThanOrEqual(LEFT_MAX);
    }
  });

  const escaped = (token: string, backslashes: string) =>
    [...token].map((one) => `${backslashes}u00${one.charCodeAt(0).toString(16)}`).join("");

  test.each([
    ["written with escapes", (token: string) => `{"a":"${escaped(token, "\\")}"`],
    ["so inside a text", (token: string) => `{"a":"{\\"a\\":\\"${escaped(token, "\\\\")}\\"}"`],
    ["in two pieces", (token: string) => `{"a":"${token.slice(0, 32)}","b":"${token.slice(32)}"`],
  ])("is not shown where it is %s", (_, write) => {
    const token = "9f".repeat(16) + "a1b2c3d4".repeat(4);
    const body = new TextEncoder().encode(write(token));
    const excerpt = excerptOf(bodyBeginning(body), [token]);
    expect(longestPiece(excerpt, token)).toBeLessThanOrEqual(LEFT_MAX);
    expect(excerpt).not.toContain("u00");
  });

  test("is cut between characters", () => {
    for (let shift = 0; shift < 4; shift += 1) {
      const text = "x".repeat(shift) + "𝄞".repeat(9_000);
      const body = new TextEncoder().encode(text);
      for (const beginning of [recordBeginning([text]), bodyBeginning(body)]) {
        const excerpt = excerptOf(beginning, []);
        expect(excerpt).toMatch(/^(?:\["x*)?x*𝄞+…$/u);
        expect(excerpt.length).toBeGreaterThanOrEqual(999);
      }
    }
  });

  test("is not shown as base64, of either alphabet, nor with a user's name", () => {
    const token = "9f".repeat(32);
    const url = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_");
    for (const encoded of [
      btoa(token),
      btoa(`4231:${token}`),
      url(`>>?:${token}`),
      // At the end of a path, whose slash is of the alphabet.
      `/${btoa(token)}`,
    ]) {
      const text = JSON.stringify({ a: encoded, b: btoa("nothing of the kind") });
      const beginning = { text, isCut: false };
      const expected = JSON.stringify({ a: "[redacted]", b: btoa("nothing of the kind") });
      expect(excerptOf(beginning, [])).toBe(expected);
      const other = `{"a":"${btoa("9:local-admin-token")}"}`;
      expect(excerptOf({ ...beginning, text: other }, ["local-admin-token"])).toBe(
        '{"a":"[redacted]"}',
      );
    }
  });

  test("is not shown where the body is UTF-32", () => {
    const token = "9f".repeat(32);
    const text = `{"a":"${token}"}`;
    const le = new Uint8Array([...text].flatMap((one) => [one.charCodeAt(0), 0, 0, 0]));
    const be = new Uint8Array([...text].flatMap((one) => [0, 0, 0, one.charCodeAt(0)]));
    for (const body of [le, be]) {
      expect(excerptOf(bodyBeginning(body), [token])).toBe('{"a":"[redacted]"}');
    }
    // UTF-16 whose first character is not ASCII.
    const wide = new Uint8Array([0xe5, 0x65, ...[...text].flatMap((c) => [c.charCodeAt(0), 0])]);
    expect(excerptOf(bodyBeginning(wide), [token])).toMatch(/\{"a":"\[redacted\]"\}$/);
  });

  test("is not shown where the body is UTF-16", () => {
    const token = "9f".repeat(32);
    const text = `{"apikey":"${token}"}`;
    const le = new Uint8Array([...text].flatMap((one) => [one.charCodeAt(0), 0]));
    const be = new Uint8Array([...text].flatMap((one) => [0, one.charCodeAt(0)]));
    for (const body of [le, be]) {
      expect(excerptOf(bodyBeginning(body), [token])).toBe('{"apikey":"[redacted]"}');
    }
  });
});

const PASSWORD = "hunter2 & more";

describe("what stands where a secret stands", () => {
  test.each(
    [
      "apikey",
      "api_key",
      "API-KEY",
      "X-Api-Key",
      "token",
      "access_token",
      "accessToken",
      "password",
      "passwd",
      "db_password",
      "secret",
      "client-secret",
      "Authorization",
      "private_key",
      "PRIVATE-KEY",
      "api key",
      "accessKeyId",
      "pass",
      "user_pass",
      "auth",
      "Cookie",
      "jwt",
      "signature",
      "password2",
      "password_confirmation",
      "passwordHash",
      "secret_value",
      "api_key_live",
    ].flatMap((name) => [
      [{ id: 1, [name]: PASSWORD, z: 2 }],
      [{ id: 1, [name]: { a: [PASSWORD, { b: PASSWORD }] }, z: 2 }],
      [{ id: 1, [name]: [PASSWORD], z: 2 }],
      [{ id: 1, text: JSON.stringify({ [name]: PASSWORD }), z: 2 }],
      [{ id: 1, text: JSON.stringify({ text: JSON.stringify({ [name]: PASSWORD }) }), z: 2 }],
      [{ id: 1, text: `${name}: ${PASSWORD}`, z: 2 }],
    ]),
  )("%j", (value) => {
    const excerpt = excerptOf(recordBeginning(value), []);
    expect(excerpt).not.toContain("hunter2");
    expect(excerpt).not.toContain("more");
    expect(excerpt).toContain('"id":1,');
    expect(excerpt).toMatch(/"z":2\}$/);
    const parsed = parseExact(excerpt);
    expect(isObject(parsed) && Object.keys(parsed)).toEqual(Object.keys(value));
  });

  test.each([
    ['{"password":hunter2', '{"password":"[redacted]"'],
    ['{"password":"hunter2', '{"password":"[redacted]'],
    ['{"password" : \n"hunter2", "a":1', '{"password" : \\n"[redacted]", "a":1'],
    ['{"password":"a\\"hunter2\\\\","a":1', '{"password":"[redacted]","a":1'],
    ["{'password':'hunter2', a", "{'password':'[redacted]', a"],
    ["password=hunter2&a=1", "password=[redacted]&a=1"],
    ["<password>hunter2</password>", "<password>[redacted]</password>"],
    ['["^ ","~:password","hunter2","~:a"', '["^ ","~:password","[redacted]","~:a"'],
    ['{"url":"https://me:hunter2@host/x"', '{"url":"https://[redacted]@host/x"'],
    ['{"url":"postgres:\\/\\/me:hunter2@host\\/x"', '{"url":"postgres:\\/\\/[redacted]@host\\/x"'],
    ["Bearer hunter2hunter2hunter2", "Bearer [redacted]"],
    ['"-----BEGIN RSA PRIVATE KEY-----\\nhunter2', '"[redacted]'],
    // Programs that send their own notation instead of JSON.
    ["{'password': u'hunter2', 'a': 1}", "{'password': u'[redacted]', 'a': 1}"],
    ["{'token': b\"hunter2's\", 'a': 1}", "{'token': b\"[redacted]\", 'a': 1}"],
    ['{:password=>"hunter2", :a=>1}', '{:password=>"[redacted]", :a=>1}'],
    ["['api_key' => 'hunter2', 'a' => 1]", "['api_key' => '[redacted]', 'a' => 1]"],
    ['<password type="x">hunter2</password>', '<password type="x">[redacted]</password>'],
    // Percent-encoded, once and twice.
    ["%7B%22password%22%3A%22hunter2%22%7D", '{"password":"[redacted]"}'],
    ["a=%257B%2522token%2522%253A%2522hunter2%2522%257D", 'a={"token":"[redacted]"}'],
    ["password=hunter2%26more%2526more&a=%41", "password=[redacted]&a=%41"],
    // Headers as pairs, and names beside values.
    ['[["Authorization","hunter2"],["a","b"]]', '[["Authorization","[redacted]"],["a","b"]]'],
    ['[["X-Api-Key","hunter2"],["a","b"]]', '[["X-Api-Key","[redacted]"],["a","b"]]'],
    ['{"name":"password","value":"hunter2"}', '{"name":"password","value":"[redacted]"}'],
  ])("%s", (text, expected) => {
    expect(excerptOf(bodyBeginning(new TextEncoder().encode(text)), [])).toBe(expected);
  });

  test("what only looks a little like it stays", () => {
    const value = {
      key_names: ["password", "token"],
      compass: "north",
      author: "Ann",
      token_count: 3,
      percent: "100%25 of %41",
      tokens_used: "5",
      secretary: "Ann",
      mail: "ann@example.com",
      url: "https://example.com/a?to=ann@example.com",
      id: "d41d8cd98f00b204e9800998ecf8427e",
      number: JSON.rawJSON("12345678901234567890"),
    };
    expect(excerptOf(recordBeginning(value), [])).toBe(JSON.stringify(value));
  });

  test.each([
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    ["sk", "live", "abcdefghijklmnop"].join("_"),
    ["xoxb", "1234567890", "abcdefghij"].join("-"),
  ])("a credential of a known form: %s", (credential) => {
    const excerpt = excerptOf(recordBeginning({ a: `x ${credential} y`, z: 2 }), []);
    expect(excerpt).toBe('{"a":"x [redacted] y","z":2}');
  });

  test("takes a time in proportion to the text", () => {
    for (const unit of [
      "//",
      "password",
      "token:",
      '"secret":{',
      "\\",
      "'",
      "@",
      "a",
      "Bearer ",
      "%41",
      "token a=",
      "token  ",
      "<token ",
      "eyJ",
      "QUJD",
      "QUJD=",
      "%2541",
    ]) {
      // Fifty times what is ever scrubbed: what takes a time in its square takes a minute.
      const text = unit.repeat(200_000 / unit.length);
      const before = performance.now();
      scrub(text, { credentials: ["0123456789abcdef".repeat(4)], isCut: true });
      expect(performance.now() - before, unit).toBeLessThan(10_000);
    }
  });
});

describe("a reason", () => {
  const token = "0f1e2d3c4b5a6978".repeat(4);

  test.each([
    ["body_malformed", { PARSER: `Unexpected token 'h', ..."d":hunter2},"... is not valid JSON` }],
    ["batch_record_schema", { FIELD: "/password", REASON: "[hunter2] is not one of the values" }],
    ["batch_record_schema", { FIELD: "/a/token", REASON: "[hun]ter2] does not match" }],
    ["batch_record_schema", { FIELD: "/password", REASON: "24 hunter2" }],
    ["content_type", { TYPE: "a/b; password=hunter2" }],
  ] as const)("of %s has no secret", (code, params) => {
    const reason = reasonOf("batch", new Refusal(code, params, 7), [token]);
    const push = reasonOf("push", new Refusal(code, params, 7), [token]);
    for (const text of [reason, push]) {
      expect(text).not.toContain("hunter2");
      expect(text).not.toContain("ter2");
    }
  });

  test("keeps what is ours, without the record's place", () => {
    const params = { FIELD: "/password", REASON: "expected: String, found: Integer" };
    expect(reasonOf("batch", new Refusal("batch_record_schema", params, 7), [])).toMatch(
      /Record did not conform to schema: #\/password: expected: String, found: Integer$/,
    );
    expect(reasonOf("rjmetrics", new Refusal("key_null", { KEY: "id" }, 7), [])).toBe(
      "A key field is null. the key field id is null.",
    );
  });

  test("has no piece of a token, whole or cut, however long what is quoted is", () => {
    fc.assert(
      fc.property(fc.nat(1_200), fc.nat(20), (before, times) => {
        const REASON = `${"x".repeat(before)}${token.repeat(times)}${token.slice(0, before % 64)}`;
        const reason = reasonOf("batch", new Refusal("batch_sequence", { REASON }), []);
        expect(reason.length).toBeLessThanOrEqual(500);
        const known = reasonOf("batch", new Refusal("batch_sequence", { REASON }), [token]);
        expect(longestPiece(known, token)).toBeLessThanOrEqual(LEFT_MAX);
      }),
    );
  });
});

test("no stored row has the token of its request, wherever that was sent", async () => {
  const env = otherIsolate();
  const tenant = await newTenant();
  const { token, clientId } = tenant;
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const post = (path: string, body: string, more: Record<string, string> = {}) =>
    callWorker(env, path, { method: "POST", headers: { ...headers, ...more }, body });
  const bad = (table: string, data: unknown) =>
    JSON.stringify([{ client_id: clientId, table_name: table, action: token, [token]: data }]);
  const path = `/client/${clientId}/table`;
  for (const response of await Promise.all([
    post("/v2/import/push", bad(token, { [token]: token })),
    post("/v2/import/push", bad(token.slice(0, 40), 1)),
    post("/v2/import/push", `{"a":"${token}`),
    post("/v2/import/push", `[${token}]`),
    post("/v2/import/validate", bad("t", token)),
    post("/v2/import/push", "[]", { "Content-Type": token }),
    post("/v2/import/push", "[]", { "Content-Encoding": token }),
    post(
      "/v2/import/batch",
      JSON.stringify({ [token]: 1, table_name: token, schema: {}, messages: [] }),
    ),
    post(
      "/v2/import/batch",
      JSON.stringify({ table_name: token, schema: { $ref: token }, messages: [{}] }),
    ),
    post(`/v2${path}/${token}/data?apikey=${token}`, `[{"keys":["${token}"]}]`),
    post(`/v1${path}/t-${token}/data?apikey=${token}`, "[]"),
    post(`/api/v1/tables/${token}/rows?keys=${token}`, `[{"${token}":null}]`),
    post(`/api/v1/tables/t/rows?${token}=${token}`, "[]"),
  ])) {
    expect(response.status).toBeGreaterThanOrEqual(400);
  }
  const rows = await rejectionsOfTenant(tenant);
  expect(rows.length).toBeGreaterThanOrEqual(10);
  for (const row of rows) {
    expect(longestPiece(JSON.stringify(row), token), JSON.stringify(row)).toBeLessThanOrEqual(
      LEFT_MAX,
    );
  }
});
