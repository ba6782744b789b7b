import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/http/errors.ts";
import { LimitReached, Meter } from "../../../src/import/stitch/schema-check.ts";
import {
  compilePattern,
  type Pattern,
  PATTERN_STATES_MAX,
} from "../../../src/import/stitch/schema-pattern.ts";

function compile(source: string): Pattern {
  return compilePattern(source, { statesLeft: PATTERN_STATES_MAX }, "#/pattern");
}

function matches(source: string, text: string): boolean {
  return compile(source).matches(text, new Meter());
}

function native(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch {
    return new RegExp(source);
  }
}

/**
 * Whether an expression matches at the start of a character or at the end. Asked without a place,
 * V8 also finds `/\\B/u` between the halves of a surrogate pair, where ECMA-262 has no place.
 */
function matchesNatively(expression: RegExp, tried: string): boolean {
  if (!expression.unicode) return expression.test(tried);
  const sticky = new RegExp(expression.source, "uy");
  let start = 0;
  for (const character of [...tried, ""]) {
    sticky.lastIndex = start;
    if (sticky.test(tried)) return true;
    start += character.length;
  }
  return false;
}

function refusal(source: string): unknown {
  try {
    compile(source);
  } catch (error) {
    return error instanceof Refusal ? error.params["REASON"] : error;
  }
  return undefined;
}

const CHARACTERS = ["a", "b", "_", "1", " ", "\n", "-", "]", "é", "😀", "\ud83d", "\ude00"];
const ATOMS = [
  ...["a", "b", "1", "é", "😀", ".", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\n", "\\-", "\\]"],
  ...[
    "[ab]",
    "[^a]",
    "[a-é]",
    "[\\d_]",
    "[\\]a]",
    "[\\w-]",
    "[]",
    "[^]",
    "[😀é]",
    "[^😀]",
    "[\\b]",
  ],
  ...["\\u0061", "\\x62", "\\ud83d\\ude00", "\\ud83d", "\\/", "\\.", "{", "}", "]"],
];
const UNICODE_ATOMS = ["\\u{1f600}", "\\p{L}", "\\P{L}", "[\\p{Lu}\\u{e9}]"];
const EDGES = ["^", "$", "\\b", "\\B"];
const GROUPS = ["(", "(?:", "(?=", "(?!", "(?<=", "(?<!"];
const QUANTIFIERS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{1,3}?", "{0}"];

const { expression } = fc.letrec((tie) => ({
  expression: fc.oneof(
    { depthSize: "small" },
    { arbitrary: fc.constantFrom(...ATOMS, ...UNICODE_ATOMS), weight: 6 },
    { arbitrary: fc.constantFrom(...EDGES), weight: 1 },
    { arbitrary: quantified(tie), weight: 3 },
    { arbitrary: joined(tie), weight: 4 },
    { arbitrary: grouped(tie), weight: 2 },
  ),
}));

function quantified(tie: (key: "expression") => fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const inner = fc.oneof(
    fc.constantFrom(...ATOMS),
    tie("expression").map((part) => `(?:${String(part)})`),
  );
  return fc.tuple(inner, fc.constantFrom(...QUANTIFIERS)).map((parts) => parts.join(""));
}

function joined(tie: (key: "expression") => fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc
    .tuple(tie("expression"), fc.constantFrom("", "", "|"), tie("expression"))
    .map((parts) => parts.join(""));
}

function grouped(tie: (key: "expression") => fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...GROUPS), tie("expression"))
    .map(([group, part]) => `${group}${String(part)})`);
}

const text = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 7 }).map((all) => all.join(""));

describe("patterns", () => {
  it("match what the runtime's own RegExp matches", () => {
    let matched = 0;
    let unmatched = 0;
    const texts = fc.array(text, { minLength: 5, maxLength: 20 });
    const one = expression.map(String);
    fc.assert(
      fc.property(one, texts, (source, all) => {
        let expected: RegExp;
        try {
          expected = native(source);
        } catch {
          return;
        }
        // `\p` and `\u{}` mean letters where something else makes the pattern wrong with `u`.
        fc.pre(expected.unicode || !/\\[pPu]\{|\\[pP]/.test(source));
        const pattern = compile(source);
        for (const each of all) {
          const isMatch = matchesNatively(expected, each);
          expect(pattern.matches(each, new Meter()), `${source} on ${JSON.stringify(each)}`).toBe(
            isMatch,
          );
          if (isMatch) matched += 1;
          else unmatched += 1;
        }
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(matched, unmatched)).toBeGreaterThan((matched + unmatched) / 10);
  });

  it.each([
    ["^[A-Z]{3}$", "EUR", true],
    ["^[A-Z]{3}$", "EURO", false],
    ["b", "abc", true],
    ["^(?:a|b|cd)+$", "abcd", true],
    ["^$", "", true],
    ["^$", "\n", false],
    ["^a.c$", "a\nc", false],
    ["^.$", "😀", true],
    ["^(?<year>\\d{4})-\\d{2}$", "2020-01", true],
    ["(?<=€ )\\d+", "€ 12", true],
    ["(?<!€ )\\b\\d+", "€ 12", false],
    ["^(?!test)", "test1", false],
    ["^(?:){1000000000}$", "", true],
    ["^(?:a*)*$", "aaab", false],
    ["^[\\w-.]+$", "a.b-c", true],
    ["^\\_$", "_", true],
    ["^a{,2}$", "a{,2}", true],
    ["^.{0,1000}$", "a".repeat(1_000), true],
    ["^.{0,1000}$", "a".repeat(1_001), false],
  ])("%s on %j: %s", (source, tried, expected) => {
    expect(matches(source, tried)).toBe(expected);
  });

  it.each([
    ["(", "#/pattern: invalid regular expression: ("],
    ["a**", "#/pattern: invalid regular expression: a**"],
    ["(?i)a", "#/pattern: invalid regular expression: (?i)a"],
    ["(?i:a)", "#/pattern: not supported in patterns: ?i:a)"],
    ["(a)\\1", "#/pattern: not supported in patterns: \\1"],
    ["(?<n>a)\\k<n>", "#/pattern: not supported in patterns: \\k<n>"],
    ["^\\Aa\\Z$", "#/pattern: not supported in patterns: \\Aa\\Z$"],
    ["[\\w-.\\Z]", "#/pattern: not supported in patterns: \\Z]"],
    ["a".repeat(4_001), "#/pattern: longer than 4000 characters"],
    ["(?:a{1000}){1000}", "#/pattern: over 20000 states in the schema's patterns"],
    ["(?:(?:|){1000}){1000}", "#/pattern: over 20000 states in the schema's patterns"],
    ["a{99999999999}", "#/pattern: over 20000 states in the schema's patterns"],
    ["a{0,99999999999}", "#/pattern: over 20000 states in the schema's patterns"],
  ])("refuses %s", (source, reason) => {
    expect(refusal(source)).toBe(reason);
  });

  it("takes groups 100 deep and refuses more", () => {
    expect(matches(`${"(".repeat(100)}a${")".repeat(100)}`, "a")).toBe(true);
    expect(refusal(`${"(".repeat(101)}a${")".repeat(101)}`)).toMatch("not supported");
  });

  it("shares its states among the patterns of a schema", () => {
    const space = { statesLeft: 10 };
    compilePattern("aaaaa", space, "#");
    expect(() => compilePattern("aaaaa", space, "#")).toThrow(Refusal);
  });
});

/** Patterns on which backtracking takes exponential or high polynomial time. */
describe("hostile patterns", () => {
  const long = "a".repeat(20_000);
  it.each([
    ["^(a+)+$", `${long}!`, false],
    ["^(a|a)*$", `${long}!`, false],
    ["^(a|aa)+$", `${long}!`, false],
    ["(a*)*b", long, false],
    ["^a*a*a*a*a*a*a*b", long, false],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", long, false],
    ["^(\\w+\\s?)*$", `${long}!`, false],
    ["^(a?){50}a{50}$", "a".repeat(50), true],
  ])("%s takes linear time", (source, tried, expected) => {
    expect(matches(source, tried)).toBe(expected);
  });

  it("stops where the steps of the batch are used up", () => {
    const pattern = compile("(?=[^]*(?=[^]*(?=[^]*b)))");
    expect(() => pattern.matches("a".repeat(5_000), new Meter(500_000))).toThrow(LimitReached);
  });

  it("tries a pattern that starts with ^ once", () => {
    expect(compile("^(?:b|^c)").matches("a".repeat(500), new Meter(10))).toBe(false);
  });

  it("counts a step for each state and character", () => {
    const meter = new Meter(3_100);
    const pattern = compile("^[a-z]*$");
    expect(pattern.matches("a".repeat(500), meter)).toBe(true);
    expect(() => pattern.matches("a".repeat(500), meter)).toThrow(LimitReached);
  });
});
