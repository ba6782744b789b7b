import { TABLE_NAME_LENGTH_MAX } from "../http/limits.ts";
import { codePoints } from "../json/code-points.ts";
import type { Json } from "../json/exact.ts";

/** Whether a value can name a table: not blank, at most 255 code points (wire.md 2.5). */
export function isTableName(value: Json | undefined): value is string {
  return typeof value === "string" && !isTooLong(value) && value.trim() !== "";
}

/** A code point has one or two units. */
function isTooLong(name: string): boolean {
  return name.length > TABLE_NAME_LENGTH_MAX && codePoints(name) > TABLE_NAME_LENGTH_MAX;
}
