/** Clients: each is one customer with data of its own (design.md 2, Admin API). */
import { randomInt } from "node:crypto";
import * as z from "zod";
import { jsonAnswer } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { isTimeZone } from "../http/time-zones.ts";
import { expecting } from "../http/member-rules.ts";
import { Name, readMembers, text } from "./input.ts";
import { CLIENT_ID_ATTEMPTS, CLIENTS_MAX } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";

/** Client ids have 4 to 6 digits. */
const CLIENT_ID_MIN = 1_000;
const CLIENT_ID_MAX = 999_999;

const idError = expecting(`an integer from ${CLIENT_ID_MIN} to ${CLIENT_ID_MAX}`);

const TIME_ZONE_RULE = "a time zone of the IANA database, like America/New_York";

/** Kept as it is written: what the platform makes of it may be a name that is out of use. */
const TimeZone = text(TIME_ZONE_RULE).refine(isTimeZone, { error: `must be ${TIME_ZONE_RULE}` });

/** The body of `POST /clients`; without an id a free one is chosen. */
export const NewClient = z.strictObject({
  name: Name,
  id: z
    .int({ error: idError })
    .min(CLIENT_ID_MIN, { error: idError })
    .max(CLIENT_ID_MAX, { error: idError })
    .optional(),
  time_zone: TimeZone.default("UTC"),
});

/** The body of `PATCH /clients/:cid`: what is to change. */
export const ClientChange = z.strictObject({
  name: Name.optional(),
  time_zone: TimeZone.optional(),
});

interface ClientRow {
  readonly id: number;
  readonly name: string;
  readonly time_zone: string;
  readonly created_at: number;
}

function clientText({ id, name, time_zone, created_at }: ClientRow): string {
  return JSON.stringify({ id, name, time_zone, created_at: timeText(created_at) });
}

interface WholeClientRow extends ClientRow {
  readonly import_jobs: number;
  readonly import_started_at: number | null;
  readonly import_ended_at: number | null;
}

const FIND = `SELECT id, name, time_zone, created_at, import_jobs, import_started_at,
import_ended_at FROM clients WHERE id = ?1`;

const COUNT = "SELECT count(*) AS count FROM clients";

const INSERT = `INSERT INTO clients (id, name, created_at, time_zone)
SELECT ?1, ?2, ?3, ?5 WHERE (SELECT count(*) FROM clients) < ?4
ON CONFLICT (id) DO NOTHING RETURNING id`;

const UPDATE = `UPDATE clients SET name = coalesce(?2, name), time_zone = coalesce(?3, time_zone)
WHERE id = ?1 RETURNING id, name, time_zone, created_at`;

/**
 * Inserts a client.
 *
 * @returns whether it did; false where the id is taken.
 * @throws Refusal admin_conflict where there are as many clients as there may be.
 */
async function insertClient(env: Env, client: ClientRow): Promise<boolean> {
  const { id, name, created_at, time_zone } = client;
  const [count, inserted] = await env.CATALOG.batch<{ readonly count: number }>([
    env.CATALOG.prepare(COUNT),
    env.CATALOG.prepare(INSERT).bind(id, name, created_at, CLIENTS_MAX, time_zone),
  ]);
  if ((count?.results[0]?.count ?? 0) >= CLIENTS_MAX) {
    const detail = `A deployment has at most ${CLIENTS_MAX} clients.`;
    throw new Refusal("admin_conflict", { DETAIL: detail });
  }
  return inserted?.results.length === 1;
}

async function createClient({ env, req }: AdminContext): Promise<Response> {
  const asked = await readMembers(req.raw, NewClient);
  const attempts = asked.id === undefined ? CLIENT_ID_ATTEMPTS : 1;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const id = asked.id ?? randomInt(CLIENT_ID_MIN, CLIENT_ID_MAX + 1);
    const client = { ...asked, id, created_at: Date.now() };
    if (await insertClient(env, client)) return jsonAnswer(201, clientText(client));
  }
  const detail = asked.id === undefined ? "No free id was found." : `The id ${asked.id} is taken.`;
  throw new Refusal("admin_conflict", { DETAIL: detail });
}

async function listClients({ env }: AdminContext): Promise<Response> {
  const select = "SELECT id, name, time_zone, created_at FROM clients ORDER BY id";
  const { results } = await env.CATALOG.prepare(select).all<ClientRow>();
  return jsonAnswer(200, `{"clients":[${results.map(clientText).join(",")}]}`);
}

/** A client with the imports that were noted for it (http/calls/import-jobs.ts). */
async function showClient(context: AdminContext): Promise<Response> {
  const find = context.env.CATALOG.prepare(FIND).bind(idOf(context, "cid"));
  const row = await find.first<WholeClientRow>();
  if (row === null) throw new Refusal("not_found");
  const { id, name, time_zone, created_at } = row;
  const imports = {
    count: row.import_jobs,
    last_started_at: timeOrNull(row.import_started_at),
    last_ended_at: timeOrNull(row.import_ended_at),
  };
  const client = { id, name, time_zone, created_at: timeText(created_at), imports };
  return jsonAnswer(200, JSON.stringify(client));
}

function timeOrNull(instant: number | null): string | null {
  return instant === null ? null : timeText(instant);
}

async function changeClient(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const id = idOf(context, "cid");
  const { name, time_zone } = await readMembers(req.raw, ClientChange);
  const update = env.CATALOG.prepare(UPDATE).bind(id, name ?? null, time_zone ?? null);
  const client = await update.first<ClientRow>();
  if (client === null) throw new Refusal("not_found");
  return jsonAnswer(200, clientText(client));
}

/** The paths of clients. */
export const clientRoutes: readonly AdminRoute[] = [
  { path: "/clients", methods: { GET: listClients, POST: createClient } },
  { path: "/clients/:cid", methods: { GET: showClient, PATCH: changeClient } },
];
