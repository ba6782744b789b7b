/** Handlers of the imports and their statuses: the one place where their refusals are answered. */
import type { Context } from "hono";
import { errorAnswer } from "./answer.ts";
import { callOf } from "./calls/call.ts";
import { Refusal } from "./errors.ts";
import { noteImportPoint } from "./calls/metrics.ts";
import { noteRejection } from "./rejections/rejections.ts";
import type { Surface } from "./surfaces.ts";

/** Answers a request, or throws. */
export type Handler = (request: Request, env: Env, context: ExecutionContext) => Promise<Response>;

/** A Hono handler whose failures are answered in the surface's own shape. */
export function guarded(surface: Surface, handler: Handler) {
  return async function handleGuarded(c: Context<{ Bindings: Env }>): Promise<Response> {
    const { raw: request, method } = c.req;
    const call = callOf(request);
    call.surface = surface;
    // Hono's own type of the context knows fewer members than the platform's.
    const context = c.executionCtx as ExecutionContext;
    const response = await answered(surface, handler, request, c.env, context);
    if (method === "POST") noteImportPoint(c.env, call, Date.now() - call.startedAt);
    return response;
  };
}

async function answered(
  surface: Surface,
  handler: Handler,
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  try {
    return await handler(request, env, context);
  } catch (error) {
    const answer = errorAnswer(surface, request, error);
    const refusal = error instanceof Refusal ? error : new Refusal("internal");
    noteRejection(env, context, callOf(request), refusal, answer.status);
    return answer;
  }
}
