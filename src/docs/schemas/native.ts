/** The body of the native import: what a JSON schema can say of it (docs/native-import.md). */
import * as z from "zod";
import { NATIVE_RECORDS_MAX } from "../../import/native/limits.ts";

/** One record. */
export const NativeRecord = z
  .record(z.string(), z.unknown())
  .describe("The fields of a row. Every key is a field with a string, a number or a boolean.");

/** A body of `application/json`. */
export const NativeRecords = z
  .union([NativeRecord, z.array(NativeRecord).min(1).max(NATIVE_RECORDS_MAX)])
  .describe("One record, or an array of them.");
