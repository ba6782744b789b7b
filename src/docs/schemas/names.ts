/** The schemas of the document by name: what requests are checked with, and what answers are. */
import * as z from "zod";
import { ClientChange, NewClient } from "../../admin/clients.ts";
import { ExportKeyChange, NewExportKey } from "../../admin/export-keys.ts";
import { ExportCopy, NewExport } from "../../admin/exports.ts";
import { NewImportToken } from "../../admin/import-tokens.ts";
import { NewIntegration } from "../../admin/integrations.ts";
import { ClientRejection, Rejection } from "../../admin/rejections.ts";
import { ReportAnswer, ScalarData, SeriesData } from "../../admin/report-data.ts";
import { NativeAnswer, NativeRecordError } from "../../import/native/answer.ts";
import { Chart } from "../../report/definition/cohort.ts";
import { Figure } from "../../report/definition/figure.ts";
import * as admin from "./admin.ts";
import * as answers from "./answers.ts";
import * as definitions from "./definitions.ts";
import { ExportForm, ReportForm } from "./forms.ts";
import * as imports from "./imports.ts";
import * as native from "./native.ts";

const { ChosenValue, ExportColumns, FilterCondition, FilterLogic, Filters } = definitions;

/** Schemas of requests, as they are before defaults are filled in. */
export const REQUESTS = {
  ...imports,
  ...native,
  NewClient,
  ClientChange,
  NewIntegration,
  NewImportToken,
  NewExportKey,
  ExportKeyChange,
  NewExport,
  ExportCopy,
  ExportForm,
  ReportForm,
  Figure,
  Chart,
  ChosenValue,
  TopCount: definitions.TopCount,
  SpreadsheetSafe: definitions.SpreadsheetSafe,
  ExportColumns,
  FilterCondition,
  Filters,
  FilterLogic,
} as const satisfies Readonly<Record<string, z.ZodType>>;

const stored = {
  id: z.int().min(1),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
};

/** Schemas of answers. */
export const ANSWERS = {
  ...answers,
  ...admin,
  NativeAnswer,
  NativeRecordError,
  RejectionList: z.object({ rejections: z.array(Rejection) }),
  ClientRejectionList: z.object({ rejections: z.array(ClientRejection) }),
  Rejection,
  ClientRejection,
  StoredFigure: z.object({ ...Figure.shape, ...stored }),
  StoredChart: z.object({ ...Chart.shape, ...stored }),
  ReportAnswer,
  ReportData: z.union([ScalarData, SeriesData]),
  ScalarData,
  SeriesData,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** The name of a schema in the document. */
export type SchemaName = keyof typeof REQUESTS | keyof typeof ANSWERS;
