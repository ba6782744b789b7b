/**
 * Transit (`application/transit+json`) in, plain JSON values out: wire.md 2.7. Both of its JSON
 * forms are read, also mixed in one body: maps as arrays with cached keys, and the verbose one
 * with maps as objects (transit-python writes maps with composite keys as objects in either).
 */
import { parseExact } from "../../json/exact.ts";
import type { Json, JsonObject } from "../../json/exact.ts";
import type { Weight } from "../../json/weight.ts";
import { setMember } from "../../json/members.ts";
import { MAP_MARK, RollingCache } from "./cache.ts";
import { decodeEscaped, isEscaped, plainText } from "./escapes.ts";
import { memberName } from "./members.ts";
import { oddEntries, tagName, tagWithoutValue, untag } from "./tags.ts";

/**
 * Arrays and objects of a body inside each other; a tagged value is two. Far more than any
 * record has, and few enough for the stack, of this walk and of all that walk its result.
 */
export const TRANSIT_DEPTH_MAX = 500;

/** `^` before a reference. */
const REFERENCE_CODE = 0x5e;

/**
 * Decodes a Transit body.
 *
 * Integers of any size and decimals keep every digit (see json/exact.ts). Objects are plain
 * ones; of equal keys the last wins. `decodeTransit('["^ ","id",7,"at","~m0"]')` gives
 * `{ id: 7, at: "1970-01-01T00:00:00.000Z" }`.
 *
 * @param weight for texts of strangers, see parseExact: of the text as it stands; what its
 * references stand for has a limit of its own (cache.ts).
 * @throws SyntaxError where the text is no JSON or no Transit: a tag with a value that is not of
 * its type, a map with a key but no value, a cache reference to nothing, more than 500 levels,
 * or references and keys that would fill the memory (see cache.ts, members.ts).
 */
export function decodeTransit(text: string, weight?: Weight): Json {
  return decode(parse(text, weight), new RollingCache(text.length), 0);
}

function parse(text: string, weight: Weight | undefined): Json {
  try {
    return parseExact(text, weight);
  } catch (error) {
    // parseExact recurses, and it may get to the end of the stack before the walk counts levels.
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

function tooDeep(): SyntaxError {
  return new SyntaxError(`Transit: nested deeper than ${TRANSIT_DEPTH_MAX} levels`);
}

/** Reuses the parsed tree's arrays: the tree is nobody else's. */
function decode(node: Json, cache: RollingCache, depth: number): Json {
  if (typeof node === "string") return decodeString(node, cache);
  if (typeof node !== "object" || node === null) return node;
  const isArray = Array.isArray(node);
  if (!isArray && JSON.isRawJSON(node)) return node;
  if (depth >= TRANSIT_DEPTH_MAX) throw tooDeep();
  return isArray ? decodeArray(node, cache, depth + 1) : decodeObject(node, cache, depth + 1);
}

function decodeArray(nodes: Json[], cache: RollingCache, depth: number): Json {
  const [head, value] = nodes;
  if (head === MAP_MARK) return decodeMap(nodes, cache, depth);
  const tag = typeof head === "string" ? decodeTag(head, cache) : undefined;
  if (tag !== undefined) {
    if (value === undefined || nodes.length > 2) throw tagWithoutValue(tag);
    return untag(tag, decode(value, cache, depth));
  }
  for (const [index, node] of nodes.entries()) nodes[index] = decode(node, cache, depth);
  return nodes;
}

function decodeMap(nodes: readonly Json[], cache: RollingCache, depth: number): JsonObject {
  const object: JsonObject = {};
  for (let i = 1; i < nodes.length; i += 2) {
    const key = nodes[i];
    const value = nodes[i + 1];
    if (key === undefined || value === undefined) throw oddEntries();
    // The key first: the cache's entries have the order of the text.
    const name = decodeKey(key, cache, depth);
    setMember(object, name, decode(value, cache, depth));
  }
  return object;
}

/** An object: a map, or a tagged value where its only key is a tag. */
function decodeObject(node: JsonObject, cache: RollingCache, depth: number): Json {
  const entries = Object.entries(node);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const tag = decodeTag(first[0], cache);
    if (tag !== undefined) return untag(tag, decode(first[1], cache, depth));
  }
  const object: JsonObject = {};
  for (const [key, value] of entries) {
    const name = decodeKey(key, cache, depth);
    setMember(object, name, decode(value, cache, depth));
  }
  return object;
}

/** The tag's name where the text, or what it refers to, is a tag; undefined where it is not. */
function decodeTag(text: string, cache: RollingCache): string | undefined {
  if (isReference(text)) return tagName(cache.resolve(text).text);
  const tag = tagName(text);
  if (tag !== undefined) cache.enter(text, undefined);
  return tag;
}

/** A map key as the name of a member: its text without a tag or an escape. */
function decodeKey(node: Json, cache: RollingCache, depth: number): string {
  if (typeof node !== "string") return memberName(decode(node, cache, depth));
  if (isReference(node)) {
    const { text, name } = cache.resolve(node);
    return name ?? plainText(text);
  }
  const name = isEscaped(node) ? plainText(node) : node;
  cache.enter(node, name);
  return name;
}

function decodeString(text: string, cache: RollingCache): Json {
  if (isEscaped(text)) {
    if (isName(text)) cache.enter(text, plainText(text));
    return decodeEscaped(text);
  }
  if (!isReference(text)) return text;
  const entry = cache.resolve(text);
  return isEscaped(entry.text) ? decodeEscaped(entry.text) : entry.text;
}

/** Whether an escaped text is a keyword or a symbol, which are cached also where they are values. */
function isName(text: string): boolean {
  return text[1] === ":" || text[1] === "$";
}

function isReference(text: string): boolean {
  return text.charCodeAt(0) === REFERENCE_CODE && text !== MAP_MARK;
}
