/** The operations of metrics over the values of many cells, exact. */
import { isNumber, type Json, numberText, parseExact, stringifyExact } from "../../json/exact.ts";
import { add, type Amount, amountOf, compare, divide } from "../math/amount.ts";
import { exactDouble } from "./exact-double.ts";
import type { Operation } from "./question.ts";
import { type Fraction, quantileReader } from "./quantiles.ts";
import { ShortSums } from "./short-sums.ts";
import { type ValuePart, ValueTable } from "./value-table.ts";

/** One operation. Cells are small integers from 0. */
export interface Measure {
  /**
   * Adds a value other than null to a cell, so many times.
   *
   * @returns false where the operation takes numbers and the value is none.
   * @throws ValuesFull.
   */
  add(cell: number, value: Json, times: number): boolean;
  /** Adds a value given as JSON.stringify writes it; like {@link add}. */
  addJson(cell: number, json: string): boolean;
  /** Once all is added: the value of a cell, or undefined where nothing was added to it. */
  result(cell: number): Amount | undefined;
}

const QUANTILES: Readonly<Partial<Record<Operation, Fraction>>> = {
  median: [1, 2],
  first_quartile: [1, 4],
  third_quartile: [3, 4],
  percentile_10: [1, 10],
  percentile_90: [9, 10],
};

/** Whether an operation keeps all different values until they are known. */
export function holdsValues(operation: Operation): boolean {
  return operation === "count_distinct" || QUANTILES[operation] !== undefined;
}

/** A measure without anything in it. */
export function newMeasure(operation: Operation): Measure {
  switch (operation) {
    case "count":
      return new Count();
    case "count_distinct":
      return new Distinct();
    case "sum":
    case "average":
      return new Sum(operation === "average");
    case "min":
    case "max":
      return new Extreme(operation === "min" ? -1 : 1);
    default:
      return new Quantile(QUANTILES[operation] ?? [1, 2]);
  }
}

/** Counts, by cells. */
class Counts {
  readonly #counts: number[] = [];

  add(cell: number, times: number): void {
    while (this.#counts.length <= cell) this.#counts.push(0);
    this.#counts[cell] = (this.#counts[cell] ?? 0) + times;
  }

  of(cell: number): number {
    return this.#counts[cell] ?? 0;
  }

  result(cell: number): Amount | undefined {
    const count = this.of(cell);
    return count === 0 ? undefined : whole(count);
  }
}

function whole(count: number): Amount {
  return { units: BigInt(count), scale: 0 };
}

/** What most measures do with a text. */
abstract class ParsingMeasure implements Measure {
  abstract add(cell: number, value: Json, times: number): boolean;
  abstract result(cell: number): Amount | undefined;

  addJson(cell: number, json: string): boolean {
    return this.add(cell, parseExact(json), 1);
  }
}

class Count extends ParsingMeasure {
  readonly #counts = new Counts();

  override add(cell: number, _value: Json, times: number): boolean {
    this.#counts.add(cell, times);
    return true;
  }

  override result(cell: number): Amount | undefined {
    return this.#counts.result(cell);
  }
}

/** Distinct counts. Values may be added part by part, so that there is room for them. */
export class Distinct implements Measure {
  #table = new ValueTable();
  readonly #counts = new Counts();

  /** From now on only values of this part count; all are added once more for each part. */
  begin(part: ValuePart): void {
    this.#table = new ValueTable(part);
  }

  add(cell: number, value: Json, times: number): boolean {
    const isNew =
      typeof value === "number"
        ? this.#table.addDouble(cell, value === 0 ? 0 : value, times)
        : this.#table.add(cell, stringifyExact(value), times);
    if (isNew) this.#counts.add(cell, 1);
    return true;
  }

  addJson(cell: number, json: string): boolean {
    if (this.#table.add(cell, json, 1)) this.#counts.add(cell, 1);
    return true;
  }

  result(cell: number): Amount | undefined {
    return this.#counts.result(cell);
  }
}

/** The amount of a number; undefined where a value is none, or too long to be written out. */
function amountOfValue(value: Json): Amount | undefined {
  return isNumber(value) ? amountOf(numberText(value)) : undefined;
}

/** Sums and averages. Statements give sums of their own, too. */
export class Sum extends ParsingMeasure {
  readonly #isAverage: boolean;
  readonly #sums: (Amount | undefined)[] = [];
  readonly #short = new ShortSums();
  readonly #counts = new Counts();

  constructor(isAverage: boolean) {
    super();
    this.#isAverage = isAverage;
  }

  override add(cell: number, value: Json, times: number): boolean {
    const amount = amountOfValue(value);
    if (amount === undefined) return false;
    const { units, scale } = amount;
    this.addSum(cell, times === 1 ? amount : { units: units * BigInt(times), scale }, times);
    return true;
  }

  override addJson(cell: number, json: string): boolean {
    if (!this.#short.add(cell, json)) return super.addJson(cell, json);
    this.#counts.add(cell, 1);
    return true;
  }

  /** Adds the sum of so many values. */
  addSum(cell: number, sum: Amount, count: number): void {
    this.#counts.add(cell, count);
    const known = this.#sums[cell];
    while (this.#sums.length < cell) this.#sums.push(undefined);
    this.#sums[cell] = known === undefined ? sum : add(known, sum);
  }

  override result(cell: number): Amount | undefined {
    const [long, short] = [this.#sums[cell], this.#short.result(cell)];
    const sum = long === undefined || short === undefined ? (long ?? short) : add(long, short);
    if (sum === undefined || !this.#isAverage) return sum;
    return divide(sum, whole(this.#counts.of(cell)));
  }
}

class Extreme extends ParsingMeasure {
  /** -1 for the smallest, 1 for the largest. */
  readonly #sign: number;
  readonly #amounts: (Amount | undefined)[] = [];

  constructor(sign: number) {
    super();
    this.#sign = sign;
  }

  override add(cell: number, value: Json): boolean {
    const amount = amountOfValue(value);
    if (amount === undefined) return false;
    const known = this.#amounts[cell];
    while (this.#amounts.length < cell) this.#amounts.push(undefined);
    if (known === undefined || compare(amount, known) * this.#sign > 0) {
      this.#amounts[cell] = amount;
    }
    return true;
  }

  override result(cell: number): Amount | undefined {
    return this.#amounts[cell];
  }
}

class Quantile implements Measure {
  readonly #fraction: Fraction;
  readonly #table = new ValueTable();
  #read: ((cell: number) => Amount | undefined) | undefined;

  constructor(fraction: Fraction) {
    this.#fraction = fraction;
  }

  add(cell: number, value: Json, times: number): boolean {
    if (typeof value === "number") {
      this.#table.addDouble(cell, value === 0 ? 0 : value, times);
      return true;
    }
    if (amountOfValue(value) === undefined) return false;
    this.#table.add(cell, stringifyExact(value), times);
    return true;
  }

  addJson(cell: number, json: string): boolean {
    const double = exactDouble(json);
    if (double === undefined) return this.add(cell, parseExact(json), 1);
    this.#table.addDouble(cell, double, 1);
    return true;
  }

  result(cell: number): Amount | undefined {
    this.#read ??= quantileReader(this.#table, this.#fraction);
    return this.#read(cell);
  }
}
