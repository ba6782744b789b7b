/** Traffic of all surfaces that the first release had, and the credentials that it was sent with. */
import { CLIENT_ID, IMPORT_TOKEN } from "../e2e/constants.ts";
import type { Client } from "./client.ts";

/** Another client, whose name is not plain. */
export const OTHER_CLIENT_ID = 5000;

/** The credentials of a kept state, in clear: nothing else has them. */
export interface Credentials {
  /** Of the second integration of the demo client, and one of it that was revoked. */
  readonly secondToken: string;
  readonly revokedToken: string;
  readonly otherToken: string;
  /** Keys of the demo client: for this machine only, for another network only, and a revoked one. */
  readonly localKey: string;
  readonly foreignKey: string;
  readonly revokedKey: string;
  readonly otherKey: string;
}

/** Columns of the widest table. */
const WIDE_COLUMNS = 120;

/** Rows of the table that is exported in pages. */
const MANY_ROWS = 120;

interface Made {
  readonly id: number;
  readonly token: string;
  readonly key: string;
}

/** Creates clients, integrations, tokens and keys, and revokes some. */
export async function makeCredentials(client: Client): Promise<Credentials> {
  await client.admin("/clients", { id: OTHER_CLIENT_ID, name: 'Ärzte "GmbH" 😀, Zürich' });
  const second = await client.admin<Made>(`/clients/${CLIENT_ID}/integrations`, { name: "Second" });
  const other = await client.admin<Made>(`/clients/${OTHER_CLIENT_ID}/integrations`, { name: "Ö" });
  const tokens = (clientId: number, id: number): string =>
    `/clients/${clientId}/integrations/${id}/tokens`;
  const newToken = (path: string): Promise<Made> => client.admin<Made>(path, {});
  const secondToken = await newToken(tokens(CLIENT_ID, second.id));
  const revokedToken = await newToken(tokens(CLIENT_ID, second.id));
  const otherToken = await newToken(tokens(OTHER_CLIENT_ID, other.id));
  const newKey = (clientId: number, name: string, ips: readonly string[]): Promise<Made> =>
    client.admin<Made>(`/clients/${clientId}/export-keys`, { name, allowed_ips: ips });
  const localKey = await newKey(CLIENT_ID, "local", ["198.51.100.7/24", "2001:db8::/32"]);
  const foreignKey = await newKey(CLIENT_ID, "foreign", ["203.0.113.0/24"]);
  const revokedKey = await newKey(CLIENT_ID, "revoked", ["0.0.0.0/0"]);
  const otherKey = await newKey(OTHER_CLIENT_ID, "other", ["::/0", "0.0.0.0/0"]);
  // Used once, so that its tables and the note of its use are there.
  const point = pointsText(CLIENT_ID, "by_revoked", [{ sequence: 1, data: { id: 1 } }]);
  await client.stitch(revokedToken.token, point);
  await client.admin(`${tokens(CLIENT_ID, second.id)}/${revokedToken.id}`, undefined, "DELETE");
  await client.admin(`/clients/${CLIENT_ID}/export-keys/${revokedKey.id}`, undefined, "DELETE");
  return {
    secondToken: secondToken.token,
    revokedToken: revokedToken.token,
    otherToken: otherToken.token,
    localKey: localKey.key,
    foreignKey: foreignKey.key,
    revokedKey: revokedKey.key,
    otherKey: otherKey.key,
  };
}

interface Row {
  readonly sequence: number | string;
  /** An object, or its JSON text where JavaScript's numbers or strings would change it. */
  readonly data: object | string;
  readonly version?: number;
}

/** The body of a push of rows with their keys. */
export function pointsText(
  clientId: number,
  table: string,
  rows: readonly Row[],
  keys: readonly string[] = ["id"],
): string {
  const points = rows.map(({ sequence, data, version }) => {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    const common = `"client_id":${clientId},"table_name":${JSON.stringify(table)}`;
    const versioned = version === undefined ? "" : `,"table_version":${version}`;
    const names = JSON.stringify(keys);
    return `{${common},"action":"upsert","sequence":${sequence},"key_names":${names}${versioned},"data":${text}}`;
  });
  return `[${points.join(",")}]`;
}

function switchText(clientId: number, table: string, version: number): string {
  const point = { client_id: clientId, table_name: table, action: "switch_view" };
  return JSON.stringify([{ ...point, table_version: version, sequence: version }]);
}

/** Numbers, texts and nested values that a store could easily change. */
const EXACT_ROWS: readonly Row[] = [
  { sequence: 0, data: '{"id":1,"price":58.40,"big":9007199254740993,"note":""}' },
  {
    sequence: "9223372036854775806",
    data: '{"id":2,"price":-9999999999999999.9999999999999999999999,"big":1e400,"note":null}',
  },
  { sequence: 3, data: String.raw`{"id":3,"note":"lone \ud800, NUL \u0000, \"quotes\", ß😀"}` },
  { sequence: 4, data: '{"id":4,"note":"=1+1","deep":{"a":[1,{"b":[]}],"n":0.10},"list":[1,2]}' },
  { sequence: 5, data: '{"id":9007199254740993,"ok":true,"__proto__":"kept","":"no name"}' },
  { sequence: 6, data: '{"id":9007199254740992,"ok":false,"at":"2019-08-01 14:22:32"}' },
];

/** Sends what the demo client and the other one pushed. */
export async function sendTraffic(client: Client, credentials: Credentials): Promise<void> {
  await client.stitch(IMPORT_TOKEN, pointsText(CLIENT_ID, "exact", EXACT_ROWS));
  await sendOrder(client);
  await sendVersions(client);
  await sendNames(client);
  await sendBatches(client, credentials.secondToken);
  await sendRjmetrics(client, credentials.otherToken);
  const names = Array.from({ length: WIDE_COLUMNS }, (_, i) => `column_${i}`);
  const wide = Object.fromEntries(names.map((name, i): [string, number] => [name, i]));
  const wideRow = { sequence: 1, data: { id: 1, ...wide } };
  await client.stitch(IMPORT_TOKEN, pointsText(CLIENT_ID, "wide", [wideRow]));
  const many = Array.from({ length: MANY_ROWS }, (_, id) => ({ sequence: id, data: { id } }));
  await client.stitch(IMPORT_TOKEN, pointsText(CLIENT_ID, "many", many));
}

/** The example of wire.md 2.9, and sequences that differ in their last digit only. */
async function sendOrder(client: Client): Promise<void> {
  const states = [
    { sequence: 100, data: { id: 10, state: "new" } },
    { sequence: 101, data: { id: 10, state: "canceled" } },
    { sequence: 99, data: { id: 10, state: "old" } },
    { sequence: 90, data: { id: 22, state: "stored" } },
    { sequence: "1795241049244168801", data: { id: 30, state: "last digit 1" } },
    { sequence: "1795241049244168800", data: { id: 30, state: "last digit 0" } },
  ];
  await client.stitch(IMPORT_TOKEN, pointsText(CLIENT_ID, "orders", states));
  const transit =
    `[["^ ","~:client_id",${CLIENT_ID},"~:table_name","transit","~:action","upsert",` +
    '"~:sequence","~i9007199254740995","~:key_names",["id"],' +
    '"~:data",["^ ","id",1,"price","~f58.40","at","~m1566000000000","tag","~:word"]]]';
  await client.stitch(IMPORT_TOKEN, transit, { type: "application/transit+json" });
}

/** Versions that were switched, and a late row of an older one. */
async function sendVersions(client: Client): Promise<void> {
  const rows = (version: number, ids: readonly number[]): string =>
    pointsText(
      CLIENT_ID,
      "versions",
      ids.map((id) => ({ sequence: version * 10 + id, version, data: { id, version } })),
    );
  await client.stitch(IMPORT_TOKEN, rows(1, [1, 2, 3]));
  await client.stitch(IMPORT_TOKEN, rows(2, [1, 2]));
  await client.stitch(IMPORT_TOKEN, switchText(CLIENT_ID, "versions", 2));
  await client.stitch(IMPORT_TOKEN, rows(1, [9]));
  await client.stitch(IMPORT_TOKEN, rows(3, [4]));
}

/** Names of tables, columns and keys as strange as the wire admits. */
async function sendNames(client: Client): Promise<void> {
  const strange = 'Ünï "cöde" 😀/\\ \u0000 \ud83d';
  const data = String.raw`{"kind":"a b","n":1,"\udc00 low":1,"nul\u0000":2,"a,\"b\"":3,"😀":4}`;
  const rows = [
    { sequence: 1, data },
    { sequence: 1, data: '{"kind":"1","n":1}' },
    { sequence: 1, data: '{"kind":1,"n":1.0}' },
    { sequence: 1, data: '{"kind":true,"n":-0.5e-7}' },
    { sequence: 1, data: String.raw`{"kind":"\ud800\u0000/\"","n":1e400}` },
  ];
  await client.stitch(IMPORT_TOKEN, pointsText(CLIENT_ID, strange, rows, ["n", "kind"]));
}

async function sendBatches(client: Client, token: string): Promise<void> {
  const schema = {
    properties: { id: { type: "integer" }, at: { type: "string", format: "date-time" } },
  };
  const send = (table: object, messages: readonly object[]): Promise<void> =>
    client.stitch(token, JSON.stringify({ schema, ...table, messages }), { path: "batch" });
  const message = (sequence: number, data: object): object => ({
    action: "upsert",
    sequence,
    data,
  });
  const at = "2020-01-13T21:25:03+0000";
  await send({ table_name: "events" }, [message(1, { id: 1, at }), message(1, { id: 1, at })]);
  await send({ table_name: "events", key_names: [] }, [message(2, { id: 2, at })]);
  // The same name as a table of the first integration, with other keys.
  const orders = { table_name: "orders", key_names: ["id", "line"], table_version: 7 };
  await send(orders, [
    message(1, { id: 1, line: "a" }),
    message(2, { id: 1, line: "b" }),
    { action: "activate_version", sequence: 3 },
  ]);
}

async function sendRjmetrics(client: Client, token: string): Promise<void> {
  const table = { clientId: CLIENT_ID, name: "rj_v2", token: IMPORT_TOKEN };
  await client.rjmetrics("v2", table, [
    { keys: ["id"], id: 1, state: "new" },
    { keys: ["id"], id: 1, state: "complete" },
    { keys: ["id"], id: 2, state: "new", total: 58.4 },
  ]);
  const other = { clientId: OTHER_CLIENT_ID, name: "rj_v1", token };
  await client.rjmetrics("v1", other, { id: "ß", total: 1 });
  await client.rjmetrics("v1", other, [{ keys: ["id"], id: "x", total: 0.1 }]);
}
