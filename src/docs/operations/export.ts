/** The Export API 0.1 (wire.md 4). */
import * as z from "zod";
import type { ErrorCode } from "../../http/errors.ts";
import type { Answer, Body, Media, Operation, Parameter } from "../operation.ts";
import { BODY, errorsOf } from "./errors-of.ts";
import { FILE_ANSWERS, FILE_HEADERS } from "./file.ts";

const path = (name: string, description: string, example: number): Parameter => ({
  in: "path",
  name,
  description,
  schema: z.int().min(1),
  example,
});
const CLIENT = path("cid", "The client of the key.", 4231);
const TABLE = path("tid", "The id of a table.", 1);
const EXPORT = path("id", "The id of an export.", 1);
const FLAGS = ["1", "true", "0", "false"] as const;

const INFO = {
  id: 1,
  name: "orders",
  status: "Completed",
  row_count: 2,
  error: null,
  created_at: "2026-01-31T09:00:00.000Z",
  completed_at: "2026-01-31T09:00:01.000Z",
  expires_at: "2026-02-07T09:00:01.000Z",
  progress: { rows_done: 2, rows_total: 2 },
};
const STARTED = {
  ...INFO,
  status: "Pending",
  row_count: null,
  completed_at: null,
  expires_at: null,
  progress: { rows_done: 0, rows_total: null },
  export_id: 1,
};

/** The common part of an operation of this surface. */
const exported = (
  rest: Omit<Operation, "page" | "surface" | "credential" | "errors">,
  ...errors: readonly ErrorCode[]
): Operation => ({
  page: "export",
  surface: "export",
  credential: "exportKey",
  errors: errorsOf("export", ...errors),
  ...rest,
});

const json = (
  description: string,
  schema: NonNullable<Media["schema"]>,
  example: unknown,
): Answer => ({
  description,
  content: { "application/json": { schema, examples: { example } } },
});

const form = (examples: Record<string, unknown>): Body => ({
  isOptional: true,
  description: "A form, at most 100,000 bytes. The same parameters can be in the query.",
  content: { "application/x-www-form-urlencoded": { schema: "ExportForm", examples } },
});

const tables: readonly Operation[] = [
  exported({
    id: "exportTables",
    method: "get",
    path: "/0.1/client/{cid}/table",
    summary: "List the tables of a client",
    parameters: [CLIENT],
    answers: { 200: json("All tables.", "ExportTables", { tables: [{ id: 1, name: "orders" }] }) },
  }),
  exported(
    {
      id: "exportColumns",
      method: "get",
      path: "/0.1/client/{cid}/table/{tid}",
      summary: "List the columns of a table",
      parameters: [CLIENT, TABLE],
      answers: {
        200: json("In the order of their first appearance.", "ExportColumnList", {
          columns: [
            { name: "id", type: "integer" },
            { name: "total", type: "decimal" },
          ],
        }),
      },
    },
    "not_found",
  ),
  exported(
    {
      id: "exportTable",
      method: "post",
      path: "/0.1/client/{cid}/table/{tid}/export",
      summary: "Export a table",
      description: "Starts an export of all columns and rows. Ask for its info, or for its file.",
      parameters: [CLIENT, TABLE],
      body: form({ plain: {}, spreadsheet: { spreadsheet_safe: "1" } }),
      answers: { 200: json("Started.", "StartedExport", STARTED) },
    },
    "not_found",
    "export_invalid",
    "export_too_large",
    ...BODY,
  ),
  exported({
    id: "fullUpdateStatus",
    method: "get",
    path: "/0.1/client/{cid}/fullupdatestatus",
    summary: "When data came last",
    parameters: [CLIENT],
    answers: {
      200: json("The most recent import.", "FullUpdateStatus", {
        clientId: 4231,
        lastCompletedUpdateJob: {
          id: 12,
          type: { id: 2, name: "Full Update" },
          start: "2026-01-31 09:00:00",
          end: "2026-01-31 09:00:01",
          status: { id: 4, name: "Completed Successfully" },
        },
        lastCompletedUpdateJobWithDataSync: null,
        timezoneAbbreviation: "UTC",
      }),
    },
  }),
];

const exports: readonly Operation[] = [
  exported({
    id: "exportList",
    method: "get",
    path: "/0.1/export",
    summary: "List the exports",
    answers: { 200: json("The newest ones.", "ExportList", { exports: [INFO] }) },
  }),
  exported(
    {
      id: "exportInfo",
      method: "get",
      path: "/0.1/export/{id}/info",
      summary: "How far an export is",
      parameters: [EXPORT],
      answers: { 200: json("The export.", "ExportInfo", INFO) },
    },
    "not_found",
  ),
  exported(
    {
      id: "exportFile",
      method: "get",
      path: "/0.1/export/{id}",
      summary: "Download the file of an export",
      description:
        "A zip with one CSV file. The request waits for an export that is about to be complete, so that scripts need not ask in a loop. Ranges and conditions work, to go on with a download that broke off.",
      parameters: [EXPORT, ...FILE_HEADERS],
      answers: FILE_ANSWERS,
    },
    "not_found",
    "export_expired",
    "precondition_failed",
    "range_unsatisfiable",
  ),
  exported(
    {
      id: "exportCopy",
      method: "post",
      path: "/0.1/export/{id}/copy",
      summary: "Copy an export",
      description:
        "Starts an export with the same table, columns and filters, filled from the rows of now. An expired or failed one can be copied, too.",
      parameters: [EXPORT],
      body: form({ plain: {}, named: { name: "orders of today" } }),
      answers: { 201: json("Started.", "StartedExport", STARTED) },
    },
    "not_found",
    "export_invalid",
    "export_too_large",
    ...BODY,
  ),
];

const OPTIONS: readonly Parameter[] = (["query", "header"] as const).flatMap((place) => [
  {
    in: place,
    name: "format",
    description: "`json` if absent. The form, then the query, then this header counts.",
    schema: z.enum(["csv", "json"]).optional(),
    example: "json",
  },
  {
    in: place,
    name: "includeColumnHeaders",
    description: "Whether csv begins with the names of its columns.",
    schema: z.enum(FLAGS).optional(),
    example: "1",
  },
]);

const ELEMENT = {
  id: 1,
  name: "Revenue by month",
  presentationType: "chart",
  ownerEmail: "owner@example.com",
};
const SERIES = {
  chart: { name: "Revenue by month", type: "chart" },
  series: [{ name: "Revenue", data: [["2019-08-01", 58.4]] }],
};
const DATA: Readonly<Record<"figure" | "chart", unknown>> = {
  figure: SERIES,
  chart: {
    chart: { name: "Revenue by cohort", type: "cohort", interval: "month" },
    series: [{ name: "Aug 2019", data: [["Month 1", 58.4]] }],
  },
};

function reports(kind: "figure" | "chart"): readonly Operation[] {
  const Kind = kind === "figure" ? "Figure" : "Chart";
  const id = path("id", `The id of a ${kind}.`, 1);
  const list: Operation = exported({
    id: `export${Kind}List`,
    method: "get",
    path: `/0.1/${kind}`,
    summary: `List the ${kind === "figure" ? "figures" : "cohort charts"}`,
    answers: {
      200: json("By id.", `${Kind}List`, { [`${kind}Exports`]: { 1: ELEMENT } }),
    },
  });
  const both = (["get", "post"] as const).flatMap((method): readonly Operation[] => [
    exported(
      {
        id: `export${Kind}Info${method === "get" ? "" : "Post"}`,
        method,
        path: `/0.1/${kind}/{id}/info`,
        summary: `One ${kind}${method === "get" ? "" : " (POST)"}`,
        parameters: [id],
        answers: {
          200: json(`The ${kind}, and what its last export left out.`, "ReportInfo", {
            ...ELEMENT,
            lastExport: null,
          }),
        },
      },
      "not_found",
    ),
    exported(
      {
        id: `export${Kind}Data${method === "get" ? "" : "Post"}`,
        method,
        path: `/0.1/${kind}/{id}/export`,
        summary: `Export a ${kind}${method === "get" ? "" : " (POST)"}`,
        parameters: [id, ...OPTIONS],
        ...(method === "get"
          ? {}
          : {
              body: {
                ...form({}),
                content: {
                  "application/x-www-form-urlencoded": {
                    schema: "ReportForm",
                    examples: { json: { format: "json" } },
                  },
                },
              },
            }),
        answers: {
          200: {
            description: "The data, in the format that was asked for.",
            content: {
              "application/json": { schema: "ReportData", examples: { data: DATA[kind] } },
              "text/csv": {},
            },
          },
        },
      },
      "not_found",
      "export_invalid",
      "report_too_large",
      ...(method === "get" ? [] : BODY),
    ),
  ]);
  return [list, ...both];
}

/** The operations of the export surface. */
export const exportOperations: readonly Operation[] = [
  ...tables,
  ...exports,
  ...reports("figure"),
  ...reports("chart"),
];
