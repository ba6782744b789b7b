/**
 * The one table of errors: every refusal that a caller can meet, with its cause, whether
 * sending again helps, and its status and body on each surface that can give it. The wire
 * formats render their answers from it, `docs/errors.md` is written from it
 * (scripts/errors-page.mjs), and test/http/errors.test.ts walks it.
 *
 * The bodies are those of wire.md 2.2, 2.6, 2.8, 3.4 and 4.1. A `<NAME>` in them is filled in
 * from the parameters of the {@link Refusal}.
 */

import type { Surface } from "./surfaces.ts";

/** One surface's answer: a status and a body, JSON unless `text` is set. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
  readonly text?: true;
}

/** Whether the same request can succeed later: never, once repaired, or as it is. */
export type Retry = "after repair" | "as it is" | "no";

/** A row of the table. */
export interface ErrorRow {
  readonly cause: string;
  readonly retry: Retry;
  readonly hint: string;
  readonly answers: Partial<Record<Surface, ErrorAnswer>>;
}

const status = (code: number, message: string): ErrorAnswer => ({
  status: code,
  body: `{"status":"ERROR","message":"${message}"}`,
});

/** The 422 of push and validate; `reason` is JSON text, or `"<REASON>"`. */
const unprocessable = (reason: string): Pick<Record<Surface, ErrorAnswer>, "push" | "validate"> => {
  const answer = {
    status: 422,
    body: `{"status":"ERROR","error":"Request cannot be processed; see errors.","errors":[{"reason":${reason}}]}`,
  };
  return { push: answer, validate: answer };
};

const batch = (text: string): { batch: ErrorAnswer } => ({
  batch: { status: 400, body: `{"error":"${text}"}` },
});

const RJMETRICS_MESSAGES = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  500: "Server Error",
  503: "Service Unavailable",
} as const;

const rjmetrics = (
  code: keyof typeof RJMETRICS_MESSAGES,
  reason: string,
): { rjmetrics: ErrorAnswer } => ({
  rjmetrics: {
    status: code,
    body: `{"code":${code},"message":"${RJMETRICS_MESSAGES[code]}","reasons":["${reason}"]}`,
  },
});

const EXPORT_MESSAGES = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  410: "Gone",
  412: "Precondition Failed",
  416: "Range Not Satisfiable",
  429: "Too Many Requests",
  500: "Server Error",
  503: "Service Unavailable",
} as const;

const exported = (code: keyof typeof EXPORT_MESSAGES, reason: string): { export: ErrorAnswer } => ({
  export: {
    status: code,
    body: `{"code":${code},"message":"${EXPORT_MESSAGES[code]}","reasons":["${reason}"]}`,
  },
});

/** RFC 9457; `detail` says what this request did wrong, `type` is stable. */
const problem = (
  code: number,
  type: string,
  title: string,
  detail: string,
): { admin: ErrorAnswer } => ({
  admin: {
    status: code,
    body: `{"type":"/docs/errors#${type}","title":"${title}","status":${code},"detail":"${detail}"}`,
  },
});

/**
 * RFC 9457 on the native import, where the code is a member of its own. Where one record is the
 * reason, `index` and `field` are added (http/answer.ts).
 */
const native = (
  code: number,
  type: string,
  title: string,
  detail: string,
): { native: ErrorAnswer } => ({
  native: {
    status: code,
    body: `{"type":"/docs/errors#${type}","title":"${title}","status":${code},"detail":"${detail}","code":"${type}"}`,
  },
});

const everyStitch = (
  answer: ErrorAnswer,
): Record<"push" | "validate" | "batch" | "stitch", ErrorAnswer> => ({
  push: answer,
  validate: answer,
  batch: answer,
  stitch: answer,
});

const imports = (answer: ErrorAnswer): Record<"push" | "validate" | "batch", ErrorAnswer> => ({
  push: answer,
  validate: answer,
  batch: answer,
});

const NOT_AUTHENTICATED = '{"status":"ERROR","error":"Not Authenticated.","errors":null}';
const FORBIDDEN =
  '{"status":"ERROR","error":"Forbidden","errors":{"error":"Access token is not associated with this client."}}';

const ROWS = {
  not_found: {
    cause: "The path is unknown, or names something that does not exist or is not the caller's.",
    retry: "no",
    hint: "Compare the path with the documentation of the client library.",
    answers: {
      stitch: status(404, "Not found."),
      ...rjmetrics(404, "The resource you are looking for does not exist."),
      ...exported(404, "The resource you are looking for does not exist."),
      ...problem(
        404,
        "not_found",
        "Not found",
        "The path is unknown, or an id in it names nothing.",
      ),
      ...native(
        404,
        "not_found",
        "Not found",
        "Nothing is at this path. Records are posted to /api/v1/tables/:table/rows.",
      ),
    },
  },
  method_not_allowed: {
    cause: "The path exists, but not with this method; the header Allow names those that do.",
    retry: "no",
    hint: "RJMetrics paths answer 404 instead: 405 is not among its documented codes.",
    answers: {
      ...everyStitch({ status: 405, body: "Method not allowed.", text: true }),
      ...problem(405, "method_not_allowed", "Method not allowed", "This path takes <ALLOW>."),
      ...native(405, "method_not_allowed", "Method not allowed", "This path takes <ALLOW>."),
    },
  },
  unauthorized: {
    cause: "The credential is missing, unknown or revoked.",
    retry: "after repair",
    hint: "Create an import token for the integration, or check the admin token.",
    answers: {
      push: {
        status: 401,
        body: '{"status":"ERROR","error":"Not authorized.","errors":"Not authorized."}',
      },
      batch: { status: 401, body: '{"message":"Not Authorized"}' },
      validate: { status: 403, body: NOT_AUTHENTICATED },
      ...rjmetrics(401, "Authorization failed. Double check your API key."),
      ...problem(
        401,
        "unauthorized",
        "Unauthorized",
        "The header Authorization: Bearer with the ADMIN_TOKEN of the deployment is missing or wrong.",
      ),
      ...native(
        401,
        "unauthorized",
        "Unauthorized",
        "The header Authorization: Bearer with an import token is missing, or the token is unknown or revoked.",
      ),
    },
  },
  client_missing: {
    cause: "A record has no `client_id`.",
    retry: "after repair",
    hint: "Every record of push and validate names the client of the token.",
    answers: {
      push: { status: 401, body: NOT_AUTHENTICATED },
      validate: { status: 403, body: NOT_AUTHENTICATED },
    },
  },
  clients_several: {
    cause: "The records of one request name different clients.",
    retry: "after repair",
    hint: "Send the records of each client with its own token.",
    answers: unprocessable(
      '"The batch contains data points for multiple clients. Only client_id <CLIENT> is allowed"',
    ),
  },
  client_foreign: {
    cause: "`client_id` is not the client of the token.",
    retry: "after repair",
    hint: "The admin API lists the clients and their tokens.",
    answers: {
      push: { status: 403, body: FORBIDDEN },
      batch: { status: 403, body: FORBIDDEN },
      validate: { status: 403, body: NOT_AUTHENTICATED },
    },
  },
  content_type: {
    cause: "The request's Content-Type is not one that the endpoint reads.",
    retry: "after repair",
    hint: "push and validate read application/json and application/transit+json, batch only JSON, the native import JSON and NDJSON.",
    answers: {
      push: status(
        415,
        "Unsupported content-type <TYPE>. Please send application/json or application/transit+json",
      ),
      validate: status(
        415,
        "Unsupported content-type <TYPE>. Please send application/json or application/transit+json",
      ),
      batch: { status: 415, body: "Content-Type must be application/json", text: true },
      ...native(
        415,
        "content_type",
        "Unsupported media type",
        "Content-Type <TYPE> is not read: send application/json or application/x-ndjson.",
      ),
    },
  },
  content_encoding: {
    cause: "The request's Content-Encoding is neither gzip nor identity.",
    retry: "after repair",
    hint: "Send the body as it is, or gzip it.",
    answers: {
      ...imports(status(415, "Unsupported content-encoding <TYPE>. Please send gzip or none")),
      ...rjmetrics(400, "Unsupported content-encoding <TYPE>. Please send gzip or none."),
      ...exported(400, "Unsupported content-encoding <TYPE>. Please send gzip or none."),
      ...problem(
        415,
        "content_encoding",
        "Unsupported media type",
        "Content-Encoding <TYPE> is not read: send gzip or none.",
      ),
      ...native(
        415,
        "content_encoding",
        "Unsupported media type",
        "Content-Encoding <TYPE> is not read: send gzip or none.",
      ),
    },
  },
  body_too_large: {
    cause: "The body has more bytes than the endpoint takes, counted after gzip is undone.",
    retry: "after repair",
    hint: "Send fewer records in a request.",
    answers: {
      ...imports(status(413, "Request rejected: request size (<BYTES> bytes) exceeds the maximum")),
      ...rjmetrics(400, "The request body of <BYTES> bytes exceeds the maximum of <LIMIT> bytes."),
      ...exported(400, "The request body of <BYTES> bytes exceeds the maximum of <LIMIT> bytes."),
      ...problem(
        413,
        "body_too_large",
        "Body too large",
        "The body of <BYTES> bytes exceeds the maximum of <LIMIT> bytes.",
      ),
      ...native(
        413,
        "body_too_large",
        "Body too large",
        "The body of <BYTES> bytes exceeds the maximum of <LIMIT> bytes.",
      ),
    },
  },
  body_too_complex: {
    cause:
      "The body has so many values, arrays, objects or different names that they would not fit into memory.",
    retry: "after repair",
    hint: "Send fewer records in a request.",
    answers: {
      ...imports(
        status(
          413,
          "Request rejected: the request would take <BYTES> bytes of memory, which exceeds the maximum of <LIMIT>",
        ),
      ),
      ...rjmetrics(
        400,
        "The request body would take <BYTES> bytes of memory, which exceeds the maximum of <LIMIT> bytes.",
      ),
      ...native(
        413,
        "body_too_complex",
        "Body too complex",
        "The body would take <BYTES> bytes of memory, which exceeds the maximum of <LIMIT> bytes.",
      ),
    },
  },
  body_malformed: {
    cause: "The body is no JSON (or Transit) in UTF-8, or its gzip encoding is broken.",
    retry: "after repair",
    hint: "The answer carries the parser's own words.",
    answers: {
      ...imports({
        status: 400,
        body: '{"status":"ERROR","message":"Malformed json in the body!","error":"<PARSER>","input":null}',
      }),
      ...rjmetrics(400, "Malformed JSON in the body: <PARSER>"),
      ...exported(400, "Malformed body: <PARSER>"),
      ...problem(400, "body_malformed", "Malformed body", "<PARSER>"),
      ...native(400, "body_malformed", "Malformed body", "<PARSER>"),
    },
  },
  array_expected: {
    cause: "The body is no array of records, or an empty one.",
    retry: "after repair",
    hint: "Also a single record is sent in an array; the RJMetrics and native imports take it bare.",
    answers: {
      push: status(400, "An array of records is expected"),
      validate: status(400, "An array of records is expected"),
      ...rjmetrics(400, "A JSON object, or a non-empty array of JSON objects, is expected."),
      ...native(
        400,
        "array_expected",
        "No records",
        "The body must be a JSON array of objects, one object, or NDJSON, with at least one record.",
      ),
    },
  },
  records_too_many: {
    cause: "The request has more records than the endpoint takes.",
    retry: "after repair",
    hint: "Send them in several requests; the limits are settings of the deployment.",
    answers: {
      push: status(400, "Request rejected: <N> records exceed the maximum of <LIMIT>"),
      validate: status(400, "Request rejected: <N> records exceed the maximum of <LIMIT>"),
      ...rjmetrics(400, "<N> data points exceed the maximum of <LIMIT>."),
      ...native(
        400,
        "records_too_many",
        "Too many records",
        "The body has more than <LIMIT> records.",
      ),
    },
  },
  record_members: {
    cause: "Members of a record are missing, of a wrong type or out of range.",
    retry: "after repair",
    hint: "`record` is the index of the first wrong record; its members are in `reason`.",
    answers: { ...unprocessable('"<REASON>"'), ...rjmetrics(400, "Record <RECORD>: <REASON>") },
  },
  key_missing: {
    cause: "A record does not have one of its key fields.",
    retry: "after repair",
    hint: "Every name of `key_names` (or `keys`) is a top-level field of the data.",
    answers: {
      ...unprocessable('{"data":["data must include keys"]}'),
      ...batch("Record is missing key property <KEY>"),
      ...rjmetrics(400, "Record <RECORD>: the key field <KEY> is missing."),
      ...native(422, "key_missing", "Key field missing", "The key field <KEY> is missing."),
    },
  },
  key_null: {
    cause: "A key field is null.",
    retry: "after repair",
    hint: "A row is found by its key values, so each needs one.",
    answers: {
      ...unprocessable('{"data":["keys cannot not be null in data"]}'),
      ...batch("Record is missing key property <KEY>"),
      ...rjmetrics(400, "Record <RECORD>: the key field <KEY> is null."),
      ...native(422, "key_null", "Key field null", "The key field <KEY> is null."),
    },
  },
  key_not_scalar: {
    cause: "A key field is an object or an array.",
    retry: "after repair",
    hint: "Keys are strings, numbers or booleans.",
    answers: {
      ...unprocessable('{"data":["keys must be strings, numbers or booleans"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #/<KEY>: keys must be strings, numbers or booleans",
      ),
      ...rjmetrics(
        400,
        "Record <RECORD>: the key field <KEY> must be a string, number or boolean.",
      ),
      ...native(
        422,
        "key_not_scalar",
        "Key field not a scalar",
        "The key field <KEY> must be a string, number or boolean.",
      ),
    },
  },
  key_too_long: {
    cause: "A string key is longer than 256 characters, or the key as a whole is too long.",
    retry: "after repair",
    hint: "Use a hash of the value as the key.",
    answers: {
      ...unprocessable('{"data":["String keys cannot be longer than 256 characters"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #/<KEY>: expected maxLength: <LIMIT>, actual: <N>",
      ),
      ...rjmetrics(
        400,
        "Record <RECORD>: the key is too long (<N> of at most <LIMIT> characters).",
      ),
      ...native(
        422,
        "key_too_long",
        "Key too long",
        "The key has <N> characters, of at most <LIMIT>.",
      ),
    },
  },
  key_names_differ: {
    cause: "The first write to a table fixed the set of its key names, and this is another set.",
    retry: "after repair",
    hint: "Send the table's keys, or write to another table.",
    answers: {
      ...unprocessable('{"key_names":["table <TABLE> has the keys <NAMES>"]}'),
      ...batch("Request failed validation:#/key_names: table <TABLE> has the keys <NAMES>"),
      ...rjmetrics(400, "Record <RECORD>: table <TABLE> has the keys <NAMES>."),
      ...native(
        422,
        "key_names_differ",
        "Other key names",
        "The table <TABLE> has the keys <NAMES>.",
      ),
    },
  },
  record_too_large: {
    cause: "One record needs more bytes than a row of the store can have.",
    retry: "after repair",
    hint: "Move large texts elsewhere and push their address.",
    answers: {
      ...unprocessable('{"data":["data of <N> bytes exceeds the maximum of <LIMIT> bytes"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #: <N> bytes exceed the maximum of <LIMIT> bytes",
      ),
      ...rjmetrics(400, "Record <RECORD>: <N> bytes exceed the maximum of <LIMIT> bytes."),
      ...native(
        422,
        "record_too_large",
        "Record too large",
        "The record of <N> bytes exceeds the maximum of <LIMIT> bytes.",
      ),
    },
  },
  record_too_deep: {
    cause: "A record has objects or arrays nested too deeply.",
    retry: "after repair",
    hint: "Push the nested part as text.",
    answers: {
      ...unprocessable('{"data":["data must not be nested deeper than <LIMIT> levels"]}'),
      ...batch("Record <RECORD> did not conform to schema: #: nested deeper than <LIMIT> levels"),
      ...rjmetrics(400, "Record <RECORD>: nested deeper than <LIMIT> levels."),
      ...native(
        422,
        "record_too_deep",
        "Record too deep",
        "The record is nested deeper than <LIMIT> levels.",
      ),
    },
  },
  column_name_too_long: {
    cause: "A field's name is longer than a column's name may be.",
    retry: "after repair",
    hint: "Shorten the name, or push the object that holds it as one field.",
    answers: {
      ...unprocessable('{"data":["field names cannot be longer than <LIMIT> characters"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #: field names cannot be longer than <LIMIT> characters",
      ),
      ...rjmetrics(400, "Record <RECORD>: field names cannot be longer than <LIMIT> characters."),
      ...native(
        422,
        "column_name_too_long",
        "Field name too long",
        "Field names cannot be longer than <LIMIT> characters.",
      ),
    },
  },
  columns_too_many: {
    cause: "With the fields of this record the table would have more columns than it may.",
    retry: "after repair",
    hint: "Push values whose names are data as one field that holds an object.",
    answers: {
      ...unprocessable('{"data":["table <TABLE> cannot have more than <LIMIT> columns"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #: table <TABLE> cannot have more than <LIMIT> columns",
      ),
      ...rjmetrics(400, "Record <RECORD>: table <TABLE> cannot have more than <LIMIT> columns."),
      ...native(
        422,
        "columns_too_many",
        "Too many columns",
        "The table <TABLE> cannot have more than <LIMIT> columns.",
      ),
    },
  },
  table_is_subtable: {
    cause: "The table is a subtable, which holds the nested values of another table.",
    retry: "after repair",
    hint: "Push the nested values with their table, or to a table with another name.",
    answers: {
      ...unprocessable('{"table_name":["<TABLE> is a subtable of another table"]}'),
      ...batch("Request failed validation:#/table_name: <TABLE> is a subtable of another table"),
      ...rjmetrics(400, "Record <RECORD>: <TABLE> is a subtable of another table."),
      ...native(
        422,
        "table_is_subtable",
        "Table is a subtable",
        "<TABLE> is a subtable of another table.",
      ),
    },
  },
  subtable_name_taken: {
    cause: "An array of a record needs a subtable whose name another table has.",
    retry: "after repair",
    hint: "Rename the field, or push the table to another integration.",
    answers: {
      ...unprocessable(
        '{"data":["table <TABLE> needs the subtable <SUBTABLE>, whose name is taken"]}',
      ),
      ...batch(
        "Record <RECORD> did not conform to schema: #: table <TABLE> needs the subtable <SUBTABLE>, whose name is taken",
      ),
      ...rjmetrics(
        400,
        "Record <RECORD>: table <TABLE> needs the subtable <SUBTABLE>, whose name is taken.",
      ),
      ...native(
        422,
        "subtable_name_taken",
        "Name of a subtable taken",
        "The table <TABLE> needs the subtable <SUBTABLE>, whose name is taken.",
      ),
    },
  },
  subtable_name_too_long: {
    cause: "The names on the way to an array make a name that is too long for a subtable.",
    retry: "after repair",
    hint: "Shorten the names, or push the value that holds the array as text.",
    answers: {
      ...unprocessable('{"data":["names of subtables cannot be longer than <LIMIT> characters"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #: names of subtables cannot be longer than <LIMIT> characters",
      ),
      ...rjmetrics(
        400,
        "Record <RECORD>: names of subtables cannot be longer than <LIMIT> characters.",
      ),
      ...native(
        422,
        "subtable_name_too_long",
        "Name of a subtable too long",
        "Names of subtables cannot be longer than <LIMIT> characters.",
      ),
    },
  },
  subtables_too_many: {
    cause: "With the arrays of this record the table would have more subtables than it may.",
    retry: "after repair",
    hint: "Push values whose names are data as text, or to an integration that keeps JSON.",
    answers: {
      ...unprocessable('{"data":["table <TABLE> cannot have more than <LIMIT> subtables"]}'),
      ...batch(
        "Record <RECORD> did not conform to schema: #: table <TABLE> cannot have more than <LIMIT> subtables",
      ),
      ...rjmetrics(400, "Record <RECORD>: table <TABLE> cannot have more than <LIMIT> subtables."),
      ...native(
        422,
        "subtables_too_many",
        "Too many subtables",
        "The table <TABLE> cannot have more than <LIMIT> subtables.",
      ),
    },
  },
  tables_too_many: {
    cause: "One request writes to more tables than it may.",
    retry: "after repair",
    hint: "Send the tables in several requests.",
    answers: unprocessable('{"table_name":["a request cannot have more than <LIMIT> tables"]}'),
  },
  activations_too_many: {
    cause: "One request has more records that switch a table's version than it may.",
    retry: "after repair",
    hint: "Switch each table once, after its rows.",
    answers: {
      ...unprocessable('{"action":["a request cannot have more than <LIMIT> version switches"]}'),
      ...batch("Request failed validation:#/messages: more than <LIMIT> version switches"),
    },
  },
  batch_member_missing: {
    cause: "A required member of the batch is missing.",
    retry: "after repair",
    hint: "table_name, schema and messages are required.",
    answers: batch("Request failed validation:#: required key [<ARG>] not found"),
  },
  batch_member_unknown: {
    cause: "The batch has a member that the endpoint does not know.",
    retry: "after repair",
    hint: "Remove it.",
    answers: batch("Request failed validation:#: extraneous key [<ARG>] is not permitted"),
  },
  batch_member_type: {
    cause: "A member of the batch, or of one of its messages, has a wrong type.",
    retry: "after repair",
    hint: "The answer names the place, the expected type and the one found.",
    answers: batch("Request failed validation:#<PLACE>: expected type: <EXPECTED>, found: <FOUND>"),
  },
  batch_member_value: {
    cause: "A member of the batch, or of one of its messages, has a value that is not allowed.",
    retry: "after repair",
    hint: "The answer names the place and what is expected.",
    answers: batch("Request failed validation:#<PLACE>: <REASON>"),
  },
  batch_message_member_missing: {
    cause: "A message of the batch misses a required member.",
    retry: "after repair",
    hint: "A message has action and sequence, and data for an upsert.",
    answers: batch(
      "Request failed validation:#/messages/<RECORD>: #: 0 subschemas matched instead of one #/messages/<RECORD>: 2 schema violations found #/messages/<RECORD>: required key [<ARG>] not found #/messages/<RECORD>: extraneous key [data] is not permitted #/messages/<RECORD>: required key [<ARG>] not found",
    ),
  },
  batch_sequence: {
    cause: "The sequence of a message is out of range.",
    retry: "after repair",
    hint: "A sequence is an integer from 0 to 9223372036854775807.",
    answers: batch("Request failed validation:#: <REASON>"),
  },
  batch_message_count: {
    cause: "The batch has no messages, or too many.",
    retry: "after repair",
    hint: "Send 1 to 20,000 messages.",
    answers: batch(
      "Request failed validation:#/messages: expected <BOUND> item count: <LIMIT>, found: <N>",
    ),
  },
  batch_record_schema: {
    cause: "A record does not conform to the JSON Schema of its batch.",
    retry: "after repair",
    hint: "The answer names the field and what the schema asks of it.",
    answers: batch("Record <RECORD> did not conform to schema: #<FIELD>: <REASON>"),
  },
  batch_schema_unusable: {
    cause: "The JSON Schema of the batch is itself wrong.",
    retry: "after repair",
    hint: "The schema is read as draft 4.",
    answers: batch("Invalid JSON schema: <REASON>"),
  },
  table_name_bad: {
    cause: "The table name in the path is not one that the endpoint takes.",
    retry: "after repair",
    hint: "RJMetrics paths take [A-Za-z0-9_]+, the native import any text; at most 255 characters.",
    answers: {
      ...rjmetrics(
        400,
        "Bad table name. Table names must be alphanumeric (plus underscores), at most 255 characters.",
      ),
      ...native(
        400,
        "table_name_bad",
        "Table name not allowed",
        "The table name in the path must be percent-encoded UTF-8, not blank, and have at most 255 characters.",
      ),
    },
  },
  option_invalid: {
    cause: "A parameter of the query, or a header that says the same, is unknown or not allowed.",
    retry: "after repair",
    hint: "`detail` names it and the rule; docs/native-import.md lists all of them.",
    answers: native(400, "option_invalid", "Invalid option", "<REASON>"),
  },
  keys_missing: {
    cause: "The table does not exist yet, and the request does not say which fields are its key.",
    retry: "after repair",
    hint: "Add ?keys=id (or the header Headgate-Keys); an empty keys= makes an append-only table.",
    answers: native(
      422,
      "keys_missing",
      "Keys missing",
      "This table does not exist yet: say which fields are its key, as in ?keys=id, or ?keys= for an append-only table.",
    ),
  },
  record_malformed: {
    cause: "A line of NDJSON is no JSON.",
    retry: "after repair",
    hint: "Each line is one JSON object; the answer carries the parser's own words.",
    answers: native(422, "record_malformed", "Malformed record", "Line <LINE>: <PARSER>"),
  },
  record_not_object: {
    cause: "A record is JSON, but no object.",
    retry: "after repair",
    hint: "Send objects whose members are the fields of the row.",
    answers: native(
      422,
      "record_not_object",
      "Record is no object",
      "The record must be a JSON object.",
    ),
  },
  sequence_bad: {
    cause: "The field that `sequence_field` names is missing in a record, or holds no sequence.",
    retry: "after repair",
    hint: "A sequence is a JSON integer from 0 to 9223372036854775807, without quotes.",
    answers: native(
      422,
      "sequence_bad",
      "Wrong sequence",
      "The field <FIELD> must be an integer from 0 to 9223372036854775807.",
    ),
  },
  idempotency_key_reused: {
    cause: "The Idempotency-Key came within the last 24 hours with another request.",
    retry: "after repair",
    hint: "Use a new key for each new request, and the same key only to repeat it.",
    answers: native(
      422,
      "idempotency_key_reused",
      "Idempotency-Key used before",
      "This Idempotency-Key was sent with another table, other options or another body.",
    ),
  },
  export_forbidden: {
    cause:
      "The export key is missing or unknown, its address list does not hold the caller's address, or the client is not the key's.",
    retry: "after repair",
    hint: "One answer for all of them, so that it tells a stranger nothing.",
    answers: exported(403, "Please grant this IP address access to your export API"),
  },
  export_invalid: {
    cause: "A parameter of the export is not allowed.",
    retry: "after repair",
    hint: "The reason names it.",
    answers: exported(400, "<REASON>"),
  },
  export_too_large: {
    cause: "The table was found to have more rows than an export can have.",
    retry: "after repair",
    hint: "Export parts of the table: definitions with filters, through the admin API.",
    answers: {
      ...exported(400, "The table has more rows than an export can have: <LIMIT>."),
      ...problem(
        400,
        "export_too_large",
        "The table is too large for an export",
        "The table has more rows than an export can have: <LIMIT>.",
      ),
    },
  },
  report_too_large: {
    cause: "The report has more rows, groups or values than a report can have.",
    retry: "after repair",
    hint: "Choose a shorter range, a longer interval, fewer groups or values of them.",
    answers: {
      ...exported(400, "<REASON>"),
      ...problem(400, "report_too_large", "The report is too large", "<REASON>"),
    },
  },
  export_expired: {
    cause: "The export's file was kept for its time and is gone.",
    retry: "no",
    hint: "Copy the export: its definition stays.",
    answers: {
      ...exported(410, "This export has expired. Copy it to fill it anew."),
      ...problem(410, "export_expired", "Expired", "The file is gone. Copy the export."),
    },
  },
  precondition_failed: {
    cause: "The export's file is not the one that If-Match or If-Unmodified-Since names.",
    retry: "after repair",
    hint: "Ask for the whole file, without these headers.",
    answers: {
      ...exported(412, "The file is not the one that the request's conditions name."),
      ...problem(
        412,
        "precondition_failed",
        "Precondition failed",
        "The file is not the one that the request's conditions name.",
      ),
    },
  },
  range_unsatisfiable: {
    cause: "The export's file has no byte in the range that the request asks for.",
    retry: "after repair",
    hint: "Content-Range has the file's size. A file that was read to its end needs no resuming.",
    answers: {
      ...exported(416, "The file has <SIZE> bytes, and none of them is in the range."),
      ...problem(
        416,
        "range_unsatisfiable",
        "Range not satisfiable",
        "The file has <SIZE> bytes, and none of them is in the range.",
      ),
    },
  },
  admin_unconfigured: {
    cause:
      "The deployment has no ADMIN_TOKEN, or still the one for local servers, which everybody knows.",
    retry: "after repair",
    hint: "Set it: wrangler secret put ADMIN_TOKEN.",
    answers: problem(
      503,
      "admin_unconfigured",
      "The admin API is switched off",
      "This deployment has no ADMIN_TOKEN of its own. Set it: wrangler secret put ADMIN_TOKEN",
    ),
  },
  admin_invalid: {
    cause: "The request to the admin API breaks a rule of its schema.",
    retry: "after repair",
    hint: "`detail` names the member and the rule.",
    answers: problem(422, "admin_invalid", "Invalid request", "<DETAIL>"),
  },
  admin_conflict: {
    cause: "What the request wants to create exists already, or its owner has as many as it may.",
    retry: "after repair",
    hint: "Ask for another id, or for none; delete what is not used any more.",
    answers: problem(409, "admin_conflict", "Conflict", "<DETAIL>"),
  },
  overloaded: {
    cause: "More is under way than this part of the service can take now.",
    retry: "as it is",
    hint: "Wait as long as Retry-After says.",
    answers: {
      ...imports(status(503, "The service is overloaded. Send the same request again.")),
      validate: status(500, "The service is overloaded. Send the same request again."),
      ...rjmetrics(503, "The service is overloaded. Send the same request again."),
      ...exported(429, "The service is overloaded. Send the same request again."),
      ...problem(
        429,
        "overloaded",
        "Overloaded",
        "The service is overloaded. Send the same request again.",
      ),
      ...native(
        429,
        "overloaded",
        "Overloaded",
        "The service is overloaded. Send the same request again.",
      ),
    },
  },
  rate_limited: {
    cause: "The token, key or address has sent as many requests as it may in its time.",
    retry: "as it is",
    hint: "Wait as long as Retry-After says; the header RateLimit-Policy has the limit.",
    answers: {
      // Clients of the old imports give up for good on a 4xx (wire.md 1.8). Nor may validate say
      // 503 (wire.md 2.1): it says what it says whenever a look-up cannot be made.
      ...imports(status(503, "Too many requests. Send the same request again in <SECONDS> s.")),
      validate: status(500, "Too many requests. Send the same request again in <SECONDS> s."),
      ...rjmetrics(503, "Too many requests. Send the same request again in <SECONDS> s."),
      ...exported(429, "Too many requests. Send the same request again in <SECONDS> s."),
      ...problem(
        429,
        "rate_limited",
        "Too many requests",
        "Too many requests. Send the same request again in <SECONDS> s.",
      ),
      ...native(
        429,
        "rate_limited",
        "Too many requests",
        "Too many requests. Send the same request again in <SECONDS> s.",
      ),
    },
  },
  unavailable: {
    cause: "The store could not be reached, or did not answer in time.",
    retry: "as it is",
    hint: "A part of the rows may be stored; the same request again gives the same final rows.",
    answers: {
      ...imports(status(503, "The store is not available. Send the same request again.")),
      validate: status(500, "The store is not available. Send the same request again."),
      ...rjmetrics(503, "The store is not available. Send the same request again."),
      ...exported(503, "The store is not available. Send the same request again."),
      ...problem(
        503,
        "unavailable",
        "Unavailable",
        "The store is not available. Whether the request took effect is not known.",
      ),
      ...native(
        503,
        "unavailable",
        "Unavailable",
        "The store is not available. A part of the records may be stored; send the same request again.",
      ),
    },
  },
  shards_full: {
    cause: "No database has room for a new table, or the one of these rows is full.",
    retry: "as it is",
    hint: "The operator has to make room (docs/operations.md). A part of the rows may be stored.",
    answers: {
      push: status(503, "The store is full. Send the same request again later."),
      batch: status(503, "The store is full. Send the same request again later."),
      ...rjmetrics(503, "The store is full. Send the same request again later."),
      ...native(
        503,
        "shards_full",
        "Full",
        "The store is full. Send the same request again later.",
      ),
    },
  },
  internal: {
    cause: "A defect of the service; the cause is in its log.",
    retry: "as it is",
    hint: "Tell the operator the time of the request.",
    answers: {
      ...everyStitch(status(500, "Something went wrong on our end.")),
      ...rjmetrics(500, "Something went wrong on our end."),
      ...exported(500, "Something went wrong on our end."),
      ...problem(500, "internal", "Internal error", "Something went wrong on our end."),
      ...native(500, "internal", "Internal error", "Something went wrong on our end."),
    },
  },
} as const satisfies Record<string, ErrorRow>;

/** The name of a row; stable, as it stands in logs and documents. */
export type ErrorCode = keyof typeof ROWS;

/** The table, for the documents and the tests. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = ROWS;

/** What fills the places of a body: text or a number inside a text, any JSON in place of one. */
export type ErrorParams = Readonly<Record<string, unknown>>;

/**
 * A refusal: thrown anywhere while a request is handled, turned into an answer at one place
 * (http/answer.ts). `record` is the index of the first wrong record, counted from 0.
 */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  readonly record: number | undefined;

  constructor(code: ErrorCode, params: ErrorParams = {}, record?: number) {
    super(code);
    this.name = "Refusal";
    this.code = code;
    this.params = record === undefined ? params : { ...params, RECORD: record };
    this.record = record;
  }
}
