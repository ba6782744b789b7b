/** What the builder edits: the fields of a form, or JSON text. */
import type { JsonObject } from "../../json/exact.ts";
import type { ConsoleContext } from "../context.ts";
import type { Form } from "../session/form.ts";
import { FORM_FIELDS_MAX } from "../session/limits.ts";
import { lostMember } from "./compare.ts";
import { definitionText, readDefinition, type ReportKind } from "./kinds.ts";
import { fieldText } from "./members.ts";
import { type FormTables, formTables } from "./tables.ts";

/** A definition that is being made; `note` says why it is JSON. */
export type Draft<Asked> = { readonly asked: Asked; readonly tables: FormTables } | JsonDraft;

/** A draft as text. */
interface JsonDraft {
  readonly json: string;
  readonly note?: string | undefined;
}

/** The draft of a form that was sent. */
export async function draftOf<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  form: Form,
): Promise<Draft<Asked>> {
  if (form.has("json")) return { json: fieldText(form, "json") };
  return fittedDraft(context, kind, kind.asked(form));
}

async function fittedDraft<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  asked: Asked,
): Promise<Draft<Asked>> {
  const tables = await tablesFor(context, kind, asked);
  return { asked: kind.fitted(asked, tables), tables };
}

function tablesFor<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  asked: Asked,
): Promise<FormTables> {
  return formTables(
    context,
    kind.metrics(asked).map(({ table }) => table),
  );
}

/** Fields of a form beside those of its metrics, and those of a metric and of a condition. */
const OTHER_FIELDS = 130;
const METRIC_FIELDS = 18;
const CONDITION_FIELDS = 4;

const TOO_LARGE = "There are more metrics and filters than a form has fields for.";

/** Whether the form has more fields than one may have. */
function isTooLarge<Asked>(kind: ReportKind<Asked>, asked: Asked): boolean {
  let fields = OTHER_FIELDS;
  for (const { filters } of kind.metrics(asked)) {
    fields += METRIC_FIELDS + CONDITION_FIELDS * filters.conditions.length;
  }
  return fields > FORM_FIELDS_MAX;
}

/** A definition as a form, or as JSON with the reason where a form cannot hold all of it. */
export async function draftOfDefinition<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  definition: JsonObject,
): Promise<Draft<Asked>> {
  const asked = kind.shown(definition);
  const tables = await tablesFor(context, kind, asked);
  const lost = lostMember(kind.words.name, definition, kind.definition(asked, tables));
  if (lost === undefined && !isTooLarge(kind, asked)) return { asked, tables };
  const note =
    lost === undefined
      ? TOO_LARGE
      : `The form cannot show ${lost} as it is, and would lose or change it.`;
  return { json: definitionText(definition), note };
}

/** The JSON text that a draft stands for. */
export function textOf<Asked>(kind: ReportKind<Asked>, draft: Draft<Asked>): string {
  if ("json" in draft) return draft.json;
  return JSON.stringify(kind.definition(draft.asked, draft.tables));
}

/** The draft as JSON where its form would have too many fields to be sent. */
export function draftInBounds<Asked>(kind: ReportKind<Asked>, draft: Draft<Asked>): Draft<Asked> {
  if ("json" in draft || !isTooLarge(kind, draft.asked)) return draft;
  return { ...asJson(kind, draft), note: TOO_LARGE };
}

/** The draft as JSON text. */
export function asJson<Asked>(kind: ReportKind<Asked>, draft: Draft<Asked>): JsonDraft {
  if ("json" in draft) return draft;
  return { json: definitionText(kind.definition(draft.asked, draft.tables)) };
}

/** JSON as a form where that was asked for, and where it can be. */
export async function formOrJson<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  draft: { readonly json: string },
  step: string,
): Promise<Draft<Asked>> {
  if (step !== "form") return draft;
  const definition = readDefinition(draft.json);
  if (definition === undefined) return { ...draft, note: "This is no JSON object." };
  const made = await draftOfDefinition(context, kind, definition);
  return "json" in made ? { ...draft, note: made.note } : made;
}
