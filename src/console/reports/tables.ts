/** The tables that a report's form shows: all names, and the columns of those that are used. */
import { ApiError } from "../api.ts";
import type { ConsoleContext } from "../context.ts";
import { integrationsOf } from "../integrations/list.tsx";
import type { Choice } from "../parts/forms.tsx";
import { tableLabels, tablesOf } from "../tables/list.tsx";
import { type Table, tableOf } from "../tables/table.tsx";

/** A column with its type, as the admin API names them. */
export type FormColumn = Table["columns"][number];

/** The columns of tables by the tables' ids. */
export type FormTables = ReadonlyMap<string, Pick<Table, "name" | "columns">>;

/** An id of a table, as a form may have one; 16 digits are beyond any. */
const ID = /^[1-9]\d{0,15}$/;

/** All tables of the client, as choices; their names with the integration's where two are equal. */
export async function tableChoices(context: ConsoleContext): Promise<readonly Choice[]> {
  const [tables, integrations] = await Promise.all([tablesOf(context), integrationsOf(context)]);
  return [...tableLabels(tables, integrations)].map(([id, label]) => ({
    value: String(id),
    label,
  }));
}

/** The tables of these ids, one after another; what is no table of the client is left out. */
export async function formTables(
  context: ConsoleContext,
  ids: readonly string[],
): Promise<FormTables> {
  const tables = new Map<string, Table>();
  for (const id of new Set(ids)) {
    if (!ID.test(id)) continue;
    try {
      tables.set(id, await tableOf(context, id));
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }
  return tables;
}

/** The columns of a table; none where it is not known. */
export function columnsOf(tables: FormTables, id: string): readonly FormColumn[] {
  return tables.get(id)?.columns ?? [];
}

/** Names that programs give to the date of a row, the usual ones first. */
const DATE_NAMES = [
  /^(?:created|placed|ordered)(?:_?(?:at|on|date|time))?$/i,
  /created/i,
  /(?:^|_)(?:date|timestamp|datetime|day)$|(?:date|_at|_on)$/i,
  /^(?:at|when|time)$/i,
];

/** The column that a row's date seems to be in: a timestamp, or one with the name of a date. */
export function guessedDate(columns: readonly FormColumn[]): string | undefined {
  const dates = columns.filter(({ type }) => type === "timestamp");
  const others = columns.filter(({ type }) => type === "string");
  for (const [list, names] of [
    [dates, DATE_NAMES],
    [dates, [/^[^_]/, /^/]],
    [others, DATE_NAMES],
  ] as const) {
    for (const name of names) {
      const found = list.find((column) => name.test(column.name));
      if (found !== undefined) return found.name;
    }
  }
  return undefined;
}

/** Names of what comes again: those whose first event makes a cohort. */
const MEMBER_NAMES = [
  /^(?:customer|user|account|member|client|visitor|person)_?(?:id|key|number|email)$/i,
  /(?:customer|user|account|member).*(?:id|email)$/i,
  /^(?:customer|user|account|member|client|visitor|person|email)$/i,
  /email/i,
  /._id$/i,
];

/** The column that seems to name who or what comes again; undefined where none does. */
export function guessedMember(columns: readonly FormColumn[]): string | undefined {
  for (const name of MEMBER_NAMES) {
    const found = columns.find((column) => name.test(column.name));
    if (found !== undefined) return found.name;
  }
  return undefined;
}

/** Characters of a table's name in the name of a report, which has its own bound. */
const NAME_LENGTH_MAX = 200;

/** The name of a table as part of a report's, which takes no control characters. */
export function plainName(tables: FormTables, id: string): string {
  const name = tables.get(id)?.name ?? "";
  return name.replaceAll(/\p{C}/gu, " ").slice(0, NAME_LENGTH_MAX).trim() || "Rows";
}
