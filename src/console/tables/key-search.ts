/** The search for a row by its key: what was typed, and which keys it may mean. */
import { api, ApiError } from "../api.ts";
import type { ConsoleContext } from "../context.ts";
import type { RowPage } from "./rows.tsx";
import type { Table } from "./table.tsx";

/** Most keys that a search tries: all of four fields which hold texts and numbers both. */
const TRIES_MAX = 16;

/** The texts of the search form, by key name; empty where nothing is searched. */
export function searchTexts(context: ConsoleContext, table: Table): ReadonlyMap<string, string> {
  const query = context.req.queries();
  const entries = table.key_names.map((name, index) => [name, query[`k${index}`]?.[0]] as const);
  if (entries.every(([, text]) => text === undefined || text === "")) return new Map();
  return new Map(entries.map(([name, text]) => [name, text ?? ""]));
}

/**
 * The row with a key that was typed, or none; an ApiError where it can be no key of the table.
 *
 * @param path of the table's rows in the admin API.
 */
export async function search(
  context: ConsoleContext,
  path: string,
  table: Table,
  texts: ReadonlyMap<string, string>,
): Promise<RowPage | ApiError> {
  try {
    for (const key of keysToTry(texts, table.columns)) {
      const found = await api<RowPage>(context, "GET", `${path}?key=${encodeURIComponent(key)}`);
      if (found.rows.length > 0) return found;
    }
    return { rows: [], next: null };
  } catch (error) {
    if (error instanceof ApiError && error.isRefusal) return error;
    throw error;
  }
}

/**
 * The keys that the texts may mean, as JSON. Where a column holds texts and others, `1` may mean
 * the number or the text, in each field by itself.
 */
function keysToTry(
  texts: ReadonlyMap<string, string>,
  columns: Table["columns"],
): readonly string[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  let keys: readonly string[] = [""];
  for (const [name, text] of texts) {
    const members = valuesOf(text, types.get(name) ?? "json").map(
      (value) => `${JSON.stringify(name)}:${value}`,
    );
    keys = keys.flatMap((key) =>
      members.map((member) => (key === "" ? member : `${key},${member}`)),
    );
    keys = keys.slice(0, TRIES_MAX);
  }
  return keys.map((key) => `{${key}}`);
}

/** JSON of a number or a boolean. */
const SCALAR = /^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** What a text may mean in a column of this type, as JSON, the likelier first. */
function valuesOf(text: string, type: string): readonly string[] {
  const trimmed = text.trim();
  if (!SCALAR.test(trimmed) || type === "string" || type === "timestamp") {
    return [JSON.stringify(text)];
  }
  return type === "json" ? [trimmed, JSON.stringify(text)] : [trimmed];
}

/** Whether a text, shown as it is, looks like another value. */
export function looksLikeOther(text: string): boolean {
  return text === "null" || SCALAR.test(text);
}
