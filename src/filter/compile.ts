/** Filters as functions: what a condition means is said in filter.ts. */
import { isNumber, type Json, type JsonObject } from "../json/exact.ts";
import { instantOf } from "../time/instant.ts";
import type { Condition, Filter, Operand, Operator, Tree } from "./filter.ts";
import { compileLike } from "./like.ts";
import { isNumberAmong, type JsonNumber, numberOrder, type Order, textOrder } from "./order.ts";

/** Says of a record whether it is wanted. */
export type RecordTest = (record: JsonObject) => boolean;

/** Says of a value, null where it is absent, whether it meets a condition. */
type ValueTest = (value: Json) => boolean;

/** Compiles a filter once for many records, as parseExact gives them. */
export function compile(filter: Filter): RecordTest {
  return compileTree(filter.tree);
}

function compileTree(tree: Tree<Condition>): RecordTest {
  if (tree.type === "leaf") return compileCondition(tree.leaf);
  const tests = tree.nodes.map(compileTree);
  const isAnd = tree.type === "and";
  return (record) => {
    for (const test of tests) if (test(record) !== isAnd) return !isAnd;
    return isAnd;
  };
}

function compileCondition(condition: Condition): RecordTest {
  const { column } = condition;
  const test = compileTest(condition);
  // A member of the prototype is none of the record: `constructor` and a few others.
  if (column in Object.prototype) {
    return (record) => test(Object.hasOwn(record, column) ? (record[column] ?? null) : null);
  }
  return (record) => test(record[column] ?? null);
}

function compileTest({ operator, kind, operands }: Condition): ValueTest {
  switch (kind) {
    case null:
      return operator === "is_null" ? (value) => value === null : (value) => value !== null;
    case "number":
      return compileComparison(operator, NUMBERS, operands.filter(isNumber));
    case "boolean":
      return compileComparison(operator, BOOLEANS, operands.filter(isBoolean));
    case "time":
      return compileComparison(operator, TIMES, operands.map(instantOfOperand));
    case "text": {
      const texts = operands.map(String);
      const isLike = operator === "like";
      if (!isLike && operator !== "not_like") return compileComparison(operator, TEXTS, texts);
      const matches = compileLike(texts[0] ?? "");
      return (value) => typeof value === "string" && matches(value) === isLike;
    }
  }
}

/** How values of one kind are compared. */
interface Comparing<Value> {
  /** The value as one of this kind; undefined where it is of another. */
  readonly read: (value: Json) => Value | undefined;
  readonly order: (operand: Value) => Order<Value>;
  readonly among: (operands: readonly Value[]) => (value: Value) => boolean;
}

const NUMBERS: Comparing<JsonNumber> = {
  read: (value) => (isNumber(value) ? value : undefined),
  order: numberOrder,
  among: isNumberAmong,
};

const TEXTS: Comparing<string> = {
  read: (value) => (typeof value === "string" ? value : undefined),
  order: textOrder,
  among: isAmong,
};

const TIMES: Comparing<number> = {
  read: (value) => (typeof value === "string" ? instantOf(value) : undefined),
  order: (operand) => (value) => value - operand,
  among: isAmong,
};

const BOOLEANS: Comparing<boolean> = {
  read: (value) => (isBoolean(value) ? value : undefined),
  order: (operand) => (value) => Number(value) - Number(operand),
  among: isAmong,
};

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isAmong<Value>(operands: readonly Value[]): (value: Value) => boolean {
  const all = new Set(operands);
  return (value) => all.has(value);
}

/** Checked when the filter was made (read.ts). */
function instantOfOperand(operand: Operand): number {
  const instant = instantOf(operand);
  if (instant === undefined) throw new Error("an operand of kind time is no date");
  return instant;
}

function compileComparison<Value>(
  operator: Operator,
  { read, order, among }: Comparing<Value>,
  operands: readonly Value[],
): ValueTest {
  const [operand] = operands;
  if (operand === undefined) throw new Error(`${operator} has no operand of its kind`);
  const test =
    operator === "in" || operator === "not_in"
      ? among(operands)
      : compileOrder(operator, order(operand));
  const wanted = operator !== "not_in";
  const ifOfOtherKind = operator === "not_in" || operator === "not_equal";
  return (value) => {
    if (value === null) return false;
    const own = read(value);
    return own === undefined ? ifOfOtherKind : test(own) === wanted;
  };
}

function compileOrder<Value>(operator: Operator, order: Order<Value>): (value: Value) => boolean {
  switch (operator) {
    case "equal":
      return (value) => order(value) === 0;
    case "not_equal":
      return (value) => order(value) !== 0;
    case "greater":
      return (value) => order(value) > 0;
    case "greater_or_equal":
      return (value) => order(value) >= 0;
    case "less":
      return (value) => order(value) < 0;
    case "less_or_equal":
      return (value) => order(value) <= 0;
    default:
      throw new Error(`${operator} compares no order`);
  }
}
