/** A push of each kind, to be run with faults. */
import type { Surface } from "../../src/http/surfaces.ts";
import type { Tenant } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";

/** A kind of push. */
export interface PushCase {
  readonly name: string;
  readonly surface: Surface;
  readonly isNested?: boolean;
  /** Requests before the one that meets the fault: what is there, and what the isolate knows. */
  readonly earlier?: readonly Push[];
  readonly push: Push;
  /** Of the answer without a fault. */
  readonly status: number;
  /** How many calls it makes, where that is the point of it. */
  readonly calls?: number;
  /** Whether a repeat after an answer that was lost adds its rows again (wire.md 2.8). */
  readonly isAdding?: boolean;
  /** Whether its counts are the same however often it is tried (decision 9). */
  readonly isCounted?: boolean;
}

/** A request. */
export interface Push {
  readonly path: (tenant: Tenant) => string;
  readonly body: (tenant: Tenant) => string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request as an invocation of its own. */
export function sendPush(env: Env, tenant: Tenant, push: Push): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${tenant.token}`,
    "Content-Type": "application/json",
    ...push.headers,
  };
  const init = { method: "POST", headers, body: push.body(tenant) };
  return callWorker(env, push.path(tenant), init);
}

type Fields = Readonly<Record<string, unknown>>;

function stitch(records: readonly Fields[], endpoint = "push"): Push {
  const common = { action: "upsert", table_name: "t", sequence: 5, key_names: ["id"] };
  return {
    path: () => `/v2/import/${endpoint}`,
    body: ({ clientId }) =>
      JSON.stringify(records.map((record) => ({ client_id: clientId, ...common, ...record }))),
  };
}

/** Rows of a table; eight ids are in both key ranges. */
const IDS = [1, 2, 3, 4, 5, 6, 7, 8];
const rows = (more: Fields = {}, data: Fields = {}): Fields[] =>
  IDS.map((id) => ({ data: { id, ...data }, ...more }));

function batch(messages: readonly Fields[], more: Fields = {}): Push {
  const body = { table_name: "t", schema: {}, key_names: ["id"], messages, ...more };
  return { path: () => "/v2/import/batch", body: () => JSON.stringify(body) };
}

const message = (data: Fields): Fields => ({ action: "upsert", sequence: 5, data });

function rjmetrics(version: "v1" | "v2", points: readonly Fields[]): Push {
  return {
    path: ({ clientId, token }) => `/${version}/client/${clientId}/table/t/data?apikey=${token}`,
    body: () => JSON.stringify(points),
    headers: { Accept: "application/json" },
  };
}

function native(text: string, query: string, headers: Record<string, string> = {}): Push {
  return { path: () => `/api/v1/tables/t/rows?${query}`, body: () => text, headers };
}

const FIRST = stitch([...rows({ sequence: 1 })]);
const KEY = { "Idempotency-Key": "one" };
const NATIVE_ROWS = JSON.stringify(IDS.map((id) => ({ id, a: "x" })));
const toVersion = (action: string, version: number): Fields => ({
  action,
  table_version: version,
  data: undefined,
  key_names: undefined,
});

/** The transit writing of two upserts, with its cache of keys. */
const transit = ({ clientId }: Tenant): string =>
  `[["^ ","action","upsert","sequence",5,"data",["^ ","id",1,"f",1.0],` +
  `"key_names",["id"],"client_id",${clientId},"table_name","t"],` +
  `["^ ","^0","upsert","^1",5,"^2",["^ ","id",2],"^3",["id"],"^4",${clientId},"^5","t"]]`;

const ORDER = { customer: { name: "Ann" }, line_items: [{ sku: "A", taxes: [{ rate: 1 }] }] };

/** The kinds of pushes. */
export const PUSH_CASES: readonly PushCase[] = [
  {
    name: "one point, everything known",
    surface: "push",
    earlier: [FIRST],
    push: stitch([{ data: { id: 3 } }]),
    status: 201,
    // The rate limit, the object, its shard, and the note of the import.
    calls: 4,
  },
  { name: "a new table in two shards", surface: "push", push: stitch(rows()), status: 201 },
  {
    name: "new columns and types",
    surface: "push",
    earlier: [FIRST],
    push: stitch(rows({}, { id: "text", more: 1.5 })),
    status: 201,
  },
  {
    name: "several tables, one of them there",
    surface: "push",
    earlier: [FIRST],
    push: stitch([...rows(), ...rows({ table_name: "u" }), { table_name: "v", data: { id: 1 } }]),
    status: 201,
  },
  {
    name: "nested tables",
    surface: "push",
    isNested: true,
    push: stitch(rows({}, ORDER)),
    status: 201,
  },
  {
    name: "rows, activate_version, rows",
    surface: "push",
    earlier: [FIRST],
    push: stitch([
      { data: { id: 11 }, table_version: 2 },
      { data: { id: 12 }, table_version: 2 },
      toVersion("activate_version", 2),
      { data: { id: 13 }, table_version: 3 },
      { data: { id: 14 }, table_version: 3 },
    ]),
    status: 201,
  },
  {
    name: "switch_view",
    surface: "push",
    earlier: [FIRST, stitch([{ data: { id: 21 }, table_version: 2 }])],
    push: stitch([toVersion("switch_view", 2)]),
    status: 201,
  },
  {
    name: "transit",
    surface: "push",
    push: {
      path: () => "/v2/import/push",
      body: transit,
      headers: { "Content-Type": "application/transit+json" },
    },
    status: 201,
  },
  {
    name: "a batch with keys and a version",
    surface: "batch",
    earlier: [FIRST],
    push: batch(
      [...IDS.map((id) => message({ id, b: 1 })), { action: "activate_version", sequence: 9 }],
      {
        table_version: 2,
      },
    ),
    status: 201,
  },
  {
    name: "an append-only batch",
    surface: "batch",
    push: batch(
      IDS.map((id) => message({ id })),
      { key_names: [] },
    ),
    status: 201,
    isAdding: true,
  },
  {
    name: "RJMetrics v2",
    surface: "rjmetrics",
    earlier: [rjmetrics("v2", [{ keys: ["id"], id: 1, old: 1 }])],
    push: rjmetrics(
      "v2",
      IDS.map((id) => ({ keys: ["id"], id, a: "x" })),
    ),
    status: 201,
  },
  {
    name: "RJMetrics v1",
    surface: "rjmetrics",
    push: rjmetrics("v1", [{ id: 1 }, { id: 2 }]),
    status: 201,
  },
  {
    name: "native rows",
    surface: "native",
    earlier: [FIRST],
    push: native(NATIVE_ROWS, "keys=id&sequence=7"),
    status: 200,
  },
  {
    name: "native NDJSON with a bad record",
    surface: "native",
    push: native(
      '{"id":1,"at":3}\n{"id":null,"at":1}\n{"id":2,"at":4}\n',
      "keys=id&sequence_field=at&on_error=skip",
      {
        "Content-Type": "application/x-ndjson",
      },
    ),
    status: 207,
  },
  {
    name: "a native dry run",
    surface: "native",
    earlier: [FIRST],
    push: native(NATIVE_ROWS, "keys=id&dry_run=1"),
    status: 200,
    isCounted: true,
  },
  {
    name: "native rows with an Idempotency-Key",
    surface: "native",
    earlier: [FIRST],
    push: native(NATIVE_ROWS, "keys=id", KEY),
    status: 200,
    isCounted: true,
  },
  {
    name: "native rows appended with an Idempotency-Key",
    surface: "native",
    push: native(NATIVE_ROWS, "keys=", KEY),
    status: 200,
    isCounted: true,
  },
];
