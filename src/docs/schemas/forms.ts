/** The forms of the export surface: their values are text (http/form.ts). Unknown names are ignored. */
import * as z from "zod";
import { EXPORT_NAME_LENGTH_MAX } from "../../export/limits.ts";

const Flag = z.enum(["1", "true", "0", "false"]);

/** What an export can be asked for. */
export const ExportForm = z.looseObject({
  name: z
    .string()
    .max(EXPORT_NAME_LENGTH_MAX)
    .optional()
    .describe("Of a copy; without it the copy has the original's."),
  spreadsheet_safe: Flag.optional().describe(
    "Marks texts that a spreadsheet would take for formulas.",
  ),
});

/** What the export of a figure or chart can be asked for. */
export const ReportForm = z.looseObject({
  format: z.enum(["csv", "json"]).optional().describe("`json` if absent."),
  includeColumnHeaders: Flag.optional().describe("Whether csv begins with the column names."),
});
