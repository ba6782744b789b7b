/** What the export of a report is asked for: the format, and whether with a header (wire.md 4.3). */
import { Refusal } from "../http/errors.ts";
import { flagOf, readFields } from "../http/form.ts";

/** The options of an export. */
export interface ReportOptions {
  readonly format: "csv" | "json";
  /** Whether csv begins with the names of its columns. */
  readonly hasHeader: boolean;
}

/**
 * Reads the options: each from the form, else the query, else a header of its name. Blank is
 * absent. Whatever its type says, a body is taken for a form; it may be absent.
 *
 * @throws Refusal export_invalid, or what reading a body throws (http/body.ts).
 */
export async function readOptions(request: Request): Promise<ReportOptions> {
  const fields = await readFields(request);
  const option = (name: string): string | undefined =>
    fields(name) ?? ((request.headers.get(name) ?? "").trim() || undefined);
  const format = option("format") ?? "json";
  if (format !== "csv" && format !== "json") throw invalid("format must be csv or json.");
  const hasHeader = flagOf(option("includeColumnHeaders") ?? "0");
  if (hasHeader === undefined) throw invalid("includeColumnHeaders must be 1, true, 0 or false.");
  return { format, hasHeader };
}

function invalid(REASON: string): Refusal {
  return new Refusal("export_invalid", { REASON });
}
