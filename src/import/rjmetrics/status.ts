/** `GET /`, the first call of every old client (wire.md 3.1). */
import { names } from "../../http/accept.ts";
import { jsonAnswer, NO_STORE } from "../../http/answer.ts";
import { Refusal } from "../../http/errors.ts";
import { storeProblem } from "../../http/store-status.ts";

/** The status of the stores; a browser is sent to the console instead. */
export async function status(request: Request, env: Env): Promise<Response> {
  const accept = request.headers.get("accept");
  // RJMetrics-php names both types and is an API client.
  if (names(accept, "text/html") && !names(accept, "application/json")) {
    const headers = { Location: "/console", Vary: "Accept", ...NO_STORE };
    return new Response(null, { status: 302, headers });
  }
  if ((await storeProblem(env)) !== undefined) throw new Refusal("unavailable");
  return jsonAnswer(200, '{"code":200,"message":"ok"}', { Vary: "Accept" });
}
