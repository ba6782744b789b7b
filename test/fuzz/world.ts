/** What the inputs are about: tables, an export, reports and keys, and their ids. */
import { CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN } from "../e2e/constants.ts";
import { ADMIN_TOKEN } from "./target.ts";

/** The ids that stand in paths and bodies. */
export interface World {
  readonly base: string;
  readonly cid: number;
  readonly iid: number;
  /** The table that is exported and reported on. */
  readonly tid: number;
  readonly exportId: number;
  readonly figureId: number;
  readonly chartId: number;
  /** Nobody uses this key. */
  readonly keyId: number;
  /** A token of an integration that unrolls nested values. */
  readonly nestedToken: string;
  /** The session of a browser at the console. */
  readonly cookie: string;
  readonly csrf: string;
}

/** What the inputs' header Host says. */
const ORIGIN = "http://127.0.0.1";

/** The table that is read. */
export const TABLE = "orders";

const ROWS = 60;

/** Makes everything. */
export async function newWorld(base: string): Promise<World> {
  await push(base);
  const client = `/admin/v1/clients/${CLIENT_ID}`;
  const admin = <T>(path: string, body?: unknown): Promise<T> => adminCall<T>(base, path, body);
  const { tables } = await admin<{ tables: { id: number; name: string }[] }>(`${client}/tables`);
  const tid = tables.find(({ name }) => name === TABLE)?.id ?? 0;
  const nested = await admin<{ id: number }>(`${client}/integrations`, {
    name: "nested",
    nested_values: "tables",
  });
  const { token } = await admin<{ token: string }>(
    `${client}/integrations/${nested.id}/tokens`,
    {},
  );
  const made = async (path: string, body: unknown): Promise<number> =>
    (await admin<{ id: number }>(`${client}/${path}`, body)).id;
  return {
    base,
    cid: CLIENT_ID,
    iid: nested.id,
    tid,
    exportId: await made("exports", { table_id: tid }),
    figureId: await made("figures", figure(tid)),
    chartId: await made("charts", chart(tid)),
    keyId: await made("export-keys", { name: "unused", allowed_ips: [] }),
    nestedToken: token,
    ...(await signIn(base)),
  };
}

async function push(base: string): Promise<void> {
  const points = Array.from({ length: ROWS }, (_, index) => ({
    client_id: CLIENT_ID,
    table_name: TABLE,
    sequence: index + 1,
    action: "upsert",
    key_names: ["id"],
    data: {
      id: index,
      status: index % 3 === 0 ? "complete" : "new",
      total: index * 1.25,
      customer_id: index % 7,
      created_at: `2019-${String((index % 12) + 1).padStart(2, "0")}-15 14:22:32`,
      note: index % 5 === 0 ? null : `note ${index}`,
      tags: ["a", { b: index }],
    },
  }));
  const answer = await fetch(`${base}/v2/import/push`, {
    method: "POST",
    headers: { Authorization: `Bearer ${IMPORT_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify(points),
  });
  if (answer.status !== 201) throw new Error(await answer.text());
}

/** A GET without a body, a POST with one. */
async function adminCall<T>(base: string, path: string, body?: unknown): Promise<T> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const init: RequestInit =
    body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(`${base}${path}`, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

async function signIn(base: string): Promise<{ cookie: string; csrf: string }> {
  const signed = await fetch(`${base}/console/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { Origin: base },
    body: new URLSearchParams({ token: ADMIN_TOKEN }),
  });
  const cookie = (signed.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await fetch(`${base}/console/clients`, { headers: { Cookie: cookie } });
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  if (csrf === "") throw new Error(`no sign-in to the console: ${signed.status}`);
  return { cookie, csrf };
}

/** A figure with all that figures have. */
export function figure(tid: number): Record<string, unknown> {
  const metric = { table_id: tid, date_column: "created_at" };
  return {
    name: "Revenue by month",
    type: "chart",
    chart_kind: "line",
    metrics: [
      {
        ...metric,
        label: "Revenue",
        operation: "sum",
        column: "total",
        filters: [
          { id: "A", column: "status", operator: "equal", value: "complete" },
          { id: "B", column: "total", operator: "less", value: 70.5 },
        ],
        filter_logic: "[A] OR [B]",
      },
      { ...metric, label: "Orders", operation: "count", filter_set: "few" },
    ],
    filter_sets: { few: { filters: [{ column: "note", operator: "is_not_null" }] } },
    interval: "month",
    range: { from: "2019-01-01", to: "2019-12-31" },
    time_zone: "Europe/Berlin",
    group_by: ["status"],
    top: { n: 3, by: "Revenue", order: "desc" },
    formulas: [{ label: "Average order", expression: "A / (B * 2) - 1.50", format: "currency" }],
  };
}

/** A chart with most of what charts have. */
export function chart(tid: number): Record<string, unknown> {
  return {
    name: "Revenue by cohort",
    metric: {
      label: "Revenue",
      table_id: tid,
      operation: "sum",
      column: "total",
      date_column: "created_at",
      filters: [{ column: "status", operator: "in", value: ["complete", "new"] }],
    },
    cohort_date: { first_event_of: "customer_id" },
    interval: "month",
    cohorts: { range: { from: "2019-01-01", to: "2019-12-31" } },
    periods: 3,
    perspective: "cumulative_average_per_member",
    time_zone: "America/St_Johns",
  };
}

/** The header that a surface takes its credential in. */
export function credentialFor(path: string, world: World): readonly (readonly [string, string])[] {
  if (path.startsWith("/admin/")) return [["Authorization", `Bearer ${ADMIN_TOKEN}`]];
  if (path.startsWith("/0.1/") || path === "/0.1") return [["X-RJM-API-Key", EXPORT_KEY]];
  if (path.startsWith("/console")) {
    return [
      ["Cookie", world.cookie],
      ["Origin", ORIGIN],
      ["Sec-Fetch-Site", "same-origin"],
    ];
  }
  return [["Authorization", `Bearer ${IMPORT_TOKEN}`]];
}
