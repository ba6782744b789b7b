/**
 * The document against the running Worker: an independent validator reads it, every documented
 * example is sent and answered as documented, and so is every documented error that any request
 * can provoke.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { curlOf } from "../../src/docs/curl.ts";
import type {
  Example,
  MediaType,
  OpenApi,
  OperationObject,
  ParameterObject,
  ResponseObject,
} from "../../src/docs/openapi.ts";
import { codesOf, examplesOf, responseOf } from "../../src/docs/read.ts";
import { CLIENT_ID } from "./constants.ts";
import { type Check, checkerOf, expectMembers, expectTemplate } from "./openapi-schema.ts";
import { credentialsOf, idFor, newWorld, type World, withTable } from "./openapi-world.ts";

const BASE = inject("baseUrl");
const document: OpenApi = await (await fetch(`${BASE}/openapi.json`)).json();

interface Placed {
  readonly path: string;
  readonly method: string;
  readonly operation: OperationObject;
}

const operations: readonly Placed[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    operation,
  })),
);
const byId = (id: string): Placed => {
  const found = operations.find(({ operation }) => operation.operationId === id);
  if (found === undefined) throw new Error(`no operation ${id}`);
  return found;
};

/** Operations whose bodies name a table by its id. */
const NEEDS_ID = new Set([
  "createExport",
  "createFigure",
  "createChart",
  "previewFigure",
  "previewChart",
]);

let world: World;
let check: Check;
let checkAnswer: Check;

function bodiesOf({ requestBody }: OperationObject): readonly [string, string, unknown][] {
  return Object.entries(requestBody?.content ?? {}).flatMap(([type, media]) =>
    examplesOf(document, media).map(([name, { value }]): [string, string, unknown] => [
      type,
      name,
      value,
    ]),
  );
}

function exampleOf(id: string, name: string): unknown {
  return bodiesOf(byId(id).operation).find(([, one]) => one === name)?.[2];
}

beforeAll(async () => {
  check = checkerOf(document, false);
  checkAnswer = checkerOf(document, true);
  world = await newWorld({
    records: exampleOf("stitchPush", "rows"),
    figure: exampleOf("createFigure", "monthly"),
    chart: exampleOf("createChart", "monthly"),
  });
});

interface Asked {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly method?: string;
  readonly hasCredential?: boolean;
  /** Instead of the ids of the world. */
  readonly ids?: Readonly<Record<string, string | number>>;
}

/** Sends a request of an operation, with the ids of the world. */
async function send({ path, method, operation }: Placed, asked: Asked): Promise<Response> {
  const ids: Record<string, string | number> = {
    cid: CLIENT_ID,
    iid: world.schema.integrationId,
    tid: world.tableId,
    table: "orders",
    ...asked.ids,
  };
  if (path.includes("{id}")) ids["id"] ??= await idFor(world, operation.operationId, path);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(ids[name]));
  const query = new URLSearchParams(asked.query);
  const headers = new Headers({ Accept: "application/json", ...asked.headers });
  const [name] = Object.keys(operation.security[0] ?? {});
  const scheme = name === undefined ? undefined : document.components.securitySchemes[name];
  if (name !== undefined && scheme !== undefined && asked.hasCredential !== false) {
    const secret = credentialsOf(world)[name] ?? "";
    if (scheme.in === "query") query.set(scheme.name ?? "", secret);
    else if (scheme.in === "header") headers.set(scheme.name ?? "", secret);
    else headers.set("Authorization", `Bearer ${secret}`);
  }
  const text = query.toString();
  const init: RequestInit = { method: asked.method ?? method, headers, redirect: "manual" };
  if (asked.body !== undefined) init.body = asked.body;
  return fetch(`${BASE}${filled}${text === "" ? "" : `?${text}`}`, init);
}

/** A body as its type has it, with the table of the world. */
function encoded(type: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (!type.includes("urlencoded")) return JSON.stringify(withTable(value, world.tableId));
  return new URLSearchParams(value as Record<string, string>).toString();
}

function documented({ operation }: Placed, status: number): ResponseObject {
  const response = operation.responses[String(status)];
  if (response === undefined) throw new Error(`${operation.operationId} documents no ${status}`);
  return responseOf(document, response);
}

const typeOf = (response: Response): string =>
  (response.headers.get("content-type") ?? "").replace(/;.*/, "");

/** The status of success: the lowest that is no error of the table. */
function successOf({ operation }: Placed): number {
  const [status] = Object.entries(operation.responses)
    .filter(([, response]) => codesOf(responseOf(document, response)).length === 0)
    .map(([key]) => Number(key));
  return status ?? 0;
}

/** Headers that only some answers of a status have. */
const SOMETIMES = new Set(["Idempotency-Replayed", "Retry-After", "RateLimit", "RateLimit-Policy"]);

function expectHeaders(placed: Placed, response: Response, isRefusal: boolean): void {
  const { headers = {} } = documented(placed, response.status);
  for (const name of Object.keys(headers)) {
    const isSure = !SOMETIMES.has(name) || (name === "RateLimit-Policy" && !isRefusal);
    const label = `${placed.operation.operationId}: ${name}`;
    if (isSure) expect(response.headers.has(name), label).toBe(true);
  }
}

/** Whether the answer is the documented one of its status: type, headers, schema, example. */
async function expectAnswer(placed: Placed, response: Response, status: number): Promise<unknown> {
  const label = placed.operation.operationId;
  const bytes = await response.arrayBuffer();
  const text = new TextDecoder().decode(bytes);
  expect(response.status, `${label}: ${text.slice(0, 500)}`).toBe(status);
  expectHeaders(placed, response, false);
  const { content } = documented(placed, status);
  if (content === undefined) {
    expect(text).toBe("");
    return undefined;
  }
  const media = content[typeOf(response)];
  expect(Object.keys(content), label).toContain(typeOf(response));
  if (media === undefined || !isJson(media)) return text;
  const value: unknown = JSON.parse(text);
  checkAnswer(media.schema, value, label);
  return value;
}

const isJson = ({ schema }: MediaType): boolean =>
  Object.keys(schema).length > 0 && schema.type !== "string";

function expectExample(placed: Placed, value: unknown, status: number): void {
  const content = documented(placed, status).content ?? {};
  for (const media of Object.values(content)) {
    for (const [, { value: example }] of examplesOf(document, media)) {
      expectMembers(value, example, placed.operation.operationId);
    }
  }
}

describe("the document", () => {
  test("is right for an independent validator", async () => {
    const validator = new Validator();
    const result = await validator.validate(
      JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
    );
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("has no reference to nothing, and no component that nothing refers to", () => {
    const text = JSON.stringify(document);
    const used = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/([^"]*)"/g)].map(([, at]) => at),
    );
    const there = Object.entries(document.components)
      .filter(([kind]) => kind !== "securitySchemes")
      .flatMap(([kind, all]) => Object.keys(all).map((name) => `${kind}/${name}`));
    expect(used).toEqual(new Set(there));
  });

  test("has examples that are right for its own schemas", () => {
    for (const { operation } of operations) {
      const contents = [
        operation.requestBody?.content ?? {},
        ...Object.values(operation.responses).map((one) => responseOf(document, one).content ?? {}),
      ];
      for (const media of contents.flatMap((content) => Object.values(content))) {
        if (!isJson(media)) continue;
        for (const [name, { value }] of examplesOf(document, media)) {
          check(media.schema, value, `${operation.operationId} ${name}`);
        }
      }
    }
  });
});

describe.each(operations.map((placed) => [placed.operation.operationId, placed] as const))(
  "%s",
  (id, placed) => {
    const { operation } = placed;
    const bodies = bodiesOf(operation);
    const [first] = bodies;

    test.each(bodies.length === 0 ? [["", "without a body", undefined] as const] : bodies)(
      "%s example %s is answered as documented",
      async (type, _name, example) => {
        const request =
          example === undefined
            ? {}
            : { headers: { "Content-Type": type }, body: encoded(type, example) };
        const status = successOf(placed);
        const value = await expectAnswer(placed, await send(placed, request), status);
        // The documented answer is the one to the first body.
        const isFirst = example === first?.[2];
        if (isFirst && typeof value === "object") expectExample(placed, value, status);
      },
    );

    test("the answer has each of its documented types", async () => {
      const status = successOf(placed);
      const types = Object.keys(documented(placed, status).content ?? {});
      for (const accept of types) {
        const headers: Record<string, string> = { Accept: accept };
        if (first !== undefined) headers["Content-Type"] = first[0];
        const query: Record<string, string> = accept === "text/csv" ? { format: "csv" } : {};
        const isForm = accept === "text/csv" && placed.method === "POST";
        const body = first === undefined || isForm ? {} : { body: encoded(first[0], first[2]) };
        const response = await send(placed, { headers, query, ...body });
        await expectAnswer(placed, response, status);
        expect(typeOf(response)).toBe(accept);
      }
    });

    const optional = operation.parameters.filter(
      (parameter) => parameter.in !== "path" && !NEEDS_MORE.has(parameter.name),
    );
    test.each(optional.map((parameter) => [parameter.name, parameter.in, parameter] as const))(
      "parameter %s (%s) is taken with its example",
      async (name, place, parameter) => {
        const value = textOf(parameter);
        const headers: Record<string, string> = place === "header" ? { [name]: value } : {};
        if (first !== undefined) headers["Content-Type"] = first[0];
        const body = first === undefined ? {} : { body: encoded(first[0], first[2]) };
        const query = place === "query" ? { query: { [name]: value } } : {};
        const response = await send(placed, { headers, ...query, ...body });
        await expectAnswer(placed, response, successOf(placed));
      },
    );

    const refusals = refusalsOf(placed);
    test.each(refusals.map(({ code, asked }) => [code, asked] as const))(
      "error %s is answered as documented",
      async (code, asked) => {
        await expectRefusal(placed, await send(placed, asked()), code);
        expect(id).toBe(operation.operationId);
      },
    );
  },
);

/** Parameters that need more than their example; they have tests of their own below. */
const NEEDS_MORE = new Set([
  "after",
  "sequence_field",
  "Headgate-Sequence-Field",
  "Range",
  "If-Range",
  "If-Match",
  "If-None-Match",
  "If-Modified-Since",
  "If-Unmodified-Since",
]);

function textOf({ example }: ParameterObject): string {
  return Array.isArray(example) ? example.join(",") : String(example);
}

interface Provoked {
  readonly code: string;
  readonly asked: () => Asked;
}

/** The documented errors that can be provoked without knowing what the operation does. */
function refusalsOf({ path, method, operation }: Placed): readonly Provoked[] {
  const codes = new Set(
    Object.values(operation.responses).flatMap((one) => codesOf(responseOf(document, one))),
  );
  const [first] = bodiesOf(operation);
  const [type = "", , example] = first ?? [];
  const valid = (): Asked =>
    first === undefined ? {} : { headers: { "Content-Type": type }, body: encoded(type, example) };
  const withBody = (headers: Record<string, string>, body: string | Uint8Array): Asked => ({
    headers: { "Content-Type": type, ...headers },
    body,
  });
  const others = ["PUT", "PATCH", "DELETE"].filter(
    (one) => !Object.keys(document.paths[path] ?? {}).includes(one.toLowerCase()),
  );
  const missing = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).at(-1) ?? "";
  const all: Readonly<Record<string, (() => Asked) | undefined>> = {
    unauthorized: () => ({ ...valid(), hasCredential: false }),
    export_forbidden: () => ({ ...valid(), hasCredential: false }),
    // Of a client whose id nobody has, or of a thing of this client's.
    not_found: () => ({ ...valid(), ids: { [missing]: missing === "cid" ? 999 : 999_999_999 } }),
    method_not_allowed: () => ({ method: others[0] ?? "" }),
    content_type: () => withBody({ "Content-Type": "text/plain" }, "x"),
    content_encoding: () => withBody({ "Content-Encoding": "br" }, "x"),
    body_malformed: () => withBody({ "Content-Encoding": "gzip" }, "this is no gzip"),
    body_too_large: () => withBody({}, new Uint8Array(20_000_001).fill(32)),
    array_expected: () => withBody({ "Content-Type": "application/json" }, "[]"),
    admin_invalid: () =>
      method === "GET" ? { query: { limit: "0", key: "[]" } } : withBody({}, '{"nonsense":1}'),
    option_invalid: () => ({ ...valid(), query: { nonsense: "1" } }),
  };
  return Object.entries(all).flatMap(([code, asked]) => {
    if (asked === undefined || !codes.has(code)) return [];
    // Parameters of a stored report are not asked for.
    if (code === "admin_invalid" && path.endsWith("/data")) return [];
    if (code === "not_found" && missing === "") return [];
    return [{ code, asked }];
  });
}

/** Whether the answer is the documented one of this row of the error table. */
async function expectRefusal(placed: Placed, response: Response, code: string): Promise<void> {
  const text = await response.text();
  const label = `${placed.operation.operationId} ${code}: ${response.status} ${text.slice(0, 300)}`;
  const answer = documented(placed, response.status);
  expect(codesOf(answer), label).toContain(code);
  expectHeaders(placed, response, true);
  const media = answer.content?.[typeOf(response)];
  if (media === undefined) throw new Error(`${label}: ${typeOf(response)} is not documented`);
  const template = exampleNamed(media, code);
  const value: unknown = isJson(media) ? JSON.parse(text) : text;
  checkAnswer(media.schema, value, label);
  expectTemplate(value, template.value, label);
}

function exampleNamed(media: MediaType, code: string): Example {
  const found = examplesOf(document, media).find(([name]) => name === code);
  if (found === undefined) throw new Error(`no example ${code}`);
  return found[1];
}

describe("what needs more than an example", () => {
  test("a push without Accept is answered without a body", async () => {
    const placed = byId("stitchPush");
    const body = encoded("application/json", exampleOf("stitchPush", "rows"));
    const headers = { Accept: "*/*", "Content-Type": "application/json" };
    const response = await send(placed, { headers, body });
    expect([response.status, await response.text()]).toEqual([201, ""]);
    expect(response.headers.has("content-type")).toBe(false);
  });

  test("a browser is sent from the root to the console", async () => {
    const placed = byId("rjmetricsStatus");
    const response = await send(placed, { headers: { Accept: "text/html" } });
    await expectAnswer(placed, response, 302);
  });

  test("the native import skips bad records", async () => {
    const placed = byId("importRows");
    const headers = { "Content-Type": "application/json" };
    const body = '[{"id":1},{"id":null}]';
    const response = await send(placed, { headers, body, query: { on_error: "skip" } });
    expectExample(placed, await expectAnswer(placed, response, 207), 207);
  });

  test("the native import takes sequences out of a field", async () => {
    const placed = byId("importRows");
    const body = '[{"id":900,"updated_at_ms":1700000000001}]';
    for (const asked of [
      { query: { sequence_field: "updated_at_ms" } },
      { headers: { "Headgate-Sequence-Field": "updated_at_ms" } },
    ]) {
      const headers = { "Content-Type": "application/json", ...asked.headers };
      await expectAnswer(placed, await send(placed, { ...asked, headers, body }), 200);
    }
  });

  test("rows come in pages", async () => {
    const placed = byId("listRows");
    const first = await expectAnswer(placed, await send(placed, { query: { limit: "1" } }), 200);
    const { next } = first as { next: string };
    const query = { limit: "1", after: next };
    await expectAnswer(placed, await send(placed, { query }), 200);
  });

  test("this document is not sent to whoever has it", async () => {
    const placed = byId("openapi");
    const etag = (await send(placed, {})).headers.get("etag") ?? "";
    const response = await send(placed, { headers: { "If-None-Match": etag } });
    await expectAnswer(placed, response, 304);
  });

  test.each(["exportFile", "exportDownload"])("%s knows ranges and conditions", async (id) => {
    const placed = byId(id);
    const whole = await send(placed, {});
    const etag = whole.headers.get("etag") ?? "";
    await expectAnswer(placed, whole, 200);
    const old = "Sat, 31 Jan 2026 09:00:01 GMT";
    const now = new Date(Date.now() + 60_000).toUTCString();
    for (const [headers, status] of [
      [{ Range: "bytes=0-9" }, 206],
      [{ Range: "bytes=0-9", "If-Range": etag }, 206],
      [{ Range: "bytes=0-9", "If-Range": '"abc"' }, 200],
      [{ "If-Match": etag }, 200],
      [{ "If-None-Match": etag }, 304],
      [{ "If-Modified-Since": now }, 304],
      [{ "If-Unmodified-Since": now }, 200],
    ] as const) {
      await expectAnswer(placed, await send(placed, { headers }), status);
    }
    for (const [headers, code] of [
      [{ "If-Match": '"abc"' }, "precondition_failed"],
      [{ "If-Unmodified-Since": old }, "precondition_failed"],
      [{ Range: "bytes=99999999-" }, "range_unsatisfiable"],
    ] as const) {
      await expectRefusal(placed, await send(placed, { headers }), code);
    }
  });
});

describe("the curl lines of the pages", () => {
  // What has an id in its path is about things that the examples only name.
  const lines = operations.filter(
    ({ path, operation }) => !/\{(?!cid|table)/.test(path) && !NEEDS_ID.has(operation.operationId),
  );

  test.each(lines.map((placed) => [placed.operation.operationId, placed] as const))(
    "%s does what it says in a shell",
    async (_id, placed) => {
      const { importToken, exportKey, adminToken } = credentialsOf(world);
      const env: NodeJS.ProcessEnv = {
        ...process.env,
        IMPORT_TOKEN: importToken ?? "",
        EXPORT_KEY: exportKey ?? "",
        ADMIN_TOKEN: adminToken ?? "",
      };
      const line = `${curlOf(document, BASE, placed)} -o /dev/null -w '%{http_code}'`;
      const { stdout } = await promisify(execFile)("sh", ["-c", line], { env });
      expect(Number(stdout), line).toBe(successOf(placed));
    },
  );
});
