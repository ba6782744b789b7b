import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { compileLike, isWholePattern } from "../../src/filter/like.ts";
import { testEnv } from "../support/env.ts";

const like = (pattern: string, text: string): boolean => compileLike(pattern)(text);

/** The definition of LIKE, word for word; takes exponential time. */
function simpleLike(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === "%") {
    return simpleLike(rest, text) || (text.length > 0 && simpleLike(pattern, text.slice(1)));
  }
  const [character, ...others] = text;
  if (character === undefined) return false;
  if (first === "_") return simpleLike(rest, others);
  const [wanted = "", after] = first === "\\" ? [rest[0], rest.slice(1)] : [first, rest];
  return sameLetter(wanted, character) && simpleLike(after, others);
}

function sameLetter(a: string, b: string): boolean {
  const isAscii = /^[a-zA-Z]$/.test(a) && /^[a-zA-Z]$/.test(b);
  return isAscii ? a.toLowerCase() === b.toLowerCase() : a === b;
}

describe("like", () => {
  test.each<[pattern: string, text: string, matches: boolean]>([
    ["", "", true],
    ["", "a", false],
    ["%", "", true],
    ["%", "any\nthing", true],
    ["%%", "", true],
    ["_", "", false],
    ["_", "a", true],
    ["_", "\n", true],
    ["_", "😀", true],
    ["__", "😀", false],
    ["_", "\ud83d", true],
    ["abc", "ABC", true],
    ["ABC", "abc", true],
    ["abc", "abcd", false],
    ["abc", "xabc", false],
    ["é", "É", false],
    ["k", "\u212a", false],
    ["s", "\u017f", false],
    ["a%", "alpha", true],
    ["%a", "alpha", true],
    ["%lp%", "alpha", true],
    ["%lx%", "alpha", false],
    ["a%a", "a", false],
    ["a%a", "aa", true],
    ["%ab%ab%", "ab", false],
    ["%ab%ab", "abab", true],
    ["a_c%", "abcd", true],
    ["%_%_%", "a", false],
    ["%_%_%", "ab", true],
    ["%_", "😀", true],
    ["100\\%", "100%", true],
    ["100\\%", "1000", false],
    ["a\\_b", "a_b", true],
    ["a\\_b", "axb", false],
    ["a\\\\b", "a\\b", true],
    ["\\a", "A", true],
    ["\\😀", "😀", true],
    [".*", "abc", false],
    ["[a]^$-/", "[a]^$-/", true],
    ["%\ude00", "😀", false],
    ["\ud83d%", "😀", false],
  ])("%j of %j: %s", (pattern, text, matches) => {
    expect(like(pattern, text)).toBe(matches);
  });

  test("a pattern is whole where its last backslash has something to escape", () => {
    expect(["", "a", "\\\\", "\\%", "a\\\\\\%"].map(isWholePattern)).not.toContain(false);
    expect(["\\", "a\\", "\\\\\\", "%\\"].map(isWholePattern)).not.toContain(true);
  });

  const unit = fc.constantFrom("a", "A", "b", "%", "_", "\\", "\n", "é", "😀", "\ud83d", "k");
  const pattern = fc
    .array(fc.oneof(unit, fc.constantFrom("%", "_")), { maxLength: 8 })
    .map((units) => units.join(""))
    .filter(isWholePattern);
  const text = fc.array(unit, { maxLength: 10 }).map((units) => units.join(""));

  test("is what its definition says", () => {
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        expect(like(one, other)).toBe(simpleLike([...one], [...other]));
      }),
      { numRuns: 5_000 },
    );
  });

  test("is what SQLite says", async () => {
    const clean = (units: string): boolean => units.isWellFormed();
    const cases = fc.sample(fc.tuple(pattern.filter(clean), text.filter(clean)), 400);
    const { results } = await testEnv.CATALOG.prepare(
      `SELECT value ->> 1 LIKE value ->> 0 ESCAPE '\\' AS matches FROM json_each(?1) ORDER BY key`,
    )
      .bind(JSON.stringify(cases))
      .all<{ matches: number }>();
    expect(cases.map(([one, other]) => [one, other, Number(like(one, other))])).toEqual(
      cases.map(([one, other], index) => [one, other, results[index]?.matches]),
    );
  });

  test("no pattern makes it go back and forth", () => {
    const long = "a".repeat(1_000_000);
    const started = performance.now();
    expect(like("%a%a%a%a%a%a%a%a%a%a%a%a%b", long)).toBe(false);
    expect(like(`${"%a".repeat(100)}%b%`, long)).toBe(false);
    expect(like(`${"_%".repeat(100)}b`, long)).toBe(false);
    // Back and forth it would take for ever; so much time has the slowest machine.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
