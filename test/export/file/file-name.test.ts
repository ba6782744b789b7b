import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  contentDisposition,
  downloadName,
  memberName,
} from "../../../src/export/file/file-name.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Any text, lone surrogates included. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(..."/\\\r\n\0\"'%*();=, aé😀\u007f\u0085\ud800") }),
);

describe("memberName", () => {
  test.each<[name: string, exportName: string, member: string]>([
    ["a plain name", "orders", "orders.csv"],
    ["a name that is a file name already", "orders.csv", "orders.csv.csv"],
    ["slashes and backslashes", "a/b\\c", "a_b_c.csv"],
    ["no way out of a folder", "../../etc/passwd", ".._.._etc_passwd.csv"],
    ["control characters", "a\0b\r\nc\td\u001be", "a_b__c_d_e.csv"],
    ["DEL and the C1 controls", "a\u007fb\u0080c\u0085d\u009fe", "a_b_c_d_e.csv"],
    ["what only some systems refuse stays", 'a:b*c?d"e<f>g|h', 'a:b*c?d"e<f>g|h.csv'],
    ["spaces and dots stay", " a. ", " a. .csv"],
    ["characters of all planes stay", "Zoë 漢 😀", "Zoë 漢 😀.csv"],
    ["a lone surrogate", "a\ud800b\udc00", "a\uFFFDb\uFFFD.csv"],
    ["no name", "", ".csv"],
  ])("%s", (_name, exportName, member) => {
    expect(memberName(exportName)).toBe(member);
  });

  test.each<[name: string, exportName: string]>([
    ["folders", "."],
    ["a hidden file", ".profile"],
    ["a parent", ".."],
    ["a device of Windows", "CON"],
    ["a drive of Windows", "C:orders"],
    ["dots and spaces at the end", "orders. . "],
    ["an option", "-rf"],
    ["a pattern", "[a-z]*?"],
    ["a direction", "a\u202egpj"],
  ])("a name that is odd only somewhere stays: %s", (_name, exportName) => {
    expect(memberName(exportName)).toBe(`${exportName}.csv`);
  });

  test.each<[name: string, exportName: string, stem: string]>([
    ["just fitting", "a".repeat(251), "a".repeat(251)],
    ["one over", "a".repeat(252), "a".repeat(251)],
    ["the longest table name", "a".repeat(255), "a".repeat(251)],
    ["300 characters", "b".repeat(300), "b".repeat(251)],
    ["one byte, then two, fitting", `a${"é".repeat(125)}`, `a${"é".repeat(125)}`],
    ["two bytes, cut before", "é".repeat(126), "é".repeat(125)],
    ["three bytes, cut before", "漢".repeat(84), "漢".repeat(83)],
    ["four bytes, cut before", "😀".repeat(63), "😀".repeat(62)],
    ["far over", "😀".repeat(100_000), "😀".repeat(62)],
  ])("long names: %s", (_name, exportName, stem) => {
    expect(memberName(exportName)).toBe(`${stem}.csv`);
    expect(downloadName(exportName)).toBe(`${stem}.zip`);
  });

  test("a safe name of at most 255 bytes that ends in .csv; below, each other character stays", () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, times) => {
        const exportName = text.repeat(times);
        const name = memberName(exportName);
        expect(name.endsWith(".csv")).toBe(true);
        expect(utf8(name).length).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/[/\\\p{Cc}]/u);
        expect(name.isWellFormed()).toBe(true);
        const safe = exportName.toWellFormed().replace(/[/\\\p{Cc}]/gu, "_");
        expect(safe.startsWith(name.slice(0, -4))).toBe(true);
        // A cut is made only where the next character would not have fitted.
        const next = String.fromCodePoint(safe.codePointAt(name.length - 4) ?? 0);
        if (name.length - 4 < safe.length) expect(utf8(name + next).length).toBeGreaterThan(255);
      }),
    );
  });
});

describe("contentDisposition", () => {
  test.each<[name: string, fileName: string, ascii: string, encoded: string]>([
    ["a plain name", "orders.zip", "orders.zip", "orders.zip"],
    ["spaces", "my orders.zip", "my orders.zip", "my%20orders.zip"],
    ["quotes", 'a"b.zip', "a_b.zip", "a%22b.zip"],
    ["backslashes and slashes", "a\\b/c.zip", "a_b_c.zip", "a_b_c.zip"],
    ["a percent sign", "50%41.zip", "50_41.zip", "50%2541.zip"],
    ["a semicolon", "a;b=c.zip", "a;b=c.zip", "a%3Bb%3Dc.zip"],
    ["what RFC 8187 reserves", "a'b(c)d*e!f~.zip", "a'b(c)d*e!f~.zip", "a%27b%28c%29d%2Ae!f~.zip"],
    [
      "a header of its own",
      "a\r\nSet-Cookie: b=1",
      "a__Set-Cookie: b=1",
      "a__Set-Cookie%3A%20b%3D1",
    ],
    ["other letters", "Zoë.zip", "Zo_.zip", "Zo%C3%AB.zip"],
    ["one character outside the BMP, one _", "😀.zip", "_.zip", "%F0%9F%98%80.zip"],
    ["a lone surrogate", "\ud83d.zip", "_.zip", "%EF%BF%BD.zip"],
    ["no name", "", "", ""],
  ])("%s", (_name, fileName, ascii, encoded) => {
    expect(contentDisposition(fileName)).toBe(
      `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`,
    );
  });

  test("always one well-formed header line whose filename* is the safe name", () => {
    const form =
      /^attachment; filename="([ !#-$&-[\]-~]*)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]*)$/;
    fc.assert(
      fc.property(anyText, (fileName) => {
        const value = contentDisposition(fileName);
        expect(value).toMatch(form);
        expect(new Headers({ "Content-Disposition": value }).get("Content-Disposition")).toBe(
          value,
        );
        const [, , encoded = ""] = form.exec(value) ?? [];
        const safe = fileName.toWellFormed().replace(/[/\\\p{Cc}]/gu, "_");
        expect(decodeURIComponent(encoded)).toBe(safe);
      }),
      { numRuns: 500 },
    );
  });
});
