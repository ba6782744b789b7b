/** Reading what a request to the admin API says: its JSON body or its query. */
import * as z from "zod";
import { DefinitionError } from "../filter/filter.ts";
import { withAdmission } from "../http/admission.ts";
import { readBody } from "../http/body.ts";
import { Refusal } from "../http/errors.ts";
import { ADMIN_BODY_BYTES_MAX, QUOTED_LENGTH_MAX } from "../http/limits.ts";
import { decodeText, parseOrRefuse, weightOf } from "../http/parse.ts";
import { expecting, UNPRINTABLE } from "../http/member-rules.ts";
import { codePoints } from "../json/code-points.ts";
import { parsePlain } from "../json/exact.ts";
import type { Weight } from "../json/weight.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";

/**
 * A string. What zod says of a wrong or missing member is put in the words of the API.
 *
 * @param rule completes "must be …".
 */
export function text(rule = "a string"): z.ZodString {
  return z.string({ error: expecting(rule) });
}

/** The name of a client, an integration or an export key; stored without outer white space. */
export const Name = text()
  .trim()
  .refine((name) => name !== "" && codePoints(name) <= NAME_CHARACTERS_MAX, {
    error: `must have 1 to ${NAME_CHARACTERS_MAX} characters`,
  })
  .refine((name) => !UNPRINTABLE.test(name), { error: "must have no control characters" })
  .meta({ minLength: 1, maxLength: NAME_CHARACTERS_MAX });

/**
 * The members of a JSON body, whatever its Content-Type says: there is only one format.
 *
 * @param textIfEmpty stands in for a body without any bytes; without it that is malformed.
 * @param parse parseExact where numbers are data, and need every digit.
 * @throws Refusal admin_invalid, or what reading and parsing a body throws (http/body.ts, parse.ts).
 */
export async function readMembers<T>(
  request: Request,
  schema: z.ZodType<T>,
  textIfEmpty = "",
  parse: (json: string, weight: Weight) => unknown = parsePlain,
): Promise<T> {
  return withAdmission(async (admission) => {
    const bytes = await readBody(request, ADMIN_BODY_BYTES_MAX, admission);
    const json = bytes.byteLength === 0 ? textIfEmpty : decodeText(bytes);
    return checked(
      schema,
      parseOrRefuse(() => parse(json, weightOf(bytes.byteLength, admission))),
    );
  });
}

/**
 * The value as its schema makes it.
 *
 * @throws Refusal admin_invalid that names the first wrong member and the rule it breaks.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(issue === undefined ? "The request breaks a rule." : detailOf(issue));
}

/** The refusal of a request that breaks a rule: `limit: must be an integer from 1 to 1000`. */
export function invalid(detail: string): Refusal {
  return new Refusal("admin_invalid", { DETAIL: detail.slice(0, QUOTED_LENGTH_MAX) });
}

/**
 * What is read of a definition, which others check.
 *
 * @throws Refusal admin_invalid for a DefinitionError.
 */
export async function orInvalid<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof DefinitionError ? invalid(error.message) : error;
  }
}

function detailOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    return `${placeOf([...issue.path, issue.keys[0] ?? ""])}: is not known here`;
  }
  if (issue.path.length === 0) {
    return issue.code === "invalid_type" ? "The body must be a JSON object." : issue.message;
  }
  return `${placeOf(issue.path)}: ${issue.message}`;
}

/** `metrics[0].label` */
function placeOf(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : String(step)));
  return steps.join(".").replaceAll(".[", "[");
}
