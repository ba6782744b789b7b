/** A request for each (code, surface) pair of the error table that is answered with it. */
import type { ErrorCode } from "../../src/http/errors.ts";
import type { Surface } from "../../src/http/surfaces.ts";
import { tapEnv } from "../support/tap.ts";
import { newTenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, tableId } from "../support/worker.ts";
import {
  asAdmin,
  asExporter,
  get,
  type ImportSurface,
  SEND,
  seed,
  seedSubtable,
  seedTable,
  type Send,
  type World,
} from "./error-world.ts";

/** A request that must be answered with a row of the table. */
export interface ErrorCase {
  readonly code: ErrorCode;
  readonly surface: Surface;
  /** As wire.md has it, not as the table has it. */
  readonly status: number;
  readonly send: (world: World) => Promise<Response>;
}

type Json = unknown;
function record({ tenant }: World, changes: Record<string, Json> = {}): Json {
  return {
    client_id: tenant.clientId,
    table_name: "t",
    sequence: 1,
    action: "upsert",
    key_names: ["id"],
    data: { id: 1 },
    ...changes,
  };
}

function batchOf(changes: Record<string, Json> = {}, message: Record<string, Json> = {}): Json {
  const messages = [{ action: "upsert", sequence: 1, data: { id: 1 }, ...message }];
  return { table_name: "t", schema: {}, key_names: ["id"], messages, ...changes };
}

/** A body with one record with this data, as each import surface has it. */
function bodyOf(surface: ImportSurface, world: World, data: object, keyNames: string[]): Json {
  switch (surface) {
    case "batch":
      return batchOf({ key_names: keyNames }, { data });
    case "rjmetrics":
      return [{ keys: keyNames, ...data }];
    case "native":
      return [data];
    default:
      return [record(world, { key_names: keyNames, data })];
  }
}

const cases: ErrorCase[] = [];
function add(code: ErrorCode, surface: Surface, status: number, send: ErrorCase["send"]): void {
  cases.push({ code, surface, status, send });
}

function addBoth(code: ErrorCode, status: number, body: (world: World) => Json): void {
  for (const surface of ["push", "validate"] as const) {
    add(code, surface, status, (w) => SEND[surface](w, JSON.stringify(body(w))));
  }
}

function addBatch(code: ErrorCode, body: Json): void {
  add(code, "batch", 400, (w) => SEND.batch(w, JSON.stringify(body)));
}

function addRjmetrics(code: ErrorCode, body: Json): void {
  add(code, "rjmetrics", 400, (w) => SEND.rjmetrics(w, JSON.stringify(body)));
}

const times = (n: number, value: Json): Json => Array.from({ length: n }, () => value);
const nested = (levels: number): Json => JSON.parse("[".repeat(levels) + "]".repeat(levels));
const lists = (n: number): object =>
  Object.fromEntries(Array.from({ length: n }, (_, index) => [`f${index}`, [1]]));
const wide = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`f${index}`, 1]));

/** What is wrong with one record's data, on every import surface. */
const DATA: readonly [ErrorCode, object, string[]?][] = [
  ["key_missing", { a: 1 }],
  ["key_null", { id: null }],
  ["key_not_scalar", { id: [1] }],
  ["key_too_long", { id: "x".repeat(20_000) }],
  ["key_names_differ", { other: 1 }, ["other"]],
  ["record_too_large", { id: 1, text: "x".repeat(1_950_000) }],
  ["record_too_deep", { id: 1, deep: nested(100) }],
  ["column_name_too_long", { id: 1, ["n".repeat(1_025)]: 1 }],
  ["columns_too_many", { id: 1, ...wide }],
];
for (const [code, data, keyNames = ["id"]] of DATA) {
  for (const surface of ["push", "validate", "batch", "rjmetrics", "native"] as const) {
    const status = surface === "batch" || surface === "rjmetrics" ? 400 : 422;
    add(code, surface, status, async (w) => {
      if (code === "key_names_differ") await seed(w);
      const body = JSON.stringify(bodyOf(surface, w, data, keyNames));
      const headers = { "Headgate-Keys": keyNames.join(",") };
      return SEND[surface](w, body, surface === "native" ? headers : {});
    });
  }
}

/** What is wrong with one record's data where nested values are subtables of the table. */
const NESTED: readonly [ErrorCode, object, seedOther?: (w: World) => Promise<void>][] = [
  ["table_is_subtable", { id: 1 }, seedSubtable],
  ["subtable_name_taken", { id: 1, sub: [1] }, (w) => seedTable(w, "t__sub")],
  ["subtable_name_too_long", { id: 1, ["n".repeat(1_025)]: [1] }],
  ["subtables_too_many", { id: 1, ...lists(201) }],
];
for (const [code, data, seedOther] of NESTED) {
  for (const surface of ["push", "validate", "batch", "rjmetrics", "native"] as const) {
    const status = surface === "batch" || surface === "rjmetrics" ? 400 : 422;
    add(code, surface, status, async ({ env }) => {
      const w = { env, tenant: await newTenant({ nested: true }) };
      await seedOther?.(w);
      return SEND[surface](w, JSON.stringify(bodyOf(surface, w, data, ["id"])));
    });
  }
}

/** What is wrong with the body as such: its statuses, and one byte more than it may have. */
const BODIES = {
  push: [415, 413, 4_194_305],
  validate: [415, 413, 4_194_305],
  batch: [415, 413, 20_000_001],
  rjmetrics: [400, 400, 5_242_881],
  native: [415, 413, 20_000_001],
  export: [400, 400, 100_001],
  admin: [415, 413, 1_000_001],
} as const;
for (const surface of [
  "push",
  "validate",
  "batch",
  "rjmetrics",
  "native",
  "export",
  "admin",
] as const) {
  const [encodingStatus, sizeStatus, bytes] = BODIES[surface];
  const sendSeeded: Send = async (w, ...rest) => {
    if (surface === "export") await seed(w);
    return SEND[surface](w, ...rest);
  };
  add("content_encoding", surface, encodingStatus, (w) =>
    sendSeeded(w, "x", { "Content-Encoding": "br" }),
  );
  add("body_too_large", surface, sizeStatus, (w) => sendSeeded(w, " ".repeat(bytes)));
  add("body_malformed", surface, 400, (w) => sendSeeded(w, "[", { "Content-Encoding": "gzip" }));
  // No form is made of values, and the admin API takes too few bytes for that.
  if (surface === "export" || surface === "admin") continue;
  add("body_too_complex", surface, sizeStatus, (w) => sendSeeded(w, "[".repeat(1_900_000)));
}

add("not_found", "stitch", 404, (w) => get(w, "/v2/import/pish"));
add("not_found", "rjmetrics", 404, (w) => get(w, "/nowhere"));
add("not_found", "native", 404, (w) => get(w, "/api/v1/nowhere"));
add("not_found", "export", 404, (w) => get(w, "/0.1/nowhere", asExporter(w)));
add("not_found", "admin", 404, (w) => get(w, "/admin/v1/nowhere", asAdmin));
for (const surface of ["push", "validate", "batch"] as const) {
  add("method_not_allowed", surface, 405, (w) => get(w, `/v2/import/${surface}`));
}
add("method_not_allowed", "stitch", 405, (w) =>
  callWorker(w.env, "/v2/import/status", { method: "POST" }),
);
add("method_not_allowed", "native", 405, (w) => get(w, "/api/v1/tables/t/rows"));
add("method_not_allowed", "admin", 405, (w) =>
  callWorker(w.env, "/admin/v1/clients", { method: "PUT", headers: asAdmin }),
);

const noToken = { Authorization: "" };
add("unauthorized", "push", 401, (w) => SEND.push(w, "[]", noToken));
add("unauthorized", "batch", 401, (w) => SEND.batch(w, "[]", noToken));
add("unauthorized", "validate", 403, (w) => SEND.validate(w, "[]", noToken));
add("unauthorized", "native", 401, (w) => SEND.native(w, "[]", noToken));
add("unauthorized", "rjmetrics", 401, (w) => get(w, "/v2/client/1/authenticate?apikey=x"));
add("unauthorized", "admin", 401, (w) => get(w, "/admin/v1/clients"));
add("admin_unconfigured", "admin", 503, (w) =>
  get({ ...w, env: { ...w.env, ADMIN_TOKEN: "" } }, "/admin/v1/clients", asAdmin),
);
add("export_forbidden", "export", 403, (w) => get(w, "/0.1/export"));

for (const [surface, missing, foreign] of [
  ["push", 401, 403],
  ["validate", 403, 403],
] as const) {
  const one = (w: World, clientId?: number): string =>
    JSON.stringify([record(w, { client_id: clientId })]);
  add("client_missing", surface, missing, (w) => SEND[surface](w, one(w)));
  add("client_foreign", surface, foreign, (w) => SEND[surface](w, one(w, w.tenant.clientId + 1)));
  add("content_type", surface, 415, (w) => SEND[surface](w, "[]", { "Content-Type": "text/csv" }));
}
add("client_foreign", "batch", 403, (w) =>
  SEND.batch(w, JSON.stringify(batchOf({ client_id: w.tenant.clientId + 1 }))),
);
add("content_type", "batch", 415, (w) =>
  SEND.batch(w, "{}", { "Content-Type": "application/transit+json" }),
);
add("content_type", "native", 415, (w) => SEND.native(w, "{}", { "Content-Type": "text/csv" }));
addBoth("clients_several", 422, (w) => [
  record(w),
  record(w, { client_id: w.tenant.clientId + 1 }),
]);
addBoth("array_expected", 400, () => []);
addRjmetrics("array_expected", []);
add("array_expected", "native", 400, (w) => SEND.native(w, "[]"));
addBoth("records_too_many", 400, () => times(10_001, 1));
addRjmetrics("records_too_many", times(101, {}));
add("records_too_many", "native", 400, (w) => SEND.native(w, JSON.stringify(times(20_001, 1))));
addBoth("record_members", 422, (w) => [record(w, { action: "no" })]);
addRjmetrics("record_members", [{ id: 1 }]);
addBoth("tables_too_many", 422, (w) =>
  Array.from({ length: 101 }, (_, index) => record(w, { table_name: `t${index}` })),
);
addBoth("activations_too_many", 422, (w) =>
  times(101, record(w, { action: "switch_view", data: undefined })),
);
const oneSwitch = { action: "switch_view", sequence: 1 };
addBatch("activations_too_many", batchOf({ messages: times(101, oneSwitch) }));
addBatch("batch_member_missing", batchOf({ schema: undefined }));
addBatch("batch_member_unknown", batchOf({ unknown: 1 }));
addBatch("batch_member_type", batchOf({ schema: 1 }));
addBatch("batch_member_value", batchOf({}, { action: "no" }));
addBatch("batch_message_member_missing", batchOf({}, { data: undefined }));
addBatch("batch_sequence", batchOf({}, { sequence: -1 }));
addBatch("batch_message_count", batchOf({ messages: [] }));
addBatch("batch_record_schema", batchOf({ schema: { properties: { id: { type: "string" } } } }));
addBatch("batch_schema_unusable", batchOf({ schema: { type: "number?" } }));
add("table_name_bad", "rjmetrics", 400, (w) => {
  const path = `/v2/client/${w.tenant.clientId}/table/a-b/data?apikey=${w.tenant.token}`;
  return callWorker(w.env, path, { method: "POST", body: "{}" });
});
add("table_name_bad", "native", 400, (w) => postRows(w, "%20/rows?keys=id"));
add("option_invalid", "native", 400, (w) => postRows(w, "t/rows?key=id"));
add("keys_missing", "native", 422, (w) => postRows(w, "t/rows"));
add("record_malformed", "native", 422, (w) =>
  SEND.native(w, "{", { "Content-Type": "application/x-ndjson" }),
);
add("record_not_object", "native", 422, (w) => SEND.native(w, "[1]"));
add("sequence_bad", "native", 422, (w) => postRows(w, "t/rows?keys=id&sequence_field=at"));
add("idempotency_key_reused", "native", 422, async (w) => {
  const headers = { "Idempotency-Key": "k" };
  await (await SEND.native(w, '{"id":1}', headers)).text();
  return SEND.native(w, '{"id":2}', headers);
});
add("export_invalid", "export", 400, async (w) => {
  await seed(w);
  return SEND.export(w, `name=${"n".repeat(2_000)}`);
});
add("export_too_large", "export", 400, async (w) => {
  await seedLarge(w);
  return SEND.export(w, "");
});
add("export_too_large", "admin", 400, async (w) => {
  const body = JSON.stringify({ table_id: await seedLarge(w) });
  const path = `/admin/v1/clients/${w.tenant.clientId}/exports`;
  return callWorker(w.env, path, { method: "POST", headers: asAdmin, body });
});
add("report_too_large", "export", 400, async (w) => {
  await seed(w);
  const metric = { label: "N", operation: "count", date_column: "id" };
  const figure = {
    name: "Hours of a year",
    metrics: [{ ...metric, table_id: await tableId(w.tenant, "t") }],
    interval: "hour",
    range: { from: "2019-01-01", to: "2019-12-31" },
  };
  const path = `/admin/v1/clients/${w.tenant.clientId}/figures`;
  const body = JSON.stringify(figure);
  const made = await callWorker(w.env, path, { method: "POST", headers: asAdmin, body });
  const { id } = await made.json<{ id: number }>();
  return get(w, `/0.1/figure/${id}/export`, asExporter(w));
});
add("report_too_large", "admin", 400, async (w) => {
  await seed(w);
  const table = await tableId(w.tenant, "t");
  const body = JSON.stringify({
    name: "Hours of a year",
    metrics: [{ label: "N", operation: "count", date_column: "id", table_id: table }],
    interval: "hour",
    range: { from: "2019-01-01", to: "2019-12-31" },
  });
  const path = `/admin/v1/clients/${w.tenant.clientId}/figures/preview`;
  return callWorker(w.env, path, { method: "POST", headers: asAdmin, body });
});
add("export_expired", "export", 410, async (w) => {
  await seed(w);
  return get(w, `/0.1/export/${w.tenant.clientId}`, asExporter(w));
});
add("export_expired", "admin", 410, async (w) => {
  await seed(w);
  return get(w, adminFile(w), asAdmin);
});
add("precondition_failed", "admin", 412, (w) => getFile(w, "admin", { "If-Match": '"other"' }));
add("range_unsatisfiable", "admin", 416, (w) => getFile(w, "admin", { Range: "bytes=3-" }));
add("precondition_failed", "export", 412, (w) => getFile(w, "export", { "If-Match": '"other"' }));
add("range_unsatisfiable", "export", 416, (w) => getFile(w, "export", { Range: "bytes=3-" }));
add("admin_invalid", "admin", 422, (w) => SEND.admin(w, "{}"));
add("admin_conflict", "admin", 409, (w) =>
  SEND.admin(w, JSON.stringify({ name: "x", id: w.tenant.clientId })),
);

/** Limits that nobody is within. */
const spent: RateLimit = { limit: () => Promise.resolve({ success: false }) };
for (const [surface, status] of [
  ["push", 503],
  ["validate", 500],
  ["batch", 503],
  ["rjmetrics", 503],
  ["native", 429],
  ["export", 429],
  ["admin", 429],
] as const) {
  add("rate_limited", surface, status, ({ tenant, env }) => {
    const limits = { IMPORT_RATE: spent, EXPORT_RATE: spent, ADMIN_RATE: spent };
    return SEND[surface]({ tenant, env: { ...env, ...limits } }, "[]");
  });
}

/** Posts a record to a path of the native import. */
function postRows({ env, tenant }: World, rest: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: '[{"id":1}]' };
  return callWorker(env, `/api/v1/tables/${rest}`, init);
}

/** Makes the table `t`, with an export, and lets it be counted as too large for another one. */
async function seedLarge(world: World): Promise<number> {
  await seed(world);
  const id = await tableId(world.tenant, "t");
  await world.env.CATALOG.prepare(
    "UPDATE tables SET counted_rows = 10000001, counted_at = ?2 WHERE id = ?1",
  )
    .bind(id, Date.now())
    .run();
  return id;
}

/** Asks for the file of an export, which has three bytes. */
async function getFile(
  world: World,
  surface: "export" | "admin",
  headers: Record<string, string>,
): Promise<Response> {
  await seed(world);
  const { clientId } = world.tenant;
  const key = `exports/${clientId}/file`;
  await world.env.FILES.put(key, "zip");
  await world.env.CATALOG.prepare(
    "UPDATE exports SET object_key = ?2, expires_at = 9e15 WHERE id = ?1",
  )
    .bind(clientId, key)
    .run();
  const path = surface === "export" ? `/0.1/export/${clientId}` : adminFile(world);
  const credential = surface === "export" ? asExporter(world) : asAdmin;
  return get(world, path, { ...credential, ...headers });
}

/** The path of the export's file in the admin API. */
function adminFile({ tenant: { clientId } }: World): string {
  return `/admin/v1/clients/${clientId}/exports/${clientId}/file`;
}

/** A catalogue whose calls fail; `methods` are those of D1 that do. */
function broken(world: World, message: string, methods: readonly string[]): World {
  const env = tapEnv(otherIsolate(), (call, next) => {
    const fails = call.binding === "CATALOG" && methods.includes(call.method);
    return fails ? Promise.reject(new Error(`D1_ERROR: ${message}`)) : next();
  });
  return { ...world, env };
}

/** Messages of D1 (d1/observability/debug-d1), with what an answer must not tell. */
const FAULTS: readonly [ErrorCode, number, string, string[]][] = [
  [
    "overloaded",
    503,
    "D1 DB is overloaded. Requests queued for too long.",
    ["first", "all", "batch"],
  ],
  ["unavailable", 503, "Network connection lost.", ["first", "all", "batch"]],
  ["internal", 500, "no such column: secret_column: SQLITE_ERROR", ["all", "batch"]],
];
for (const [code, status, message, methods] of FAULTS) {
  for (const surface of ["push", "validate", "batch", "rjmetrics"] as const) {
    add(code, surface, surface === "validate" ? 500 : status, (w) =>
      SEND[surface](
        broken(w, message, methods),
        JSON.stringify(bodyOf(surface, w, { id: 1 }, ["id"])),
      ),
    );
  }
  // Where no old client repeats a 5xx only, overload is a 429 (promise P7).
  const elsewhere = code === "overloaded" ? 429 : status;
  add(code, "native", elsewhere, (w) => SEND.native(broken(w, message, methods), '{"id":1}'));
  add(code, "export", elsewhere, (w) =>
    get(broken(w, message, methods), "/0.1/export", asExporter(w)),
  );
  add(code, "admin", elsewhere, (w) =>
    get(broken(w, message, methods), "/admin/v1/clients", asAdmin),
  );
}
for (const surface of ["push", "batch", "rjmetrics", "native"] as const) {
  // No shard takes new tables.
  add("shards_full", surface, 503, (w) =>
    SEND[surface](
      { ...w, env: { ...w.env, SHARD_GB_MAX: "0" } },
      JSON.stringify(bodyOf(surface, w, { id: 1 }, ["id"])),
    ),
  );
}
add("internal", "stitch", 500, (w) => {
  const { SHARD_0: _, ...env } = { ...w.env };
  return get({ ...w, env: env as Env }, "/v2/import/status");
});

/** All cases, in no order that matters. */
export const ERROR_CASES: readonly ErrorCase[] = cases;
