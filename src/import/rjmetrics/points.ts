/** The data points of an RJMetrics body (wire.md 3.3). */
import { Refusal } from "../../http/errors.ts";
import { isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { KEY_NAMES_MAX } from "../../warehouse/limits.ts";

/** Which version of the API is spoken; v1 has a default key. */
export type ApiVersion = "v1" | "v2";

/** A point without its `keys`. */
export interface Point {
  readonly keyNames: readonly string[];
  readonly data: JsonObject;
}

/**
 * The elements of a body: a bare object is one.
 *
 * @throws Refusal array_expected or records_too_many.
 */
export function readElements(body: Json, pointsMax: number): readonly Json[] {
  const elements = Array.isArray(body) ? body : [body];
  if (elements.length === 0 || (!Array.isArray(body) && !isObject(body))) {
    throw new Refusal("array_expected");
  }
  if (elements.length > pointsMax) {
    throw new Refusal("records_too_many", { N: elements.length, LIMIT: pointsMax });
  }
  return elements;
}

/** @throws Refusal record_members where the element is no object or its `keys` are wrong. */
export function readPoint(element: Json, version: ApiVersion, record: number): Point {
  if (!isObject(element)) throw wrong("a data point must be a JSON object.", record);
  const { keys, ...data } = element;
  return { keyNames: readKeys(keys, version, data, record), data };
}

function readKeys(
  keys: Json | undefined,
  version: ApiVersion,
  data: JsonObject,
  record: number,
): readonly string[] {
  if (keys === undefined && version === "v1") {
    // The one known v1 script sends no keys (wire.md 6).
    if (Object.hasOwn(data, "id")) return ["id"];
    throw wrong("the field keys is missing, and there is no field id to take its place.", record);
  }
  if (keys === undefined) throw wrong("the field keys is missing.", record);
  const isList =
    Array.isArray(keys) && keys.length > 0 && keys.every((name) => typeof name === "string");
  if (!isList) throw wrong("keys must be a non-empty array of field names.", record);
  if (keys.length > KEY_NAMES_MAX)
    throw wrong(`keys has more than ${KEY_NAMES_MAX} names.`, record);
  return keys;
}

function wrong(reason: string, record: number): Refusal {
  return new Refusal("record_members", { REASON: reason }, record);
}
