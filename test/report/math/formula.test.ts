import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Amount, amountOf, amountText } from "../../../src/report/math/amount.ts";
import { evaluateFormula, parseFormula } from "../../../src/report/math/formula.ts";

const LETTERS = ["A", "B", "C", "D"];

/** The value of a formula in plain decimals; inputs that are not given have none. */
function valueOf(text: string, inputs: Readonly<Record<string, string>> = {}): string | undefined {
  const value = evaluateFormula(parseFormula(text, LETTERS), (letter) => {
    const input = inputs[letter];
    return input === undefined ? undefined : amountOf(input);
  });
  return value && amountText(value);
}

/** The message of the refusal. */
function refusalOf(text: string, letters: readonly string[] = LETTERS): string {
  try {
    parseFormula(text, letters);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  return "none";
}

const INPUTS = { A: "12", B: "4", C: "0.5", D: "-3" };

describe("evaluateFormula", () => {
  it.each([
    ["A", "12"],
    ["7", "7"],
    ["0.10", "0.1"],
    ["007.50", "7.5"],
    ["A + B * C", "14"],
    ["(A + B) * C", "8"],
    ["A - B - C", "7.5"],
    ["A - (B - C)", "8.5"],
    ["A / B / C", "6"],
    ["A / (B / C)", "1.5"],
    ["D/(B/4)", "-3"],
    ["A / B * C", "1.5"],
    ["A * B / C", "96"],
    ["A - B + C", "8.5"],
    ["2 + 3 * 4 - 6 / 2", "11"],
    ["-A", "-12"],
    ["--A", "12"],
    ["---A", "-12"],
    ["-A * B", "-48"],
    ["A * -B", "-48"],
    ["A - -B", "16"],
    ["A--B", "16"],
    ["-(A + B)", "-16"],
    ["-A - B", "-16"],
    ["A / -D", "4"],
    ["((((A))))", "12"],
    ["  A\t+\n\u00a0B  \n", "16"],
    ["A+B", "16"],
    ["A/B", "3"],
    ["0.1 + 0.2", "0.3"],
    ["1/3", "0.33333333333333333333"],
    ["A - A", "0"],
    ["-(A - A)", "0"],
  ])("%j is %s", (text, value) => {
    expect(valueOf(text, INPUTS)).toBe(value);
  });

  it.each(["A / 0", "A / (B - B)", "0 / 0", "1 + A / 0", "-(A / 0)", "0 * (A / 0)", "A / -0"])(
    "%s has no value",
    (text) => {
      expect(valueOf(text, INPUTS)).toBeUndefined();
    },
  );

  it.each(["A", "A + 1", "1 - A", "A * 0", "0 / A", "-A", "B / (A + 1)"])(
    "%s has none where A has none",
    (text) => {
      expect(valueOf(text, { B: "1" })).toBeUndefined();
      expect(valueOf(text, { A: "2", B: "1" })).toBeDefined();
    },
  );

  it("takes the longest formula", () => {
    expect(valueOf(Array.from({ length: 500 }, () => "A").join("+"), INPUTS)).toBe("6000");
    expect(valueOf("9".repeat(1_000))).toBe("9".repeat(1_000));
  });
});

describe("parseFormula", () => {
  it.each([
    ["", 'at character 1: expected a letter, a number, "-" or "(", found the end'],
    ["   ", 'at character 4: expected a letter, a number, "-" or "(", found the end'],
    ["\n", 'at character 2: expected a letter, a number, "-" or "(", found the end'],
    ["A +", 'at character 4: expected a letter, a number, "-" or "(", found the end'],
    ["A + * B", 'at character 5: expected a letter, a number, "-" or "(", found "*"'],
    ["+A", 'at character 1: expected a letter, a number, "-" or "(", found "+"'],
    ["()", 'at character 2: expected a letter, a number, "-" or "(", found ")"'],
    [".5", 'at character 1: expected a letter, a number, "-" or "(", found "."'],
    ["(A + B", 'at character 7: expected ")", found the end'],
    ["(A B)", 'at character 4: expected ")", found "B"'],
    ["(A ,", 'at character 4: expected ")", found ","'],
    ["A + B)", 'at character 6: expected an operator or the end, found ")"'],
    ["A B", 'at character 3: expected an operator or the end, found "B"'],
    ["2A", 'at character 2: expected an operator or the end, found "A"'],
    ["A2", 'at character 2: expected an operator or the end, found "2"'],
    ["5.", 'at character 2: expected an operator or the end, found "."'],
    ["1,000", 'at character 2: expected an operator or the end, found ","'],
    ["A ^ 2", 'at character 3: expected an operator or the end, found "^"'],
    ["A\u00d7B", 'at character 2: expected an operator or the end, found "\u00d7"'],
    ["A \u{1f600}", 'at character 3: expected an operator or the end, found "\u{1f600}"'],
    ["A + E", "at character 5: there is no metric E"],
    ["A\n+\n  E", "at character 7: there is no metric E"],
    ["a + B", "at character 1: there is no metric a"],
    ["A + AB", "at character 5: there is no metric AB"],
    ["A + Revenue", "at character 5: there is no metric Revenue"],
    ["1e5", 'at character 2: expected an operator or the end, found "e"'],
    [`A + ${"9".repeat(1001)}`, "at character 5: the number is too long"],
  ])("refuses %.20j", (text, message) => {
    expect(refusalOf(text)).toBe(message);
  });

  it("knows only the letters that there are", () => {
    expect(refusalOf("C", ["A", "B"])).toBe("at character 1: there is no metric C");
    expect(refusalOf("A", [])).toBe("at character 1: there is no metric A");
    expect(refusalOf("toString", [])).toBe("at character 1: there is no metric toString");
  });

  it("bounds the depth of brackets and signs", () => {
    const message = "brackets and signs are more than 50 deep";
    expect(refusalOf(`${"(".repeat(50)}A${")".repeat(50)}`)).toBe("none");
    expect(refusalOf(`${"(".repeat(51)}A${")".repeat(51)}`)).toBe(`at character 52: ${message}`);
    expect(refusalOf(`${"-".repeat(50)}A`)).toBe("none");
    expect(refusalOf(`A + ${"-".repeat(51)}A`)).toBe(`at character 56: ${message}`);
    expect(refusalOf("-(".repeat(5_000))).toBe(`at character 52: ${message}`);
    expect(refusalOf(`(A)${"+(A)".repeat(200)}`)).toBe("none");
  });

  it("answers to any text with a formula or a SyntaxError that has a place in it", () => {
    const pieces = fc.constantFrom("A", "B", "1", "2.5", "+", "-", "*", "/", "(", ")", " ", "x");
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((p) => p.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const message = refusalOf(text);
        const place = /^at character (\d+): /.exec(message)?.[1];
        expect(message === "none" || Number(place) <= text.length + 1).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

/** A fraction of integers; the denominator is above zero. */
interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** A text with as few brackets as it may have, its exact value, and how firmly it holds. */
interface Expected {
  readonly text: string;
  readonly value: Rational | undefined;
  /** 1: a sum; 2: a product; 3: what needs no brackets. */
  readonly rank: 1 | 2 | 3;
}

const VALUES: Readonly<Record<string, Amount>> = {
  A: { units: 12n, scale: 0 },
  B: { units: -25n, scale: 1 },
  C: { units: 8n, scale: 0 },
  D: { units: 125n, scale: 3 },
};

const bracketed = ({ text, rank }: Expected, least: number): string =>
  rank < least ? `(${text})` : text;

type Operator = "+" | "-" | "*" | "/";

function valueBy(operator: Operator, x: Rational, y: Rational): Rational | undefined {
  switch (operator) {
    case "+":
      return { n: x.n * y.d + y.n * x.d, d: x.d * y.d };
    case "-":
      return { n: x.n * y.d - y.n * x.d, d: x.d * y.d };
    case "*":
      return { n: x.n * y.n, d: x.d * y.d };
    case "/": {
      const sign = y.n < 0n ? -1n : 1n;
      return y.n === 0n ? undefined : { n: sign * x.n * y.d, d: sign * x.d * y.n };
    }
  }
}

function combined(operator: Operator, left: Expected, right: Expected): Expected {
  const rank = operator === "+" || operator === "-" ? 1 : 2;
  const text = `${bracketed(left, rank)} ${operator} ${bracketed(right, rank + 1)}`;
  const [x, y] = [left.value, right.value];
  const value = x === undefined || y === undefined ? undefined : valueBy(operator, x, y);
  return { text, value, rank };
}

function negated(inner: Expected): Expected {
  const value = inner.value && { n: -inner.value.n, d: inner.value.d };
  return { text: `-${bracketed(inner, 3)}`, value, rank: 3 };
}

const leaves: fc.Arbitrary<Expected> = fc.oneof(
  fc.constantFrom(...Object.entries(VALUES)).map(([text, { units, scale }]): Expected => ({
    text,
    value: { n: units, d: 10n ** BigInt(scale) },
    rank: 3,
  })),
  fc.tuple(fc.nat(99), fc.nat(9)).map(([whole, tenth]): Expected => ({
    text: `${whole}.${tenth}`,
    value: { n: BigInt(whole * 10 + tenth), d: 10n },
    rank: 3,
  })),
);

/** Formulas of these operators. */
function formulas(operators: readonly Operator[]): fc.Arbitrary<Expected> {
  return fc.letrec<{ tree: Expected }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      leaves,
      tie("tree").map(negated),
      fc
        .tuple(fc.constantFrom(...operators), tie("tree"), tie("tree"))
        .map((all) => combined(...all)),
    ),
  })).tree;
}

const evaluated = (text: string): Amount | undefined =>
  evaluateFormula(parseFormula(text, LETTERS), (letter) => VALUES[letter]);

describe("formulas that are written from trees", () => {
  it("have the exact value of their tree", () => {
    fc.assert(
      fc.property(formulas(["+", "-", "*"]), ({ text, value }) => {
        const actual = evaluated(text);
        if (actual === undefined || value === undefined) throw new Error("no value");
        expect(actual.units * value.d).toBe(value.n * 10n ** BigInt(actual.scale));
      }),
      { numRuns: 500 },
    );
  });

  it("have its value with quotients that end, and none with a divisor of zero", () => {
    // Divisors whose quotients end: zeros, powers of two and of five, and their negatives.
    const divisors = fc.constantFrom(
      "0",
      "1",
      "2",
      "-4",
      "0.5",
      "-0.125",
      "C",
      "D",
      "B",
      "(A - A)",
    );
    const worth = (text: string): Rational => {
      const named = text === "(A - A)" ? { units: 0n, scale: 0 } : VALUES[text];
      const amount = named ?? amountOf(text) ?? { units: 0n, scale: 0 };
      return { n: amount.units, d: 10n ** BigInt(amount.scale) };
    };
    const sums = formulas(["+", "-"]);
    fc.assert(
      fc.property(sums, divisors, sums, (sum, text, other) => {
        const divisor: Expected = { text, value: worth(text), rank: 3 };
        const whole = combined("-", combined("/", sum, divisor), other);
        const actual = evaluated(whole.text);
        expect(actual === undefined).toBe(whole.value === undefined);
        if (actual === undefined || whole.value === undefined) return;
        const { n, d } = whole.value;
        expect(actual.units * d).toBe(n * 10n ** BigInt(actual.scale));
      }),
      { numRuns: 500 },
    );
  });
});
