/**
 * Filters out of JSON, checked:
 *
 *     "filters": [{"id": "A", "column": "status", "operator": "equal", "value": "complete"}],
 *     "filter_logic": "([A] AND [B]) OR [C]"
 *
 * `id` may be absent: the letter of the filter's position. `value` is a list for `in` and
 * `not_in`, and absent for `is_null` and `is_not_null`. Without `filter_logic` all are joined by
 * AND. In the stored form each filter has its `kind`, too; see filter.ts.
 */
import { isObject, type Json, type JsonObject } from "../json/exact.ts";
import type { Column } from "../warehouse/columns.ts";
import {
  type Condition,
  DefinitionError,
  type Filter,
  KINDS,
  type Operator,
  OPERATORS,
} from "./filter.ts";
import { FILTERS_MAX } from "./limits.ts";
import { allOf, parseLogic } from "./logic.ts";
import { isKindOf, kindOf, quoted, readOperands } from "./operands.ts";

const MEMBERS = ["id", "column", "operator", "value"] as const;
const STORED_MEMBERS = [...MEMBERS, "kind"] as const;

/**
 * The filter of a request, checked against the columns of its table.
 *
 * @param filters the member `filters`; null and undefined where there is none.
 * @param logic the member `filter_logic`, likewise.
 * @returns undefined where there are no filters, and so every record is wanted.
 * @throws DefinitionError with the place: `filters[1].value: …`, `filter_logic: at character 9: …`.
 */
export function readFilter(
  filters: Json | undefined,
  logic: Json | undefined,
  columns: readonly Column[],
): Filter | undefined {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return filterOf(filters, logic, (filter, place) => {
    checkMembers(filter, MEMBERS, place);
    const name = textMember(filter, "column", place);
    const column = byName.get(name);
    if (column === undefined) {
      throw new DefinitionError(`${place}.column`, `the table has no column ${quoted(name)}`);
    }
    const operator = operatorOf(filter, place);
    const operands = readOperands(member(filter, "value"), operator, `${place}.value`);
    return { column: name, operator, kind: kindOf(operands, operator, column, place), operands };
  });
}

/**
 * The filter of a stored definition, whose kinds are known.
 *
 * @throws DefinitionError where the members are not what storedFilter made.
 */
export function readStoredFilter(
  filters: Json | undefined,
  logic: Json | undefined,
): Filter | undefined {
  return filterOf(filters, logic, (filter, place) => {
    checkMembers(filter, STORED_MEMBERS, place);
    const column = textMember(filter, "column", place);
    const operator = operatorOf(filter, place);
    const operands = readOperands(member(filter, "value"), operator, `${place}.value`);
    const kind = KINDS.find((known) => known === member(filter, "kind")) ?? null;
    if (!isKindOf(kind, operands, operator)) {
      throw new DefinitionError(`${place}.kind`, "does not go with the value");
    }
    return { column, operator, kind, operands };
  });
}

type Unnamed = Omit<Condition, "id">;

function filterOf(
  filters: Json | undefined,
  logic: Json | undefined,
  read: (filter: JsonObject, place: string) => Unnamed,
): Filter | undefined {
  const conditions: Condition[] = [];
  for (const [index, filter] of listOf(filters).entries()) {
    const place = `filters[${index}]`;
    if (!isObject(filter)) throw new DefinitionError(place, "must be an object");
    const id = idOf(filter, index, place);
    if (conditions.some((other) => other.id === id)) {
      throw new DefinitionError(`${place}.id`, `another filter has the id ${id}`);
    }
    conditions.push({ id, ...read(filter, place) });
  }
  if (logic !== undefined && logic !== null && typeof logic !== "string") {
    throw new DefinitionError("filter_logic", "must be a text");
  }
  const text = logic ?? null;
  if (conditions.length === 0 && text === null) return undefined;
  return { conditions, logic: text, tree: treeOf(conditions, text) };
}

function treeOf(conditions: readonly Condition[], logic: string | null): Filter["tree"] {
  if (logic === null) return allOf(conditions);
  return parseLogic(logic, new Map(conditions.map((condition) => [condition.id, condition])));
}

function listOf(filters: Json | undefined): readonly Json[] {
  if (filters === undefined || filters === null) return [];
  if (!Array.isArray(filters)) throw new DefinitionError("filters", "must be a list");
  if (filters.length <= FILTERS_MAX) return filters;
  throw new DefinitionError("filters", `must have at most ${FILTERS_MAX} entries`);
}

function idOf(filter: JsonObject, index: number, place: string): string {
  const id = member(filter, "id") ?? String.fromCharCode("A".charCodeAt(0) + index);
  if (typeof id === "string" && /^[A-Z]$/.test(id)) return id;
  throw new DefinitionError(`${place}.id`, "must be a letter from A to Z");
}

function operatorOf(filter: JsonObject, place: string): Operator {
  const text = textMember(filter, "operator", place);
  const operator = OPERATORS.find((known) => known === text);
  if (operator !== undefined) return operator;
  const rule = `${quoted(text)} is none of ${OPERATORS.join(", ")}`;
  throw new DefinitionError(`${place}.operator`, rule);
}

function textMember(filter: JsonObject, name: string, place: string): string {
  const value = member(filter, name);
  if (typeof value === "string") return value;
  const rule = value === undefined ? "is missing" : "must be a text";
  throw new DefinitionError(`${place}.${name}`, rule);
}

function member(filter: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(filter, name) ? filter[name] : undefined;
}

function checkMembers(filter: JsonObject, known: readonly string[], place: string): void {
  const other = Object.keys(filter).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw new DefinitionError(place, `the member ${quoted(other)} is not known here`);
}
