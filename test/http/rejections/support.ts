/** The rejections of a test's integration, as the catalogue has them. */
import type { NewRejection } from "../../../src/http/rejections/rows.ts";
import { testEnv } from "../../support/env.ts";
import type { Tenant } from "../../support/tenant.ts";

/** A row; instants in ms since 1970. */
export interface RejectionRow extends NewRejection {
  readonly id: number;
  readonly integration_id: number;
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
