/** What is different between figures and cohort charts, for the pages that both have. */
import type { FC } from "hono/jsx";
import { isObject, type JsonObject, parseExact } from "../../json/exact.ts";
import { api } from "../api.ts";
import { type ConsoleContext, pathId } from "../context.ts";
import type { Choice } from "../parts/forms.tsx";
import type { Form } from "../session/form.ts";
import { shownText } from "./members.ts";
import type { AskedMetric } from "./metric.ts";
import type { FormTables } from "./tables.ts";

/** The kinds of reports, by the word that their paths begin with. */
export type ReportName = "figure" | "chart";

/** How the pages speak of a kind. */
export interface ReportWords {
  readonly name: ReportName;
  /** Its section, and the last part of the path of its list. */
  readonly section: "figures" | "charts";
  /** At the beginning of a sentence, one and many. */
  readonly One: string;
  readonly Many: string;
  /** Within a sentence. */
  readonly one: string;
  readonly many: string;
  /** What programs call its id. */
  readonly idLabel: string;
  readonly lead: string;
}

/** Figures. */
export const FIGURE_WORDS: ReportWords = {
  name: "figure",
  section: "figures",
  One: "Figure",
  Many: "Figures",
  one: "figure",
  many: "figures",
  idLabel: "API Figure Id",
  lead: "A figure is a report of metrics by time and group, which programs export by its id.",
};

/** Cohort charts. */
export const CHART_WORDS: ReportWords = {
  name: "chart",
  section: "charts",
  One: "Cohort chart",
  Many: "Cohort charts",
  one: "cohort chart",
  many: "cohort charts",
  idLabel: "API Chart Id",
  lead: "A cohort chart follows what began in the same period, and programs export it by its id.",
};

/** What the builder needs to know of a kind. */
export interface ReportKind<Asked> {
  readonly words: ReportWords;
  /** The form as it was sent. */
  readonly asked: (form: Form) => Asked;
  /** The definition that it asks for. */
  readonly definition: (asked: Asked, tables: FormTables) => Record<string, unknown>;
  /** A definition as a form, as far as that goes. */
  readonly shown: (definition: JsonObject) => Asked;
  /** A new one that shows something at once. */
  readonly first: (table: string, tables: FormTables) => Asked;
  /** What a button of the form other than those that show or save it does. */
  readonly step: (asked: Asked, step: string) => Asked;
  /** Its metrics: of a chart, one. */
  readonly metrics: (asked: Asked) => readonly AskedMetric[];
  /** The form where a table was changed. */
  readonly fitted: (asked: Asked, tables: FormTables) => Asked;
  /** The fields of the form. */
  readonly Fields: FC<FieldsProps<Asked>>;
}

/** What fields are made from. */
export interface FieldsProps<Asked> {
  readonly asked: Asked;
  readonly tables: FormTables;
  /** All tables of the client. */
  readonly choices: readonly Choice[];
}

/** A report as it is stored. */
export interface StoredReport {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** As it may be sent again. */
  readonly definition: JsonObject;
}

/** The path of a list, relative to the admin API and to the console: both have the same. */
export function listPath(context: ConsoleContext, { section }: ReportWords): string {
  return `/clients/${pathId(context, "cid")}/${section}`;
}

/** The path of the report of the path. */
export function reportPath(context: ConsoleContext, words: ReportWords): string {
  return `${listPath(context, words)}/${pathId(context, "id")}`;
}

/**
 * The report of the path.
 *
 * @throws ApiError 404 where there is none.
 */
export async function storedReport(
  context: ConsoleContext,
  words: ReportWords,
): Promise<StoredReport> {
  const whole = await api<JsonObject>(context, "GET", reportPath(context, words));
  const { id: _, created_at: _created, updated_at: _updated, ...definition } = whole;
  return {
    id: pathId(context, "id"),
    name: shownText(whole, "name"),
    createdAt: shownText(whole, "created_at"),
    updatedAt: shownText(whole, "updated_at"),
    definition,
  };
}

/** A definition as people write it: with a line for each member. Numbers keep their digits. */
export function definitionText(definition: Record<string, unknown>): string {
  return JSON.stringify(definition, null, 2);
}

/** A definition that was typed; undefined where it is no JSON object. */
export function readDefinition(text: string): JsonObject | undefined {
  try {
    const value = parseExact(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
