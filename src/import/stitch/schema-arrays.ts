/**
 * The keywords of arrays: `items` (one schema for all, or a list by position),
 * `additionalItems`, `minItems`, `maxItems` and `uniqueItems`.
 */
import type { Json, JsonObject } from "../../json/exact.ts";
import { type Check, Violation } from "./schema-check.ts";
import type { Scope } from "./schema-compile.ts";
import { uniqueCheck } from "./schema-equal.ts";
import { keyword, readCount } from "./schema-read.ts";

/** The checks of an array's keywords. */
export function arrayChecks(schema: JsonObject, scope: Scope, place: string): Check<Json[]>[] {
  const unique = uniqueCheck(schema, scope.meter, place);
  return [
    ...countChecks(schema, place),
    ...itemChecks(schema, scope, place),
    ...(unique === undefined ? [] : [unique]),
  ];
}

function countChecks(schema: JsonObject, place: string): Check<Json[]>[] {
  const min = readCount(schema, "minItems", place) ?? 0;
  const max = readCount(schema, "maxItems", place) ?? Infinity;
  if (min === 0 && max === Infinity) return [];
  const count = (value: Json): number => (Array.isArray(value) ? value.length : 0);
  const tooFew = (value: Json): string => `expected minItems: ${min}, actual: ${count(value)}`;
  const tooMany = (value: Json): string => `expected maxItems: ${max}, actual: ${count(value)}`;
  return [
    function checkCount(value) {
      if (value.length < min) return new Violation(value, tooFew);
      return value.length > max ? new Violation(value, tooMany) : undefined;
    },
  ];
}

/** `additionalItems` says something only where `items` is a list. */
function itemChecks(schema: JsonObject, scope: Scope, place: string): Check<Json[]>[] {
  const items = keyword(schema, "items");
  if (items === undefined || items === true) return [];
  if (!Array.isArray(items)) return [itemsCheck([], scope.inner(items, `${place}/items`))];
  const listed = items.map((item, index) => scope.inner(item, `${place}/items/${index}`));
  const others = keyword(schema, "additionalItems") ?? true;
  const rest = others === true ? undefined : scope.inner(others, `${place}/additionalItems`);
  return [itemsCheck(listed, rest)];
}

function itemsCheck(listed: readonly Check[], rest: Check | undefined): Check<Json[]> {
  return function checkItems(value) {
    for (const [index, item] of value.entries()) {
      const check = listed[index] ?? rest;
      if (check === undefined) break;
      const violation = check(item);
      if (violation !== undefined) return violation.under(index);
    }
    return undefined;
  };
}
