/**
 * `$ref` inside one document: `#`, `#/definitions/x`, and any other JSON pointer as a URI
 * fragment, with `~0`, `~1` and percent escapes (RFC 6901 section 6).
 */
import { isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { shorten } from "./schema-check.ts";
import { readString, unusable } from "./schema-read.ts";

/** The reference of a schema; draft 4 ignores all that stands beside it. */
export function readReference(schema: JsonObject, place: string): string | undefined {
  return readString(schema, "$ref", place);
}

/**
 * The value that a reference leads to.
 *
 * @throws Refusal batch_schema_unusable where it leads to nothing or out of the document.
 */
export function resolveReference(document: JsonObject, reference: string, place: string): Json {
  const pointer = decodeFragment(reference);
  const target = pointer === undefined ? undefined : find(document, pointer);
  if (target === undefined) {
    throw unusable(`${place}/$ref: cannot be resolved: ${shorten(reference)}`);
  }
  return target;
}

function decodeFragment(reference: string): string | undefined {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined;
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return undefined;
  }
}

function find(document: JsonObject, pointer: string): Json | undefined {
  let value: Json = document;
  for (const step of pointer.split("/").slice(1)) {
    const next = member(value, step.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

function member(value: Json, name: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
