/**
 * Which columns a schema makes timestamps: a `date-time` property gives its column the type
 * `timestamp` (wire.md 2.8).
 */
import { isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { readReference, resolveReference } from "./schema-ref.ts";

const COMBINATORS = ["allOf", "anyOf", "oneOf"] as const;

/**
 * The names of the properties of the record itself that say `format: date-time`, directly, in a
 * combinator (Singer writes nullable fields as `anyOf`) or through `$ref`. `document` must have
 * been compiled, which refuses loops and references that lead nowhere.
 */
export function timestampFields(document: JsonObject): ReadonlySet<string> {
  const fields = new Set<string>();
  const known = new Map<JsonObject, boolean>();
  const isTimestamp = (schema: JsonObject): boolean => {
    const answer =
      known.get(schema) ??
      (schemaFormat(schema) === "date-time" || sameValue(document, schema).some(isTimestamp));
    known.set(schema, answer);
    return answer;
  };
  const seen = new Set<JsonObject>();
  const collect = (schema: JsonObject): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    for (const [name, property] of Object.entries(ownProperties(schema))) {
      if (isObject(property) && isTimestamp(property)) fields.add(name);
    }
    for (const inner of sameValue(document, schema)) collect(inner);
  };
  collect(document);
  return fields;
}

function schemaFormat(schema: JsonObject): Json | undefined {
  return isReference(schema) || !Object.hasOwn(schema, "format") ? undefined : schema["format"];
}

function ownProperties(schema: JsonObject): JsonObject {
  if (isReference(schema) || !Object.hasOwn(schema, "properties")) return {};
  const { properties } = schema;
  return isObject(properties) ? properties : {};
}

function isReference(schema: JsonObject): boolean {
  return Object.hasOwn(schema, "$ref");
}

/** The schemas that apply to the same value, and may hold for it. */
function sameValue(document: JsonObject, schema: JsonObject): JsonObject[] {
  const reference = readReference(schema, "#");
  if (reference !== undefined) {
    const target = resolveReference(document, reference, "#");
    return isObject(target) ? [target] : [];
  }
  return COMBINATORS.flatMap((name) => {
    const list = Object.hasOwn(schema, name) ? schema[name] : undefined;
    return Array.isArray(list) ? list.filter(isObject) : [];
  });
}
