/**
 * The console does what it does through the admin API, inside the Worker: it can do nothing that
 * a program with the admin token cannot, and every rule stands in one place.
 */
import { adminApp } from "../admin/app.ts";
import { parseExact } from "../json/exact.ts";
import type { ConsoleContext } from "./context.ts";

/** A refusal of the admin API, in its own words. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  /** @param detail what the request did wrong, for people. */
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }

  /** Whether it is the request that has to change, and not the service that is in trouble. */
  get isRefusal(): boolean {
    return this.status >= 400 && this.status < 500;
  }
}

/** The methods of the admin API that pages use. */
export type ApiMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Calls the admin API.
 *
 * @param path relative to `/admin/v1`, query included: `/clients/4231/tables`.
 * @param body a value to be sent as JSON, or JSON text as it is.
 * @param more headers besides the credential.
 * @returns the answer of a success, whatever it is: a file, too.
 * @throws ApiError for every other answer.
 */
export async function callApi(
  context: ConsoleContext,
  method: ApiMethod,
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const headers = { ...more, Authorization: `Bearer ${context.env.ADMIN_TOKEN}` };
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(new URL(path, context.req.url), init);
  const response = await adminApp.fetch(request, context.env, context.executionCtx);
  if (response.ok) return response;
  throw new ApiError(response.status, await detailOf(response));
}

/**
 * Calls the admin API and reads its JSON. Numbers that JavaScript cannot hold are objects with
 * their text (json/exact.ts).
 *
 * @throws ApiError.
 */
export async function api<T>(
  context: ConsoleContext,
  method: ApiMethod,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await callApi(context, method, path, body);
  const text = await response.text();
  return (text === "" ? undefined : parseExact(text)) as T;
}

/** What a call of a form came to: its answer, or the reason of its refusal. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/**
 * Waits for a call that a form makes; where it is refused the form is shown again with the reason.
 * Trouble of the service is thrown on, and 404, too: what the form was about is gone, so there is
 * no form to show again.
 */
export async function attempt<T>(work: Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isRefusal || error.status === 404) throw error;
    return { ok: false, reason: error.message };
  }
}

/** The reason of a refusal, see {@link attempt}; undefined where the call went well. */
export async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  const attempted = await attempt(work);
  return attempted.ok ? undefined : attempted.reason;
}

/** Deletes; what is gone already is as one wants it, so that a second click of a form is no error. */
export async function remove(context: ConsoleContext, path: string): Promise<void> {
  try {
    await callApi(context, "DELETE", path);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}

async function detailOf(response: Response): Promise<string> {
  const text = await response.text();
  const problem = JSON.parse(text) as { readonly detail?: string; readonly title?: string };
  return problem.detail ?? problem.title ?? `The admin API answered ${response.status}.`;
}
