/** Filters as members of a JSON object: for the catalogue, and as callers see them. */
import type { Json, JsonObject } from "../json/exact.ts";
import { type Condition, type Filter, isListTest } from "./filter.ts";

/** The two members that describe a filter; both null where there is none. */
export interface FilterMembers extends JsonObject {
  filters: JsonObject[] | null;
  filter_logic: string | null;
}

/** What callers see, and may send again: `filters` and `filter_logic` as they were given. */
export function shownFilter(filter: Filter | undefined): FilterMembers {
  return membersOf(filter, shownCondition);
}

/** What the catalogue keeps, for readStoredFilter: the kinds are in it, too. */
export function storedFilter(filter: Filter | undefined): FilterMembers {
  return membersOf(filter, (condition) => {
    const { kind } = condition;
    return kind === null ? shownCondition(condition) : { ...shownCondition(condition), kind };
  });
}

function membersOf(
  filter: Filter | undefined,
  write: (condition: Condition) => JsonObject,
): FilterMembers {
  if (filter === undefined) return { filters: null, filter_logic: null };
  return { filters: filter.conditions.map(write), filter_logic: filter.logic };
}

function shownCondition({ id, column, operator, operands }: Condition): JsonObject {
  const shown = { id, column, operator };
  const value = valueOf(operands, isListTest(operator));
  return value === undefined ? shown : { ...shown, value };
}

function valueOf(operands: Condition["operands"], isList: boolean): Json | undefined {
  return isList ? [...operands] : operands[0];
}
