/** `GET /healthz`: for a monitor, without credentials. */
import { jsonAnswer } from "./answer.ts";
import { RETRY_AFTER_SECONDS } from "./limits.ts";
import { storeProblem } from "./store-status.ts";

/** Whether the stores can be reached: 200 `{"status":"ok"}`, or 503 with the reason. */
export async function health(_request: Request, env: Env): Promise<Response> {
  const reason = await storeProblem(env);
  if (reason === undefined) return jsonAnswer(200, '{"status":"ok"}');
  const headers = { "Retry-After": String(RETRY_AFTER_SECONDS) };
  return jsonAnswer(503, JSON.stringify({ status: "error", reason }), headers);
}
