import type { JsonObject } from "../json/exact.ts";

/** One data point, whichever surface it came over. */
export interface DataPoint {
  /** Its index in the request, for the answer to a refusal. */
  readonly record: number;
  readonly table: string;
  /** Empty for an append-only table. */
  readonly keyNames: readonly string[];
  /** An int64 from 0 as text, checked; or NO_SEQUENCE. */
  readonly sequence: string;
  /** Its table_version, an int64 as text, checked. */
  readonly version: string;
  readonly data: JsonObject;
  /** Longest string value of a key, in Unicode code points. */
  readonly keyLengthMax: number;
  /** Fields whose strings are timestamps. */
  readonly timestampFields?: ReadonlySet<string>;
}
