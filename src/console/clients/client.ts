/** A client as the admin API has it, for the pages below it. */
import { api } from "../api.ts";
import { type ConsoleContext, pathId } from "../context.ts";

/** The answer of `GET /clients/:cid`. */
export interface Client {
  readonly id: number;
  readonly name: string;
  readonly time_zone: string;
  readonly created_at: string;
  /** Imports that were stored, and the last of them. */
  readonly imports: {
    readonly count: number;
    readonly last_started_at: string | null;
    readonly last_ended_at: string | null;
  };
}

/**
 * The client of the path.
 *
 * @throws ApiError 404 where there is none.
 */
export function clientOf(context: ConsoleContext): Promise<Client> {
  return api<Client>(context, "GET", `/clients/${pathId(context, "cid")}`);
}
