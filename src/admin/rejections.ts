/** Why data did not arrive: the last refused requests of imports (http/rejections). */
import * as z from "zod";
import { jsonAnswer } from "../http/answer.ts";
import { REJECTION_AGE_MS_MAX, REJECTIONS_KEPT_MAX } from "../http/rejections/rows.ts";
import { IMPORT_SURFACES } from "../http/surfaces.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { CLIENT, INTEGRATION, listUnder } from "./store.ts";

/** One of the rejections of an integration: equal refusals that came close together. */
export const Rejection = z.object({
  id: z.int(),
  first_at: z.iso.datetime(),
  last_at: z.iso.datetime().describe("The list has the newest first."),
  times: z.int().min(1),
  request_id: z.string().describe("Of the last request: the X-Request-Id of its answer."),
  surface: z.enum(IMPORT_SURFACES),
  status: z.int().describe("The HTTP status of the last answer."),
  code: z
    .string()
    .describe("A row of the error table; `others` counts what was too varied to be kept apart."),
  reason: z.string(),
  table: z.string().nullable().describe("Where the request was about one table."),
  record: z.int().nullable().describe("The index of the first wrong record, from 0."),
  excerpt: z
    .string()
    .nullable()
    .describe("The beginning of that record, or of the body, without what looks like a secret."),
});

/** The same in the list of a client, over all of its integrations. */
export const ClientRejection = Rejection.extend({ integration_id: z.int() });

interface RejectionRow {
  readonly id: number;
  readonly integration_id: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly times: number;
  readonly request_id: string;
  readonly surface: z.infer<typeof Rejection>["surface"];
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly table_name: string | null;
  readonly record: number | null;
  readonly excerpt: string | null;
}

function rejectionOf(row: RejectionRow): z.infer<typeof Rejection> {
  return {
    id: row.id,
    first_at: timeText(row.first_at),
    last_at: timeText(row.last_at),
    times: row.times,
    request_id: row.request_id,
    surface: row.surface,
    status: row.status,
    code: row.code,
    reason: row.reason,
    table: row.table_name,
    record: row.record,
    excerpt: row.excerpt,
  };
}

const COLUMNS = `id, integration_id, first_at, last_at, times, request_id, surface, status, code,
reason, table_name, record, excerpt`;

/** Of the integration ?1, not older than ?2: the sweep may not have been there yet. */
export const SELECT_OF_INTEGRATION = `SELECT ${COLUMNS} FROM rejections
WHERE integration_id = ?1 AND last_at > ?2
ORDER BY last_at DESC, id DESC LIMIT ${REJECTIONS_KEPT_MAX}`;

/** The same of the client ?1. What is sorted, 100,000 at most, is read from the index alone. */
export const SELECT_OF_CLIENT = `SELECT ${COLUMNS} FROM rejections WHERE id IN (
  SELECT rejections.id FROM integrations
  CROSS JOIN rejections ON rejections.integration_id = integrations.id
  WHERE integrations.client_id = ?1 AND rejections.last_at > ?2
  ORDER BY rejections.last_at DESC, rejections.id DESC LIMIT ${REJECTIONS_KEPT_MAX}
) ORDER BY last_at DESC, id DESC`;

async function listOfIntegration(context: AdminContext): Promise<Response> {
  const { CATALOG } = context.env;
  const integrationId = idOf(context, "iid");
  const rows = await listUnder<RejectionRow>(
    context.env,
    CATALOG.prepare(INTEGRATION).bind(integrationId, idOf(context, "cid")),
    CATALOG.prepare(SELECT_OF_INTEGRATION).bind(integrationId, Date.now() - REJECTION_AGE_MS_MAX),
  );
  return jsonAnswer(200, JSON.stringify({ rejections: rows.map(rejectionOf) }));
}

async function listOfClient(context: AdminContext): Promise<Response> {
  const { CATALOG } = context.env;
  const clientId = idOf(context, "cid");
  const rows = await listUnder<RejectionRow>(
    context.env,
    CATALOG.prepare(CLIENT).bind(clientId),
    CATALOG.prepare(SELECT_OF_CLIENT).bind(clientId, Date.now() - REJECTION_AGE_MS_MAX),
  );
  const rejections: z.infer<typeof ClientRejection>[] = rows.map((row) => ({
    ...rejectionOf(row),
    integration_id: row.integration_id,
  }));
  return jsonAnswer(200, JSON.stringify({ rejections }));
}

/** The paths of rejections. */
export const rejectionRoutes: readonly AdminRoute[] = [
  { path: "/clients/:cid/rejections", methods: { GET: listOfClient } },
  {
    path: "/clients/:cid/integrations/:iid/rejections",
    methods: { GET: listOfIntegration },
  },
];
