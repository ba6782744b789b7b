/**
 * Secrets are compared in constant time, and nowhere else than where it is known: each place of
 * the source in which a secret meets an operator or a search is found here and has its reason.
 *
 * Where a secret is looked up (import tokens, export keys, sessions) nothing compares it: its
 * SHA-256 is the key of an index. How far an index came with a guess says how many leading
 * bits of the guess's hash are right, and nobody can choose a secret by its hash.
 */
import { describe, expect, test } from "vitest";
import { timingSafeEqual } from "node:crypto";
import { sameSecret } from "../../src/http/credentials/secrets.ts";

const SOURCES = import.meta.glob<string>("../../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The end of a name that holds a secret, its hash or what is made of one. */
const SECRET = String.raw`(?:\w+\.)*\w*(?:token|secret|csrf|hash|apikey|api_key|signature|credential|ADMIN_TOKEN|expected)`;

/** What is asked of a secret that tells nothing of it: whether there is one. */
const NOTHING = String.raw`(?:null|undefined|"")(?![\w.])`;

const OPERATOR = "(?:===|!==|==|!=|<|>|<=|>=)";

const COMPARISONS = [
  new RegExp(String.raw`\b${SECRET} +${OPERATOR} +(?!${NOTHING})`, "i"),
  new RegExp(String.raw`${OPERATOR} +${SECRET}\b(?![\w.(])`, "i"),
  new RegExp(
    String.raw`\.(?:includes|startsWith|endsWith|indexOf|localeCompare|equals|compare|match)\(${SECRET}\b`,
    "i",
  ),
  new RegExp(String.raw`\b${SECRET}\.(?:startsWith|endsWith|localeCompare|equals)\(`, "i"),
  new RegExp(String.raw`\bswitch \(${SECRET}\)`, "i"),
];

/** The lines of a source that compare a secret otherwise than by sameSecret. */
function comparisonsIn(source: string): string[] {
  return source
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^(?:\*|\/\/|\/\*)/.test(line))
    .filter((line) => COMPARISONS.some((pattern) => pattern.test(line)));
}

/** The source of a function, from its first line to its last. */
function functionIn(source: string, name: string): string | undefined {
  return new RegExp(String.raw`^export function ${name}\([^]*?^}$`, "m").exec(source)?.[0];
}

/** The comparisons that are no danger, each with its reason. */
const HARMLESS: Readonly<Record<string, readonly [line: string, why: string][]>> = {
  "src/http/credentials/admin-token.ts": [
    [
      "if (token === LOCAL_ADMIN_TOKEN && !LOCAL_HOST.test(new URL(url).hostname)) return undefined;",
      "two texts of the deployment itself: no caller has a part in it",
    ],
  ],
  "src/http/credentials/import-tokens.ts": [
    [
      "for (const [token, known] of cache.tokens) if (known.hash === hash) cache.tokens.delete(token);",
      "the operator revokes a token: both hashes are the catalogue's",
    ],
  ],
  "src/redact.ts": [
    [
      'if (credential !== undefined && credential !== "" && redacted.includes(credential)) {',
      "what the caller sent is searched for what the caller sent, after it was answered",
    ],
  ],
};

/** Tokens of a pattern, and the kinds of credentials that the API document names. */
const WITHOUT_SECRETS = /^src\/(?:docs|filter)\//;

const nameOf = (path: string): string => path.replace("../../", "");

test("no source compares a secret but by sameSecret, or has a reason", () => {
  const found = Object.entries(SOURCES)
    .filter(([path]) => !WITHOUT_SECRETS.test(nameOf(path)))
    .flatMap(([path, source]) => comparisonsIn(source).map((line) => `${nameOf(path)}: ${line}`));
  const known = Object.entries(HARMLESS).flatMap(([path, lines]) =>
    lines.map(([line]) => `${path}: ${line}`),
  );
  expect(found.sort()).toEqual(known.sort());
});

test.each([
  "if (token === null || token !== expected) {",
  "return csrf !== undefined && csrf === session.csrf;",
  "if (row.admin_hash !== adminHash(env, secret)) return false;",
  "return c.env.ADMIN_TOKEN == token;",
  "if (expected.startsWith(token)) return true;",
  "switch (token) {",
  "return known.localeCompare(secret) === 0;",
])("the search finds %s", (line) => {
  expect(comparisonsIn(`  ${line}\n`)).toEqual([line]);
});

describe("the places that compare", () => {
  test.each([
    ["src/admin/app.ts", "sameSecret(token, expected)"],
    ["src/console/session/sign-in.tsx", "sameSecret(token, c.env.ADMIN_TOKEN)"],
    ["src/console/session/forgery.ts", "sameSecret(csrf, session.csrf)"],
    ["src/console/session/store.ts", "sameSecret(row.admin_hash, adminHash(env, secret))"],
  ])("%s has %s", (path, call) => {
    expect(SOURCES[`../../${path}`]).toContain(call);
  });

  test("the ones that use it are these, and a new one is looked at", () => {
    const uses = Object.entries(SOURCES).flatMap(([path, source]) =>
      /\bsameSecret\(/.test(source) ? [nameOf(path)] : [],
    );
    expect(uses.sort()).toEqual([
      "src/admin/app.ts",
      "src/console/session/forgery.ts",
      "src/console/session/sign-in.tsx",
      "src/console/session/store.ts",
      "src/http/credentials/secrets.ts",
    ]);
  });

  test("sameSecret compares hashes of one length, with what the runtime has for it", () => {
    const source = SOURCES["../../src/http/credentials/secrets.ts"] ?? "";
    expect(source).toContain('import { hash, randomBytes, timingSafeEqual } from "node:crypto";');
    // All of both functions: nothing is looked at before, and nothing left out.
    expect(functionIn(source, "sameSecret")).toBe(
      [
        "export function sameSecret(a: string, b: string): boolean {",
        "  return timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));",
        "}",
      ].join("\n"),
    );
    expect(functionIn(source, "hashSecret")).toBe(
      [
        "export function hashSecret(secret: string): string {",
        '  return hash("sha256", secret, "hex");',
        "}",
      ].join("\n"),
    );
    // Of two lengths it would throw: the hashes always have one.
    expect(() => timingSafeEqual(new Uint8Array(1), new Uint8Array(2))).toThrow("length");
    expect(sameSecret("", "x".repeat(1_000_000))).toBe(false);
  });
});

test("a secret reaches the stores as its hash only", () => {
  const bound = Object.entries(SOURCES).flatMap(([path, source]) =>
    [...source.matchAll(/\.bind\(([^)]*\)?)/g)]
      .map(([, values = ""]) => values)
      .filter((values) => /(?:^|[(, ])(?:token|secret|apikey|exportKey|csrf)\b/.test(values))
      .map((values) => `${nameOf(path)}: ${values}`),
  );
  const hashed = /hashSecret\(|adminHash\(env, secret\)/;
  expect(bound.filter((call) => !hashed.test(call))).toEqual([]);
  expect(bound.length).toBeGreaterThan(1);
});
