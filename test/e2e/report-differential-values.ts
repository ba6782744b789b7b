/** The values of the generated orders: what is hard on whoever reads or compares them. */

/** A value as it is pushed, and what it is; all absent for null and for a missing member. */
export interface Value {
  /** Undefined where the member is missing. */
  readonly json: string | undefined;
  readonly number?: string;
  readonly text?: string;
  readonly flag?: boolean;
  /** Of a date: its instant in microseconds since 1970. */
  readonly instant?: bigint;
}

/** The JSON null. */
export const NULL: Value = { json: "null" };
/** A member that is not there. */
export const MISSING: Value = { json: undefined };

/** What a text is pushed as. */
export function textValue(text: string): Value {
  return { json: JSON.stringify(text), text };
}

/** A number in the digits that are pushed. */
export function numberValue(json: string): Value {
  return { json, number: json };
}

/** Texts that are hard on CSV, on collations, on numbers in disguise and on escapes. */
export const SKUS = [
  "shirt-red",
  "Shirt-Red",
  "shirt red",
  'say "hi"',
  "a,b",
  "line\r\nbreak",
  "tab\there",
  "back\\slash",
  "100%",
  "under_score",
  "it's",
  "=1+1",
  "é",
  "e\u0301",
  "漢字",
  "😀",
  "\uFF1Dwide",
  "\uE000",
  "İstanbul",
  "ß",
  "7",
  "07",
  "7.0",
  "-3.5",
  "10",
  "true",
  "null",
  "{}",
  " lead",
  "trail ",
  "\u2028",
  "$&",
];

/** Words; letter case counts. */
export const STATUSES = [
  "complete",
  "complete",
  "complete",
  "Complete",
  "pending",
  "canceled",
  "refunded",
];

/** Around these instants clocks change, or years, months and weeks end; ms since 1970. */
export const EDGES_MS = [
  "2019-01-01T00:00:00Z",
  "2019-01-01T05:00:00Z",
  "2019-03-10T07:00:00Z",
  "2019-03-31T01:00:00Z",
  "2019-10-27T01:00:00Z",
  "2019-11-03T06:00:00Z",
  "2019-06-30T18:30:00Z",
  "2019-12-30T00:00:00Z",
  "2019-12-31T23:00:00Z",
  "2020-02-29T00:00:00Z",
  "2020-03-01T00:00:00Z",
].map((text) => Date.parse(text));

/** The first instant of other orders, in ms since 1970. */
export const FIRST_MS = Date.parse("2018-11-20T00:00:00Z");
/** The end of their instants, in ms since 1970. */
export const LAST_MS = Date.parse("2020-12-20T00:00:00Z");

/** Values that look like dates and are none. */
export const NO_DATES = [
  '"2019-02-30"',
  '"2019-02-29 10:00:00"',
  '"2019-13-01"',
  '"2019-08-01 24:00:00"',
  '"2019-08-01 14:22"',
  '"2019-08-01T14:22:60Z"',
  '"2019-8-1"',
  '"1564669352000"',
  '"01.08.2019"',
  '""',
  '"2019-08-01 14:22:32 "',
  "true",
  "99999999999999999",
];

/** Numbers in all forms that JSON has. */
export const ODD_NUMBERS = [
  "0.1234567890123456789",
  "0.0000000000000000000000001",
  "9007199254740993",
  "-9007199254740993",
  "123456789012345678901234567890",
  "1.5e3",
  "2E-3",
  "-0",
  "0.00",
  "58.40",
  "1e2",
  "12345678.90123456789012345678",
];

/** A date from its text and its instant, in ms since 1970. */
export function dateText(text: string, ms: number): Value {
  return { ...textValue(text), instant: BigInt(ms) * 1000n };
}

/** A value that is no date, from its JSON. */
export function noDate(json: string): Value {
  const value: unknown = JSON.parse(json);
  if (typeof value === "string") return { json, text: value };
  return typeof value === "boolean" ? { json, flag: value } : { json, number: json };
}
