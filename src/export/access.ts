/**
 * Access to the export surface: header, key, address (wire.md 4.1). Every refusal is the same
 * 403, so that it tells a stranger nothing.
 */
import { admits, parseAddressList } from "../http/credentials/addresses.ts";
import { callOf } from "../http/calls/call.ts";
import { Refusal } from "../http/errors.ts";
import { countExport, countStranger, refuseHeldOff } from "../http/credentials/rate-limits.ts";
import { hashSecret } from "../http/credentials/secrets.ts";

interface Row {
  readonly id: number;
  readonly client_id: number;
  readonly allowed_ips: string;
}

/**
 * The client of the request's key. One D1 call each time: a revoked key, or an address taken
 * off its list, is refused from the next request on.
 *
 * @throws Refusal export_forbidden or rate_limited.
 */
export async function exportClient(request: Request, env: Env): Promise<number> {
  const call = callOf(request);
  call.surface = "export";
  const key = request.headers.get("x-rjm-api-key");
  if (key === null || key === "") throw new Refusal("export_forbidden");
  call.credential = key;
  refuseHeldOff(request, env);
  const row = await env.CATALOG.prepare(
    "SELECT id, client_id, allowed_ips FROM export_keys WHERE hash = ?1",
  )
    .bind(hashSecret(key))
    .first<Row>();
  if (row === null || !admitsRequest(row, request)) {
    await countStranger(request, env);
    throw new Refusal("export_forbidden");
  }
  call.clientId = row.client_id;
  await countExport(request, env, row.id);
  return row.client_id;
}

function admitsRequest(row: Row, request: Request): boolean {
  const list = parseAddressList(JSON.parse(row.allowed_ips) as string[]);
  const address = request.headers.get("cf-connecting-ip") ?? undefined;
  return list.ok && admits(list.rules, address);
}
