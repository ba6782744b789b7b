/** What the export of a report is asked for: the format, and whether with a header (wire.md 4.3). */
import { readBody, withAdmission } from "../http/body.ts";
import { Refusal } from "../http/errors.ts";
import { EXPORT_BODY_BYTES_MAX } from "../http/limits.ts";

/** The options of an export. */
export interface ReportOptions {
  readonly format: "csv" | "json";
  /** Whether csv begins with the names of its columns. */
  readonly hasHeader: boolean;
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
]);

/**
 * Reads the options: each from the form, else the query, else a header of its name. Blank is
 * absent. Whatever its type says, a body is taken for a form; it may be absent.
 *
 * @throws Refusal export_invalid, or what reading a body throws (http/body.ts).
 */
export async function readOptions(request: Request): Promise<ReportOptions> {
  const form = await withAdmission(async (admission) => {
    const bytes = await readBody(request, EXPORT_BODY_BYTES_MAX, admission);
    return new URLSearchParams(new TextDecoder().decode(bytes));
  });
  const query = new URL(request.url).searchParams;
  const option = (name: string): string | undefined =>
    [form.get(name), query.get(name), request.headers.get(name)]
      .map((text) => (text ?? "").trim())
      .find((text) => text !== "");
  const format = option("format") ?? "json";
  if (format !== "csv" && format !== "json") throw invalid("format must be csv or json.");
  const hasHeader = FLAGS.get(option("includeColumnHeaders") ?? "0");
  if (hasHeader === undefined) throw invalid("includeColumnHeaders must be 1, true, 0 or false.");
  return { format, hasHeader };
}

function invalid(REASON: string): Refusal {
  return new Refusal("export_invalid", { REASON });
}
