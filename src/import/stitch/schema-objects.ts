/**
 * The keywords of objects: `properties`, `patternProperties`, `additionalProperties`,
 * `required`, `minProperties`, `maxProperties` and `dependencies`.
 */
import { isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { type Check, escapeStep, shorten, Violation } from "./schema-check.ts";
import type { Scope } from "./schema-compile.ts";
import { compilePattern, type Pattern } from "./schema-pattern.ts";
import { keyword, readCount, readNames, readObject, wrongKeyword } from "./schema-read.ts";

/** The checks of an object's keywords. */
export function objectChecks(schema: JsonObject, scope: Scope, place: string): Check<JsonObject>[] {
  return [
    ...requiredChecks(schema, scope, place),
    ...memberChecks(schema, scope, place),
    ...sizeChecks(schema, scope, place),
    ...dependencyChecks(schema, scope, place),
  ];
}

function requiredChecks(schema: JsonObject, scope: Scope, place: string): Check<JsonObject>[] {
  const value = keyword(schema, "required");
  // true or false is what draft 3 writes into each property; it says nothing here.
  if (value === undefined || typeof value === "boolean") return [];
  const names = [...readNames(value, `${place}/required`)];
  if (names.length === 0) return [];
  return [requiredCheck(names, scope)];
}

function requiredCheck(names: readonly string[], scope: Scope): Check<JsonObject> {
  return function checkRequired(value) {
    for (const name of names) {
      scope.meter.spend(1);
      if (!Object.hasOwn(value, name)) return missing(value, name);
    }
    return undefined;
  };
}

function missing(value: Json, name: string): Violation {
  return new Violation(value, () => `required key [${shorten(name)}] not found`);
}

/** What is to be checked of the members of an object. */
interface Members {
  readonly named: ReadonlyMap<string, Check>;
  readonly patterned: readonly { readonly pattern: Pattern; readonly check: Check }[];
  /** For members that neither of the two has; "none" where there must be no such members. */
  readonly others: Check | "none" | undefined;
}

function memberChecks(schema: JsonObject, scope: Scope, place: string): Check<JsonObject>[] {
  const named = readObject(schema, "properties", place) ?? {};
  const patterned = readObject(schema, "patternProperties", place) ?? {};
  const others = keyword(schema, "additionalProperties") ?? true;
  const members: Members = {
    named: new Map(
      Object.entries(named).map(([name, inner]) => [
        name,
        scope.inner(inner, `${place}/properties/${escapeStep(name)}`),
      ]),
    ),
    patterned: Object.entries(patterned).map(([source, inner]) => ({
      pattern: compilePattern(source, scope.patterns, `${place}/patternProperties`),
      check: scope.inner(inner, `${place}/patternProperties/${escapeStep(source)}`),
    })),
    others: otherMembers(others, scope, `${place}/additionalProperties`),
  };
  const isEmpty = members.named.size === 0 && members.patterned.length === 0;
  if (isEmpty && members.others === undefined) return [];
  return [membersCheck(members, scope)];
}

function otherMembers(value: Json, scope: Scope, place: string): Members["others"] {
  if (value === false) return "none";
  return value === true ? undefined : scope.inner(value, place);
}

function membersCheck(members: Members, scope: Scope): Check<JsonObject> {
  return function checkMembers(value) {
    const names = Object.keys(value);
    scope.meter.spend(names.length);
    for (const name of names) {
      const member = value[name];
      if (member === undefined) continue;
      const violation = checkMember(members, scope, value, name, member);
      if (violation !== undefined) return violation;
    }
    return undefined;
  };
}

function checkMember(
  members: Members,
  scope: Scope,
  object: JsonObject,
  name: string,
  member: Json,
): Violation | undefined {
  const named = members.named.get(name);
  let isKnown = named !== undefined;
  const violation = named?.(member);
  if (violation !== undefined) return violation.under(name);
  for (const { pattern, check } of members.patterned) {
    if (!pattern.matches(name, scope.meter)) continue;
    isKnown = true;
    const problem = check(member);
    if (problem !== undefined) return problem.under(name);
  }
  if (isKnown || members.others === undefined) return undefined;
  if (members.others !== "none") return members.others(member)?.under(name);
  return new Violation(object, () => `extraneous key [${shorten(name)}] is not permitted`);
}

function sizeChecks(schema: JsonObject, scope: Scope, place: string): Check<JsonObject>[] {
  const min = readCount(schema, "minProperties", place) ?? 0;
  const max = readCount(schema, "maxProperties", place) ?? Infinity;
  if (min === 0 && max === Infinity) return [];
  const size = (value: Json): number => (isObject(value) ? Object.keys(value).length : 0);
  const tooFew = (value: Json): string => `expected minProperties: ${min}, actual: ${size(value)}`;
  const tooMany = (value: Json): string => `expected maxProperties: ${max}, actual: ${size(value)}`;
  return [
    function checkSize(value) {
      const count = size(value);
      scope.meter.spend(count);
      if (count < min) return new Violation(value, tooFew);
      return count > max ? new Violation(value, tooMany) : undefined;
    },
  ];
}

/** A member that asks for other members, or for a schema that the whole object has to fit. */
function dependencyChecks(schema: JsonObject, scope: Scope, place: string): Check<JsonObject>[] {
  const dependencies = Object.entries(readObject(schema, "dependencies", place) ?? {});
  return dependencies.map(([name, asked]) => {
    const check = dependencyCheck(asked, scope, `${place}/dependencies/${escapeStep(name)}`);
    return function checkDependency(value) {
      return Object.hasOwn(value, name) ? check(value) : undefined;
    };
  });
}

function dependencyCheck(asked: Json, scope: Scope, place: string): Check<JsonObject> {
  // A single name is what draft 3 writes.
  if (typeof asked === "string") return requiredCheck([asked], scope);
  if (Array.isArray(asked)) return requiredCheck([...readNames(asked, place)], scope);
  if (isObject(asked) || typeof asked === "boolean") return scope.same(asked, place);
  throw wrongKeyword(place, "array of strings or schema", asked);
}
