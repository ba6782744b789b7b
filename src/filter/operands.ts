/** What conditions compare with: the values of a filter, and the kind of their comparison. */
import { isNumber, type Json, numberText, stringifyExact } from "../json/exact.ts";
import { instantOf } from "../time/instant.ts";
import { type Column, TYPE_BITS } from "../warehouse/columns.ts";
import {
  DefinitionError,
  isListTest,
  isNullTest,
  isOrderTest,
  isPatternTest,
  type Kind,
  type Operand,
  type Operator,
} from "./filter.ts";
import { isWholePattern } from "./like.ts";
import { FILTER_QUOTED_MAX, IN_VALUES_MAX, LIKE_LENGTH_MAX, OPERAND_LENGTH_MAX } from "./limits.ts";

/** The kinds that the JSON of an operand alone tells apart: a time is a text. */
type Form = Exclude<Kind, "time">;

/**
 * The operands in the member `value` of a filter: as many as the operator takes, of one form
 * and of bounded length.
 *
 * @param place of the member, as errors name it: `filters[1].value`.
 * @throws DefinitionError
 */
export function readOperands(
  value: Json | undefined,
  operator: Operator,
  place: string,
): readonly Operand[] {
  if (isNullTest(operator)) {
    if (value === undefined) return [];
    throw new DefinitionError(place, `${operator} takes no value`);
  }
  if (value === undefined) throw new DefinitionError(place, "is missing");
  if (!isListTest(operator)) return [readOperand(value, operator, place)];
  if (!Array.isArray(value) || value.length === 0 || value.length > IN_VALUES_MAX) {
    const rule = `${operator} takes a list of 1 to ${IN_VALUES_MAX} values`;
    throw new DefinitionError(place, rule);
  }
  const operands = value.map((item, index) => readOperand(item, operator, `${place}[${index}]`));
  const forms = operands.map(formOf);
  const other = forms.findIndex((form) => form !== forms[0]);
  if (other === -1) return operands;
  throw new DefinitionError(`${place}[${other}]`, "must be of the same kind as the first value");
}

function readOperand(value: Json, operator: Operator, place: string): Operand {
  if (value === null) throw new DefinitionError(place, "is null; use is_null or is_not_null");
  const isScalar = typeof value === "string" || typeof value === "boolean" || isNumber(value);
  if (!isScalar) throw new DefinitionError(place, "must be a text, a number or a boolean");
  if (isPatternTest(operator)) return readPattern(value, operator, place);
  const length = isNumber(value) ? numberText(value).length : String(value).length;
  if (length <= OPERAND_LENGTH_MAX) return value;
  throw new DefinitionError(place, `must have at most ${OPERAND_LENGTH_MAX} characters`);
}

function readPattern(value: Operand, operator: Operator, place: string): string {
  if (typeof value !== "string") throw new DefinitionError(place, `${operator} takes a text`);
  if (value.length > LIKE_LENGTH_MAX) {
    throw new DefinitionError(place, `must have at most ${LIKE_LENGTH_MAX} characters`);
  }
  if (isWholePattern(value)) return value;
  throw new DefinitionError(place, "ends in \\, which takes the next character as it is");
}

/**
 * The kind of a comparison, from its operands and the types that the column has had. A text is
 * a time where the column has had nothing but timestamps. A column that has only had nulls is
 * compared with anything.
 *
 * @param place of the filter: `filters[1]`.
 * @throws DefinitionError where the column cannot be compared so.
 */
export function kindOf(
  operands: readonly Operand[],
  operator: Operator,
  column: Column,
  place: string,
): Kind | null {
  const [operand] = operands;
  if (operand === undefined) return null;
  const form = formOf(operand);
  const known = formsOf(column.types);
  if (column.types !== 0 && !known.includes(form)) {
    const listPlace = isListTest(operator) ? "value[0]" : "value";
    throw new DefinitionError(`${place}.${listPlace}`, mismatch(column, known, operand));
  }
  if (form === "boolean" && isOrderTest(operator)) {
    throw new DefinitionError(`${place}.operator`, `booleans have no order; use equal`);
  }
  const isTime = form === "text" && column.types === TYPE_BITS.timestamp;
  if (!isTime || isPatternTest(operator)) return form;
  checkDates(operands, operator, `${place}.value`);
  return "time";
}

/**
 * Whether a stored kind goes with its operands.
 *
 * @returns false where a comparison of that kind cannot be made with them.
 */
export function isKindOf(
  kind: Kind | null,
  operands: readonly Operand[],
  operator: Operator,
): boolean {
  const [operand] = operands;
  if (operand === undefined || kind === null) return operand === undefined && kind === null;
  if (kind !== "time") return kind === formOf(operand);
  return !isPatternTest(operator) && operands.every((one) => isDate(one));
}

function formOf(operand: Operand): Form {
  if (typeof operand === "string") return "text";
  return typeof operand === "boolean" ? "boolean" : "number";
}

function formsOf(types: number): Form[] {
  const { string, integer, decimal, boolean, timestamp } = TYPE_BITS;
  const forms: Form[] = [];
  if ((types & (string | timestamp)) !== 0) forms.push("text");
  if ((types & (integer | decimal)) !== 0) forms.push("number");
  if ((types & boolean) !== 0) forms.push("boolean");
  return forms;
}

function mismatch(column: Column, known: readonly Form[], operand: Operand): string {
  const name = quoted(column.name);
  if (known.length === 0) {
    return `the column ${name} has objects or lists; only is_null and is_not_null take it`;
  }
  const forms = known.map((form) => (form === "text" ? "texts" : `${form}s`)).join(" and ");
  return `the column ${name} has ${forms}; ${quoted(operand)} is none`;
}

function checkDates(operands: readonly Operand[], operator: Operator, place: string): void {
  const wrong = operands.findIndex((operand) => !isDate(operand));
  if (wrong === -1) return;
  const at = isListTest(operator) ? `${place}[${wrong}]` : place;
  const example = 'as in "2019-08-01 14:22:32"';
  throw new DefinitionError(at, `must be a date, ${example}; ${quoted(operands[wrong])} is none`);
}

function isDate(operand: Operand): boolean {
  return typeof operand === "string" && instantOf(operand) !== undefined;
}

/** What an error repeats of a caller's value: JSON, cut where it is long. */
export function quoted(value: Json | undefined): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, FILTER_QUOTED_MAX));
  return value === undefined ? "nothing" : stringifyExact(value).slice(0, FILTER_QUOTED_MAX);
}
