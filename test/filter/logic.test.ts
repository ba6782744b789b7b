import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DefinitionError, type Tree } from "../../src/filter/filter.ts";
import { LOGIC_DEPTH_MAX, LOGIC_LENGTH_MAX } from "../../src/filter/limits.ts";
import { allOf, parseLogic } from "../../src/filter/logic.ts";

const leavesOf = (letters: string): Map<string, string> =>
  new Map([...letters].map((letter) => [letter, letter]));

/** The tree as text with all its brackets. */
function written(tree: Tree<string>): string {
  if (tree.type === "leaf") return tree.leaf;
  return `(${tree.nodes.map(written).join(` ${tree.type} `)})`;
}

const parsed = (text: string, letters: string): string =>
  written(parseLogic(text, leavesOf(letters)));

function complaint(text: string, letters: string): string {
  try {
    return parsed(text, letters);
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
}

describe("parseLogic", () => {
  test.each([
    ["[A]", "A"],
    ["A", "A"],
    ["([A] AND [B]) OR [C]", "((A and B) or C)"],
    ["(A AND B) OR C", "((A and B) or C)"],
    ["A AND B OR C", "((A and B) or C)"],
    ["A OR B AND C", "(A or (B and C))"],
    ["A AND (B OR C)", "(A and (B or C))"],
    ["A OR B OR C", "(A or B or C)"],
    ["A and B Or C", "((A and B) or C)"],
    ["(((A)))", "A"],
    ["[ A ]AND[B]", "(A and B)"],
    ["A AND A", "(A and A)"],
    [" \t\nA\r\nOR(B) ", "(A or B)"],
    ["(A AND B) OR (A AND C)", "((A and B) or (A and C))"],
  ])("%j", (text, tree) => {
    expect(parsed(text, text.replace(/and|or/gi, "").replace(/[^A-Z]/g, ""))).toBe(tree);
  });

  test.each<[text: string, letters: string, rule: string]>([
    ["", "A", "at character 1: a letter or an opening bracket is expected, not the end"],
    ["  ", "A", "at character 3: a letter or an opening bracket is expected, not the end"],
    ["[A] AND", "A", "at character 8: a letter or an opening bracket is expected, not the end"],
    ["[A] [B]", "AB", 'at character 5: AND, OR or the end is expected, not "["'],
    ["A B", "AB", 'at character 3: AND, OR or the end is expected, not "B"'],
    ["A AND OR B", "AB", 'at character 7: a letter or an opening bracket is expected, not "OR"'],
    ["AND", "A", 'at character 1: a letter or an opening bracket is expected, not "AND"'],
    ["[A] AND [C]", "AB", "at character 10: no filter has the id C"],
    ["[A] XOR [B]", "AB", 'at character 5: AND, OR or the end is expected, not "XOR"'],
    ["A AND NOT B", "AB", 'at character 7: a letter or an opening bracket is expected, not "NOT"'],
    ["AB", "AB", 'at character 1: a letter or an opening bracket is expected, not "AB"'],
    ["a", "A", 'at character 1: a letter or an opening bracket is expected, not "a"'],
    ["[]", "A", 'at character 2: a letter is expected, not "]"'],
    ["[A", "A", "at character 3: the bracket ] is expected, not the end"],
    ["[A)", "A", 'at character 3: the bracket ] is expected, not ")"'],
    ["[(A)]", "A", 'at character 2: a letter is expected, not "("'],
    ["()", "A", 'at character 2: a letter or an opening bracket is expected, not ")"'],
    ["(A", "A", "at character 3: AND, OR or the bracket ) is expected, not the end"],
    ["(A]", "A", 'at character 3: AND, OR or the bracket ) is expected, not "]"'],
    ["A)", "A", 'at character 2: AND, OR or the end is expected, not ")"'],
    ["A; DROP", "A", 'at character 2: AND, OR or the end is expected, not ";"'],
    ["A 😀", "A", 'at character 3: AND, OR or the end is expected, not "😀"'],
    ["Á", "A", 'at character 1: a letter or an opening bracket is expected, not "Á"'],
    ["[A]", "AB", "does not name the filter B"],
    [`A${" ".repeat(LOGIC_LENGTH_MAX)}`, "A", `must have at most ${LOGIC_LENGTH_MAX} characters`],
    [
      "x".repeat(200),
      "A",
      `at character 1: a letter or an opening bracket is expected, not "${"x".repeat(100)}"`,
    ],
  ])("%j is refused", (text, letters, rule) => {
    expect(complaint(text, letters)).toBe(`filter_logic: ${rule}`);
  });

  test("brackets are nested up to the limit", () => {
    const nested = (depth: number): string => `${"(".repeat(depth)}A${")".repeat(depth)}`;
    expect(parsed(nested(LOGIC_DEPTH_MAX), "A")).toBe("A");
    // One after the other they do not count.
    const row = Array.from({ length: 50 }, () => nested(2)).join(" OR ");
    expect(parsed(row, "A")).toBe(`(${Array.from({ length: 50 }, () => "A").join(" or ")})`);
    const at = LOGIC_DEPTH_MAX + 1;
    const rule = `brackets are nested deeper than ${LOGIC_DEPTH_MAX} levels`;
    expect(complaint(nested(at), "A")).toBe(`filter_logic: at character ${at}: ${rule}`);
    expect(complaint("(".repeat(LOGIC_LENGTH_MAX), "A")).toContain(rule);
  });

  /** A node of either kind, over letters, at most four levels deep. */
  const { tree } = fc.letrec<{ tree: Tree<string> }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(..."ABCDZ").map((leaf): Tree<string> => ({ type: "leaf", leaf })),
      fc.record({
        type: fc.constantFrom("and" as const, "or" as const),
        nodes: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
      }),
    ),
  }));

  /** A spelling: brackets where they must be, and where chance wants them. */
  function spell(node: Tree<string>, chance: () => boolean, parent?: "and" | "or"): string {
    const space = (): string => (chance() ? " " : "\n ");
    const bracket = (text: string): string => (chance() ? `( ${text})` : `(${text})`);
    if (node.type === "leaf") {
      const text = chance() ? `[${node.leaf}]` : node.leaf;
      return chance() ? text : bracket(text);
    }
    const { type } = node;
    const word = chance() ? type : type.toUpperCase();
    const text = node.nodes
      .map((one) => spell(one, chance, type))
      .join(`${space()}${word}${space()}`);
    const isFree = parent === undefined || (parent === "or" && type === "and");
    return isFree && chance() ? text : bracket(text);
  }

  test("gives the tree back from any of its spellings", () => {
    const chances = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(tree, chances, (node, stream) => {
        const text = spell(node, () => stream.next().value === true);
        fc.pre(text.length <= LOGIC_LENGTH_MAX);
        const letters = [...new Set(written(node).match(/[A-Z]/g))].join("");
        expect(parsed(text, letters), text).toBe(written(node));
      }),
      { numRuns: 1_000 },
    );
  });

  test("any other text is refused with its place, never with a defect", () => {
    const text = fc.string({
      unit: fc.constantFrom(..."AB[]() \n", "AND", "OR", "and ", "😀"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (one) => {
        expect(complaint(one, "AB")).toMatch(/^filter_logic: |^[()AB andor]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("allOf joins by AND, and one leaf is itself", () => {
  expect(written(allOf(["A", "B", "C"]))).toBe("(A and B and C)");
  expect(written(allOf(["A"]))).toBe("A");
});
