/** The Worker with bindings of the test's choice. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { handle } from "../../src/http/handle.ts";
import { importJobsOf } from "../../src/http/calls/import-jobs.ts";
import { rejectionsOf } from "../../src/http/rejections/rejections.ts";
import { testEnv } from "./env.ts";
import type { Tenant } from "./tenant.ts";

/**
 * Handles a request as an invocation of its own: ends when all that it left behind has ended.
 *
 * @param origin of the address, in front of the path.
 */
export async function callWorker(
  env: Env,
  path: string,
  init: RequestInit = {},
  origin = "https://headgate.example",
): Promise<Response> {
  // As in setup.ts, for the bindings of other isolates.
  importJobsOf(env, 0);
  rejectionsOf(env, 0);
  const context = createExecutionContext();
  const response = await handle(new Request(`${origin}${path}`, init), env, context);
  await waitOnExecutionContext(context);
  return response;
}

/** Pushes records over the Stitch surface; their `client_id` and `action` are filled in. */
export function pushWith(
  env: Env,
  tenant: Tenant,
  records: readonly Record<string, unknown>[],
): Promise<Response> {
  const body = JSON.stringify(
    records.map((record) => ({ client_id: tenant.clientId, action: "upsert", ...record })),
  );
  return pushTextWith(env, tenant, body);
}

/** Pushes a body as it is over the Stitch surface. */
export function pushTextWith(
  env: Env,
  tenant: Tenant,
  body: string,
  endpoint: "push" | "batch" | "validate" = "push",
): Promise<Response> {
  return callWorker(env, `/v2/import/${endpoint}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
    body,
  });
}

/** Another isolate of the same deployment: the same bindings, and nothing remembered. */
export function otherIsolate(): Env {
  return { ...testEnv };
}

/** The id of a tenant's table. */
export async function tableId(tenant: Tenant, name: string): Promise<number> {
  const id = await testEnv.CATALOG.prepare(
    "SELECT id FROM tables WHERE integration_id = ?1 AND name = ?2",
  )
    .bind(tenant.integrationId, JSON.stringify(name))
    .first<number>("id");
  if (id === null) throw new Error(`no table ${name}`);
  return id;
}
