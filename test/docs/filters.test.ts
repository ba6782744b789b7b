/**
 * The schemas of filters, columns and chosen values describe what other code than zod checks.
 * Kept out: columns that the table does not have, kinds of values that do not go with a column,
 * letters that come twice, logic that does not name each filter, patterns that end in `\`.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readAsked } from "../../src/export/definition.ts";
import { DefinitionError, OPERATORS } from "../../src/filter/filter.ts";
import { readFilter } from "../../src/filter/read.ts";
import { type Json, parseExact } from "../../src/json/exact.ts";
import type { Column } from "../../src/warehouse/columns.ts";
import { schemaTakes as takes } from "./taken.ts";

function reads(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof DefinitionError) return false;
    throw error;
  }
}

/** Columns that have only had nulls are compared with anything. */
const columns: readonly Column[] = [
  { name: "a", type: "string", types: 0 },
  { name: "b", type: "string", types: 0 },
];
const exact = (value: unknown): Json => parseExact(JSON.stringify(value));

const scalar = fc.oneof(
  fc.constantFrom<unknown[]>("x", "", 1, 0.5, -3, "y".repeat(500), "y".repeat(501)),
  fc.constantFrom("z".repeat(10_000), "z".repeat(10_001)),
);
const value = fc.oneof(
  scalar,
  fc.constantFrom<unknown[]>(null, {}, [], [null], [{}], [1, 2], ["x", "y"]),
  fc.constantFrom(Array(1_000).fill(1), Array(1_001).fill(1)),
);

const filter = fc.record(
  {
    column: fc.constantFrom<unknown[]>("a", "b", 1, null),
    operator: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom<unknown[]>(...OPERATORS) },
      { weight: 1, arbitrary: fc.constantFrom<unknown[]>("near", null, 1) },
    ),
    value,
    id: fc.constantFrom<unknown[]>(null, "A", "Q", "a", "AB", 1),
    other: fc.constant(1),
  },
  { requiredKeys: [] },
);

test("the document's schema and the code take the same filters", () => {
  const seen = { yes: 0, no: 0 };
  fc.assert(
    fc.property(
      fc.record({ base: filter, right: fc.boolean(), column: fc.constantFrom("a", "b") }),
      ({ base, right, column }) => {
        const one = right ? { operator: "equal", value: 1, ...base, column } : base;
        const { other: _, ...without } = one;
        const asked = [right ? without : one];
        const expected = reads(() => readFilter(exact(asked), undefined, columns));
        seen[expected ? "yes" : "no"] += 1;
        const found = takes("Filters", exact(asked));
        expect({ asked, taken: found }).toEqual({ asked, taken: expected });
      },
    ),
    { numRuns: 2_000 },
  );
  // About 150 of them are taken.
  expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(50);
});

test.each([
  [null, true],
  [[], true],
  [Array.from({ length: 26 }, () => ({ column: "a", operator: "is_null" })), true],
  [Array.from({ length: 27 }, () => ({ column: "a", operator: "is_null" })), false],
  [{}, false],
  ["x", false],
])("lists of filters: case %#", (asked, expected) => {
  expect(takes("Filters", asked)).toBe(expected);
  expect(reads(() => readFilter(exact(asked), undefined, columns))).toBe(expected);
});

test.each([
  [null, true],
  [["a"], true],
  [["b", "a"], true],
  [[], false],
  [[1], false],
  ["a", false],
])("columns of an export: case %#", (asked, expected) => {
  expect(takes("ExportColumns", asked)).toBe(expected);
  expect(reads(() => readAsked({ columns: exact(asked) }, columns))).toBe(expected);
});

test.each([
  [null, true],
  [true, true],
  [1, false],
  ["1", false],
])("spreadsheet_safe: case %#", (asked, expected) => {
  expect(takes("SpreadsheetSafe", asked)).toBe(expected);
  expect(reads(() => readAsked({ spreadsheet_safe: exact(asked) }, columns))).toBe(expected);
});
