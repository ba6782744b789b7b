import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { testEnv } from "../support/env.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { type Answer, ENDPOINTS, type Endpoint, IMPORTS, post } from "./surfaces.ts";

/** What a valid push, batch, RJMetrics or admin body is made of. */
type Tree = null | boolean | number | string | Tree[] | { [name: string]: Tree };

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
});

// oxfmt-ignore
const NAMES = [
  "client_id", "table_name", "sequence", "action", "key_names", "data", "messages", "schema", "keys",
  "id", "table_version", "properties", "type", "required", "$ref", "items", "name", "allowed_ips",
  "__proto__", "constructor", "^ ", "~#list", "", "\ud800",
];

/** Any JSON, often with the names that mean something. */
const anyTree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<Tree[]>(null, true, 0, -1, 1.5, 1e300, "", "upsert", "switch_view", "id", "t"),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string()), tie("tree")), {
        maxLength: 5,
      })
      .map((members) => Object.fromEntries(members)),
  ),
})).tree;

/** Stands for the id of the tenant of the moment, so that a seed makes the same bodies again. */
const CLIENT_ID = 987_654_321;

function validBody({ surface }: Endpoint): Tree {
  const data = { id: 1, name: "x", list: [1, { a: null }] };
  switch (surface) {
    case "batch": {
      const schema = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
      const messages = [{ action: "upsert", sequence: 1, data }];
      return { table_name: "t", schema, key_names: ["id"], messages };
    }
    case "native":
      return [data];
    case "rjmetrics":
      return [{ keys: ["id"], ...data }];
    case "admin":
      return { name: "x", id: 1, allowed_ips: ["0.0.0.0/0"] };
    default: {
      const record = { client_id: CLIENT_ID, table_name: "t", sequence: 1, action: "upsert" };
      return [{ ...record, key_names: ["id"], data }];
    }
  }
}

/** The places of a tree, from its root on. */
function placesOf(tree: Tree, place: readonly string[] = []): (readonly string[])[] {
  if (typeof tree !== "object" || tree === null) return [place];
  const members = Object.entries(tree).flatMap(([name, member]) =>
    placesOf(member, [...place, name]),
  );
  return [place, ...members];
}

/** The tree with what is at one place dropped (undefined), or replaced. */
function changed(tree: Tree, place: readonly string[], value: Tree | undefined): Tree | undefined {
  const [name, ...rest] = place;
  if (name === undefined || typeof tree !== "object" || tree === null) return value;
  const entries = Object.entries(tree).flatMap(([own, member]): [string, Tree][] => {
    const next = own === name ? changed(member, rest, value) : member;
    return next === undefined ? [] : [[own, next]];
  });
  return Array.isArray(tree) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

/** A body that was valid before one to three parts of it were dropped, replaced or repeated. */
function mutated(endpoint: Endpoint): fc.Arbitrary<string> {
  const step = fc.tuple(fc.nat(), fc.option(anyTree, { nil: undefined }));
  return fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => {
    let tree: Tree | undefined = validBody(endpoint);
    for (const [at, value] of steps) {
      if (tree === undefined) break;
      const places = placesOf(tree);
      tree = changed(tree, places[at % places.length] ?? [], value);
    }
    return JSON.stringify(tree) ?? "";
  });
}

/** A valid body in which one piece of text stands twice, is gone, or is another. */
function scrambled(endpoint: Endpoint): fc.Arbitrary<string> {
  const other = fc.constantFrom("", "{", "}", "[", "]", ",", ":", '"', "\\", "1e", "\\ud800", "\0");
  return fc.tuple(fc.nat(), fc.nat(20), fc.boolean(), other).map(([at, length, twice, text]) => {
    const body = JSON.stringify(validBody(endpoint));
    const start = at % body.length;
    const end = twice ? start : start + length;
    return body.slice(0, start + (twice ? length : 0)) + text + body.slice(end);
  });
}

/** What the tenant has; rows cannot be without a table. */
async function storedOf({ integrationId }: Tenant): Promise<unknown> {
  const select = `SELECT (SELECT count(*) FROM tables WHERE integration_id = ?1) AS tables,
    (SELECT count(*) FROM columns WHERE table_id IN
      (SELECT id FROM tables WHERE integration_id = ?1)) AS columns`;
  return testEnv.CATALOG.prepare(select).bind(integrationId).first();
}

const SUCCESS: Readonly<Record<string, number>> = {
  validate: 200,
  push: 201,
  batch: 201,
  rjmetrics: 201,
  native: 200,
};

/** Checks an answer, and that a refusal stored nothing; every body meets a tenant without data. */
async function checkBody(
  endpoint: Endpoint,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const own = typeof body === "string" ? body.replace(`${CLIENT_ID}`, `${tenant.clientId}`) : body;
  const answer = await post(endpoint, tenant, own, headers);
  const isSuccess = answer.status === (SUCCESS[endpoint.surface] ?? 201);
  expect(isSuccess || answer.status >= 400, answer.text).toBe(true);
  const isImport = SUCCESS[endpoint.surface] !== undefined;
  if (isImport && answer.status >= 400)
    expect(await storedOf(tenant)).toEqual({ tables: 0, columns: 0 });
  // What was stored must not hide what a later refusal stores.
  if (isImport && answer.status < 400) tenant = await newTenant();
  return answer;
}

const RUNS = { numRuns: 20 };

describe.each(ENDPOINTS)("$name", (endpoint) => {
  test("any JSON", async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, async (tree) => {
        await checkBody(endpoint, JSON.stringify(tree));
      }),
      RUNS,
    );
  });

  test("a valid body with changed parts", async () => {
    await fc.assert(
      fc.asyncProperty(mutated(endpoint), async (body) => {
        await checkBody(endpoint, body);
      }),
      RUNS,
    );
  });

  test("a valid body with changed text", async () => {
    await fc.assert(
      fc.asyncProperty(scrambled(endpoint), async (body) => {
        await checkBody(endpoint, body);
      }),
      RUNS,
    );
  });

  test("any bytes, of any type and coding", async () => {
    const header = fc.constantFrom<Record<string, string>[]>(
      {},
      { "Content-Encoding": "gzip" },
      { "Content-Type": "application/transit+json" },
      { Accept: "application/json" },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), header, async (bytes, headers) => {
        await checkBody(endpoint, bytes, headers);
      }),
      RUNS,
    );
  });
});

describe.each(IMPORTS.filter(({ name }) => name === "push" || name === "validate"))(
  "$name of transit",
  (endpoint) => {
    test("any JSON", async () => {
      const headers = { "Content-Type": "application/transit+json" };
      await fc.assert(
        fc.asyncProperty(fc.oneof(anyTree, mutated(endpoint)), async (tree) => {
          const body = typeof tree === "string" ? tree : JSON.stringify(tree);
          await checkBody(endpoint, body, headers);
        }),
        RUNS,
      );
    });
  },
);

test("the valid bodies are valid, so that the changed ones are near to it", async () => {
  for (const endpoint of IMPORTS) {
    const answer = await checkBody(endpoint, JSON.stringify(validBody(endpoint)));
    expect(answer.status, endpoint.name).toBeLessThan(300);
  }
});
