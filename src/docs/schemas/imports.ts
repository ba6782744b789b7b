/**
 * What the old imports take. Their records are checked by hand, for speed
 * (docs/decisions/0003); these schemas describe the same rules for the document, and
 * test/docs/records.test.ts shows that both take the same records.
 *
 * What a JSON schema cannot say: that an integer is written without a fraction (`1.0` is none),
 * that the names of the keys are fields of the data with scalar values, and whose `client_id`
 * it is.
 */
import * as z from "zod";
import { BATCH_MESSAGES_MAX, TABLE_NAME_LENGTH_MAX } from "../../http/limits.ts";
import { KEY_NAMES_MAX } from "../../warehouse/limits.ts";

/** Most records of push and validate, and points of RJMetrics, as wrangler.toml has them. */
const PUSH_RECORDS = 10_000;
const RJMETRICS_POINTS = 100;

/** From 0 to 9223372036854775807; document.ts adds the maximum, which no double holds. */
const Int64 = z.custom<unknown>().meta({ type: "integer", format: "int64", minimum: 0 });

const TableName = z
  .string()
  .regex(/\S/)
  .max(TABLE_NAME_LENGTH_MAX)
  .describe("The table; the first record for it makes it.");

const KeyName = z.string();

const Data = z
  .record(z.string(), z.unknown())
  .describe("The fields of the row. Every key is a field with a string, a number or a boolean.");

const SWITCHES = ["switch_view", "activate_version"] as const;
const ACTION_SWITCH =
  "Both mean the same: `table_version` becomes the table's version, and rows with a lower one are deleted.";

const common = {
  client_id: Int64.describe("The client of the token; the same in all records."),
  table_name: TableName,
  sequence: Int64.describe(
    "Which record of a row is newer: one with the same or a lower sequence than the stored row's is dropped.",
  ),
  table_version: Int64.nullable().optional().describe("The version of the table; 0 if absent."),
  namespace: z.unknown().optional().describe("Ignored."),
};

/** A record that stores a row, and one that switches a table's version (wire.md 2.4). */
export const StitchRecord = z.union([
  z.looseObject({
    ...common,
    action: z.literal("upsert"),
    key_names: z
      .array(KeyName)
      .min(1)
      .max(KEY_NAMES_MAX)
      .describe("The key fields. The first write of a table fixes them."),
    data: Data,
  }),
  z.looseObject({ ...common, action: z.enum(SWITCHES).describe(ACTION_SWITCH) }),
]);

/** The body of push and validate. */
export const StitchRecords = z
  .array(StitchRecord)
  .min(1)
  .max(PUSH_RECORDS)
  .describe("Records of one client, for one table or several. The most is a setting.");

const message = {
  sequence: common.sequence,
  table_version: Int64.nullable().optional().describe("Instead of that of the body."),
  time_extracted: z.unknown().optional().describe("Ignored."),
};

/** One message of a batch (wire.md 2.8). */
export const BatchMessage = z.union([
  z.looseObject({ ...message, action: z.literal("upsert"), data: Data }),
  z.looseObject({ ...message, action: z.enum(SWITCHES).describe(ACTION_SWITCH) }),
]);

/** The body of batch. */
export const StitchBatch = z.strictObject({
  table_name: TableName,
  schema: z
    .record(z.string(), z.unknown())
    .describe("A JSON Schema (draft 4) that each record must conform to; `{}` takes anything."),
  messages: z.array(BatchMessage).min(1).max(BATCH_MESSAGES_MAX),
  key_names: z
    .array(KeyName)
    .max(KEY_NAMES_MAX)
    .nullable()
    .optional()
    .describe("The key fields; absent or empty for an append-only table."),
  table_version: Int64.nullable().optional().describe("The version of all messages; 0 if absent."),
  client_id: Int64.optional().describe("If present, the client of the token."),
  bookmark_names: z.unknown().optional().describe("Ignored."),
  namespace: z.unknown().optional().describe("Ignored."),
});

/** One data point of v2 (wire.md 3.3). */
export const DataPoint = z
  .looseObject({
    keys: z
      .array(KeyName)
      .min(1)
      .max(KEY_NAMES_MAX)
      .describe("The key fields; not stored itself. Each is a field of this object."),
  })
  .describe("A row: all members but `keys` are its fields.");

/** One data point of v1: without `keys` its key is the field `id`. */
export const DataPointV1 = z.union([
  DataPoint,
  z.looseObject({ id: z.unknown() }).meta({
    not: { required: ["keys"] },
    description: "A row without `keys`: its key is `id`.",
  }),
]);

const points = (point: z.ZodType): z.ZodType =>
  z
    .union([point, z.array(point).min(1).max(RJMETRICS_POINTS)])
    .describe("One data point, or an array of them. The most is a setting.");

/** The bodies of an RJMetrics push. */
export const DataPoints = points(DataPoint);
export const DataPointsV1 = points(DataPointV1);
