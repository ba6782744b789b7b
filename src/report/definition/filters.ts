/** The filters of a stored report, ready for the engine. */
import type { Condition, Filter, Kind, Operand, Tree } from "../../filter/filter.ts";
import { readStoredFilter } from "../../filter/read.ts";
import { isNumber, isObject, type Json, parseExact } from "../../json/exact.ts";

/**
 * The filter of each metric, all of whose lists of conditions must be met.
 *
 * @param text JSON of the catalogue: for each metric the filters that check.ts made.
 * @throws DefinitionError or SyntaxError where the text is none of the catalogue's.
 */
export function storedFiltersOf(text: string): readonly (Filter | undefined)[] {
  const lists = parseExact(text);
  if (!Array.isArray(lists)) throw new SyntaxError("filters must be a list");
  return lists.map((list) => {
    if (!Array.isArray(list)) throw new SyntaxError("the filters of a metric must be a list");
    return allOfFilters(
      list
        .filter(isObject)
        .map((members) => readStoredFilter(members["filters"], members["filter_logic"])),
    );
  });
}

/** One filter that is met where all are; undefined where there is none. */
export function allOfFilters(filters: readonly (Filter | undefined)[]): Filter | undefined {
  const all = filters.filter((filter) => filter !== undefined);
  const [first] = all;
  if (all.length < 2) return first;
  return {
    conditions: all.flatMap(({ conditions }) => conditions),
    logic: null,
    tree: { type: "and", nodes: all.map(({ tree }) => tree) },
  };
}

/**
 * The filter that chosen values of a column make: each is compared as what it is, a text as a
 * text also in a column of timestamps, and null is met by rows without a value.
 */
export function chosenFilter(column: string, values: readonly Json[]): Filter {
  const leaves: Tree<Condition>[] = [];
  const add = (kind: Kind, operands: readonly Operand[]): void => {
    if (operands.length === 0) return;
    leaves.push({ type: "leaf", leaf: { id: "A", column, operator: "in", kind, operands } });
  };
  add(
    "text",
    values.filter((value) => typeof value === "string"),
  );
  add("number", values.filter(isNumber));
  add(
    "boolean",
    values.filter((value) => typeof value === "boolean"),
  );
  if (values.includes(null)) {
    const leaf: Condition = { id: "A", column, operator: "is_null", kind: null, operands: [] };
    leaves.push({ type: "leaf", leaf });
  }
  const [first] = leaves;
  const tree: Tree<Condition> | undefined =
    leaves.length > 1 ? { type: "or", nodes: leaves } : first;
  if (tree === undefined) throw new Error("no value is chosen");
  return { conditions: conditionsOf(tree), logic: null, tree };
}

function conditionsOf(tree: Tree<Condition>): readonly Condition[] {
  return tree.type === "leaf" ? [tree.leaf] : tree.nodes.flatMap(conditionsOf);
}
