/**
 * The parts of definitions that zod does not check: filters and their logic (filter/read.ts),
 * chosen values, columns of an export. test/docs/filters.test.ts compares them with the code.
 */
import * as z from "zod";
import { OPERATORS } from "../../filter/filter.ts";
import {
  FILTERS_MAX,
  IN_VALUES_MAX,
  LIKE_LENGTH_MAX,
  LOGIC_LENGTH_MAX,
  OPERAND_LENGTH_MAX,
} from "../../filter/limits.ts";

const base = {
  id: z
    .string()
    .regex(/^[A-Z]$/)
    .nullable()
    .optional()
    .describe("The letter by which `filter_logic` names it; else that of its position."),
  column: z.string().describe("A column of the table."),
};

const Scalar = z.union([z.string().max(OPERAND_LENGTH_MAX), z.number(), z.boolean()]);
const NULL_TESTS = ["is_null", "is_not_null"] as const;
const LIST_TESTS = ["in", "not_in"] as const;
const PATTERN_TESTS = ["like", "not_like"] as const;

type Comparison = Exclude<
  (typeof OPERATORS)[number],
  (typeof NULL_TESTS)[number] | (typeof LIST_TESTS)[number] | (typeof PATTERN_TESTS)[number]
>;
const OTHERS: readonly string[] = [...NULL_TESTS, ...LIST_TESTS, ...PATTERN_TESTS];
const COMPARISONS = OPERATORS.filter(
  (operator): operator is Comparison => !OTHERS.includes(operator),
);

/** One condition of a filter. */
export const FilterCondition = z.union([
  z.strictObject({ ...base, operator: z.enum(COMPARISONS), value: Scalar }),
  z.strictObject({
    ...base,
    operator: z.enum(PATTERN_TESTS),
    value: z
      .string()
      .max(LIKE_LENGTH_MAX)
      .describe("`%` stands for any text, `_` for one character, `\\` takes the next as it is."),
  }),
  z.strictObject({
    ...base,
    operator: z.enum(LIST_TESTS),
    value: z.array(Scalar).min(1).max(IN_VALUES_MAX).describe("All of one kind."),
  }),
  z.strictObject({ ...base, operator: z.enum(NULL_TESTS) }),
]);

/** The member `filters`. */
export const Filters = z
  .array(FilterCondition)
  .max(FILTERS_MAX)
  .nullable()
  .describe("Which rows count; absent or empty for all.");

/** The member `filter_logic`. */
export const FilterLogic = z
  .string()
  .max(LOGIC_LENGTH_MAX)
  .nullable()
  .describe(
    "How the filters are joined: letters with AND, OR and brackets, as in `([A] AND [B]) OR [C]`. Absent: all by AND.",
  );

/** The member `columns` of an export. */
export const ExportColumns = z
  .array(z.string())
  .min(1)
  .nullable()
  .describe("The columns of the file in this order, each once; absent for all.");

/** The member `spreadsheet_safe` of an export. */
export const SpreadsheetSafe = z
  .boolean()
  .nullable()
  .describe("Marks texts that a spreadsheet would take for formulas.");

/** One of the chosen values of a grouping. */
export const ChosenValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The member `n` of `top`. */
export const TopCount = z.union([z.int().min(1), z.literal("all")]);
