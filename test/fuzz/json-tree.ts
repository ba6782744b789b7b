/**
 * JSON as the fuzzer changes it: a tree that also holds what no parser keeps, such as equal
 * names, numbers of any spelling and pieces that are no JSON.
 */

/** A value: its text as it is, an array, or an object. */
export type Node =
  | { readonly kind: "raw"; text: string }
  | { readonly kind: "array"; items: Node[] }
  | { readonly kind: "object"; members: Member[] };

/** A member; `name` is JSON text, quotes and all. */
export interface Member {
  name: string;
  value: Node;
}

/** A value as it is. */
export function raw(text: string): Node {
  return { kind: "raw", text };
}

/** A text, quoted. */
export function text(value: string): Node {
  return raw(JSON.stringify(value));
}

const DEPTH_MAX = 60;
const SIMPLE = /\s*(?:([[\]{},:])|("(?:[^"\\]|\\[^])*")|([^\s[\]{},:"]+))/y;

/** The tree of a JSON text; undefined where it is none, or too deep to be changed as one. */
export function parseTree(json: string): Node | undefined {
  SIMPLE.lastIndex = 0;
  const next = (): string => {
    const match = SIMPLE.exec(json);
    return match === null ? "" : (match[1] ?? match[2] ?? match[3] ?? "");
  };
  try {
    const node = parseValue(next(), next, 0);
    return next() === "" ? node : undefined;
  } catch {
    return undefined;
  }
}

class NoTree extends Error {}

function parseValue(token: string, next: () => string, depth: number): Node {
  if (depth > DEPTH_MAX || token === "" || "]},:".includes(token)) throw new NoTree();
  if (token === "[") return { kind: "array", items: parseItems(next, depth) };
  if (token === "{") return { kind: "object", members: parseMembers(next, depth) };
  return raw(token);
}

function parseItems(next: () => string, depth: number): Node[] {
  const items: Node[] = [];
  for (let token = next(); token !== "]"; token = next()) {
    items.push(parseValue(token, next, depth + 1));
    const end = next();
    if (end === "]") break;
    if (end !== ",") throw new NoTree();
  }
  return items;
}

function parseMembers(next: () => string, depth: number): Member[] {
  const members: Member[] = [];
  for (let name = next(); name !== "}"; name = next()) {
    if (!name.startsWith('"') || next() !== ":") throw new NoTree();
    members.push({ name, value: parseValue(next(), next, depth + 1) });
    const end = next();
    if (end === "}") break;
    if (end !== ",") throw new NoTree();
  }
  return members;
}

/** The text of a tree, at most so many characters and a few; what is left out is just missing. */
export function textOf(node: Node, lengthMax: number): string {
  const pieces: string[] = [];
  let length = 0;
  const put = (piece: string): void => {
    length += piece.length;
    pieces.push(piece);
  };
  const walk = (one: Node): void => {
    if (one.kind === "raw") return put(one.text);
    put(one.kind === "array" ? "[" : "{");
    let isFirst = true;
    for (const part of one.kind === "array" ? one.items : one.members) {
      if (length > lengthMax) break;
      if (!isFirst) put(",");
      isFirst = false;
      if ("name" in part) put(`${part.name}:`);
      walk("name" in part ? part.value : part);
    }
    put(one.kind === "array" ? "]" : "}");
  };
  walk(node);
  return pieces.join("");
}

/** A copy that can be changed by itself. */
export function copyOf(node: Node): Node {
  if (node.kind === "raw") return raw(node.text);
  if (node.kind === "array") return { kind: "array", items: node.items.map(copyOf) };
  const members = node.members.map(({ name, value }) => ({ name, value: copyOf(value) }));
  return { kind: "object", members };
}

/** A place in a tree. */
export interface Place {
  readonly node: Node;
  /** The name of the nearest member above, quoted; empty where there is none. */
  readonly name: string;
  readonly replace: (other: Node) => void;
}

/** All places of a tree, the root first; at most so many. */
export function placesOf(root: { node: Node }, countMax: number): Place[] {
  const places: Place[] = [];
  const walk = (node: Node, name: string, replace: (other: Node) => void): void => {
    if (places.length >= countMax) return;
    places.push({ node, name, replace });
    if (node.kind === "array") {
      const { items } = node;
      for (const [index, item] of items.entries()) {
        walk(item, name, (other) => (items[index] = other));
      }
    } else if (node.kind === "object") {
      for (const member of node.members) {
        walk(member.value, member.name, (other) => (member.value = other));
      }
    }
  };
  walk(root.node, "", (other) => (root.node = other));
  return places;
}
