/** Integrations: one is one schema of tables of a client (design.md 2, wire.md 1.4). */
import * as z from "zod";
import { jsonAnswer } from "../http/answer.ts";
import { Name, readMembers } from "./input.ts";
import { INTEGRATIONS_MAX } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { CLIENT, insertUnder, listUnder } from "./store.ts";

/**
 * How nested values are loaded: as JSON text in one column, or as columns and subtables
 * (warehouse/nested.ts).
 */
const NestedValues = z.enum(["json", "tables"], { error: 'must be "json" or "tables"' });

/**
 * The body of `POST /clients/:cid/integrations`. The way of nested values is fixed with the
 * integration: the catalogue records the columns of the one way while rows are imported, so
 * the rows that are there would have no columns in the other.
 */
export const NewIntegration = z.strictObject({
  name: Name,
  nested_values: NestedValues.default("json"),
});

interface IntegrationRow {
  readonly id: number;
  readonly name: string;
  readonly nested: string;
  readonly created_at: number;
}

function integrationText({ id, name, nested, created_at }: IntegrationRow): string {
  return JSON.stringify({ id, name, nested_values: nested, created_at: timeText(created_at) });
}

const INSERT = `INSERT INTO integrations (client_id, name, created_at, nested)
SELECT id, ?2, ?3, ?5 FROM clients WHERE id = ?1
AND (SELECT count(*) FROM integrations WHERE client_id = ?1) < ?4 RETURNING id`;

const SELECT =
  "SELECT id, name, nested, created_at FROM integrations WHERE client_id = ?1 ORDER BY id";

async function createIntegration(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const clientId = idOf(context, "cid");
  const { name, nested_values: nested } = await readMembers(req.raw, NewIntegration);
  const now = Date.now();
  const id = await insertUnder(
    env,
    env.CATALOG.prepare(CLIENT).bind(clientId),
    env.CATALOG.prepare(INSERT).bind(clientId, name, now, INTEGRATIONS_MAX, nested),
    `A client has at most ${INTEGRATIONS_MAX} integrations.`,
  );
  return jsonAnswer(201, integrationText({ id, name, nested, created_at: now }));
}

async function listIntegrations(context: AdminContext): Promise<Response> {
  const { CATALOG } = context.env;
  const clientId = idOf(context, "cid");
  const rows = await listUnder<IntegrationRow>(
    context.env,
    CATALOG.prepare(CLIENT).bind(clientId),
    CATALOG.prepare(SELECT).bind(clientId),
  );
  return jsonAnswer(200, `{"integrations":[${rows.map(integrationText).join(",")}]}`);
}

/** The paths of integrations. */
export const integrationRoutes: readonly AdminRoute[] = [
  {
    path: "/clients/:cid/integrations",
    methods: { GET: listIntegrations, POST: createIntegration },
  },
];
