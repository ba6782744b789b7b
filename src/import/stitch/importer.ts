import { bearerToken } from "../../http/bearer.ts";
import { Refusal } from "../../http/errors.ts";
import { findImporter, type Importer } from "../../http/import-tokens.ts";

/**
 * The integration of the request's Bearer token (wire.md 2.2).
 *
 * @throws Refusal unauthorized where there is no such token; unavailable or overloaded.
 */
export async function requireImporter(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Importer> {
  const importer = await findImporter(env, context, bearerToken(request));
  if (importer === undefined) throw new Refusal("unauthorized");
  return importer;
}
