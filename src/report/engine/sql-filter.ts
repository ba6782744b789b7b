/**
 * Filters in SQL: 1 where a record meets it, 0 where it does not, NULL where SQL is not sure.
 * AND and OR of SQL go on with what they can be sure of. What conditions mean: filter/filter.ts.
 */
import type { Condition, Filter, Operator, Tree } from "../../filter/filter.ts";
import { isNumber, numberText, stringifyExact } from "../../json/exact.ts";
import { instantOf } from "../../time/instant.ts";
import { amountOf, amountText } from "../math/amount.ts";
import { dateSql, mayHaveFraction, NO_DATE, UNSURE_DATE } from "./sql-date.ts";
import { hasExponent, isNumberText, isThere, NotInSql, type SqlText } from "./sql-text.ts";

/** Longest pattern of LIKE, in bytes (d1/platform/limits). */
const PATTERN_BYTES_MAX = 50;

/** Characters of a number without exponent up to which different numbers differ as doubles. */
const DOUBLE_LENGTH_MAX = 15;

/**
 * Takes the parts of a filter that are sure, and look at each value once, for conditions of the
 * innermost select.
 *
 * @returns the rest, of which {@link filterSql} is to be made; undefined where there is none.
 * @throws NotInSql where a statement cannot have it.
 */
export function requireSure(filter: Filter | undefined, sql: SqlText): Filter | undefined {
  if (filter === undefined) return undefined;
  const { tree } = filter;
  const nodes = tree.type === "and" ? tree.nodes : [tree];
  for (const node of nodes) if (isSure(node)) sql.require(sureSql(node, sql));
  const [rest, ...others] = nodes.filter((node) => !isSure(node));
  if (rest === undefined) return undefined;
  return {
    ...filter,
    tree: others.length === 0 ? rest : { type: "and", nodes: [rest, ...others] },
  };
}

/** Whether a part only asks for texts, or true and false, that are equal to some. */
function isSure(tree: Tree<Condition>): boolean {
  if (tree.type !== "leaf") return tree.nodes.every(isSure);
  const { operator, kind } = tree.leaf;
  const isOneText = kind === "text" || kind === "boolean";
  return isOneText && (operator === "equal" || operator === "in");
}

/** 1, or else 0 or NULL. */
function sureSql(tree: Tree<Condition>, sql: SqlText): string {
  if (tree.type === "leaf") {
    const { column, operator, operands } = tree.leaf;
    return amongSql(`(${sql.member(column)})`, operator, operands.map(stringifyExact), sql);
  }
  const nodes = tree.nodes.map((node) => sureSql(node, sql));
  return joined(nodes, tree.type === "and" ? "AND" : "OR");
}

/**
 * The expression of a filter.
 *
 * @throws NotInSql where a statement cannot have it.
 */
export function filterSql(filter: Filter, sql: SqlText): string {
  return treeSql(filter.tree, sql);
}

function treeSql(tree: Tree<Condition>, sql: SqlText): string {
  if (tree.type === "leaf") return conditionSql(tree.leaf, sql);
  const nodes = tree.nodes.map((node) => treeSql(node, sql));
  return joined(nodes, tree.type === "and" ? "AND" : "OR");
}

/** In halves, because the depth of an expression has a limit of 100. */
function joined(nodes: readonly string[], word: string): string {
  if (nodes.length <= 1) return nodes[0] ?? "1";
  const middle = nodes.length >> 1;
  return `(${joined(nodes.slice(0, middle), word)} ${word} ${joined(nodes.slice(middle), word)})`;
}

function conditionSql(condition: Condition, sql: SqlText): string {
  const json = sql.column(condition.column);
  const { operator, kind } = condition;
  if (operator === "is_null") return `(NOT ${isThere(json)})`;
  if (operator === "is_not_null") return isThere(json);
  const ifOfOtherKind = operator === "not_equal" || operator === "not_in" ? "1" : "0";
  const isOfKind = kind === "number" ? isNumberText(json) : kindSql(kind, json);
  return `CASE WHEN NOT ${isThere(json)} THEN 0
WHEN NOT ${isOfKind} THEN ${operator === "not_like" ? "0" : ifOfOtherKind}
ELSE ${comparisonSql(condition, json, sql)} END`;
}

function kindSql(kind: Condition["kind"], json: string): string {
  if (kind === "boolean") return `(${json} IN ('true', 'false'))`;
  return `(${json} < '#')`;
}

function comparisonSql(condition: Condition, json: string, sql: SqlText): string {
  switch (condition.kind) {
    case "number":
      return numberSql(condition, json, sql);
    case "time":
      return timeSql(condition, json, sql);
    default:
      return textSql(condition, json, sql);
  }
}

const COMPARISONS: Readonly<Partial<Record<Operator, string>>> = {
  equal: "=",
  not_equal: "<>",
  greater: ">",
  greater_or_equal: ">=",
  less: "<",
  less_or_equal: "<=",
};

function isEquality(operator: Operator): boolean {
  return !operator.startsWith("greater") && !operator.startsWith("less");
}

/** Membership by texts, each of which is the only one of its value. */
function amongSql(
  value: string,
  operator: Operator,
  texts: readonly string[],
  sql: SqlText,
): string {
  const isNot = operator.startsWith("not_");
  const [text] = texts;
  if (text !== undefined && texts.length === 1) {
    return `(${value} ${isNot ? "<>" : "="} ${sql.bind(text)})`;
  }
  const list = sql.bind(JSON.stringify(texts));
  return `(${value} ${isNot ? "NOT IN" : "IN"} (SELECT value FROM json_each(${list})))`;
}

function textSql(condition: Condition, json: string, sql: SqlText): string {
  const { operator, operands } = condition;
  const isPattern = operator === "like" || operator === "not_like";
  if (isEquality(operator) && !isPattern) {
    // JSON texts of the rows and of JSON.stringify are the same where the values are.
    return amongSql(json, operator, operands.map(stringifyExact), sql);
  }
  const [operand] = operands;
  if (typeof operand !== "string") throw new NotInSql();
  // A bound text ends in some functions at a NUL.
  if (operand.includes("\0")) throw new NotInSql();
  const text = `CASE WHEN instr(${json}, '\\') = 0 THEN substr(${json}, 2, length(${json}) - 2)
WHEN instr(${json}, '\\u') = 0 THEN ${json} ->> '$' END`;
  if (!isPattern) return `(${text}) ${COMPARISONS[operator]} ${sql.bind(operand)}`;
  if (new TextEncoder().encode(operand).length > PATTERN_BYTES_MAX) throw new NotInSql();
  return `(${text}) ${operator === "like" ? "LIKE" : "NOT LIKE"} ${sql.bind(operand)} ESCAPE '\\'`;
}

/**
 * The plain decimal of the JSON text of a number, one text for each number, NULL where it has an
 * exponent.
 */
function plainSql(json: string): string {
  return `CASE WHEN ${hasExponent(json)} THEN NULL
WHEN instr(${json}, '.') = 0 THEN CASE ${json} WHEN '-0' THEN '0' ELSE ${json} END
WHEN ltrim(${json}, '-0.') = '' THEN '0'
ELSE rtrim(rtrim(${json}, '0'), '.') END`;
}

function plainText(operand: Condition["operands"][number]): string {
  const amount = isNumber(operand) ? amountOf(numberText(operand)) : undefined;
  if (amount === undefined) throw new NotInSql();
  return amountText(amount);
}

function numberSql(condition: Condition, json: string, sql: SqlText): string {
  const { operator, operands } = condition;
  const texts = operands.map(plainText);
  const plain = plainSql(json);
  if (isEquality(operator)) return amongSql(`(${plain})`, operator, texts, sql);
  return `(${orderSql(texts[0] ?? "", json, plain, sql)}) ${COMPARISONS[operator]} 0`;
}

/**
 * The order of a number and an operand: doubles decide where they are clearly apart, texts where
 * both are short, else integers where both are.
 */
function orderSql(text: string, json: string, plain: string, sql: SqlText): string {
  const operand = Number(text);
  const size = Math.abs(operand);
  // Near the ends of the range doubles have fewer digits.
  if (size !== 0 && !(size > 1e-200 && size < 1e200)) throw new NotInSql();
  const [own, bound] = [sql.bind(text), sql.bind(operand)];
  const double = `CAST(${json} AS REAL)`;
  const sides = (value: string, other: string): string => `(${value} > ${other}) * 2 - 1`;
  const isFar = `abs(${double} - ${bound}) > ${sql.bind(size * 1e-13)}`;
  const cases = [`WHEN ${isFar} THEN ${sides(double, bound)}`, `WHEN (${plain}) = ${own} THEN 0`];
  if (text.length <= DOUBLE_LENGTH_MAX) {
    const isShort = `length(${json}) <= ${DOUBLE_LENGTH_MAX} AND NOT ${hasExponent(json)}`;
    cases.push(`WHEN ${isShort} THEN ${sides(double, bound)}`);
  }
  if (/^-?\d{1,18}$/.test(text)) {
    const isInteger = `length(${json}) <= 18 AND NOT ${hasExponent(json)} AND instr(${json}, '.') = 0`;
    const integers = sides(`CAST(${json} AS INTEGER)`, `CAST(${own} AS INTEGER)`);
    cases.push(`WHEN ${isInteger} THEN ${integers}`);
  }
  return `CASE ${cases.join("\n")} END`;
}

function timeSql(condition: Condition, json: string, sql: SqlText): string {
  const { operator, operands } = condition;
  const ifNoDate = operator === "not_equal" || operator === "not_in" ? "1" : "0";
  const date = dateSql(json);
  const instants = operands.map((operand) => instantOf(operand) ?? NaN);
  const isSame = (instant: number): string => sameInstant(instant, json, sql);
  const sure = isEquality(operator)
    ? `(${joined(instants.map(isSame), "OR")}) = ${operator.startsWith("not_") ? "0" : "1"}`
    : `(${timeOrder(instants[0] ?? NaN, json, sql)}) ${COMPARISONS[operator]} 0`;
  return `(SELECT CASE d WHEN ${NO_DATE} THEN ${ifNoDate} WHEN ${UNSURE_DATE} THEN NULL
ELSE ${sure} END FROM (SELECT ${date} AS d LIMIT -1))`;
}

/** The second of an instant in ms, and whether it has a fraction. */
function secondOf(instant: number): { second: number; isWhole: boolean } {
  if (Number.isNaN(instant)) throw new NotInSql();
  const second = Math.floor(instant / 1000) * 1000;
  return { second, isWhole: second === instant };
}

/** The order of the date `d`, which has no fraction of its second, and an instant. */
function timeOrder(instant: number, json: string, sql: SqlText): string {
  const { second, isWhole } = secondOf(instant);
  const bound = sql.bind(second);
  const isUnsure = isWhole ? mayHaveFraction(json) : "1";
  return `CASE WHEN d > ${bound} THEN 1 WHEN d < ${bound} THEN -1 WHEN ${isUnsure} THEN NULL ELSE 0 END`;
}

function sameInstant(instant: number, json: string, sql: SqlText): string {
  return `(${timeOrder(instant, json, sql)}) = 0`;
}
