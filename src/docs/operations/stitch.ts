/** The Stitch Import API (wire.md 2). */
import type { Media, Operation } from "../operation.ts";
import { allErrorsOf } from "./errors-of.ts";

const record = {
  client_id: 4231,
  table_name: "orders",
  sequence: 1565880017000,
  action: "upsert",
  key_names: ["id"],
  data: { id: 1, status: "complete", total: 58.4, created_at: "2019-08-01 14:22:32" },
};

const RECORDS: Media = {
  schema: "StitchRecords",
  examples: {
    rows: [record, { ...record, data: { ...record.data, id: 2, status: "new" } }],
    version: [
      {
        client_id: 4231,
        table_name: "orders",
        sequence: 1565880017001,
        action: "activate_version",
        table_version: 0,
      },
    ],
  },
};

const TRANSIT: Media = {
  examples: {
    rows: '[["^ ","client_id",4231,"table_name","orders","sequence",1565880017002,"action","upsert","key_names",["id"],"data",["^ ","id",3,"total","~f58.40"]]]',
  },
};

const BODY = {
  description:
    "At most 4,194,304 bytes after gzip is undone, and 10,000 records; both are settings. All or nothing: if one record is wrong, none is stored.",
  content: { "application/json": RECORDS, "application/transit+json": TRANSIT },
};

const accepted = (message: string): Media => ({
  schema: "StitchAccepted",
  examples: { accepted: { status: "OK", message } },
});

const status: Operation = {
  id: "stitchStatus",
  method: "get",
  path: "/v2/import/status",
  page: "stitch",
  surface: "stitch",
  summary: "Status of the import",
  credential: "none",
  answers: {
    200: {
      description: "The stores can be reached.",
      content: {
        "application/json": {
          schema: "StitchStatus",
          examples: { ok: { name: "pipeline.gate", status: "OK" } },
        },
      },
    },
    503: {
      description: "A store cannot be reached.",
      headers: ["Retry-After"],
      content: { "application/json": { schema: "StitchStatus" } },
    },
  },
  errors: ["method_not_allowed", "internal"],
};

const push: Operation = {
  id: "stitchPush",
  method: "post",
  path: "/v2/import/push",
  page: "stitch",
  surface: "push",
  summary: "Store records of one table or several",
  description:
    "Answers when all records are durable. A record replaces the row with the same keys if its sequence is higher; otherwise it is dropped without a word.",
  credential: "importToken",
  body: BODY,
  answers: {
    201: {
      description:
        "Stored. The body is empty, and has no type, unless Accept names `application/json`.",
      content: { "application/json": accepted("Batch Accepted!") },
    },
  },
  errors: allErrorsOf("push"),
};

const validate: Operation = {
  id: "stitchValidate",
  method: "post",
  path: "/v2/import/validate",
  page: "stitch",
  surface: "validate",
  summary: "Check records as push does, and store nothing",
  credential: "importToken",
  body: BODY,
  answers: {
    200: {
      description: "Push would take these records.",
      content: { "application/json": accepted("Batch is valid!") },
    },
  },
  errors: allErrorsOf("validate"),
};

const batch: Operation = {
  id: "stitchBatch",
  method: "post",
  path: "/v2/import/batch",
  page: "stitch",
  surface: "batch",
  summary: "Store records of one table, checked against a JSON Schema",
  description: "What Singer's target-stitch sends. A batch without keys appends its records.",
  credential: "importToken",
  body: {
    description: "At most 20,000,000 bytes after gzip is undone, and 20,000 messages.",
    content: {
      "application/json": {
        schema: "StitchBatch",
        examples: {
          orders: {
            table_name: "orders",
            schema: {
              type: "object",
              properties: {
                id: { type: "integer" },
                created_at: { type: "string", format: "date-time" },
              },
            },
            key_names: ["id"],
            messages: [
              {
                action: "upsert",
                sequence: 1565880017000,
                data: { id: 4, created_at: "2020-01-13T21:25:03Z" },
              },
              { action: "activate_version", sequence: 1565880017001 },
            ],
            table_version: 0,
          },
        },
      },
    },
  },
  answers: {
    201: {
      description: "Stored.",
      content: { "application/json": accepted("Batch Accepted!") },
    },
  },
  errors: allErrorsOf("batch"),
};

/** The operations of the Stitch surface. */
export const stitchOperations: readonly Operation[] = [push, validate, batch, status];
