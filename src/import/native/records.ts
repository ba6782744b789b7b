/** The records of a body: a JSON array, one JSON object, or NDJSON. */
import { mediaType } from "../../http/accept.ts";
import { Refusal } from "../../http/errors.ts";
import { QUOTED_LENGTH_MAX } from "../../http/limits.ts";
import { parseOrRefuse } from "../../http/parse.ts";
import { isObject, type Json, parseExact } from "../../json/exact.ts";
import type { Weight } from "../../json/weight.ts";
import { NATIVE_RECORDS_MAX } from "./limits.ts";

/** How a body is written. */
export type BodyFormat = "json" | "ndjson";

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
  ["application/jsonl", "ndjson"],
  ["application/x-jsonlines", "ndjson"],
]);

/** @throws Refusal content_type, also where the header is missing. */
export function formatOf(contentType: string | null): BodyFormat {
  const format = FORMATS.get(mediaType(contentType));
  if (format === undefined) {
    const TYPE = contentType === null || contentType === "" ? "(none)" : contentType;
    throw new Refusal("content_type", { TYPE: TYPE.slice(0, QUOTED_LENGTH_MAX) });
  }
  return format;
}

/** The records of a body, counted and not all parsed. */
export interface Records {
  /** At least 1 and at most NATIVE_RECORDS_MAX. */
  readonly count: number;
  /** Those that are parsed, by their index; the text of a line that is no JSON stands for it. */
  readonly parsed: readonly Json[];
  /**
   * The value of a record; call it once for each, in order.
   *
   * @throws Refusal record_malformed, with the index; body_too_complex without one.
   */
  readonly read: (index: number) => Json;
}

/**
 * Splits a body into its records.
 *
 * @param weight of the whole body.
 * @throws Refusal body_malformed (JSON that does not parse), body_too_complex, array_expected or
 * records_too_many.
 */
export function readRecords(text: string, format: BodyFormat, weight?: Weight): Records {
  return format === "json" ? jsonRecords(text, weight) : lineRecords(text, weight);
}

function jsonRecords(text: string, weight: Weight | undefined): Records {
  const body = parseOrRefuse(() => parseExact(text, weight));
  const parsed = isObject(body) ? [body] : body;
  if (!Array.isArray(parsed) || parsed.length === 0) throw new Refusal("array_expected");
  if (parsed.length > NATIVE_RECORDS_MAX) throw tooMany();
  return { count: parsed.length, parsed, read: (index) => parsed[index] ?? null };
}

interface Line {
  /** Counted from 1, empty lines too. */
  readonly number: number;
  readonly text: string;
}

function lineRecords(text: string, weight: Weight | undefined): Records {
  const lines = linesOf(text);
  if (lines.length === 0) throw new Refusal("array_expected");
  const parsed: Json[] = [];
  const read = (index: number): Json => {
    const line = lines[index];
    if (line === undefined) throw new Error("there is no such record");
    // What stands for it where it is no JSON.
    parsed[index] = line.text;
    const value = parseLine(line, index, weight);
    parsed[index] = value;
    return value;
  };
  return { count: lines.length, parsed, read };
}

/** The lines that are not empty. A line ends with LF, or CR LF: JSON takes CR for white space. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let number = 1; start < text.length; number += 1) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    if (/^[ \t\r]*$/.test(line)) continue;
    if (lines.length === NATIVE_RECORDS_MAX) throw tooMany();
    lines.push({ number, text: line });
  }
  return lines;
}

function parseLine({ number: LINE, text }: Line, index: number, weight?: Weight): Json {
  try {
    return parseOrRefuse(() => parseExact(text, weight));
  } catch (error) {
    const isMalformed = error instanceof Refusal && error.code === "body_malformed";
    if (!isMalformed) throw error;
    throw new Refusal("record_malformed", { ...error.params, LINE }, index);
  }
}

function tooMany(): Refusal {
  return new Refusal("records_too_many", { LIMIT: NATIVE_RECORDS_MAX });
}
