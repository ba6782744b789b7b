import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  type Amount,
  amountOf,
  amountText,
  divide,
  multiply,
  subtract,
} from "../../src/report/amount.ts";
import { evaluateFormula, parseFormula } from "../../src/report/formula.ts";

const LETTERS = ["A", "B", "C", "D"];

/** What the letters mean in a case; a letter that is not there has no value. */
type Inputs = Readonly<Record<string, string>>;

function valueOf(inputs: Inputs): (letter: string) => Amount | undefined {
  return (letter) => {
    const text = inputs[letter];
    return text === undefined ? undefined : amountOf(text);
  };
}

function evaluated(expression: string, inputs: Inputs): string | undefined {
  const value = evaluateFormula(parseFormula(expression, LETTERS), valueOf(inputs));
  return value && amountText(value);
}

describe("the value of a formula", () => {
  it.each([
    ["A", "12"],
    ["A + B * C", "22"],
    ["(A + B) * C", "34"],
    ["A - B - C", "5"],
    ["A - (B - C)", "9"],
    ["A / B / C", "1.2"],
    ["A / (B / C)", "4.8"],
    ["A / B * C", "4.8"],
    ["D/(B/4)", "0.08"],
    ["-A + B", "-7"],
    ["-(A + B)", "-17"],
    ["A * -B", "-60"],
    ["A - -B", "17"],
    ["--A", "12"],
    ["-A * B", "-60"],
    ["0.1 + 0.2", "0.3"],
    ["100 * D", "10"],
    ["007", "7"],
    ["\tA\n+ B  ", "17"],
    ["A / 3", "4"],
    ["2 / 3", "0.66666666666666666667"],
  ])("%j is %s", (expression, value) => {
    expect(evaluated(expression, { A: "12", B: "5", C: "2", D: "0.1" })).toBe(value);
  });

  it.each(["A / B", "A / (B - B)", "1 / 0", "1 / 0 * 0", "C", "A + C", "0 * C", "-C", "C / C"])(
    "%j has none: a divisor is zero or an input has no value",
    (expression) => {
      expect(evaluated(expression, { A: "12", B: "0" })).toBeUndefined();
    },
  );
});

describe("a text that is no formula", () => {
  it.each([
    ["", 'at character 1: expected a letter, a number, "-" or "(", found the end'],
    ["  ", 'at character 3: expected a letter, a number, "-" or "(", found the end'],
    ["A +", 'at character 4: expected a letter, a number, "-" or "(", found the end'],
    ["A B", 'at character 3: expected an operator or the end, found "B"'],
    ["A 5", 'at character 3: expected an operator or the end, found "5"'],
    ["(A", 'at character 3: expected ")", found the end'],
    ["A)", 'at character 2: expected an operator or the end, found ")"'],
    ["()", 'at character 2: expected a letter, a number, "-" or "(", found ")"'],
    ["A */ B", 'at character 4: expected a letter, a number, "-" or "(", found "/"'],
    ["+A", 'at character 1: expected a letter, a number, "-" or "(", found "+"'],
    ["A ^ 2", 'at character 3: expected an operator or the end, found "^"'],
    ["[A]", 'at character 1: expected a letter, a number, "-" or "(", found "["'],
    ["A + E", "at character 5: there is no metric E"],
    ["A + a", "at character 5: there is no metric a"],
    ["A * AB", "at character 5: there is no metric AB"],
    ["1e5", 'at character 2: expected an operator or the end, found "e"'],
    ["1.", 'at character 2: expected an operator or the end, found "."'],
    [".5", 'at character 1: expected a letter, a number, "-" or "(", found "."'],
    ["A + 😀", 'at character 5: expected a letter, a number, "-" or "(", found "😀"'],
    ["__proto__", 'at character 1: expected a letter, a number, "-" or "(", found "_"'],
  ])("%j: %s", (expression, message) => {
    expect(() => parseFormula(expression, LETTERS)).toThrow(new SyntaxError(message));
  });

  it("is one that is too deep, in brackets or signs", () => {
    const brackets = (depth: number): string => `${"(".repeat(depth)}A${")".repeat(depth)}`;
    const signs = (depth: number): string => `${"-".repeat(depth)}A`;
    for (const text of [brackets, signs]) {
      expect(evaluated(text(50), { A: "7" })).toBe("7");
      const deep = "at character 52: brackets and signs are more than 50 deep";
      expect(() => parseFormula(text(51), LETTERS)).toThrow(new SyntaxError(deep));
      expect(() => parseFormula(text(10_000), LETTERS)).toThrow(new SyntaxError(deep));
    }
  });

  it("never ends in another error", () => {
    const words = fc.constantFrom(
      "A",
      "B",
      "E",
      "1",
      "0.5",
      "+",
      "-",
      "*",
      "/",
      "(",
      ")",
      " ",
      ".",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        try {
          evaluateFormula(parseFormula(parts.join(""), LETTERS), valueOf({ A: "1", B: "0" }));
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
          expect(String(error)).toMatch(/^SyntaxError: at character \d+: /);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What a formula means, made before its text. */
type Tree =
  | { readonly leaf: string }
  | { readonly negated: Tree }
  | { readonly sign: Sign; readonly left: Tree; readonly right: Tree };
type Sign = "+" | "-" | "*" | "/";

const { tree: trees } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.record({ leaf: fc.constantFrom("A", "B", "C", "D", "0", "3", "0.25", "12.5") }),
    fc.record({ negated: tie("tree") }),
    fc.record({
      sign: fc.constantFrom<Sign>("+", "-", "*", "/"),
      left: tie("tree"),
      right: tie("tree"),
    }),
  ),
}));

const RANKS = { "+": 1, "-": 1, "*": 2, "/": 2 } as const;

/** The text with no more brackets than it needs: where a part binds less than its place asks. */
function textOf(tree: Tree, rank = 1): string {
  if ("leaf" in tree) return tree.leaf;
  if ("negated" in tree) return `-${textOf(tree.negated, 3)}`;
  const own = RANKS[tree.sign];
  const text = `${textOf(tree.left, own)} ${tree.sign} ${textOf(tree.right, own + 1)}`;
  return own < rank ? `(${text})` : text;
}

const RECKON = { "+": add, "-": subtract, "*": multiply, "/": divide } as const;

function meaningOf(tree: Tree, inputs: Inputs): Amount | undefined {
  if ("leaf" in tree) return valueOf(inputs)(tree.leaf) ?? amountOf(tree.leaf);
  if ("negated" in tree) {
    const value = meaningOf(tree.negated, inputs);
    return value && { units: -value.units, scale: value.scale };
  }
  const [left, right] = [meaningOf(tree.left, inputs), meaningOf(tree.right, inputs)];
  return left && right && RECKON[tree.sign](left, right);
}

describe("the grammar", () => {
  it("gives each text the tree from which it was written", () => {
    const inputs = { A: "7", B: "-2.5", C: "1000000", D: "0" };
    fc.assert(
      fc.property(trees, (tree) => {
        const value = meaningOf(tree, inputs);
        expect(evaluated(textOf(tree), inputs)).toBe(value && amountText(value));
      }),
      { numRuns: 1_000 },
    );
  });
});
