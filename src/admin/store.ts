/** The two forms of catalogue calls that the resources share; each is one transaction. */
import { Refusal } from "../http/errors.ts";

/** Finds a client; binds its id. */
export const CLIENT = "SELECT 1 FROM clients WHERE id = ?1";

/** Finds an integration of a client; binds its id and the client's. */
export const INTEGRATION = "SELECT 1 FROM integrations WHERE id = ?1 AND client_id = ?2";

/**
 * All that the list statement finds under an owner that must exist.
 *
 * @throws Refusal not_found.
 */
export async function listUnder<Row>(
  env: Env,
  owner: D1PreparedStatement,
  list: D1PreparedStatement,
): Promise<Row[]> {
  const [owners, rows] = await env.CATALOG.batch([owner, list]);
  if (owners?.results.length !== 1) throw new Refusal("not_found");
  return (rows?.results ?? []) as Row[];
}

/**
 * Inserts a row under an owner that must exist. The insert itself holds the bound, so that no
 * two requests together exceed it.
 *
 * @param insert inserts nothing where the owner is absent or has as many as it may; returns id.
 * @param full says what the bound is: `A client has at most 1000 integrations.`
 * @returns the new row's id.
 * @throws Refusal not_found or admin_conflict.
 */
export async function insertUnder(
  env: Env,
  owner: D1PreparedStatement,
  insert: D1PreparedStatement,
  full: string,
): Promise<number> {
  const [inserted] = await listUnder<{ readonly id: number }>(env, owner, insert);
  if (inserted === undefined) throw new Refusal("admin_conflict", { DETAIL: full });
  return inserted.id;
}
