/**
 * What an export exports: chosen columns, filters and options. The catalogue keeps it as JSON
 * text (`exports.definition`), so that a copy of an export means the same for ever:
 *
 *     {"columns":["id","total"],"filters":[…],"filter_logic":"[A] OR [B]","spreadsheet_safe":true}
 *
 * Each member may be absent; `{}` is every column and every row. The members `filters` and
 * `filter_logic` are those of filter/read.ts in their stored form.
 */
import { Buffer } from "../buffer.ts";
import { DefinitionError, type Filter } from "../filter/filter.ts";
import { quoted } from "../filter/operands.ts";
import { readFilter, readStoredFilter } from "../filter/read.ts";
import { storedFilter } from "../filter/stored.ts";
import { isObject, type Json, type JsonObject, parseExact, stringifyExact } from "../json/exact.ts";
import type { Column } from "../warehouse/columns.ts";
import { DEFINITION_BYTES_MAX } from "./limits.ts";

/** A checked definition. */
export interface ExportDefinition {
  /** The columns of the file in their order; undefined for all that the table then has. */
  readonly columns?: readonly string[] | undefined;
  /** Which rows the file has; undefined for all. */
  readonly filter?: Filter | undefined;
  /** Whether texts that a spreadsheet would take for formulas are marked (csv.ts). */
  readonly spreadsheetSafe: boolean;
}

/** The members of a request that make a definition; null is as good as absent. */
export interface DefinitionMembers {
  readonly columns?: Json | undefined;
  readonly filters?: Json | undefined;
  readonly filter_logic?: Json | undefined;
  readonly spreadsheet_safe?: Json | undefined;
}

/**
 * The definition that a request asks for.
 *
 * @param columns of the table, all of them.
 * @throws DefinitionError with the place: `columns[2]: …`, `filters[1].value: …`.
 */
export function readAsked(asked: DefinitionMembers, columns: readonly Column[]): ExportDefinition {
  const definition = {
    columns: readColumns(asked.columns, new Set(columns.map(({ name }) => name))),
    filter: readFilter(asked.filters, asked.filter_logic, columns),
    spreadsheetSafe: readFlag(asked.spreadsheet_safe),
  };
  const bytes = Buffer.byteLength(definitionText(definition));
  if (bytes <= DEFINITION_BYTES_MAX) return definition;
  const rule = `columns and filters take ${bytes} of at most ${DEFINITION_BYTES_MAX} bytes`;
  throw new DefinitionError("definition", rule);
}

/** The text for the catalogue; {@link readDefinition} makes the same definition of it. */
export function definitionText({ columns, filter, spreadsheetSafe }: ExportDefinition): string {
  const members: JsonObject = {};
  if (columns !== undefined) members["columns"] = [...columns];
  if (filter !== undefined) Object.assign(members, storedFilter(filter));
  if (spreadsheetSafe) members["spreadsheet_safe"] = true;
  return stringifyExact(members);
}

/**
 * The definition of an export in the catalogue. The table may have lost its rows since, never a
 * column, so names are not checked again.
 *
 * @throws DefinitionError or SyntaxError where the text is none of {@link definitionText}.
 */
export function readDefinition(text: string): ExportDefinition {
  const members = parseExact(text);
  if (!isObject(members)) throw new DefinitionError("definition", "must be an object");
  return {
    columns: readColumns(members["columns"]),
    filter: readStoredFilter(members["filters"], members["filter_logic"]),
    spreadsheetSafe: readFlag(members["spreadsheet_safe"]),
  };
}

function readColumns(
  value: Json | undefined,
  known?: ReadonlySet<string>,
): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    throw new DefinitionError("columns", "must be a list of one name or more");
  }
  const names = new Set<string>();
  for (const [index, name] of value.entries()) {
    const place = `columns[${index}]`;
    if (typeof name !== "string") throw new DefinitionError(place, "must be a text");
    if (known?.has(name) === false) {
      throw new DefinitionError(place, `the table has no column ${quoted(name)}`);
    }
    if (names.has(name)) throw new DefinitionError(place, `${quoted(name)} is there already`);
    names.add(name);
  }
  return [...names];
}

function readFlag(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw new DefinitionError("spreadsheet_safe", "must be true or false");
}
