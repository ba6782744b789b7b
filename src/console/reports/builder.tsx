/** What the builder of figures and cohort charts does: shows drafts, stores them, previews them. */
import type { JsonObject } from "../../json/exact.ts";
import { api, attempt } from "../api.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { answerPart } from "../page.tsx";
import { formOf } from "../session/form.ts";
import { showBuilder, type Target } from "./builder-page.tsx";
import { CHART_KIND } from "./chart-kind.ts";
import { chooseTable } from "./choose-table.tsx";
import { asJson, type Draft, draftOf, draftOfDefinition, formOrJson, textOf } from "./draft.ts";
import { FIGURE_KIND } from "./figure-kind.ts";
import { definitionText, listPath, type ReportKind, storedReport } from "./kinds.ts";
import { fieldText } from "./members.ts";
import { formTables } from "./tables.ts";
import { reckon, ReportView } from "./view.tsx";

/** What a sent form asks for: a step of the form, or to be stored. */
async function takeForm<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  target: Target,
): Promise<Response> {
  const form = await formOf(context);
  const step = fieldText(form, "step");
  const draft = await draftOf(context, kind, form);
  if (step === "") return save(context, kind, target, draft);
  if (step === "json") return showBuilder(context, kind, target, asJson(kind, draft));
  if ("asked" in draft) {
    const asked = kind.step(draft.asked, step);
    return showBuilder(context, kind, target, { ...draft, asked });
  }
  return showBuilder(context, kind, target, await formOrJson(context, kind, draft, step));
}

async function save<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  target: Target,
  draft: Draft<Asked>,
): Promise<Response> {
  const list = listPath(context, kind.words);
  const text = textOf(kind, draft);
  const { id } = target;
  const saved = await attempt(
    id === undefined
      ? api<{ id: number }>(context, "POST", list, text)
      : api<{ id: number }>(context, "PUT", `${list}/${id}`, text),
  );
  if (!saved.ok) return showBuilder(context, kind, target, draft, saved.reason);
  return seeOther(context, `${list}/${saved.value.id}`);
}

async function showNew<Asked>(context: ConsoleContext, kind: ReportKind<Asked>): Promise<Response> {
  const tid = context.req.query("table") ?? "";
  const tables = await formTables(context, [tid]);
  if (!tables.has(tid)) return chooseTable(context, kind.words);
  const draft: Draft<Asked> = { asked: kind.first(tid, tables), tables };
  const isJson = context.req.query("as") === "json";
  return showBuilder(context, kind, {}, isJson ? asJson(kind, draft) : draft);
}

async function targetOf<Asked>(
  context: ConsoleContext,
  { words }: ReportKind<Asked>,
): Promise<Target & { readonly definition: JsonObject }> {
  const { name, definition } = await storedReport(context, words);
  return { id: pathId(context, "id"), name, definition };
}

async function showEdit<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
): Promise<Response> {
  const { definition, ...target } = await targetOf(context, kind);
  const draft: Draft<Asked> =
    context.req.query("as") === "json"
      ? { json: definitionText(definition) }
      : await draftOfDefinition(context, kind, definition);
  return showBuilder(context, kind, target, draft);
}

async function takeEdit<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
): Promise<Response> {
  const { definition: _, ...target } = await targetOf(context, kind);
  return takeForm(context, kind, target);
}

/** The picture of what a form says, for the script. */
async function preview<Asked>(context: ConsoleContext, kind: ReportKind<Asked>): Promise<Response> {
  const draft = await draftOf(context, kind, await formOf(context));
  const text = textOf(kind, draft);
  const path = `${listPath(context, kind.words)}/preview`;
  const reckoned = await reckon(context, path, text);
  return answerPart(
    <ReportView isPart name={kind.words.name} reckoned={reckoned} definition={text} />,
  );
}

function routesOf<Asked>(kind: ReportKind<Asked>): readonly ConsoleRoute[] {
  const path = `/clients/:cid/${kind.words.section}`;
  return [
    {
      path: `${path}/new`,
      methods: {
        GET: (context) => showNew(context, kind),
        POST: (context) => takeForm(context, kind, {}),
      },
    },
    { path: `${path}/preview`, methods: { POST: (context) => preview(context, kind) } },
    {
      path: `${path}/:id/edit`,
      methods: {
        GET: (context) => showEdit(context, kind),
        POST: (context) => takeEdit(context, kind),
      },
    },
  ];
}

/** The paths of both builders. */
export const builderRoutes: readonly ConsoleRoute[] = [
  ...routesOf(FIGURE_KIND),
  ...routesOf(CHART_KIND),
];
