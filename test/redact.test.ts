import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact } from "../src/redact.ts";
import { newSecret } from "../src/http/credentials/secrets.ts";

const secret = newSecret();

describe("a credential that the request showed", () => {
  test.each([
    ["hunter2", "/v2/client/1/table/hunter2/data", "/v2/client/1/table/[redacted]/data"],
    ["hunter2", "/hunter2/hunter2", "/[redacted]/[redacted]"],
    ["a b/c", "/x/a%20b%2Fc/y", "/x/[redacted]/y"],
    ["a b", "/x/a%2520b", "/x/[redacted]"],
    ["$&", "price $&", "price [redacted]"],
    ["(", "f(x", "f[redacted]x"],
    ["hünter", "/h%C3%BCnter", "/[redacted]"],
    ["hunter2", "/100%/%zz/hunter2/%ff", "/100%/%zz/[redacted]/%ff"],
  ])("%j in %j", (credential, text, expected) => {
    expect(redact(text, credential)).toBe(expected);
  });

  test("each of several", () => {
    expect(redact("one two three", "one", undefined, "", "three")).toBe(
      "[redacted] two [redacted]",
    );
  });
});

describe("what looks like a token of ours", () => {
  test.each([
    secret,
    secret.toUpperCase(),
    `${secret}0a`,
    [...secret].map((digit) => `%${digit.charCodeAt(0).toString(16)}`).join(""),
    [...secret].map((digit) => `%25${digit.charCodeAt(0).toString(16)}`).join(""),
  ])("%s", (shown) => {
    expect(redact(`/table/${shown}/data`)).toBe("/table/[redacted]/data");
  });

  test.each([
    "orders",
    "",
    "7b35e0a7-5e3b-48fc-bb15-3b2ee4a21ae2",
    secret.slice(1),
    "/caf%C3%A9/100%",
    "x".repeat(500),
  ])("and %j does not", (text) => {
    expect(redact(text)).toBe(text);
  });
});

test("nothing of a credential is left, wherever it stands", () => {
  const texts = fc.string({ unit: "binary", maxLength: 40 });
  const credentials = fc.string({ minLength: 12, maxLength: 40 });
  fc.assert(
    fc.property(texts, credentials, texts, (before, credential, after) => {
      fc.pre(!before.includes("%") && !after.includes("%"));
      for (const shown of [credential, encodeURIComponent(credential)]) {
        const redacted = redact(`${before}${shown}${after}`, credential);
        expect(redacted).not.toContain(credential);
        expect(redacted).toContain("[redacted]");
      }
    }),
  );
});
