/** Export keys: who may export a client's data, and from which addresses (wire.md 4.1). */
import * as z from "zod";
import { parseAddressRule } from "../http/credentials/addresses.ts";
import { jsonAnswer, NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { hashSecret, newSecret } from "../http/credentials/secrets.ts";
import { expecting } from "../http/member-rules.ts";
import { Name, readMembers, text } from "./input.ts";
import { ALLOWED_IPS_MAX, EXPORT_KEYS_MAX } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { CLIENT, insertUnder, listUnder } from "./store.ts";

const ADDRESS_RULE = "an IPv4 or IPv6 address or range, as in 203.0.113.0/24";

/** Longest part of a wrong entry that an answer repeats, in UTF-16 units. */
const ENTRY_QUOTED_MAX = 100;

const AddressEntry = text(ADDRESS_RULE).refine((entry) => parseAddressRule(entry) !== undefined, {
  error: ({ input }) =>
    `must be ${ADDRESS_RULE}; ${JSON.stringify(String(input).slice(0, ENTRY_QUOTED_MAX))} is not`,
});

/** Addresses and ranges; the empty list admits nobody. Stored as they were written. */
export const AllowedIps = z
  .array(AddressEntry, { error: expecting("a list of addresses") })
  .max(ALLOWED_IPS_MAX, { error: `must have at most ${ALLOWED_IPS_MAX} entries` });

/** The body of `POST /clients/:cid/export-keys`. */
export const NewExportKey = z.strictObject({ name: Name, allowed_ips: AllowedIps });

/** The body of `PATCH …/export-keys/:id`: what is to change. */
export const ExportKeyChange = z
  .strictObject({ name: Name.optional(), allowed_ips: AllowedIps.optional() })
  .refine(({ name, allowed_ips }) => name !== undefined || allowed_ips !== undefined, {
    error: "The body must have name or allowed_ips, or both.",
  });

interface KeyRow {
  readonly id: number;
  readonly name: string;
  readonly allowed_ips: string;
  readonly created_at: number;
}

/** A key in an answer; `allowed_ips` is stored as JSON text. */
function keyText({ id, name, allowed_ips, created_at }: KeyRow): string {
  const ips: unknown = JSON.parse(allowed_ips);
  return JSON.stringify({ id, name, allowed_ips: ips, created_at: timeText(created_at) });
}

const INSERT = `INSERT INTO export_keys (client_id, name, hash, allowed_ips, created_at)
SELECT id, ?2, ?3, ?4, ?5 FROM clients WHERE id = ?1
AND (SELECT count(*) FROM export_keys WHERE client_id = ?1) < ?6 RETURNING id`;

const SELECT = `SELECT id, name, allowed_ips, created_at FROM export_keys
WHERE client_id = ?1 ORDER BY id`;

const UPDATE = `UPDATE export_keys
SET name = coalesce(?3, name), allowed_ips = coalesce(?4, allowed_ips)
WHERE id = ?1 AND client_id = ?2 RETURNING id, name, allowed_ips, created_at`;

const DELETE = "DELETE FROM export_keys WHERE id = ?1 AND client_id = ?2 RETURNING id";

async function createKey(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const clientId = idOf(context, "cid");
  const { name, allowed_ips } = await readMembers(req.raw, NewExportKey);
  const now = Date.now();
  const key = newSecret();
  const bound = [clientId, name, hashSecret(key), JSON.stringify(allowed_ips), now];
  const id = await insertUnder(
    env,
    env.CATALOG.prepare(CLIENT).bind(clientId),
    env.CATALOG.prepare(INSERT).bind(...bound, EXPORT_KEYS_MAX),
    `A client has at most ${EXPORT_KEYS_MAX} export keys.`,
  );
  const answer = { id, key, name, allowed_ips, created_at: timeText(now) };
  return jsonAnswer(201, JSON.stringify(answer));
}

async function listKeys(context: AdminContext): Promise<Response> {
  const { CATALOG } = context.env;
  const clientId = idOf(context, "cid");
  const rows = await listUnder<KeyRow>(
    context.env,
    CATALOG.prepare(CLIENT).bind(clientId),
    CATALOG.prepare(SELECT).bind(clientId),
  );
  return jsonAnswer(200, `{"export_keys":[${rows.map(keyText).join(",")}]}`);
}

async function changeKey(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  const { name, allowed_ips } = await readMembers(req.raw, ExportKeyChange);
  const ips = allowed_ips === undefined ? null : JSON.stringify(allowed_ips);
  const row = await env.CATALOG.prepare(UPDATE)
    .bind(id, clientId, name ?? null, ips)
    .first<KeyRow>();
  if (row === null) throw new Refusal("not_found");
  return jsonAnswer(200, keyText(row));
}

async function revokeKey(context: AdminContext): Promise<Response> {
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  const row = await context.env.CATALOG.prepare(DELETE).bind(id, clientId).first();
  if (row === null) throw new Refusal("not_found");
  return new Response(null, { status: 204, headers: NO_STORE });
}

/** The paths of export keys. */
export const exportKeyRoutes: readonly AdminRoute[] = [
  { path: "/clients/:cid/export-keys", methods: { GET: listKeys, POST: createKey } },
  {
    path: "/clients/:cid/export-keys/:id",
    methods: { PATCH: changeKey, DELETE: revokeKey },
  },
];
