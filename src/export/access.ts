/**
 * Access to the export surface: header, key, address (wire.md 4.1). Every refusal is the same
 * 403, so that it tells a stranger nothing.
 */
import { admits, parseAddressList } from "../http/addresses.ts";
import { Refusal } from "../http/errors.ts";
import { hashSecret } from "../http/secrets.ts";

interface Row {
  readonly client_id: number;
  readonly allowed_ips: string;
}

/**
 * The client of the request's key. One D1 call each time: a revoked key, or an address taken
 * off its list, is refused from the next request on.
 *
 * @throws Refusal export_forbidden.
 */
export async function exportClient(request: Request, env: Env): Promise<number> {
  const key = request.headers.get("x-rjm-api-key");
  if (key === null || key === "") throw new Refusal("export_forbidden");
  const row = await env.CATALOG.prepare(
    "SELECT client_id, allowed_ips FROM export_keys WHERE hash = ?1",
  )
    .bind(hashSecret(key))
    .first<Row>();
  if (row === null) throw new Refusal("export_forbidden");
  const list = parseAddressList(JSON.parse(row.allowed_ips) as string[]);
  const address = request.headers.get("cf-connecting-ip") ?? undefined;
  if (!list.ok || !admits(list.rules, address)) throw new Refusal("export_forbidden");
  return row.client_id;
}
