/** What the resources of the admin API share: how a path is described and its ids are read. */
import type { Context } from "hono";
import { Refusal } from "../http/errors.ts";

/** A request to the admin API, authorized. */
export type AdminContext = Context<{ Bindings: Env }>;

/** Answers a request; a Refusal that it throws becomes the answer. */
export type AdminHandler = (context: AdminContext) => Promise<Response>;

/** The methods that the admin API knows; HEAD goes with GET. */
export type AdminMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One path, relative to `/admin/v1`, with what its methods do: `/clients/:cid/tables`. */
export interface AdminRoute {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<AdminMethod, AdminHandler>>>;
}

/**
 * An id out of the path.
 *
 * @param name of the parameter, as in the path of the route.
 * @throws Refusal not_found where it is no positive integer, or beyond what ids can be.
 */
export function idOf(context: AdminContext, name: string): number {
  const text = context.req.param(name) ?? "";
  const id = /^[1-9]\d*$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(id)) throw new Refusal("not_found");
  return id;
}

/** An instant of the catalogue, in ms since 1970, as answers have it: ISO 8601, UTC. */
export function timeText(instant: number): string {
  return new Date(instant).toISOString();
}
