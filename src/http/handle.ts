/** What every request has, whatever its path: its id, its headers and its line in the log. */
import { withLogOrigin } from "../log.ts";
import { errorAnswer } from "./answer.ts";
import { type Call, callOf } from "./calls/call.ts";
import { discardBody } from "./discard.ts";
import type { ErrorCode } from "./errors.ts";
import { importApp, sandboxApp } from "./import-app.ts";
import { setRateHeaders } from "./credentials/rate-limits.ts";
import { logRequest } from "./calls/request-log.ts";
import type { Surface } from "./surfaces.ts";

const SANDBOX_HOST = /^https?:\/\/sandbox/i;

/**
 * Whether the host's first label starts with `sandbox`, in any letter case (wire.md 3.5): the
 * platform does not promise to write the host of a request in small letters.
 */
function isSandboxHost(url: string): boolean {
  return SANDBOX_HOST.test(url);
}

/** Answers any request. */
export function handle(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const call = callOf(request);
  call.isFromOutside = true;
  call.adminToken = env.ADMIN_TOKEN;
  return withLogOrigin(call, () => handleCall(call, request, env, context));
}

async function handleCall(
  call: Call,
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  const response = withCallHeaders(env, await routed(request, env, context), call);
  await discardBody(request);
  logRequest(env, request, call, response, Date.now() - call.startedAt);
  return response;
}

async function routed(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const chosen = isSandboxHost(request.url) ? sandboxApp : importApp;
  try {
    return await chosen.fetch(request, env, context);
  } catch (error) {
    // What is thrown and is no Error; the router hands those on.
    return errorAnswer("rjmetrics", request, error);
  }
}

/** The surfaces whose answers have only the headers that their clients may need. */
const OLD_IMPORTS: ReadonlySet<Surface | undefined> = new Set([
  "push",
  "validate",
  "batch",
  "stitch",
  "rjmetrics",
]);

/** Refusals that tell a stranger nothing, not even by which limit it was counted. */
const NOT_LET_IN: ReadonlySet<ErrorCode | undefined> = new Set([
  "unauthorized",
  "export_forbidden",
]);

function withCallHeaders(env: Env, response: Response, call: Call): Response {
  const { id, rate, surface, code } = call;
  const answer = withHeader(response, "X-Request-Id", id);
  // Each header is a call of the runtime, and the old clients know nothing of these.
  const isOldImport = OLD_IMPORTS.has(surface);
  if (!isOldImport) answer.headers.set("X-Content-Type-Options", "nosniff");
  const isSilent = isOldImport || NOT_LET_IN.has(code);
  if (rate === undefined || (isSilent && !rate.isOver)) return answer;
  setRateHeaders(env, answer.headers, rate);
  return answer;
}

function withHeader(response: Response, name: string, value: string): Response {
  try {
    response.headers.set(name, value);
    return response;
  } catch {
    // The headers of what another service answered, a file's say, cannot be changed.
    const copy = new Response(response.body, response);
    copy.headers.set(name, value);
    return copy;
  }
}
