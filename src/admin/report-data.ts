/**
 * What figures and charts show, for the console: of a definition before it is stored, and of a
 * stored one. It is no export: `info` does not name it (docs/reports.md).
 *
 *     {"data":{"item":[{"value":58.40}]},"left_out":{"not_dates":0,"not_numbers":1}}
 */
import * as z from "zod";
import { jsonAnswer } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { reckonChart } from "../report/chart/cohort-evaluate.ts";
import { reckonFigure } from "../report/figure/evaluate.ts";
import type { Reckoned, Run } from "../report/run.ts";
import { findReport } from "../report/store.ts";
import { invalid } from "./input.ts";
import { CHART, FIGURE, type Kind, type Named, readReport, requireClient } from "./reports.ts";
import { type AdminContext, type AdminRoute, idOf } from "./routes.ts";

/** The data of a scalar: an element for each metric and formula that is shown (wire.md 4.4). */
export const ScalarData = z.object({
  item: z.array(z.object({ value: z.number() })),
});

/**
 * The data of any other report (wire.md 4.4). A point has a date, a group or `Month 1`, and its
 * value. A chart has `type` "cohort" and its `interval` where a figure has its `kind`.
 */
export const SeriesData = z.object({
  chart: z.object({
    name: z.string(),
    type: z.enum(["chart", "table", "cohort"]),
    kind: z.string().optional(),
    interval: z.string().optional(),
  }),
  series: z.array(z.object({ name: z.string(), data: z.array(z.tuple([z.string(), z.number()])) })),
});

/**
 * The answer of `…/preview` and `…/data`. Numbers have every digit, also those that no double
 * has.
 */
export const ReportAnswer = z.object({
  data: z.union([ScalarData, SeriesData]),
  left_out: z.object({
    /** Values that are no dates, once for each metric that met them. */
    not_dates: z.number().int(),
    /** Values that are no numbers where the operation needs some. */
    not_numbers: z.number().int(),
  }),
});

type Reckon = typeof reckonFigure;

const JSON_FILE = { format: "json", hasHeader: false } as const;

/** Reckons a report and answers with its text as it is, so that no number is read again. */
async function answerOf(context: AdminContext, reckon: Reckon, row: Run["row"]): Promise<Response> {
  const run = { clientId: idOf(context, "cid"), row, now: Date.now() };
  const { text, notDates, notNumbers } = await reckoned(() => reckon(context.env, run, JSON_FILE));
  const left = JSON.stringify({ not_dates: notDates, not_numbers: notNumbers });
  return jsonAnswer(200, `{"data":${text},"left_out":${left}}`);
}

/** What an export would be refused for is on this surface a definition that breaks a rule. */
async function reckoned(reckon: () => Promise<Reckoned>): Promise<Reckoned> {
  try {
    return await reckon();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "export_invalid") throw error;
    throw invalid(String(error.params["REASON"]));
  }
}

async function preview<Definition extends Named>(
  kind: Kind<Definition>,
  reckon: Reckon,
  context: AdminContext,
): Promise<Response> {
  await requireClient(context);
  return answerOf(context, reckon, await readReport(context, kind));
}

async function dataOf<Definition extends Named>(
  { kind }: Kind<Definition>,
  reckon: Reckon,
  context: AdminContext,
): Promise<Response> {
  const row = await findReport(context.env, idOf(context, "cid"), kind, idOf(context, "id"));
  if (row === null) throw new Refusal("not_found");
  return answerOf(context, reckon, row);
}

function routesOf<Definition extends Named>(
  kind: Kind<Definition>,
  reckon: Reckon,
): readonly AdminRoute[] {
  const path = `/clients/:cid/${kind.kind}s`;
  return [
    {
      path: `${path}/preview`,
      methods: { POST: (context) => preview(kind, reckon, context) },
    },
    {
      path: `${path}/:id/data`,
      methods: { GET: (context) => dataOf(kind, reckon, context) },
    },
  ];
}

/** The paths of the data of figures and charts. */
export const reportDataRoutes: readonly AdminRoute[] = [
  ...routesOf(FIGURE, reckonFigure),
  ...routesOf(CHART, reckonChart),
];
