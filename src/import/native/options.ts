/** What the query and the headers of a native import say (docs/native-import.md). */
import * as z from "zod";
import { Refusal } from "../../http/errors.ts";
import { INT64_MAX, QUOTED_LENGTH_MAX } from "../../http/limits.ts";
import { KEY_NAMES_MAX } from "../../warehouse/limits.ts";
import { sameKeyNames, sortedKeyNames } from "../../warehouse/keys.ts";
import { readKeyNames } from "./key-names.ts";
import { IDEMPOTENCY_KEY_LENGTH_MAX } from "./limits.ts";

const SEQUENCE_RULE = `must be an integer from 0 to ${INT64_MAX}`;

const Sequence = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,18})$/, { error: SEQUENCE_RULE })
  .refine((text) => !/^\d{19}$/.test(text) || BigInt(text) <= INT64_MAX, {
    error: SEQUENCE_RULE,
  })
  .meta({
    description:
      "The sequence of all records: a row is replaced only by a record with a higher one. Without it the last write wins.",
    example: "1700000000",
  });

const SequenceField = z.string().min(1, { error: "must name a field" }).meta({
  description:
    "The field whose value in each record is its sequence: an integer from 0 to 9223372036854775807.",
  example: "updated_at_ms",
});

const KEYS_DESCRIPTION = `The key fields of the table, at most ${KEY_NAMES_MAX}: names with commas between them, or a JSON array of strings. Empty for an append-only table. Without it the table's own keys are used.`;

const Flag = z.enum(["0", "1", "false", "true"], { error: "must be 0, 1, true or false" });

/** The parameters of the query; any other is refused. Values are text, as they stand there. */
export const NativeQuery = z.strictObject({
  keys: z
    .array(z.string())
    .optional()
    .meta({ description: `${KEYS_DESCRIPTION} May be repeated.`, example: ["id"] }),
  sequence: Sequence.optional(),
  sequence_field: SequenceField.optional(),
  dry_run: Flag.optional().meta({
    description: "1 checks the records and counts what they would do, and stores nothing.",
    example: "1",
  }),
  on_error: z.enum(["refuse", "skip"], { error: "must be refuse or skip" }).optional().meta({
    description:
      "What one bad record does: `refuse` (the default) refuses the request, `skip` leaves the record out and names it in the answer.",
    example: "skip",
  }),
});

/** The headers that stand for parameters, and Idempotency-Key, in small letters. */
export const NativeHeaders = z.strictObject({
  "headgate-keys": z
    .string()
    .optional()
    .meta({ description: `${KEYS_DESCRIPTION} The same as \`keys\`.`, example: "id" }),
  "headgate-sequence": Sequence.optional(),
  "headgate-sequence-field": SequenceField.optional(),
  "idempotency-key": z
    .string()
    .regex(new RegExp(`^[\\x20-\\x7e]{1,${IDEMPOTENCY_KEY_LENGTH_MAX}}$`), {
      error: `must have 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} printable ASCII characters`,
    })
    .optional()
    .meta({
      description:
        "Makes a repeat of the request harmless for 24 hours. Without effect in a dry run, and where the request has a sequence and the table has keys.",
      example: "orders-2026-01-31-part-7",
    }),
});

/** Where the sequences of the records come from. */
export type SequenceSource =
  | { readonly kind: "none" }
  /** An int64 from 0 as text. */
  | { readonly kind: "one"; readonly sequence: string }
  | { readonly kind: "field"; readonly field: string };

/** What a request asks for, beyond its table and body. */
export interface NativeOptions {
  /** In the caller's order; empty for an append-only table, undefined for the table's own. */
  readonly keyNames: readonly string[] | undefined;
  readonly sequence: SequenceSource;
  readonly isDryRun: boolean;
  /** Whether bad records are left out instead of refusing the request. */
  readonly skipsBad: boolean;
  readonly idempotencyKey: string | undefined;
}

/**
 * Reads the options of a request.
 *
 * @throws Refusal option_invalid, whose reason names the parameter or header.
 */
export function readOptions(request: Request): NativeOptions {
  const query = checked(NativeQuery, queryOf(request));
  const headers = checked(NativeHeaders, headersOf(request));
  return {
    keyNames: keyNamesOf(query.keys, headers["headgate-keys"]),
    sequence: sequenceOf(
      either("sequence", query.sequence, headers["headgate-sequence"]),
      either("sequence_field", query.sequence_field, headers["headgate-sequence-field"]),
    ),
    isDryRun: query.dry_run === "1" || query.dry_run === "true",
    skipsBad: query.on_error === "skip",
    idempotencyKey: headers["idempotency-key"],
  };
}

/** The parameters as {@link NativeQuery} has them. */
function queryOf(request: Request): Record<string, unknown> {
  const parameters = new URL(request.url).searchParams;
  const names = [...new Set(parameters.keys())];
  const unknown = names.find((name) => !Object.hasOwn(NativeQuery.shape, name));
  if (unknown !== undefined) throw invalid(unknown, "is not a parameter of this path");
  return Object.fromEntries(
    names.map((name): [string, unknown] => {
      const all = parameters.getAll(name);
      if (name === "keys") return [name, all];
      if (all.length > 1) throw invalid(name, "is given more than once");
      return [name, all[0]];
    }),
  );
}

/** The headers as {@link NativeHeaders} has them; one that only looks like ours is a slip. */
function headersOf(request: Request): Record<string, unknown> {
  const own = [...request.headers].filter(
    ([name]) => name.startsWith("headgate-") || name === "idempotency-key",
  );
  const unknown = own.find(([name]) => !Object.hasOwn(NativeHeaders.shape, name));
  if (unknown !== undefined) throw invalid(unknown[0], "is not a header of this path");
  return Object.fromEntries(own);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(String(issue?.path[0] ?? "query"), issue?.message ?? "is not allowed");
}

function keyNamesOf(
  query: readonly string[] | undefined,
  header: string | undefined,
): readonly string[] | undefined {
  const fromQuery = query === undefined ? undefined : keyNamesFrom("keys", query);
  const fromHeader = header === undefined ? undefined : keyNamesFrom("headgate-keys", [header]);
  if (fromQuery === undefined || fromHeader === undefined) return fromQuery ?? fromHeader;
  if (!sameKeyNames(sortedKeyNames(fromQuery), sortedKeyNames(fromHeader))) {
    throw invalid("keys", "differs from the header Headgate-Keys");
  }
  return fromQuery;
}

function keyNamesFrom(name: string, texts: readonly string[]): readonly string[] {
  const read = readKeyNames(texts);
  if ("problem" in read) throw invalid(name, read.problem);
  return read.names;
}

function either(
  name: string,
  query: string | undefined,
  header: string | undefined,
): string | undefined {
  if (query !== undefined && header !== undefined && query !== header) {
    throw invalid(name, "differs from the header that says the same");
  }
  return query ?? header;
}

function sequenceOf(sequence: string | undefined, field: string | undefined): SequenceSource {
  if (sequence !== undefined && field !== undefined) {
    throw invalid("sequence_field", "cannot be given together with sequence");
  }
  if (sequence !== undefined) return { kind: "one", sequence };
  return field === undefined ? { kind: "none" } : { kind: "field", field };
}

/** `on_error: must be refuse or skip` */
function invalid(name: string, rule: string): Refusal {
  return new Refusal("option_invalid", { REASON: `${name.slice(0, QUOTED_LENGTH_MAX)}: ${rule}` });
}
