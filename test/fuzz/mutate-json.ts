/** Changes of JSON bodies by their structure. */
import {
  copyOf,
  type Member,
  type Node,
  parseTree,
  type Place,
  placesOf,
  raw,
  text,
  textOf,
} from "./json-tree.ts";
import type { Random } from "../support/random.ts";
import { MAKERS } from "./texts.ts";
import { NAMES, NUMBERS, OTHERS, STRINGS } from "./tokens.ts";

/** Longest body that is made of a changed tree, in characters; larger ones have cases of their own. */
const LENGTH_MAX = 60_000;

/** Values that are JSON, by their kinds; what is none would hide all that comes after parsing. */
const KINDS = [STRINGS, NUMBERS, OTHERS].map((tokens) => tokens.filter(isJson));
const BROKEN = [...STRINGS, ...NUMBERS, ...OTHERS].filter((token) => !isJson(token));
const BROKEN_SHARE = 0.05;

function isJson(token: string): boolean {
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}

function anyValue(random: Random): Node {
  return raw(random.pick(random.chance(BROKEN_SHARE) ? BROKEN : random.pick(KINDS)));
}

const PLACES_MAX = 2_000;
const LONGEST_PARSED = 200_000;

/** A changed JSON text; undefined where the text is no JSON that can be changed. */
export function changedJson(json: string, other: string, random: Random): string | undefined {
  if (json.length > LONGEST_PARSED) return undefined;
  const node = parseTree(json);
  if (node === undefined) return undefined;
  const root = { node };
  const changes = 1 + (random.chance(0.4) ? random.below(4) : 0);
  for (let count = 0; count < changes; count += 1) changeOnce(root, other, random);
  return textOf(root.node, LENGTH_MAX);
}

function changeOnce(root: { node: Node }, other: string, random: Random): void {
  const places = placesOf(root, PLACES_MAX);
  // Half of the time a leaf: they outnumber what holds them, but not in small bodies.
  const leaves = places.filter(({ node }) => node.kind === "raw");
  const place = random.pick(leaves.length > 0 && random.chance(0.5) ? leaves : places);
  const maker = MAKERS.find(([name]) => name.test(place.name))?.[1];
  if (maker !== undefined && random.chance(0.6)) return place.replace(text(maker(random)));
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
      return place.replace(anyValue(random));
    case 3:
      return changeMembers(place, random);
    case 4:
      return repeatItem(place, random);
    case 5:
      return place.replace(wrapped(place.node, random));
    case 6:
      return place.replace(spliced(other, random) ?? raw("1"));
    case 7:
      return place.replace(long(random));
    default:
      return exchange(place, random.pick(places));
  }
}

function changeMembers({ node, replace }: Place, random: Random): void {
  if (node.kind !== "object" || node.members.length === 0) {
    return replace({ kind: "object", members: [{ name: random.pick(NAMES), value: node }] });
  }
  const at = random.below(node.members.length);
  const member = node.members[at];
  if (member === undefined) return undefined;
  switch (random.below(4)) {
    case 0:
      node.members.splice(at, 1);
      return undefined;
    case 1:
      member.name = random.pick(NAMES);
      return undefined;
    case 2:
      // Equal names in one object: the last one wins, everywhere.
      node.members.push({ name: member.name, value: anyValue(random) });
      return undefined;
    default:
      node.members.splice(at, 0, newMember(random));
      return undefined;
  }
}

function newMember(random: Random): Member {
  return { name: random.pick(NAMES), value: anyValue(random) };
}

const TIMES = [2, 3, 27, 65, 101, 201, 400, 1_001, 2_001];

function repeatItem({ node, replace }: Place, random: Random): void {
  const times = random.pick(TIMES);
  if (node.kind === "array" && node.items.length > 0) {
    const item = random.pick(node.items);
    node.items.push(...Array.from({ length: times }, () => copyOf(item)));
  } else if (node.kind === "object") {
    const value = node.members[0]?.value ?? raw("1");
    const members = Array.from({ length: times }, (_, index) => ({
      name: `"c${index}"`,
      value: copyOf(value),
    }));
    node.members.push(...members);
  } else {
    replace({ kind: "array", items: Array.from({ length: times }, () => copyOf(node)) });
  }
}

function wrapped(node: Node, random: Random): Node {
  const depth = random.pick([1, 1, 2, 99, 100, 101, 499, 501, 1_000, 5_000]);
  const inner = textOf(node, LENGTH_MAX / 4);
  return random.chance(0.5)
    ? raw(`${"[".repeat(depth)}${inner}${"]".repeat(depth)}`)
    : raw(`${'{"a":'.repeat(depth)}${inner}${"}".repeat(depth)}`);
}

/** A piece of another body. */
function spliced(other: string, random: Random): Node | undefined {
  const node = other.length > LONGEST_PARSED ? undefined : parseTree(other);
  return node === undefined ? undefined : copyOf(random.pick(placesOf({ node }, 200)).node);
}

function long(random: Random): Node {
  const length = random.pick([255, 256, 257, 1_024, 1_025, 10_001, 16_385, 40_000]);
  if (random.chance(0.3))
    return raw(random.pick(["1", "9", "0.1", "-1", "1e"]) + "0".repeat(length));
  return text(random.pick(["a", "é", "😀", "\0", "%", "\ud800", '"', "<A>"]).repeat(length / 2));
}

function exchange(one: Place, other: Place): void {
  const [first, second] = [copyOf(one.node), copyOf(other.node)];
  one.replace(second);
  other.replace(first);
}
