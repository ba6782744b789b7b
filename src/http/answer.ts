/** Turns refusals and defects into answers: the one place where an error becomes a response. */
import { causeOf, logError } from "../log.ts";
import { names } from "./accept.ts";
import { callOf } from "./calls/call.ts";
import { ERRORS, type ErrorParams, Refusal } from "./errors.ts";
import { QUOTED_LENGTH_MAX, RATE_PERIOD_SECONDS, RETRY_AFTER_SECONDS } from "./limits.ts";
import type { Surface } from "./surfaces.ts";

/** No answer of an import or export may be kept by anyone (wire.md 1.2). */
export const NO_STORE = { "Cache-Control": "no-store" } as const;

/** A JSON answer. */
export function jsonAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const all = { "Content-Type": "application/json", ...NO_STORE, ...headers };
  return new Response(body, { status, headers: all });
}

/**
 * The type of an RJMetrics answer, which depends on Accept (wire.md 3.2): RJMetrics-js parses
 * twice and rejects a 201 typed as JSON, RJMetrics-php needs the type and names it.
 */
export function rjmetricsHeaders(request: Request): Record<string, string> {
  const isJson = names(request.headers.get("accept"), "application/json");
  return {
    "Content-Type": isJson ? "application/json" : "text/html; charset=UTF-8",
    Vary: "Accept",
  };
}

/** The answer to anything thrown while a request of this surface was handled. */
export function errorAnswer(surface: Surface, request: Request, error: unknown): Response {
  if (error instanceof Refusal) return refusalAnswer(surface, request, error);
  logDefect(request, error);
  return refusalAnswer(surface, request, new Refusal("internal"));
}

function refusalAnswer(surface: Surface, request: Request, refusal: Refusal): Response {
  const answer = ERRORS[refusal.code].answers[surface];
  if (answer === undefined) {
    logDefect(request, new Error(`${refusal.code} has no answer on the surface ${surface}`));
    return refusalAnswer(surface, request, new Refusal("internal"));
  }
  const call = callOf(request);
  call.surface = surface;
  call.code = refusal.code;
  const headers = new Headers({ "Content-Type": contentType(surface), ...NO_STORE });
  if (answer.text === true) headers.set("Content-Type", "text/plain; charset=UTF-8");
  if (surface === "rjmetrics") {
    for (const [name, value] of Object.entries(rjmetricsHeaders(request))) headers.set(name, value);
  }
  const retryAfter = retrySeconds(refusal, answer.status);
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
  if (refusal.code === "method_not_allowed") headers.set("Allow", String(refusal.params["ALLOW"]));
  if (refusal.code === "range_unsatisfiable") {
    headers.set("Content-Range", `bytes */${String(refusal.params["SIZE"])}`);
  }
  if (answer.status === 401 && surface !== "rjmetrics") headers.set("WWW-Authenticate", "Bearer");
  const body = answer.text === true ? answer.body : fill(surface, answer.body, refusal);
  const isHtml = headers.get("Content-Type")?.startsWith("text/html") === true;
  const text = isHtml ? withoutMarkup(body) : body;
  return new Response(text, { status: answer.status, headers });
}

/** The escapes of JSON for what could begin an element or a reference of HTML. */
const MARKUP_ESCAPES: Readonly<Record<string, string>> = {
  "<": String.raw`\u003c`,
  ">": String.raw`\u003e`,
  "&": String.raw`\u0026`,
};

/**
 * The same JSON without markup: RJMetrics answers are typed as HTML for whoever asks for no JSON
 * (wire.md 3.1), and some quote the request.
 * Another site could have a browser post a request whose quotation runs as a page of this host.
 */
function withoutMarkup(json: string): string {
  return json.replaceAll(/[<>&]/g, (character) => MARKUP_ESCAPES[character] ?? "");
}

/** When to send the same request again, in seconds. */
function retrySeconds({ code }: Refusal, status: number): number | undefined {
  if (code === "rate_limited") return RATE_PERIOD_SECONDS;
  return status === 503 || status === 429 ? RETRY_AFTER_SECONDS : undefined;
}

function contentType(surface: Surface): string {
  const isProblem = surface === "admin" || surface === "native";
  return isProblem ? "application/problem+json" : "application/json";
}

/**
 * Fills the places of a body; `record` is added where the refusal names one (wire.md 1.7), and
 * on the native import `index` and `field`.
 */
function fill(surface: Surface, template: string, refusal: Refusal): string {
  const { params, record } = refusal;
  const body = fillValue(JSON.parse(template), params) as Record<string, unknown>;
  if (record === undefined) return JSON.stringify(body);
  if (surface !== "native") return JSON.stringify({ ...body, record });
  return JSON.stringify({ ...body, index: record, field: fieldOf(refusal) });
}

/**
 * The field of a record that is the reason of a refusal: a key field, or the one that the
 * refusal names as such; null where it is none, or not one alone.
 */
export function fieldOf({ params }: Refusal): string | null {
  const field = params["FIELD"] ?? params["KEY"];
  return typeof field === "string" ? field.slice(0, QUOTED_LENGTH_MAX) : null;
}

/** What a refusal says on the native import: the `detail` of its problem. */
export function detailOf(refusal: Refusal): string {
  const answer = ERRORS[refusal.code].answers.native;
  if (answer === undefined) throw new Error(`${refusal.code} has no answer on the surface native`);
  const { detail } = JSON.parse(answer.body) as { readonly detail: string };
  return String(fillText(detail, refusal.params));
}

function fillValue(value: unknown, params: ErrorParams): unknown {
  if (typeof value === "string") return fillText(value, params);
  if (Array.isArray(value)) return value.map((member) => fillValue(member, params));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fillValue(member, params)]),
  );
}

function fillText(text: string, params: ErrorParams): unknown {
  const whole = /^<([A-Z]+)>$/.exec(text)?.[1];
  if (whole !== undefined && whole in params) return params[whole];
  return text.replaceAll(/<([A-Z]+)>/g, (place, name: string) =>
    // A caller's own text, a field's name say, may be as long as its body.
    name in params ? String(params[name]).slice(0, QUOTED_LENGTH_MAX) : place,
  );
}

/** Logs a defect with its cause. The query is left out: it holds keys of RJMetrics clients. */
function logDefect(request: Request, error: unknown): void {
  const { pathname } = new URL(request.url);
  logError("defect", { method: request.method, path: pathname, cause: causeOf(error) });
}
