import { Refusal } from "../http/errors.ts";

/** The refusal of a report that needs more rows, groups or values than it may have. */
export function tooLarge(REASON: string): Refusal {
  return new Refusal("report_too_large", { REASON });
}
