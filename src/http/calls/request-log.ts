/** The line that a request has in the log. */
import { type LogLevel, logLine } from "../../log.ts";
import { redact } from "../../redact.ts";
import { bearerToken } from "../credentials/bearer.ts";
import type { Call } from "./call.ts";
import type { LogRequests } from "../settings.ts";

/** Longest path or table name in a line, in UTF-16 units: lines stay short. */
const LOGGED_LENGTH_MAX = 500;

/** Where a path begins that a credential cannot be part of: its route has no parameters. */
const STITCH = "/v2/import/";

/**
 * Logs a request that was answered, if LOG_REQUESTS says so.
 *
 * @param ms how long the answer took.
 */
export function logRequest(
  env: Env,
  request: Request,
  call: Call,
  response: Response,
  ms: number,
): void {
  const level = levelOf(call, response.status);
  const which = whichOf(env);
  if (which === "none" || (which === "failed" && level === "info")) return;
  const credentials = credentialsOf(request, call);
  const clean = (text: string): string => redact(text, ...credentials).slice(0, LOGGED_LENGTH_MAX);
  const path = pathOf(request.url);
  const isFixed = call.code === undefined && path.startsWith(STITCH);
  logLine(level, "request", {
    id: call.id,
    surface: call.surface,
    method: request.method,
    path: isFixed ? path : clean(path),
    status: response.status,
    client: call.clientId,
    integration: call.importer?.integrationId,
    table: call.table === undefined ? undefined : clean(call.table),
    records: call.recordCount,
    bytes: call.bytes,
    ms,
    code: call.code,
    ray: request.headers.get("cf-ray") ?? undefined,
  });
}

/** A refusal is no failure of ours, whatever its status: validate may not say 503 (wire.md 2.1). */
function levelOf({ code }: Call, status: number): LogLevel {
  if (code === "internal" || (code === undefined && status === 500)) return "error";
  return status >= 400 ? "warn" : "info";
}

/** Whether what went well has a line in the log. */
export function logsSuccesses(env: Env): boolean {
  return whichOf(env) === "all";
}

/** As set; a wrong value fails the requests that need a setting, and how they do should be seen. */
function whichOf({ LOG_REQUESTS }: Env): LogRequests {
  return LOG_REQUESTS === "none" || LOG_REQUESTS === "failed" ? LOG_REQUESTS : "all";
}

/** What the request showed, whether a surface reads it there or not. */
function credentialsOf(request: Request, call: Call): readonly (string | undefined)[] {
  if (call.credential !== undefined) return call.credentials;
  const { headers, url } = request;
  const apikeys = url.includes("?") ? new URL(url).searchParams.getAll("apikey") : [];
  const key = headers.get("x-rjm-api-key") ?? undefined;
  return [call.adminToken, bearerToken(request) ?? undefined, key, ...apikeys];
}

/** The path of an address; the query is left out, since it holds keys of RJMetrics clients. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start === -1) return "/";
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}
