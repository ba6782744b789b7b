/** The forms that browsers send: `application/x-www-form-urlencoded` in UTF-8. */
import type { Context } from "hono";
import { withAdmission } from "../../http/admission.ts";
import { readBody } from "../../http/body.ts";
import { decodeText } from "../../http/parse.ts";
import { Refusal } from "../../http/errors.ts";
import { ApiError } from "../api.ts";
import { FORM_BYTES_MAX, FORM_FIELDS_MAX, SIGN_IN_BYTES_MAX } from "./limits.ts";

/** The values of each field, in their order. A field that is absent has no entry. */
export type Form = ReadonlyMap<string, readonly string[]>;

const forms = new WeakMap<Request, Promise<Form>>();

/**
 * The form of a request. It is read once: whoever asks again gets the same.
 *
 * @throws ApiError 400, 413 or 415 where it cannot be read; Refusal where the service is at its
 *   limits.
 */
export function formOf(c: Pick<Context, "req">): Promise<Form> {
  const request = c.req.raw;
  let form = forms.get(request);
  if (form === undefined) {
    form = readForm(request, FORM_BYTES_MAX);
    forms.set(request, form);
  }
  return form;
}

/**
 * The form of somebody who has shown no credential yet: a short one, that gives way to all others.
 *
 * @throws as {@link formOf}.
 */
export function strangersFormOf({ req }: Pick<Context, "req">): Promise<Form> {
  return readForm(req.raw, SIGN_IN_BYTES_MAX, "stranger");
}

/** The one value of a field; undefined where it is absent or there are several. */
export function onlyValue(form: Form, name: string): string | undefined {
  const values = form.get(name) ?? [];
  return values.length === 1 ? values[0] : undefined;
}

const TYPE = /^application\/x-www-form-urlencoded *(?:; *charset="?utf-8"? *)?$/i;

async function readForm(request: Request, bytesMax: number, who?: "stranger"): Promise<Form> {
  if (!TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new ApiError(415, "Forms are sent as application/x-www-form-urlencoded, in UTF-8.");
  }
  try {
    return await withAdmission(async (admission) => {
      if (who === "stranger") admission.yieldToAll();
      return parseForm(decodeText(await readBody(request, bytesMax, admission)));
    });
  } catch (error) {
    throw asApiError(error, bytesMax);
  }
}

/** What is wrong with a body, for people; everything else is thrown on. */
function asApiError(error: unknown, bytesMax: number): unknown {
  if (!(error instanceof Refusal)) return error;
  if (error.code === "body_too_large") {
    return new ApiError(413, `The form is too large: more than ${bytesMax} bytes.`);
  }
  if (error.code === "content_encoding") return new ApiError(415, "Send the form as it is.");
  return error.code === "body_malformed" ? malformed() : error;
}

function malformed(): ApiError {
  return new ApiError(400, "The form cannot be read: it is broken, or not in UTF-8.");
}

/**
 * Not URLSearchParams, which puts a replacement character where the bytes are no UTF-8 (WHATWG
 * URL 5.1): what a form changes is what was sent, or nothing.
 */
function parseForm(text: string): Form {
  const form = new Map<string, string[]>();
  const pairs = text.split("&", FORM_FIELDS_MAX + 1);
  if (pairs.length > FORM_FIELDS_MAX) {
    throw new ApiError(413, `The form has more than ${FORM_FIELDS_MAX} fields.`);
  }
  for (const pair of pairs) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodePart(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decodePart(pair.slice(equals + 1));
    const values = form.get(name);
    if (values === undefined) form.set(name, [value]);
    else values.push(value);
  }
  return form;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw malformed();
  }
}
