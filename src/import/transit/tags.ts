/** Transit's tagged values: `["~#set", [1, 2]]`, and verbose `{"~#set": [1, 2]}`. */
import { isNumber, numberText } from "../../json/exact.ts";
import type { Json, JsonObject } from "../../json/exact.ts";
import { setMember } from "../../json/members.ts";
import { memberName } from "./members.ts";
import { isTypedScalar, readScalar, uuidOfHalves } from "./scalars.ts";

/** How a tag starts where it is the first element of an array or the only key of an object. */
const TAG_START = "~#";

/** The tag's name (`set` for `~#set`), or undefined where the text is no tag. */
export function tagName(text: string): string | undefined {
  return text.startsWith(TAG_START) ? text.slice(TAG_START.length) : undefined;
}

/**
 * The plain value of a tagged one, whose own value is already plain: arrays for `list` and
 * `set`, an object for `cmap`, a string for `u`. Of a tag of an application, and of `'` (quote),
 * `link` and `ratio`, the value stays as it is. The scalars' tags may stand here, too:
 * `["~#m", 0]` is `~m0`.
 *
 * @throws SyntaxError where the value is none of the tag's type.
 */
export function untag(tag: string, value: Json): Json {
  if (tag === "cmap") return objectOfEntries(value);
  if (tag === "list" || tag === "set") return elements(tag, value);
  if (tag === "u" && Array.isArray(value)) return uuidOfHalves(value);
  if (!isTypedScalar(tag)) return value;
  if (typeof value === "string") return readScalar(tag, value);
  return isNumber(value) ? readScalar(tag, numberText(value)) : value;
}

function elements(tag: string, value: Json): Json[] {
  if (Array.isArray(value)) return value;
  throw new SyntaxError(`Transit: the value of ~#${tag} is no array`);
}

/** The last of equal keys wins. */
function objectOfEntries(value: Json): JsonObject {
  const entries = elements("cmap", value);
  const object: JsonObject = {};
  for (let i = 0; i < entries.length; i += 2) {
    const key = entries[i];
    const member = entries[i + 1];
    if (key === undefined || member === undefined) throw oddEntries();
    setMember(object, memberName(key), member);
  }
  return object;
}

/** The error for a map whose last key has no value. */
export function oddEntries(): SyntaxError {
  return new SyntaxError("Transit: a map has a key without a value");
}

/** The error for a tag that is not alone with one value: `["~#set"]`, `[1, "~#set"]`. */
export function tagWithoutValue(tag: string): SyntaxError {
  const shown = JSON.stringify(TAG_START + tag.slice(0, 40));
  return new SyntaxError(`Transit: the tag ${shown} has not exactly one value`);
}
