/**
 * Where the fuzzer begins: each operation of the API document with each of its examples, and
 * inputs of its own for what the examples leave out.
 */
import { readFileSync } from "node:fs";
import { Buffer } from "../../src/buffer.ts";
import type { OpenApi } from "../../src/docs/openapi.ts";
import { examplesOf } from "../../src/docs/read.ts";
import { IMPORT_TOKEN } from "../e2e/constants.ts";
import type { Input } from "./request.ts";
import { OPENAPI_FILE } from "./target.ts";
import { chart, credentialFor, figure, TABLE, type World } from "./world.ts";

/** All seeds. */
export function seedsOf(world: World): Input[] {
  return [...imports(world), ...documented(world), ...definitions(world), ...pages(world)];
}

type Headers = readonly (readonly [string, string])[];

function seed(
  world: World,
  route: string,
  [method = "", target = ""]: readonly string[],
  body?: { readonly type: string; readonly text: string },
  more: Headers = [],
): Input {
  const type: Headers = body === undefined ? [] : [["Content-Type", body.type]];
  return {
    route,
    method,
    target,
    headers: [...credentialFor(target, world), ["Accept", "application/json"], ...type, ...more],
    body: Buffer.from(body?.text ?? ""),
    framing: body === undefined ? "none" : "length",
  };
}

const json = (value: unknown): { type: string; text: string } => ({
  type: "application/json",
  text: JSON.stringify(value),
});

/** What the simulator of the assets answers, or nobody: not the Worker's own doing. */
const LEFT_OUT: ReadonlySet<string> = new Set(["openapi"]);

function documented(world: World): Input[] {
  const document = JSON.parse(readFileSync(OPENAPI_FILE, "utf8")) as OpenApi;
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const { operationId } = operation;
      if (LEFT_OUT.has(operationId)) return [];
      const target = filled(world, path, method);
      const line = [method.toUpperCase(), target];
      const examples = Object.entries(operation.requestBody?.content ?? {}).flatMap(
        ([type, media]) =>
          examplesOf(document, media).map(([, { value }]) =>
            seed(world, operationId, line, { type, text: bodyText(type, value, world) }),
          ),
      );
      return examples.length > 0 ? examples : [seed(world, operationId, line)];
    }),
  );
}

/** The path with the ids of the world; what would be deleted is never one of them. */
function filled(world: World, path: string, method: string): string {
  const id = (): string => {
    if (method === "delete") return "{spare}";
    if (path.includes("/figure")) return String(world.figureId);
    if (path.includes("/chart")) return String(world.chartId);
    return String(path.includes("/export-keys") ? world.keyId : world.exportId);
  };
  const target = path
    .replace("{cid}", String(world.cid))
    .replace("{iid}", String(world.iid))
    .replace("{tid}", String(world.tid))
    .replace("{table}", path.startsWith("/api") ? "fuzz_native" : "fuzz")
    .replace("{id}", id())
    .replace("{spare}", "99999");
  return /\/client\/.*\/(?:data|authenticate)$/.test(target)
    ? `${target}?apikey=${IMPORT_TOKEN}`
    : target;
}

function bodyText(type: string, value: unknown, world: World): string {
  if (typeof value === "string") return value;
  if (type.includes("urlencoded")) {
    return new URLSearchParams(value as Record<string, string>).toString();
  }
  return JSON.stringify(value).replaceAll('"table_id":1', `"table_id":${world.tid}`);
}

const transit = (text: string): { type: string; text: string } => ({
  type: "application/transit+json",
  text,
});

const TRANSIT_POINT =
  '[["^ ","client_id",4231,"table_name","fuzz","sequence","~i7","action","upsert","key_names",["id"],"data",["^ ","id",3,"total","~f58.40","at","~m0","~:keyword","~$sym","set",["~#set",[1,"~n12345678901234567890"]],"list",["~#list",[["^ ","keyword",1]]],"q",["~#\'",1],"c",["~#cmap",[["a"],1]],"b","~bAAA=","u","~u531a379e-31bb-4ce1-8690-158dceb64be6","d","~d1.5","z","~zNaN","t","~t2019-08-01T14:22:32Z"]],["^ ","^0",4231,"^1","fuzz","^2",8,"^3","upsert","^4",["id"],"^5",["^ ","id",4,"^6","~?t","x",["^ ","~~a","~^b"]]]]';

const TRANSIT_VERBOSE =
  '[{"client_id":4231,"table_name":"fuzz","sequence":9,"action":"upsert","key_names":["id"],"data":{"~:id":5,"total":{"~#f":"1"},"at":{"~#m":"1000"},"s":{"~#set":[1,2]}}}]';

const SCHEMA = {
  type: "object",
  required: ["id"],
  properties: {
    id: { type: "integer", minimum: 0, maximum: 100, multipleOf: 1 },
    name: { type: ["string", "null"], pattern: "^[a-z]+$", minLength: 1, maxLength: 5 },
    at: { type: "string", format: "date-time" },
    list: { type: "array", items: { $ref: "#/definitions/item" }, uniqueItems: true, maxItems: 3 },
    either: { anyOf: [{ type: "number" }, { enum: ["a", 1.5, null] }] },
    not: { not: { type: "boolean" } },
  },
  patternProperties: { "^x_": { type: "string" } },
  additionalProperties: { type: "string" },
  dependencies: { name: ["id"] },
  definitions: { item: { oneOf: [{ type: "integer" }, { type: "string" }] } },
};

function imports(world: World): Input[] {
  const point = (data: unknown): unknown => ({
    client_id: world.cid,
    table_name: "fuzz",
    sequence: 1565880017000,
    table_version: 0,
    action: "upsert",
    key_names: ["id"],
    data,
  });
  const nested = [["Authorization", `Bearer ${world.nestedToken}`]] as const;
  const deep = { id: 1, list: [{ a: 1, more: [{ b: [1, 2] }] }], object: { x: { y: 1 } } };
  const batch = {
    table_name: "fuzz_batch",
    schema: SCHEMA,
    key_names: ["id"],
    messages: [
      {
        action: "upsert",
        sequence: 3,
        data: {
          id: 4,
          name: "abc",
          at: "2020-01-13T21:25:03Z",
          list: [1, "a"],
          either: 1.5,
          x_y: "",
        },
      },
    ],
  };
  const push = ["POST", "/v2/import/push"];
  const native = (query: string): string[] => ["POST", `/api/v1/tables/fuzz_native/rows${query}`];
  const without = (input: Input): Input => ({
    ...input,
    headers: input.headers.filter(([, value]) => value !== `Bearer ${IMPORT_TOKEN}`),
  });
  return [
    seed(world, "push transit", push, transit(TRANSIT_POINT)),
    seed(world, "push transit", push, transit(TRANSIT_VERBOSE)),
    seed(world, "validate transit", ["POST", "/v2/import/validate"], transit(TRANSIT_POINT)),
    seed(world, "push", push, json([point({ id: 1, a: { b: [1, 2.5] }, n: null, t: "x" })])),
    without(
      seed(
        world,
        "push nested",
        push,
        json([{ ...Object(point(deep)), table_name: "deep" }]),
        nested,
      ),
    ),
    without(seed(world, "native nested", native("?keys=id"), json([deep]), nested)),
    seed(world, "batch schema", ["POST", "/v2/import/batch"], json(batch)),
    seed(world, "native", native("?keys=id&on_error=skip"), json([{ id: 1 }, { id: null }])),
    seed(world, "native", native("?keys=id&sequence_field=s"), json([{ id: 1, s: 5 }])),
    seed(world, "native", native("?keys=id&dry_run=1"), json([{ id: 1 }])),
    seed(world, "native", native("?keys=id&sequence=9"), {
      type: "application/x-ndjson",
      text: '{"id":1}\n\n{"id":2,"a":[1]}\r\n{"id":3}',
    }),
    seed(world, "native append", ["POST", "/api/v1/tables/log/rows?keys="], json([{ a: 1 }]), [
      ["Idempotency-Key", "one"],
    ]),
  ];
}

function definitions(world: World): Input[] {
  const client = `/admin/v1/clients/${world.cid}`;
  const filters = [
    { id: "A", column: "status", operator: "like", value: "%com_%" },
    { id: "B", column: "total", operator: "not_in", value: [1, 2.5] },
    { id: "C", column: "created_at", operator: "greater_or_equal", value: "2019-02-01" },
  ];
  const columns = ["id", "total", "tags", "note"];
  const exported = { name: "x", table_id: world.tid, columns, filters, spreadsheet_safe: true };
  const logic = { ...exported, filter_logic: "([A] AND [B]) OR NOT [C]".replace("NOT ", "") };
  const cohort = {
    ...chart(world.tid),
    cohort_date: { first_event_of: "customer_id" },
    cohort_by: "status",
    cohorts: undefined,
  };
  return [
    seed(world, "createExport", ["POST", `${client}/exports`], json(logic)),
    seed(world, "previewFigure", ["POST", `${client}/figures/preview`], json(figure(world.tid))),
    seed(
      world,
      "changeFigure",
      ["PUT", `${client}/figures/${world.figureId}`],
      json(figure(world.tid)),
    ),
    seed(world, "previewChart", ["POST", `${client}/charts/preview`], json(chart(world.tid))),
    seed(world, "previewChart", ["POST", `${client}/charts/preview`], json(cohort)),
    seed(
      world,
      "changeChart",
      ["PUT", `${client}/charts/${world.chartId}`],
      json(chart(world.tid)),
    ),
    seed(
      world,
      "changeExportKey",
      ["PATCH", `${client}/export-keys/${world.keyId}`],
      json({ name: "k", allowed_ips: ["10.0.0.0/8", "::ffff:10.0.0.0/104", "0.0.0.0/0"] }),
    ),
    seed(world, "listRows", ["GET", `${client}/tables/${world.tid}/rows?key=%7B%22id%22%3A1%7D`]),
    seed(world, "listRows", ["GET", `${client}/tables/${world.tid}/rows?limit=5&after=A1`]),
    seed(world, "exportFigureData", [
      "GET",
      `/0.1/figure/${world.figureId}/export?format=csv&includeColumnHeaders=1`,
    ]),
  ];
}

/** Pages and forms of the console. */
function pages(world: World): Input[] {
  const client = `/console/clients/${world.cid}`;
  const gets = [
    "/console",
    "/console/sign-in?to=/console/clients",
    "/console/clients",
    client,
    ...[
      "integrations",
      "tables",
      "exports",
      "exports/new",
      "connect",
      "figures",
      "charts",
      "export-keys",
    ].map((section) => `${client}/${section}`),
    `${client}/tables/${world.tid}`,
    `${client}/tables/${world.tid}?after=A1`,
    `${client}/exports/${world.exportId}`,
    `${client}/figures/${world.figureId}`,
    `${client}/charts/${world.chartId}`,
    `${client}/figures/new?table_id=${world.tid}`,
    `${client}/figures/${world.figureId}/edit`,
    "/docs",
    "/docs/errors",
  ];
  const form = (path: string, fields: Record<string, string>): Input =>
    seed(world, "console form", ["POST", path], {
      type: "application/x-www-form-urlencoded",
      text: new URLSearchParams({ csrf: world.csrf, ...fields }).toString(),
    });
  return [
    ...gets.map((path) => seed(world, "console page", ["GET", path])),
    form("/console/clients", { name: "Shop", time_zone: "UTC" }),
    form(`${client}/integrations`, { name: "Shop", nested_values: "tables" }),
    form(`${client}/export-keys`, { name: "Key", allowed_ips: "10.0.0.0/8\n::1" }),
    form(`${client}/export-keys/${world.keyId}`, { name: "Key", allowed_ips: "" }),
    form(`${client}/connect/test`, { integration: String(world.iid), table: "fuzz", token: "x" }),
    form(`${client}/exports`, {
      table_id: String(world.tid),
      table: String(world.tid),
      column: TABLE,
      filter_logic: "[A]",
    }),
    form(`${client}/figures`, { table: String(world.tid), name: "f", operation: "count" }),
    form(`${client}/charts`, { table: String(world.tid), name: "c", operation: "count" }),
  ];
}
