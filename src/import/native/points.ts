/** Adds the records of a native import to its plan, and keeps the bad ones apart. */
import { QUOTED_LENGTH_MAX } from "../../http/limits.ts";
import { type ErrorCode, Refusal } from "../../http/errors.ts";
import { depthOf, isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { NO_SEQUENCE } from "../../warehouse/chunks.ts";
import {
  COLUMN_NAME_LENGTH_MAX,
  KEY_LENGTH_MAX,
  RECORD_DEPTH_MAX,
} from "../../warehouse/limits.ts";
import type { ImportPlan } from "../../warehouse/plan.ts";
import { int64Text } from "../int64.ts";
import type { BadRecords } from "./answer.ts";
import type { SequenceSource } from "./options.ts";
import type { Records } from "./records.ts";

/** What all records of a request share. */
export interface PointOptions {
  readonly table: string;
  readonly keyNames: readonly string[];
  readonly sequence: SequenceSource;
  readonly skipsBad: boolean;
}

/** What no record is to blame for: skipping would skip all of them. */
const OF_THE_REQUEST: ReadonlySet<ErrorCode> = new Set(["key_names_differ", "table_is_subtable"]);

/**
 * Adds all records, in order.
 *
 * @param bad takes those that are left out, where the request skips bad records.
 * @throws Refusal of the first bad record, with its index, where the request does not; of the
 * request as a whole without one.
 */
export function addPoints(
  plan: ImportPlan,
  records: Records,
  options: PointOptions,
  bad: BadRecords,
): void {
  for (let index = 0; index < records.count; index += 1) {
    try {
      addPoint(plan, records.read(index), options, index);
    } catch (error) {
      const refusal = withField(error, records.parsed[index] ?? null);
      if (!options.skipsBad || refusal.record === undefined) throw refusal;
      bad.add(index, refusal);
    }
  }
}

function addPoint(
  plan: ImportPlan,
  data: Json,
  { table, keyNames, sequence: source }: PointOptions,
  record: number,
): void {
  if (!isObject(data)) throw new Refusal("record_not_object", {}, record);
  const sequence = sequenceOf(source, data, record);
  const keyLengthMax = KEY_LENGTH_MAX;
  plan.upsert({ record, table, keyNames, sequence, version: "0", data, keyLengthMax });
}

function sequenceOf(source: SequenceSource, data: JsonObject, record: number): string {
  switch (source.kind) {
    case "none":
      return NO_SEQUENCE;
    case "one":
      return source.sequence;
    case "field": {
      const { field } = source;
      const text = Object.hasOwn(data, field) ? int64Text(data[field]) : undefined;
      if (text === undefined) throw new Refusal("sequence_bad", { FIELD: field }, record);
      return text;
    }
  }
}

/**
 * Throws on what a commit threw: another request may have made the table first, and the
 * warehouse blames the first record for that.
 */
export function rethrowAsOwn(error: unknown): never {
  const isOurs = error instanceof Refusal && OF_THE_REQUEST.has(error.code);
  throw isOurs ? withoutRecord(error) : error;
}

function withoutRecord({ code, params }: Refusal): Refusal {
  return new Refusal(code, params);
}

/** The refusal with the field that is its reason, where the warehouse does not say it. */
function withField(error: unknown, value: Json): Refusal {
  if (!(error instanceof Refusal)) throw error;
  const { code, params, record } = error;
  if (OF_THE_REQUEST.has(code)) return withoutRecord(error);
  const field = isObject(value) ? guiltyField(code, value) : undefined;
  return field === undefined ? error : new Refusal(code, { ...params, FIELD: field }, record);
}

/** The top-level field for which a record is too deep, or whose name is too long. */
function guiltyField(code: ErrorCode, record: JsonObject): string | undefined {
  const names = Object.keys(record);
  switch (code) {
    case "column_name_too_long":
      return names
        .find((name) => name.length > COLUMN_NAME_LENGTH_MAX)
        ?.slice(0, QUOTED_LENGTH_MAX);
    case "record_too_deep":
      return names.find((name) => isTooDeep(record[name] ?? null));
    default:
      return undefined;
  }
}

/** Within its record, which is the first level. */
function isTooDeep(value: Json): boolean {
  return depthOf(value, RECORD_DEPTH_MAX) > RECORD_DEPTH_MAX - 1;
}
