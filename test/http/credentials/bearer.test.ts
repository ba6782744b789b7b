import { expect, test } from "vitest";
import { bearerToken } from "../../../src/http/credentials/bearer.ts";

function tokenOf(header: string | undefined): string | null {
  const request = new Request("https://headgate.example/");
  if (header !== undefined) request.headers.set("Authorization", header);
  return bearerToken(request);
}

test.each([
  ["Bearer abc", "abc"],
  ["bearer abc", "abc"],
  ["BEARER abc", "abc"],
  ["Bearer   abc", "abc"],
  ["Bearer abc  ", "abc"],
  ["Bearer a=b~c+/.-_", "a=b~c+/.-_"],
])("%j", (header, token) => {
  expect(tokenOf(header)).toBe(token);
});

test.each([
  undefined,
  "",
  "abc",
  "Bearer",
  "Bearer ",
  "Bearer a b",
  "Bearerabc",
  "Basic YTpi",
  "Token abc",
  "x Bearer abc",
  "Bearer a, Bearer b",
])("%j has no token", (header) => {
  expect(tokenOf(header)).toBeNull();
});

test("a long header costs no time", () => {
  // Longer than any header: what takes a time in its square takes minutes.
  const length = 1_000_000;
  const start = performance.now();
  expect(tokenOf(`Bearer ${"a".repeat(length)} b`)).toBeNull();
  expect(tokenOf(`Bearer${" ".repeat(length)}`)).toBeNull();
  expect(tokenOf(`Bearer ${"a ".repeat(length)}`)).toBeNull();
  expect(performance.now() - start).toBeLessThan(10_000);
});
