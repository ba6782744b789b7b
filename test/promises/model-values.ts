/**
 * Values of records as the model has them: JSON text, never a number of the language, so that
 * nothing here can lose a digit. Written from wire.md alone, without the service's code.
 */
import type { Cell } from "../support/read-csv.ts";

/** The members of a record in their order: names, and values as compact JSON text. */
export type Fields = readonly (readonly [name: string, json: string])[];

/** The JSON object of some fields. */
export function objectText(fields: Fields): string {
  return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`;
}

/** The value of a field as JSON text; undefined where it is absent. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  return fields.find(([own]) => own === name)?.[1];
}

/**
 * A value that `toEqual` compares exactly: numbers as `#` and their source text, strings as `$`
 * and themselves.
 */
export function exact(json: string): unknown {
  return JSON.parse(json, (_, value: unknown, { source }) => {
    if (typeof value === "number") return `#${source}`;
    return typeof value === "string" ? `$${value}` : value;
  });
}

/** Whether a JSON text is a number. */
export function isNumberText(json: string): boolean {
  return /^-?\d/.test(json);
}

/** A number as digits × 10^exponent, without zeros at the end of the digits. */
function scaled(json: string): { readonly digits: bigint; readonly exponent: number } {
  const match = /^(-?\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(json);
  if (match === null) throw new Error(`no number: ${json}`);
  const [, whole = "", fraction = "", power = "0"] = match;
  let digits = BigInt(whole + fraction);
  let exponent = Number(power) - fraction.length;
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    exponent += 1;
  }
  // "-0.5" has the whole part -0: the sign is that of the text.
  return digits === 0n ? { digits, exponent: 0 } : { digits, exponent };
}

/** The order of two numbers by value: negative, 0 or positive. */
export function compareNumbers(a: string, b: string): number {
  const left = scaled(a);
  const right = scaled(b);
  const least = Math.min(left.exponent, right.exponent);
  const difference =
    left.digits * 10n ** BigInt(left.exponent - least) -
    right.digits * 10n ** BigInt(right.exponent - least);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The text under which a key value is found: equal where JSON type and value are (wire.md 1.5). */
export function keyValue(json: string): string {
  if (!isNumberText(json)) return json;
  const { digits, exponent } = scaled(json);
  return `${digits}e${exponent}`;
}

/** The types that columns have (wire.md 4.2), of one value; undefined for null. */
export function typeOf(json: string, isTimestamp = false): string | undefined {
  if (json === "null") return undefined;
  if (json === "true" || json === "false") return "boolean";
  if (json.startsWith('"')) return isTimestamp ? "timestamp" : "string";
  if (!isNumberText(json)) return "json";
  // "A number with a fraction or exponent is not an integer" (wire.md 2.4).
  return /[.e]/i.test(json) ? "decimal" : "integer";
}

/** The type of a column that has had values of these types. */
export function typeOfColumn(seen: ReadonlySet<string>): string {
  const has = [...seen];
  if (has.length === 0) return "string";
  if (has.length === 1) return has.join();
  if (has.every((type) => type === "integer" || type === "decimal")) return "decimal";
  return has.every((type) => type === "string" || type === "timestamp") ? "string" : "json";
}

/** What a value is in a CSV file (wire.md 4.2). */
export function cellOf(json: string | undefined): Cell {
  if (json === undefined || json === "null") return null;
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}
