/** Quantiles of the values of many cells: percentile_cont of PostgreSQL, exact. */
import { add, type Amount, amountOf, compare, multiply, subtract } from "../math/amount.ts";
import type { ValueTable } from "./value-table.ts";

/** Numerator and denominator; the latter is 2, 4 or 10. */
export type Fraction = readonly [numerator: number, denominator: number];

/**
 * Sorts the numbers of a table, each with its cell; then gives the quantile of a cell, or
 * undefined where it has no numbers. Closes the table.
 *
 * The place of a quantile among n ascending numbers is fraction × (n − 1), counted from 0; where
 * it lies between two neighbours, so does the quantile, on a straight line.
 */
export function quantileReader(
  table: ValueTable,
  [numerator, denominator]: Fraction,
): (cell: number) => Amount | undefined {
  table.close();
  const { order, starts } = byCells(table);
  const values = new Values(table);
  return (cell) => {
    const [start = 0, end = 0] = [starts[cell], starts[cell + 1]];
    if (end <= start) return undefined;
    sortRange(order, start, end - 1, values);
    let count = 0;
    for (let at = start; at < end; at += 1) count += table.timesOf(order[at] ?? 0);
    const place = numerator * (count - 1);
    const rest = place % denominator;
    const at = (place - rest) / denominator;
    const low = values.amountOf(entryAt(table, order, start, at));
    if (rest === 0) return low;
    const high = values.amountOf(entryAt(table, order, start, at + 1));
    return add(low, multiply(subtract(high, low), shareOf(rest, denominator)));
  };
}

/** A fraction of halves, quarters or tenths as a decimal. */
function shareOf(rest: number, denominator: number): Amount {
  return { units: BigInt((rest * 100) / denominator), scale: 2 };
}

/** The entries in the order of their cells, and where those of each cell start in it. */
function byCells(table: ValueTable): { order: Uint32Array; starts: number[] } {
  const counts: number[] = [];
  for (let entry = 0; entry < table.size; entry += 1) {
    const cell = table.cellOf(entry);
    while (counts.length <= cell) counts.push(0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const starts = [0];
  for (const count of counts) starts.push((starts.at(-1) ?? 0) + count);
  const next = [...starts];
  const order = new Uint32Array(table.size);
  for (let entry = 0; entry < table.size; entry += 1) {
    const cell = table.cellOf(entry);
    const at = next[cell] ?? 0;
    order[at] = entry;
    next[cell] = at + 1;
  }
  return { order, starts };
}

/** The entry of the value at a place, each value counted as often as it was added. */
function entryAt(table: ValueTable, order: Uint32Array, start: number, place: number): number {
  let [at, seen] = [start, table.timesOf(order[start] ?? 0)];
  while (seen <= place) {
    at += 1;
    seen += table.timesOf(order[at] ?? 0);
  }
  return order[at] ?? 0;
}

/** The numbers of a table's entries. */
class Values {
  readonly #table: ValueTable;
  /** Of entries that are no doubles: the nearest ones. */
  readonly #near = new Map<number, number>();

  constructor(table: ValueTable) {
    this.#table = table;
  }

  amountOf(entry: number): Amount {
    const double = this.#table.doubleOf(entry);
    const text = Number.isNaN(double) ? this.#table.textOf(entry) : String(double);
    const amount = amountOf(text);
    if (amount === undefined) throw new Error("a number without amount was added");
    return amount;
  }

  /** A double near the number; it has the same order as the number, or is equal to another's. */
  nearest(entry: number): number {
    const double = this.#table.doubleOf(entry);
    if (!Number.isNaN(double)) return double;
    const known = this.#near.get(entry);
    if (known !== undefined) return known;
    const near = Number(this.#table.textOf(entry));
    this.#near.set(entry, near);
    return near;
  }

  /** Negative, 0 or positive. */
  compare(a: number, b: number): number {
    const [nearA, nearB] = [this.nearest(a), this.nearest(b)];
    if (nearA !== nearB) return nearA < nearB ? -1 : 1;
    return a === b ? 0 : compare(this.amountOf(a), this.amountOf(b));
  }
}

/** Ranges up to this size are sorted by insertion. */
const SHORT_RANGE = 12;

/**
 * Quicksort in place, by the median of three. `sort` of a typed array with a comparison copies
 * it to an array of objects, which has no room here.
 */
function sortRange(order: Uint32Array, first: number, last: number, values: Values): void {
  let [low, high] = [first, last];
  while (high - low >= SHORT_RANGE) {
    const middle = partition(order, low, high, values);
    // The smaller part by a call, the larger one by the loop: the stack stays small.
    if (middle - low < high - middle) {
      sortRange(order, low, middle, values);
      low = middle + 1;
    } else {
      sortRange(order, middle + 1, high, values);
      high = middle;
    }
  }
  insertionSort(order, low, high, values);
}

/** Hoare's: afterwards none up to the returned place comes after any later one. */
function partition(order: Uint32Array, first: number, last: number, values: Values): number {
  const pivot = medianOfThree(order, first, last, values);
  let [low, high] = [first - 1, last + 1];
  for (;;) {
    do low += 1;
    while (values.compare(order[low] ?? 0, pivot) < 0);
    do high -= 1;
    while (values.compare(order[high] ?? 0, pivot) > 0);
    if (low >= high) return high;
    const other = order[low] ?? 0;
    order[low] = order[high] ?? 0;
    order[high] = other;
  }
}

/** Puts the median at the first place: Hoare's partition then always ends. */
function medianOfThree(order: Uint32Array, first: number, last: number, values: Values): number {
  const middle = (first + last) >> 1;
  const [a = 0, b = 0, c = 0] = [order[first], order[middle], order[last]];
  const [ab, bc, ac] = [values.compare(a, b), values.compare(b, c), values.compare(a, c)];
  const isMiddle = ab < 0 === bc < 0;
  const at = isMiddle ? middle : ab < 0 === ac < 0 ? last : first;
  const median = order[at] ?? 0;
  order[at] = a;
  order[first] = median;
  return median;
}

function insertionSort(order: Uint32Array, first: number, last: number, values: Values): void {
  for (let at = first + 1; at <= last; at += 1) {
    const entry = order[at] ?? 0;
    let to = at;
    while (to > first && values.compare(order[to - 1] ?? 0, entry) > 0) {
      order[to] = order[to - 1] ?? 0;
      to -= 1;
    }
    order[to] = entry;
  }
}
