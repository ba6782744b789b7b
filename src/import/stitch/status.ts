/** `GET /v2/import/status`, without credentials (wire.md 2.1). */
import { NO_STORE } from "../../http/answer.ts";
import { RETRY_AFTER_SECONDS } from "../../http/limits.ts";
import { storeProblem } from "../../http/store-status.ts";

const NAME = "pipeline.gate";

/** Whether the stores can be reached: 200 or 503. */
export async function status(_request: Request, env: Env): Promise<Response> {
  const reason = await storeProblem(env);
  const headers = { "Content-Type": "application/json;charset=UTF-8", ...NO_STORE };
  if (reason === undefined) {
    return new Response(JSON.stringify({ name: NAME, status: "OK" }), { headers });
  }
  return new Response(JSON.stringify({ name: NAME, status: "ERROR", reason }), {
    status: 503,
    headers: { ...headers, "Retry-After": String(RETRY_AFTER_SECONDS) },
  });
}
