/** The order of a figure's groups (wire.md 5, show top / bottom). */
import { textOrder } from "../../filter/order.ts";
import { type Amount, amountOf, compare } from "../math/amount.ts";

/** By what groups are sorted. */
export interface GroupOrder {
  /** The value of a group; absent where the groups' own values decide. */
  readonly rank?: ((group: readonly string[]) => Amount | undefined) | undefined;
  /** The index of the grouping that decides first; absent: all in order. */
  readonly dimension?: number | undefined;
  readonly order: "asc" | "desc";
}

type Group = readonly string[];

/**
 * The groups in order. Without a value a group is last either way. Equal ones are in the
 * ascending order of their groupings, so that the order never depends on chance.
 */
export function orderGroups(groups: readonly Group[], by: GroupOrder): readonly Group[] {
  const { rank, dimension } = by;
  const sign = by.order === "asc" ? 1 : -1;
  if (rank !== undefined) {
    const ranked = groups.map((group) => ({ group, value: rank(group) }));
    ranked.sort((a, b) => compareRanks(a.value, b.value, sign) || compareGroups(a.group, b.group));
    return ranked.map(({ group }) => group);
  }
  if (dimension === undefined) return groups.toSorted((a, b) => sign * compareGroups(a, b));
  const own = (group: Group): string => group[dimension] ?? "";
  return groups.toSorted((a, b) => sign * compareTexts(own(a), own(b)) || compareGroups(a, b));
}

function compareRanks(a: Amount | undefined, b: Amount | undefined, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return sign * compare(a, b);
}

function compareGroups(a: Group, b: Group): number {
  for (const [index, text] of a.entries()) {
    const order = compareTexts(text, b[index] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** The order of two texts of groups: numbers by value, before other texts by code points. */
export function compareTexts(a: string, b: string): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return compare(left, right) || codePoints(a, b);
  if (left !== undefined || right !== undefined) return left === undefined ? 1 : -1;
  return codePoints(a, b);
}

function numberOf(text: string): Amount | undefined {
  return NUMBER.test(text) ? amountOf(text) : undefined;
}

function codePoints(a: string, b: string): number {
  return textOrder(b)(a);
}
