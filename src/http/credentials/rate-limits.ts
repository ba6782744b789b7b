/**
 * Rate limits of tokens and keys, counted by the platform (workers/runtime-apis/bindings/
 * rate-limit). They keep one program from taking the place of the others: they count loosely and
 * per location, so they are no accounting, and where one is missing or fails nobody is refused.
 *
 * Whoever shows a credential that does not exist is counted by address, apart from all credentials
 * that do: guessing uses up nobody's budget, and past the limit nothing is looked up for it.
 */
import { logError, messageOf } from "../../log.ts";
import { networkOf } from "./addresses.ts";
import { callOf } from "../calls/call.ts";
import { Refusal } from "../errors.ts";
import { findImporter, type Importer, isRemembered } from "./import-tokens.ts";
import { RATE_PERIOD_SECONDS } from "../limits.ts";
import { settingsOf } from "../settings.ts";

/** What a limit said of a request: for the headers of its answer. */
export interface RateAnswer {
  /** The name of the limit. */
  readonly name: RateName;
  readonly isOver: boolean;
}

/** `address` is that of callers whose credential does not exist. */
export type RateName = "import" | "export" | "admin" | "address";

/** Addresses that an isolate remembers as over their limit; an entry is about 100 bytes. */
const ADDRESSES_MAX = 10_000;

/** Least time between two lines in the log about a limit that fails, in ms. */
const FAILURE_LOG_STEP_MS = 60_000;

/** Addresses over their limit, and until when nothing is looked up for them, in ms since 1970. */
const heldOff = new WeakMap<Env, Map<string, number>>();

let failureLoggedAt = -Infinity;

/**
 * The integration of an import token, its request counted; undefined where the token is missing,
 * unknown or revoked. For all import surfaces.
 *
 * @param token as the caller sent it; null where there was none.
 * @throws Refusal rate_limited; unavailable or overloaded where the catalogue does not answer.
 */
export async function countedImporter(
  request: Request,
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
  token: string | null,
): Promise<Importer | undefined> {
  if (token === null || token === "") return undefined;
  const call = callOf(request);
  call.credential = token;
  if (isHeldOff(env, request) && !isRemembered(env, token)) refuse(request, "address");
  const importer = await findImporter(env, context, token);
  if (importer === undefined) {
    await countStranger(request, env);
    return undefined;
  }
  call.importer = importer;
  call.clientId = importer.clientId;
  await count(env, request, "import", `token:${importer.tokenId}`);
  return importer;
}

/** Counts a request with an export key. @throws Refusal rate_limited. */
export function countExport(request: Request, env: Env, keyId: number): Promise<void> {
  return count(env, request, "export", `key:${keyId}`);
}

/** Counts a request with the admin token. @throws Refusal rate_limited. */
export function countAdmin(request: Request, env: Env): Promise<void> {
  return count(env, request, "admin", "admin");
}

/**
 * Refuses an address that is over its limit before anything is looked up for it.
 *
 * @throws Refusal rate_limited.
 */
export function refuseHeldOff(request: Request, env: Env): void {
  if (isHeldOff(env, request)) refuse(request, "address");
}

/**
 * Counts a request whose credential does not exist. One that has no address, which the platform
 * always tells, is not counted.
 *
 * @throws Refusal rate_limited.
 */
export async function countStranger(request: Request, env: Env): Promise<void> {
  const address = addressOf(request);
  if (address !== undefined) await count(env, request, "address", `address:${address}`);
}

async function count(env: Env, request: Request, name: RateName, key: string): Promise<void> {
  const call = callOf(request);
  if (!call.isFromOutside) return;
  if (!(await isWithin(env, name, key))) {
    if (name === "address") holdOff(env, request);
    refuse(request, name);
  }
  call.rate = { name, isOver: false };
}

function refuse(request: Request, name: RateName): never {
  callOf(request).rate = { name, isOver: true };
  throw new Refusal("rate_limited", { SECONDS: RATE_PERIOD_SECONDS });
}

async function isWithin(env: Env, name: RateName, key: string): Promise<boolean> {
  const limit = limitOf(env, name);
  if (limit === undefined) return true;
  try {
    return (await limit.limit({ key })).success;
  } catch (error) {
    const now = Date.now();
    if (now - failureLoggedAt >= FAILURE_LOG_STEP_MS) {
      failureLoggedAt = now;
      logError("rate_limit_failed", { name, message: messageOf(error) });
    }
    return true;
  }
}

/** A deployment may do without, which the bindings' generated types do not say. */
function limitOf(env: Env, name: RateName): RateLimit | undefined {
  switch (name) {
    case "import":
      return env.IMPORT_RATE;
    case "export":
      return env.EXPORT_RATE;
    default:
      // Strangers have a share of their own in it: their keys begin with `address:`.
      return env.ADMIN_RATE;
  }
}

function addressOf(request: Request): string | undefined {
  const address = request.headers.get("cf-connecting-ip");
  return address === null ? undefined : networkOf(address);
}

function isHeldOff(env: Env, request: Request): boolean {
  const addresses = heldOff.get(env);
  // Mostly there are none, and the header need not be read.
  if (addresses === undefined || addresses.size === 0) return false;
  const address = addressOf(request);
  const until = address === undefined ? undefined : addresses.get(address);
  if (address === undefined || until === undefined) return false;
  if (until > Date.now()) return true;
  addresses.delete(address);
  return false;
}

function holdOff(env: Env, request: Request): void {
  const address = addressOf(request);
  if (address === undefined) return;
  const addresses = heldOff.get(env) ?? new Map<string, number>();
  heldOff.set(env, addresses);
  if (addresses.size >= ADDRESSES_MAX) addresses.clear();
  addresses.set(address, Date.now() + RATE_PERIOD_SECONDS * 1_000);
}

/**
 * Puts the headers of a counted request on its answer (draft-ietf-httpapi-ratelimit-headers-10).
 * What is left of the quota is not known, so RateLimit is there only when nothing is.
 */
export function setRateHeaders(env: Env, headers: Headers, { name, isOver }: RateAnswer): void {
  const quota = quotaOf(env, name);
  const policy = `"${name}";q=${quota};w=${RATE_PERIOD_SECONDS}`;
  if (quota !== undefined) headers.set("RateLimit-Policy", policy);
  if (isOver) headers.set("RateLimit", `"${name}";r=0;t=${RATE_PERIOD_SECONDS}`);
}

/** As the settings have it; a wrong one concerns only requests that need it. */
function quotaOf(env: Env, name: RateName): number | undefined {
  try {
    const { importRequestsMax, exportRequestsMax, adminRequestsMax } = settingsOf(env);
    if (name === "import") return importRequestsMax;
    return name === "export" ? exportRequestsMax : adminRequestsMax;
  } catch {
    return undefined;
  }
}
