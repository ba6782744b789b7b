/** The native import (docs/native-import.md). */
import * as z from "zod";
import { NativeHeaders, NativeQuery } from "../../import/native/options.ts";
import type { Operation, Parameter } from "../operation.ts";
import { allErrorsOf } from "./errors-of.ts";

/** As people write the headers, which have small letters in the code. */
const headerName = (name: string): string =>
  name.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());

function parametersOf(
  place: "query" | "header",
  { shape }: { readonly shape: Readonly<Record<string, z.ZodType>> },
): readonly Parameter[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { description, example } = metaOf(schema);
    const shown = place === "header" ? headerName(name) : name;
    return { in: place, name: shown, description: description ?? "", schema, example };
  });
}

/** An optional member has the description of what is optional. */
function metaOf(schema: z.ZodType): { description?: string; example?: unknown } {
  const meta = schema.meta();
  if (meta?.description !== undefined) {
    return { description: meta.description, example: meta["example"] };
  }
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : undefined;
  return inner instanceof z.ZodType ? metaOf(inner) : {};
}

const TABLE: Parameter = {
  in: "path",
  name: "table",
  description: "The table, percent-encoded; the first import makes it. Not blank.",
  schema: z.string().regex(/\S/).max(255),
  example: "orders",
};

const EXAMPLES = {
  several: [
    { id: 1, status: "complete", total: 58.4 },
    { id: 2, status: "new" },
  ],
  one: { id: 3, status: "new" },
};

const COUNTS = { received: 2, inserted: 1, replaced: 1, stale: 0, skipped: 0, dry_run: false };

const importRows: Operation = {
  id: "importRows",
  method: "post",
  path: "/api/v1/tables/{table}/rows",
  page: "native",
  surface: "native",
  summary: "Store records of one table",
  description:
    "Answers when the records are durable, with what became of them. A record replaces the row with the same keys; with a sequence only if its own is higher. One bad record refuses the request, unless `on_error` is `skip`.",
  credential: "importToken",
  parameters: [
    TABLE,
    ...parametersOf("query", NativeQuery),
    ...parametersOf("header", NativeHeaders),
  ],
  body: {
    description:
      "1 to 20,000 records, at most 20,000,000 bytes after gzip is undone. NDJSON has one record a line; its type can also be `application/ndjson`, `application/jsonl` or `application/x-jsonlines`.",
    content: {
      "application/json": { schema: "NativeRecords", examples: EXAMPLES },
      "application/x-ndjson": {
        examples: { lines: '{"id":1,"total":9007199254740993}\n{"id":2,"total":1}\n' },
      },
    },
  },
  answers: {
    200: {
      description: "Every record is stored, or was older than what is stored.",
      headers: ["Idempotency-Replayed"],
      content: { "application/json": { schema: "NativeAnswer", examples: { counts: COUNTS } } },
    },
    207: {
      description: "With `on_error=skip`: the good records are stored, the bad ones are named.",
      headers: ["Idempotency-Replayed"],
      content: {
        "application/json": {
          schema: "NativeAnswer",
          examples: {
            skipped: {
              ...COUNTS,
              skipped: 1,
              replaced: 0,
              errors_total: 1,
              errors: [
                {
                  index: 1,
                  field: "id",
                  code: "key_null",
                  reason: "The key field id is null.",
                },
              ],
            },
          },
        },
      },
    },
  },
  errors: allErrorsOf("native"),
};

/** The operations of the native import. */
export const nativeOperations: readonly Operation[] = [importRows];
