/**
 * Who may import: import tokens, good for the Stitch and the RJMetrics surface alike
 * (wire.md 1.4). The catalogue knows tokens by their SHA-256 only. The cache of an isolate is
 * keyed by the text, which saves the hash (5 % of a small push): only texts that the catalogue
 * has confirmed are in it, and a Map tells nothing by its timing, since the runtime hashes
 * texts with a random seed.
 */
import type { Integration } from "../../warehouse/tables.ts";
import { fromStore } from "../../warehouse/store-errors.ts";
import { hashSecret } from "./secrets.ts";

/** What a token stands for. */
export interface Importer extends Integration {
  readonly tokenId: number;
  readonly nested: boolean;
}

/**
 * How long an isolate trusts what it knows of a token, in ms. A revoked token is refused
 * everywhere within 30 s (design.md 2); the rest is for a slow look-up.
 */
const TRUST_MS = 20_000;

/** Age at which a token in use is looked up again beside the request that uses it, in ms. */
const REFRESH_MS = 10_000;

/** How long after a refresh began another may, in ms: the first one may have failed, or hang. */
const REFRESH_STEP_MS = 2_000;

/** Least time between two notes of a token's last use, in ms: a write each. */
const LAST_USE_STEP_MS = 60_000;

/** Tokens that an isolate remembers; an entry is about 300 bytes. */
const TOKENS_MAX = 10_000;

interface Known {
  readonly importer: Importer;
  readonly hash: string;
  readonly lookedUpAt: number;
  /** When to look it up again beside a request, in ms since 1970. */
  refreshAt: number;
}

interface Cache {
  readonly tokens: Map<string, Known>;
  /** How many times a token was forgotten: what was looked up before that may be outdated. */
  forgettings: number;
}

const caches = new WeakMap<Env, Cache>();

function cacheOf(env: Env): Cache {
  let cache = caches.get(env);
  if (cache === undefined) {
    cache = { tokens: new Map(), forgettings: 0 };
    caches.set(env, cache);
  }
  return cache;
}

/**
 * The integration that a token writes to, or undefined where it is unknown or revoked. Makes
 * no D1 call for a token that this isolate has seen in the last 20 s.
 *
 * @param token as the caller sent it; null where there was none.
 * @throws Refusal unavailable or overloaded where the catalogue does not answer.
 */
export async function findImporter(
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
  token: string | null,
): Promise<Importer | undefined> {
  if (token === null || token === "") return undefined;
  const known = cacheOf(env).tokens.get(token);
  const now = Date.now();
  if (known === undefined || now - known.lookedUpAt >= TRUST_MS) return lookUp(env, context, token);
  if (now >= known.refreshAt) {
    known.refreshAt = now + REFRESH_STEP_MS;
    // Its failure is not this request's: the next one past the trusted time looks up itself.
    context.waitUntil(lookUp(env, context, token).catch(() => undefined));
  }
  return known.importer;
}

/** Whether {@link findImporter} would find a token without a call to the catalogue. */
export function isRemembered(env: Env, token: string): boolean {
  const known = cacheOf(env).tokens.get(token);
  return known !== undefined && Date.now() - known.lookedUpAt < TRUST_MS;
}

/** Forgets a token at once in this isolate; all others forget it within the trusted time. */
export function forgetToken(env: Env, hash: string): void {
  const cache = cacheOf(env);
  cache.forgettings += 1;
  for (const [token, known] of cache.tokens) if (known.hash === hash) cache.tokens.delete(token);
}

const SELECT = `SELECT import_tokens.id, import_tokens.last_used_at, integrations.id AS
integration_id, integrations.client_id, integrations.nested FROM import_tokens
JOIN integrations ON integrations.id = import_tokens.integration_id
WHERE import_tokens.hash = ?1`;

interface Row {
  readonly id: number;
  readonly last_used_at: number | null;
  readonly integration_id: number;
  readonly client_id: number;
  /** `json` or `tables`. */
  readonly nested: string;
}

async function lookUp(
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
  token: string,
): Promise<Importer | undefined> {
  const cache = cacheOf(env);
  const { tokens, forgettings } = cache;
  const hash = hashSecret(token);
  const lookedUpAt = Date.now();
  const row = await selectToken(env, hash);
  tokens.delete(token);
  if (row === null) return undefined;
  const importer: Importer = {
    tokenId: row.id,
    integrationId: row.integration_id,
    clientId: row.client_id,
    nested: row.nested === "tables",
  };
  if (cache.forgettings === forgettings) {
    tokens.set(token, { importer, hash, lookedUpAt, refreshAt: lookedUpAt + REFRESH_MS });
  }
  const [oldest] = tokens.keys();
  if (tokens.size > TOKENS_MAX && oldest !== undefined) tokens.delete(oldest);
  if (lookedUpAt - (row.last_used_at ?? 0) >= LAST_USE_STEP_MS) {
    context.waitUntil(noteUse(env, row.id, lookedUpAt));
  }
  return importer;
}

async function selectToken(env: Env, hash: string): Promise<Row | null> {
  return fromStore(() => env.CATALOG.prepare(SELECT).bind(hash).first<Row>());
}

async function noteUse(env: Env, tokenId: number, now: number): Promise<void> {
  const update = "UPDATE import_tokens SET last_used_at = ?2 WHERE id = ?1";
  // Only a note for the owner: an import never fails for it.
  await env.CATALOG.prepare(update)
    .bind(tokenId, now)
    .run()
    .catch(() => undefined);
}
