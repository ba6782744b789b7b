/** Import tokens: who may write to an integration, over Stitch and RJMetrics (wire.md 1.4). */
import * as z from "zod";
import { jsonAnswer, NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { forgetToken } from "../http/credentials/import-tokens.ts";
import { hashSecret, newSecret } from "../http/credentials/secrets.ts";
import { readMembers } from "./input.ts";
import { IMPORT_TOKENS_MAX } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { insertUnder, INTEGRATION, listUnder } from "./store.ts";

/** The body of `POST …/integrations/:iid/tokens`: none, or an object without members. */
export const NewImportToken = z.strictObject({});

/** Characters at a token's end by which its owner knows it again; the rest stay unknown. */
const HINT_LENGTH = 4;

interface TokenRow {
  readonly id: number;
  readonly hint: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

const INSERT = `INSERT INTO import_tokens (integration_id, hash, hint, created_at)
SELECT id, ?3, ?4, ?5 FROM integrations WHERE id = ?1 AND client_id = ?2
AND (SELECT count(*) FROM import_tokens WHERE integration_id = ?1) < ?6 RETURNING id`;

const SELECT = `SELECT id, hint, created_at, last_used_at FROM import_tokens
WHERE integration_id = ?1 ORDER BY id`;

const DELETE = `DELETE FROM import_tokens WHERE id = ?1 AND integration_id =
(SELECT id FROM integrations WHERE id = ?2 AND client_id = ?3) RETURNING hash`;

async function createToken(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const [clientId, integrationId] = [idOf(context, "cid"), idOf(context, "iid")];
  await readMembers(req.raw, NewImportToken, "{}");
  const now = Date.now();
  const token = newSecret();
  const hint = token.slice(-HINT_LENGTH);
  const bound = [integrationId, clientId, hashSecret(token), hint, now, IMPORT_TOKENS_MAX];
  const id = await insertUnder(
    env,
    env.CATALOG.prepare(INTEGRATION).bind(integrationId, clientId),
    env.CATALOG.prepare(INSERT).bind(...bound),
    `An integration has at most ${IMPORT_TOKENS_MAX} tokens.`,
  );
  return jsonAnswer(201, JSON.stringify({ id, token, created_at: timeText(now) }));
}

async function listTokens(context: AdminContext): Promise<Response> {
  const { CATALOG } = context.env;
  const [clientId, integrationId] = [idOf(context, "cid"), idOf(context, "iid")];
  const rows = await listUnder<TokenRow>(
    context.env,
    CATALOG.prepare(INTEGRATION).bind(integrationId, clientId),
    CATALOG.prepare(SELECT).bind(integrationId),
  );
  const tokens = rows.map(({ id, hint, created_at, last_used_at }) => ({
    id,
    hint,
    created_at: timeText(created_at),
    last_used_at: last_used_at === null ? null : timeText(last_used_at),
  }));
  return jsonAnswer(200, JSON.stringify({ tokens }));
}

/** Refused at once by this isolate, and within 30 s by all others (http/credentials/import-tokens.ts). */
async function revokeToken(context: AdminContext): Promise<Response> {
  const { env } = context;
  const ids = [idOf(context, "id"), idOf(context, "iid"), idOf(context, "cid")];
  const hash = await env.CATALOG.prepare(DELETE)
    .bind(...ids)
    .first<string>("hash");
  if (hash === null) throw new Refusal("not_found");
  forgetToken(env, hash);
  return new Response(null, { status: 204, headers: NO_STORE });
}

/** The paths of import tokens. */
export const importTokenRoutes: readonly AdminRoute[] = [
  {
    path: "/clients/:cid/integrations/:iid/tokens",
    methods: { GET: listTokens, POST: createToken },
  },
  { path: "/clients/:cid/integrations/:iid/tokens/:id", methods: { DELETE: revokeToken } },
];
