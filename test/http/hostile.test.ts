import { describe, expect, test } from "vitest";
import { call, jsonOf } from "../support/export.ts";
import { stillClock } from "../support/still-clock.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";
import { type Answer, ENDPOINTS, expectRefused, IMPORTS, post, storedCounts } from "./surfaces.ts";

stillClock();

const [PUSH, , BATCH] = IMPORTS;
if (PUSH === undefined || BATCH === undefined) throw new Error("no endpoints");
const RJMETRICS = IMPORTS.filter(({ surface }) => surface === "rjmetrics");
const STITCH = IMPORTS.filter(({ surface }) => surface !== "rjmetrics");

/** The tables of a tenant and their columns, as its exports list them. */
async function listed(tenant: Tenant): Promise<Record<string, string[]>> {
  const path = `/client/${tenant.clientId}/table`;
  const { tables } = await jsonOf<{ tables: { id: number; name: string }[] }>(call(tenant, path));
  const found: [string, string[]][] = [];
  for (const { id, name } of tables) {
    const answer = call(tenant, `${path}/${id}`);
    const { columns } = await jsonOf<{ columns: { name: string }[] }>(answer);
    found.push([name, columns.map((column) => column.name)]);
  }
  return Object.fromEntries(found);
}

const recordOf = ({ text }: Answer): unknown => (JSON.parse(text) as { record?: number }).record;

describe("names that objects inherit", () => {
  // oxfmt-ignore
  const NAMES = [
    "__proto__", "constructor", "toString", "length", "toJSON", "rawJSON", "then",
  ];

  test.each(NAMES)("%s is a field, a key and a table like any other", async (name) => {
    for (const endpoint of IMPORTS) {
      const tenant = await newTenant();
      const quoted = JSON.stringify(name);
      const text = { table: quoted, keys: `[${quoted}]`, data: `{${quoted}:1,"a":{${quoted}:[]}}` };
      const { status } = await post(endpoint, tenant, endpoint.body(tenant, text));
      expect(status, endpoint.name).toBe(endpoint.name === "validate" ? 200 : 201);
      const table = endpoint.surface === "rjmetrics" ? "t" : name;
      const isStored = status === 201 && !endpoint.name.startsWith("rjmetrics sandbox");
      const rows = await storedRows(tenant, table);
      expect(rows.map(({ data }) => data)).toEqual(isStored ? [text.data] : []);
      expect(await listed(tenant)).toEqual(
        isStored ? Object.fromEntries([[table, [name, "a"]]]) : {},
      );
    }
  });

  test.each(NAMES)("%s is no key of a record that does not have it", async (name) => {
    const tenant = await newTenant();
    const text = { keys: JSON.stringify([name]), data: '{"id":1}' };
    const answers = await expectRefused(() =>
      IMPORTS.map((endpoint) => post(endpoint, tenant, endpoint.body(tenant, text))),
    );
    expect(answers.map(recordOf)).toEqual(answers.map(() => 0));
    for (const { text } of answers) expect(text).toMatch(/data must include keys|missing/);
  });

  test("members are not inherited from __proto__", async () => {
    const tenant = await newTenant();
    const record = PUSH.body(tenant, { data: '{"id":1}' }).slice(1, -1);
    const bodies = [`[{"__proto__":${record}}]`, `{"__proto__":${record}}`, `[[${record}]]`];
    await expectRefused(() =>
      bodies.flatMap((body) => IMPORTS.map((endpoint) => post(endpoint, tenant, body))),
    );
  });

  test.each(NAMES)("%s in a schema", async (name) => {
    const tenant = await newTenant();
    const quoted = JSON.stringify(name);
    const schemas = [
      `{"properties":{${quoted}:{"type":"string"}}}`,
      `{"required":[${quoted},"b"]}`,
      `{"properties":{"id":{"type":${quoted}}}}`,
      `{"patternProperties":{"^${name}$":{"type":"string"}}}`,
      `{"additionalProperties":false,"properties":{"id":{}}}`,
    ];
    await expectRefused(() =>
      schemas.map((schema) =>
        post(
          BATCH,
          tenant,
          BATCH.body(tenant, { data: `{"id":1,${quoted}:1}` }).replace(
            '"schema":{}',
            `"schema":${schema}`,
          ),
        ),
      ),
    );
  });
});

describe("names and values that UTF-8 cannot have, or that end a text in C", () => {
  const TEXTS = [
    "\ud800",
    "\udfff\ud800",
    "a\u0000b",
    "\u0000",
    "\ufffd",
    "\ufeff",
    "\u2028",
    "é😀",
  ];

  test.each(TEXTS)("%j comes back as it was", async (text) => {
    // JSON.stringify writes lone surrogates as escapes.
    const quoted = JSON.stringify(text);
    for (const endpoint of IMPORTS.filter(({ name }) => /push|batch|v[12]$/.test(name))) {
      if (endpoint.name.includes("sandbox")) continue;
      const tenant = await newTenant();
      const data = `{${quoted}:${quoted},"id":${quoted},"n":{${quoted}:[${quoted}]}}`;
      const body = endpoint.body(tenant, { table: quoted, keys: `["id",${quoted}]`, data });
      const isBlank = endpoint.surface !== "rjmetrics" && text.trim() === "";
      const { status } = await post(endpoint, tenant, body);
      expect(status).toBe(isBlank ? (endpoint.name === "push" ? 422 : 400) : 201);
      if (isBlank) continue;
      const table = endpoint.surface === "rjmetrics" ? "t" : text;
      const rows = await storedRows(tenant, table);
      expect(rows.map((row) => JSON.parse(row.data) as unknown)).toEqual([JSON.parse(data)]);
      expect(await listed(tenant)).toEqual({ [table]: [text, "id", "n"] });
    }
  });

  test("texts that only their lone surrogates tell apart are several keys and tables", async () => {
    const tenant = await newTenant();
    for (const text of ["\ud800", "\ud801", "\ufffd", "\ufffd\ufffd\ufffd"]) {
      const body = PUSH.body(tenant, {
        table: JSON.stringify(text),
        data: `{"id":${JSON.stringify(text)}}`,
      });
      expect((await post(PUSH, tenant, body)).status).toBe(201);
      const same = PUSH.body(tenant, { data: `{"id":${JSON.stringify(text)}}` });
      expect((await post(PUSH, tenant, same)).status).toBe(201);
    }
    expect(await storedRows(tenant, "t")).toHaveLength(4);
    expect(Object.keys(await listed(tenant))).toHaveLength(5);
  });
});

describe("duplicate members", () => {
  test("the last one counts, everywhere", async () => {
    const tenant = await newTenant();
    const data = '{"id":1,"id":2,"a":1,"a":{"b":1,"b":2}}';
    const body = PUSH.body(tenant, { data }).replace('"client_id"', '"client_id":1,"client_id"');
    expect((await post(PUSH, tenant, body)).status).toBe(201);
    expect(await storedRows(tenant, "t")).toMatchObject([{ data: '{"id":2,"a":{"b":2}}' }]);
    await expectRefused(() => [
      post(PUSH, tenant, body.replace(/\}\]$/, ',"table_name":1}]')),
      post(PUSH, tenant, body.replace(/\}\]$/, ',"client_id":1}]')),
      post(BATCH, tenant, '{"table_name":"t","schema":{},"messages":[1],"messages":[]}'),
    ]);
  });
});

describe("depth", () => {
  const arrays = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const objects = (levels: number): string => '{"a":'.repeat(levels) + "1" + "}".repeat(levels);

  test.each([
    [98, true],
    [99, true],
    [100, false],
    [101, false],
    [5_000, false],
    [100_000, false],
  ])("%i levels in a field: %s", async (levels, isTaken) => {
    const before = await storedCounts();
    let tenant = await newTenant();
    for (const nested of [arrays(levels), objects(levels)]) {
      const data = `{"id":1,"deep":${nested}}`;
      for (const endpoint of IMPORTS) {
        const answer = await post(endpoint, tenant, endpoint.body(tenant, { data }));
        expect(answer.status < 300, `${endpoint.name} ${answer.text}`).toBe(isTaken);
        if (!isTaken || !/^(?:push|batch)$/.test(endpoint.name)) continue;
        expect(await storedRows(tenant, "t")).toMatchObject([{ data }]);
        tenant = await newTenant();
      }
    }
    if (!isTaken) expect(await storedCounts()).toEqual(before);
  });

  test.each([99, 100, 101, 5_000, 100_000])("%i levels as the body", async (levels) => {
    const tenant = await newTenant();
    await expectRefused(() =>
      [arrays(levels), objects(levels), "[".repeat(levels), '{"a":'.repeat(levels)].flatMap(
        (body) => ENDPOINTS.map((endpoint) => post(endpoint, tenant, body)),
      ),
    );
  });

  test.each([99, 100, 101, 5_000, 100_000])("%i levels in a schema", async (levels) => {
    for (const [open, close] of [
      ['{"not":', "}"],
      ['{"properties":{"id":', "}}"],
      ['{"items":', "}"],
      ['{"anyOf":[', "]}"],
      ['{"x":', "}"],
      ['{"enum":[', "]}"],
    ] as const) {
      const tenant = await newTenant();
      const schema = `${open.repeat(levels)}{}${close.repeat(levels)}`;
      const body = BATCH.body(tenant, { data: '{"id":1}' });
      const { status } = await post(
        BATCH,
        tenant,
        body.replace('"schema":{}', `"schema":${schema}`),
      );
      expect(await storedRows(tenant, "t")).toHaveLength(status < 300 ? 1 : 0);
    }
  });
});

test("10,000 tables in one request: the first too many is named", async () => {
  const tenant = await newTenant();
  const record = (i: number) =>
    PUSH.body(tenant, { table: `"t${i}"`, data: '{"id":1}' }).slice(1, -1);
  const body = `[${Array.from({ length: 10_000 }, (_, i) => record(i)).join()}]`;
  const [pushed, validated] = STITCH;
  if (pushed === undefined || validated === undefined) throw new Error("no endpoints");
  const answers = await expectRefused(() => [
    post(pushed, tenant, body),
    post(validated, tenant, body),
  ]);
  expect(answers.map(recordOf)).toEqual([100, 100]);
});

test("10,000 columns in one record, or one in each of many", async () => {
  const tenant = await newTenant();
  const data = `{"id":1,${Array.from({ length: 10_000 }, (_, i) => `"c${i}":1`).join()}}`;
  const answers = await expectRefused(() =>
    IMPORTS.map((endpoint) => post(endpoint, tenant, endpoint.body(tenant, { data }))),
  );
  expect(answers.map(recordOf)).toEqual(answers.map(() => 0));
  const record = (i: number) => PUSH.body(tenant, { data: `{"id":${i},"c${i}":1}` }).slice(1, -1);
  const many = `[${Array.from({ length: 10_000 }, (_, i) => record(i)).join()}]`;
  const [answer] = await expectRefused(() => [post(PUSH, tenant, many)]);
  // The column id is the first of 2,000.
  expect(answer === undefined ? undefined : recordOf(answer)).toBe(1_999);
});

test("RJMetrics has the tables of its path only", async () => {
  const tenant = await newTenant();
  for (const endpoint of RJMETRICS) {
    const body = endpoint.body(tenant, { data: '{"id":1,"table_name":"other"}' });
    expect((await post(endpoint, tenant, body)).status).toBe(201);
  }
  expect(Object.keys(await listed(tenant))).toEqual(["t"]);
});
