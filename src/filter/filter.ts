/**
 * Filters of raw exports, figures and charts: the operators and the logic of wire.md section 5.
 *
 * A filter says of a record whether it is wanted. Its conditions compare one column each with a
 * value; the logic joins them: `([A] AND [B]) OR [C]`. There is no NOT, so that two values are
 * enough: a condition is met or it is not.
 *
 * What a condition means, for the column's value in the record:
 *
 * | value | is met by it |
 * |---|---|
 * | null or absent | `is_null`, and nothing else; not even `not_equal`, as in SQL |
 * | of the condition's kind | what the comparison says |
 * | of another kind, object or array | `is_not_null`, `not_equal`, `not_in` |
 *
 * | kind | compares |
 * |---|---|
 * | `number` | exactly, whatever the size: 0.1 and 0.10 are equal, 2^53 + 1 and 2^53 are not |
 * | `text` | by code points, letter case counts, as SQLite's BINARY on UTF-8 |
 * | `time` | texts that are dates (time/instant.ts), as instants, to the microsecond |
 * | `boolean` | equal or not; there is no order |
 *
 * A text that is no date is of another kind than `time`. `like` and `not_like` are met by texts
 * only, whatever the column; a time is its text there. See like.ts for patterns.
 *
 * The kind follows from the operand and the column's types when the filter is made, and stays: a
 * column that gets other types later does not change what a filter means.
 */
import type { RawNumber } from "../json/exact.ts";

/** The operators of wire.md section 5, in its order. */
export const OPERATORS = [
  "equal",
  "not_equal",
  "greater",
  "greater_or_equal",
  "less",
  "less_or_equal",
  "like",
  "not_like",
  "is_null",
  "is_not_null",
  "in",
  "not_in",
] as const;

/** An operator of a condition. */
export type Operator = (typeof OPERATORS)[number];

/** As what values are compared. */
export const KINDS = ["number", "text", "time", "boolean"] as const;
export type Kind = (typeof KINDS)[number];

/** What a column's values are compared with: a number is exact, a time is the text that was sent. */
export type Operand = number | RawNumber | string | boolean;

/** One filter: a column against a value. */
export interface Condition {
  /** A letter, `A` to `Z`, by which the logic names it. */
  readonly id: string;
  readonly column: string;
  readonly operator: Operator;
  /** Null for `is_null` and `is_not_null`, `text` for `like` and `not_like`. */
  readonly kind: Kind | null;
  /** None for `is_null` and `is_not_null`, 1 to 1,000 for `in` and `not_in`, else one. */
  readonly operands: readonly Operand[];
}

/** Leaves joined by AND and OR; a join has two nodes at least. */
export type Tree<Leaf> =
  | { readonly type: "leaf"; readonly leaf: Leaf }
  | { readonly type: "and" | "or"; readonly nodes: readonly Tree<Leaf>[] };

/** A checked filter. */
export interface Filter {
  /** In the order in which they were given; at least one. */
  readonly conditions: readonly Condition[];
  /** The logic as it was written; null where all are joined by AND. */
  readonly logic: string | null;
  /** The conditions as the logic joins them. */
  readonly tree: Tree<Condition>;
}

/**
 * A definition that breaks a rule. The message names the place and the rule, for the one who
 * wrote the definition: `filters[1].operator: "near" is no operator`.
 */
export class DefinitionError extends Error {
  constructor(place: string, rule: string) {
    super(`${place}: ${rule}`);
    this.name = "DefinitionError";
  }
}

/** The operators that have no operand. */
export function isNullTest(operator: Operator): boolean {
  return operator === "is_null" || operator === "is_not_null";
}

/** The operators that have a list of operands. */
export function isListTest(operator: Operator): boolean {
  return operator === "in" || operator === "not_in";
}

/** The operators whose operand is a pattern. */
export function isPatternTest(operator: Operator): boolean {
  return operator === "like" || operator === "not_like";
}

/** The operators that need an order of values. */
export function isOrderTest(operator: Operator): boolean {
  return operator.startsWith("greater") || operator.startsWith("less");
}
