/**
 * What the contestant on PostgreSQL takes from a body: the members that Headgate checks too
 * (wire.md 2.4), with numbers as exact as there.
 */
import {
  type Json,
  integerText,
  isObject,
  parseExact,
  stringifyExact,
} from "../../src/json/exact.ts";

/** A point that is ready to be stored. */
export interface Point {
  table: string;
  /** The key values as JSON, in the order of their names. */
  key: string;
  /** An int64 as text. */
  sequence: string;
  /** The data as exact JSON text. */
  data: string;
}

/** A body that is refused with 422. */
export class InvalidBody extends Error {}

const INT64_MAX = 2n ** 63n - 1n;
const TABLE_NAME_LENGTH_MAX = 255;
const POINTS_MAX = 10_000;

/**
 * Reads a body.
 *
 * @throws InvalidBody where a member is missing or wrong; SyntaxError for malformed JSON.
 */
export function readPoints(text: string, clientId: number): Point[] {
  const records = parseExact(text);
  if (!Array.isArray(records) || records.length === 0 || records.length > POINTS_MAX) {
    throw new InvalidBody(`The body is no array of 1 to ${POINTS_MAX} records.`);
  }
  return records.map((record, index) => readPoint(record, clientId, index));
}

function readPoint(record: Json, clientId: number, index: number): Point {
  const refuse = (member: string) => new InvalidBody(`Record ${index}: ${member} is wrong.`);
  if (!isObject(record)) throw refuse("the record");
  const { client_id: client, table_name: table, key_names: keyNames, data } = record;
  if (client !== clientId) throw refuse("client_id");
  if (record["action"] !== "upsert") throw refuse("action");
  if (typeof table !== "string" || table.trim() === "" || table.length > TABLE_NAME_LENGTH_MAX) {
    throw refuse("table_name");
  }
  const sequence = integerText(record["sequence"]);
  if (sequence === undefined || !isInt64(sequence)) throw refuse("sequence");
  if (!isObject(data)) throw refuse("data");
  if (!Array.isArray(keyNames) || keyNames.length === 0) throw refuse("key_names");
  const key = keyNames.map((name) => {
    const value = typeof name === "string" && Object.hasOwn(data, name) ? data[name] : null;
    const isScalar = typeof value !== "object" || JSON.isRawJSON(value);
    if (value === undefined || value === null || !isScalar) throw refuse("a key");
    return value;
  });
  return { table, key: stringifyExact(key), sequence, data: stringifyExact(data) };
}

/** Up to 18 digits need no arithmetic. */
function isInt64(digits: string): boolean {
  if (digits.startsWith("-")) return false;
  return digits.length < 19 || (digits.length === 19 && BigInt(digits) <= INT64_MAX);
}
