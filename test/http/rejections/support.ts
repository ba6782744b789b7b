/** The rejections of a test's integration, as the catalogue has them. */
import { testEnv } from "../../support/env.ts";
import type { Tenant } from "../../support/tenant.ts";

/** A row; instants in ms since 1970. */
export interface RejectionRow {
  readonly id: number;
  readonly integration_id: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly times: number;
  readonly request_id: string;
  readonly surface: string;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly table_name: string | null;
  readonly record: number | null;
  readonly excerpt: string | null;
}

/** All rows of an integration, the newest first. */
export async function rejectionsOfTenant({ integrationId }: Tenant): Promise<RejectionRow[]> {
  const { results } = await testEnv.CATALOG.prepare(
    "SELECT * FROM rejections WHERE integration_id = ?1 ORDER BY last_at DESC, id DESC",
  )
    .bind(integrationId)
    .all<RejectionRow>();
  return results;
}

/** The row whose last request had this id. */
export function rejectionOfRequest(requestId: string | null): Promise<RejectionRow | null> {
  return testEnv.CATALOG.prepare("SELECT * FROM rejections WHERE request_id = ?1")
    .bind(requestId)
    .first<RejectionRow>();
}
