/** How a row of CSV becomes the text of a JSON object, and the check of a record that is JSON. */
import { RecordError } from "./errors.mjs";

/** What `--types` can say of a column; `text` is what a column has that is not named. */
export const TYPES = ["text", "integer", "decimal", "boolean", "json", "auto"];

/** What an empty field without quotes can become. */
export const EMPTY = ["null", "text", "omit"];

const INTEGER = /^-?(?:0|[1-9]\d*)$/;
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** No exponent: 12E4 is as often a product's code as a number. */
const CANONICAL = /^(?!-0$)-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * The JSON of a field that is not empty; undefined where it is not of the type.
 * @type {Readonly<Record<string, (text: string) => string | undefined>>}
 */
const JSON_OF = {
  text: (text) => JSON.stringify(text),
  integer: (text) => (INTEGER.test(text) ? text : undefined),
  decimal: (text) => (DECIMAL.test(text) ? text : undefined),
  boolean: (text) => (isBoolean(text) ? text : undefined),
  json: (text) => (isJson(text) ? onOneLine(text) : undefined),
  auto: (text) => (CANONICAL.test(text) || isBoolean(text) ? text : JSON.stringify(text)),
};

/**
 * A function that writes a row's fields (null: empty without quotes) as the text of a JSON
 * object. Numbers keep their digits: they are copied, never computed. It throws a RecordError
 * for a row with more or fewer fields than columns and for a field that is not of its type.
 * @param {readonly string[]} columns
 * @param {(column: string) => string} typeOf
 * @param {string} empty one of EMPTY
 */
export function recordWriter(columns, typeOf, empty) {
  const names = columns.map((column) => `${JSON.stringify(column)}:`);
  const types = columns.map(typeOf);
  return function write(/** @type {readonly (string | null)[]} */ fields) {
    if (fields.length !== columns.length) {
      const reason = `the row has ${fields.length} fields, the header ${columns.length}`;
      throw new RecordError("row_length", reason);
    }
    const members = [];
    for (const [index, field] of fields.entries()) {
      const json = valueOf(field, types[index] ?? "text", empty, columns[index]);
      if (json !== undefined) members.push(`${names[index]}${json}`);
    }
    return `{${members.join(",")}}`;
  };
}

/**
 * @param {string | null} field
 * @param {string} type
 * @param {string} empty
 * @param {string} [column]
 */
function valueOf(field, type, empty, column) {
  // Many writers quote every field, so quotes do not make an empty number a text.
  if (field === null || (field === "" && type !== "text" && type !== "auto")) {
    if (empty === "omit") return undefined;
    return empty === "text" && (type === "text" || type === "auto") ? '""' : "null";
  }
  const json = JSON_OF[type]?.(field);
  if (json !== undefined) return json;
  const shown = JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}…` : field);
  throw new RecordError("field_type", `${shown} is not of the type ${type}`, column);
}

/**
 * The text of a record that is JSON already, on one line; its numbers are as they were.
 * @param {string} text
 */
export function objectText(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordError("record_malformed", `not JSON: ${/** @type {Error} */ (error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RecordError("record_not_object", "the record is not a JSON object");
  }
  return onOneLine(text);
}

/** @param {string} text JSON, in which a line end can only stand between tokens */
function onOneLine(text) {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, " ") : text;
}

/** @param {string} text */
function isBoolean(text) {
  return text === "true" || text === "false";
}

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
