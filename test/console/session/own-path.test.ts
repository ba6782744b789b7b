import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownPath } from "../../../src/console/session/own-path.ts";

describe("where a sign-in leads back to", () => {
  test.each([
    "/console",
    "/console?page=2",
    "/console/",
    "/console/clients/4231/tables/3?after=%22a%22&limit=5",
    "/console/clients//4231",
    "/console/sign-inside",
  ])("%s as it is", (to) => {
    expect(ownPath(to)).toBe(to);
  });

  test.each([
    undefined,
    null,
    "",
    "/",
    "//evil.example",
    "//evil.example/console",
    "https://evil.example/console",
    "javascript:alert(1)",
    "console",
    "/consolecall",
    "/console.evil.example",
    "/console@evil.example/",
    "/console:80@evil.example",
    "/console/../admin/v1",
    "/console/%2e%2e/admin/v1",
    "/console/%2E./admin/v1",
    "/console/..",
    "/console/..//evil.example",
    "/console/\\..\\..\\evil.example",
    "/console\\evil.example",
    "\\\\evil.example/console",
    "/\\evil.example/console",
    "/console/\t/evil",
    "/console/\r\nSet-Cookie: a=b",
    "/console/a b",
    " /console/a",
    "/console/\u0000",
    "/console/sign-in",
    "/console/sign-in?to=/console/sign-in",
    "/console/x/../sign-out",
    `/console/${"a".repeat(2000)}`,
  ])("%j not at all", (to) => {
    expect(ownPath(to)).toBe("/console");
  });

  test("whatever is asked for, a browser stays below /console on the same host", () => {
    const piece = fc.constantFrom(
      ...[
        "/console",
        "/",
        "\\",
        "..",
        ".",
        "%2e",
        "%2f",
        "%5c",
        "@",
        ":",
        "//",
        "?",
        "#",
        "evil.example",
      ],
      ...[
        "\t",
        "\n",
        "\r",
        "\u0000",
        " ",
        "é",
        "\u2028",
        "\ud800",
        "https:",
        "console",
        ";",
        "&",
        "%",
      ],
    );
    const to = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
      fc.array(piece, { maxLength: 12 }).map((pieces) => `/console${pieces.join("")}`),
      fc.webUrl(),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(to, (text) => {
        const path = ownPath(text);
        const url = new URL(path, "https://headgate.example/console/sign-in");
        expect(url.origin).toBe("https://headgate.example");
        expect(url.pathname).toMatch(/^\/console(?:\/|$)/);
        expect(["/console/sign-in", "/console/sign-out"]).not.toContain(url.pathname);
        // It is the value of a header, and says the same when it is read once more.
        expect(path).toMatch(/^[!-~]+$/);
        expect(ownPath(path)).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });
});
