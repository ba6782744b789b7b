import { bearerToken } from "../http/credentials/bearer.ts";
import { Refusal } from "../http/errors.ts";
import type { Importer } from "../http/credentials/import-tokens.ts";
import { countedImporter } from "../http/credentials/rate-limits.ts";

/**
 * The integration of the request's Bearer token (wire.md 2.2).
 *
 * @throws Refusal unauthorized where there is no such token; rate_limited, unavailable or
 * overloaded.
 */
export async function requireImporter(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Importer> {
  const importer = await countedImporter(request, env, context, bearerToken(request));
  if (importer === undefined) throw new Refusal("unauthorized");
  return importer;
}
