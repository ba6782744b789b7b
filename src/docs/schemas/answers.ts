/** The answers of the import and export surfaces and of the service, and the shapes of errors. */
import * as z from "zod";

const Count = z.int().min(0);
const Id = z.int().min(1);
const Instant = z.iso.datetime();

/** `GET /v2/import/status`. */
export const StitchStatus = z.object({
  name: z.literal("pipeline.gate"),
  status: z.enum(["OK", "ERROR"]),
  reason: z.string().optional().describe("Only with ERROR."),
});

/** The success of push, validate and batch. */
export const StitchAccepted = z.object({ status: z.literal("OK"), message: z.string() });

/** A refusal of push, validate and other Stitch paths (wire.md 2.6). */
export const StitchError = z.object({
  status: z.literal("ERROR"),
  message: z.string().optional(),
  error: z.string().optional(),
  errors: z
    .unknown()
    .optional()
    .describe("A list with one element, whose `reason` names the wrong members, or a text."),
  input: z.null().optional(),
  record: Count.optional().describe("The index of the first wrong record, from 0."),
});

/** A refusal of batch (wire.md 2.8). */
export const BatchError = z.object({
  status: z.literal("ERROR").optional(),
  message: z.string().optional(),
  error: z.string().optional(),
  errors: z.unknown().optional(),
  input: z.null().optional(),
  record: Count.optional().describe("The index of the first wrong message, from 0."),
});

/** The success of the RJMetrics surface. */
export const RjmetricsOk = z.object({ code: z.int(), message: z.string() });

/** A refusal of the RJMetrics and export surfaces. */
export const ReasonsError = z.object({
  code: z.int().describe("The HTTP status."),
  message: z.string(),
  reasons: z.array(z.string()).min(1),
  record: Count.optional().describe("The index of the first wrong record, from 0."),
});

const problem = {
  type: z.string().describe("Where the error is explained: `/docs/errors#` and its code."),
  title: z.string(),
  status: z.int().describe("The HTTP status."),
  detail: z.string().describe("What this request did wrong."),
};

/** A refusal of the admin API (RFC 9457). */
export const Problem = z.object(problem);

/** A refusal of the native import (RFC 9457). */
export const NativeProblem = z.object({
  ...problem,
  code: z.string().describe("The code of the error."),
  index: Count.optional().describe("The index of the record that is the reason, from 0."),
  field: z.string().nullable().optional().describe("Its field that is the reason, if one is."),
});

/** `GET /healthz`. */
export const Health = z.object({
  status: z.enum(["ok", "error"]),
  reason: z.string().optional().describe("Only with error."),
});

/** How far an export is, and what came of it. */
export const ExportInfo = z.object({
  id: Id,
  name: z.string(),
  status: z.enum(["Pending", "Running", "Completed", "Error", "Expired"]),
  row_count: Count.nullable().describe("Rows of the file, once it is complete."),
  error: z.string().nullable().describe("Why it failed, with the status Error."),
  created_at: Instant,
  completed_at: Instant.nullable(),
  expires_at: Instant.nullable().describe("Until when the file is kept."),
  progress: z.object({
    rows_done: Count.describe("Rows of the table that were read."),
    rows_total: Count.nullable().describe("Rows of the table; null until they were counted."),
  }),
});

/** An export that was just started. */
export const StartedExport = ExportInfo.extend({ export_id: Id.describe("The same as `id`.") });

/** `GET /0.1/export`. */
export const ExportList = z.object({
  exports: z.array(ExportInfo).describe("The newest ones, in the order of their ids."),
});

/** `GET /0.1/client/:cid/table`. */
export const ExportTables = z.object({
  tables: z.array(z.object({ id: Id, name: z.string() })),
});

/** The type of a column, from the values that it has had. */
export const ColumnType = z.enum(["string", "integer", "decimal", "boolean", "timestamp", "json"]);

/** The columns of a table, in the order of their first appearance. */
export const Columns = z.array(z.object({ name: z.string(), type: ColumnType }));

/** `GET /0.1/client/:cid/table/:tid`. */
export const ExportColumnList = z.object({ columns: Columns });

/** `GET /0.1/client/:cid/fullupdatestatus` (wire.md 4.5). */
export const FullUpdateStatus = z.object({
  clientId: Id,
  lastCompletedUpdateJob: z
    .object({
      id: Id.describe("The number of the client's imports."),
      type: z.object({ id: z.literal(2), name: z.literal("Full Update") }),
      start: z.string().describe("In the client's time zone."),
      end: z.string(),
      status: z.object({ id: z.literal(4), name: z.literal("Completed Successfully") }),
    })
    .nullable()
    .describe("The most recent import; null before the first."),
  lastCompletedUpdateJobWithDataSync: z.null(),
  timezoneAbbreviation: z.string(),
});

/** A figure or chart as the export surface lists it. */
export const ReportElement = z.object({
  id: Id,
  name: z.string(),
  presentationType: z.enum(["chart", "table", "scalar"]),
  ownerEmail: z.string().nullable(),
});

const elements = z.record(z.string(), ReportElement).describe("By id.");

/** `GET /0.1/figure` and `/0.1/chart`. */
export const FigureList = z.object({ figureExports: elements });
export const ChartList = z.object({ chartExports: elements });

/** `…/info` of a figure or chart. */
export const ReportInfo = ReportElement.extend({
  lastExport: z
    .object({
      at: Instant,
      notDates: Count.describe("Values left out because they are no dates."),
      notNumbers: Count.describe("Values left out because they are no numbers."),
    })
    .nullable(),
});
