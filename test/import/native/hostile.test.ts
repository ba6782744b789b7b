import { describe, expect, test } from "vitest";
import { testEnv } from "../../support/env.ts";
import { storedAll, tableNames } from "../../support/stitch.ts";
import { newTenant } from "../../support/tenant.ts";
import { callWorker } from "../../support/worker.ts";
import { NDJSON, postRecords, postText, storedData } from "./support.ts";

const lines = { headers: NDJSON };
const arrays = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

describe("names that objects inherit", () => {
  test.each(["__proto__", "constructor", "toString", "then", "length", "rawJSON"])(
    "%s is a field, a key, a sequence and a table like any other",
    async (name) => {
      const tenant = await newTenant();
      const record = `{${JSON.stringify(name)}:5,"a":{${JSON.stringify(name)}:[]}}`;
      const query = `keys=${name}&sequence_field=${name}`;
      for (const headers of [{}, NDJSON]) {
        const answer = await postText(tenant, record, { table: name, query, headers });
        expect(answer.status, answer.body.detail).toBe(200);
      }
      expect(await storedData(tenant, name)).toEqual([record]);
    },
  );

  test.each(["__proto__", "constructor", "toString"])(
    "%s is no key and no sequence of a record without it",
    async (name) => {
      const tenant = await newTenant();
      const key = await postRecords(tenant, [{ id: 1 }], { query: `keys=${name}` });
      expect(key.body).toMatchObject({ code: "key_missing", index: 0, field: name });
      const query = `keys=id&sequence_field=${name}`;
      const sequence = await postRecords(tenant, [{ id: 1 }], { query });
      expect(sequence.body).toMatchObject({ code: "sequence_bad", index: 0, field: name });
    },
  );

  test("members are not inherited from __proto__", async () => {
    const tenant = await newTenant();
    const answer = await postText(tenant, '[{"__proto__":{"id":1}}]');
    expect(answer.body).toMatchObject({ code: "key_missing", index: 0 });
  });
});

describe("depth", () => {
  test.each([99, 100, 5_000, 100_000])("%i levels in a field", async (levels) => {
    const tenant = await newTenant();
    for (const parts of [{}, lines]) {
      const answer = await postText(tenant, `{"id":1,"a":${arrays(levels)}}`, parts);
      expect(answer.status).toBe(
        levels < 100 ? 200 : answer.body.code === "body_malformed" ? 400 : 422,
      );
    }
    expect(await storedData(tenant)).toHaveLength(levels < 100 ? 1 : 0);
  });

  test("a line of 100,000 levels is skipped as one record", async () => {
    const tenant = await newTenant();
    const query = "keys=id&on_error=skip";
    const body = `${arrays(100_000)}\n{"id":1}\n${"[".repeat(100_000)}`;
    const answer = await postText(tenant, body, { ...lines, query });
    expect(answer.body).toMatchObject({ received: 3, inserted: 1, skipped: 2 });
  });
});

describe("size", () => {
  test("20 MB of empty lines have no record", async () => {
    const tenant = await newTenant();
    const answer = await postText(tenant, "\n".repeat(20_000_000), lines);
    expect(answer).toMatchObject({ status: 400, body: { code: "array_expected" } });
  });

  test("20 MB of short lines are refused before they are parsed", async () => {
    const tenant = await newTenant();
    const answer = await postText(tenant, "1\n".repeat(10_000_000), lines);
    expect(answer).toMatchObject({ status: 400, body: { code: "records_too_many" } });
  });

  test("a gzip bomb is refused at the limit", async () => {
    const tenant = await newTenant();
    const zeros = new Blob(Array.from({ length: 50 }, () => new Uint8Array(1_000_000)));
    const stream = zeros.stream().pipeThrough(new CompressionStream("gzip"));
    const bomb = await new Response(stream).arrayBuffer();
    const headers = { "Content-Encoding": "gzip" };
    const answer = await postText(tenant, new Uint8Array(bomb), { headers });
    expect(answer).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  });

  test("an answer repeats no more than a thousand characters of a name", async () => {
    const tenant = await newTenant();
    const name = "n".repeat(100_000);
    const answers = [
      await postRecords(tenant, [{ id: 1 }], { query: `keys=${name}` }),
      await postRecords(tenant, [{ id: 1 }], { query: `${name}=1` }),
      await postRecords(tenant, [{ id: 1, [name]: 1 }]),
      await postRecords(tenant, [{ id: 1 }], { query: `keys=id&sequence_field=${name}` }),
    ];
    for (const { status, body } of answers) {
      expect([400, 422]).toContain(status);
      expect(JSON.stringify(body).length).toBeLessThan(3_000);
    }
  });
});

test("texts that UTF-8 cannot have come back as they were", async () => {
  const tenant = await newTenant();
  const records = ['{"id":1,"a":"\\ud800"}', '{"id":2,"a":"\\u0000"}', '{"id":3,"\\udfff":1}'];
  expect((await postText(tenant, records.join("\n"), lines)).status).toBe(200);
  expect(await storedData(tenant)).toEqual(records);
});

test("a place of a message in a caller's own text stays text", async () => {
  const tenant = await newTenant();
  const answer = await postRecords(tenant, [{ id: 1 }], { query: "keys=%3CLIMIT%3E" });
  expect(answer.body.detail).toBe("The key field <LIMIT> is missing.");
});

test("a token of another integration reaches its own tables only", async () => {
  const [one, other] = [await newTenant(), await newTenant()];
  await postRecords(one, [{ id: 1, secret: 1 }]);
  // Whether the table exists elsewhere is not told.
  expect((await postRecords(other, [{ id: 1 }], { query: "" })).body.code).toBe("keys_missing");
  await postRecords(other, [{ a: 1 }], { query: "keys=a" });
  expect(await storedData(one)).toEqual(['{"id":1,"secret":1}']);
});

test.each(["", "Bearer", "Bearer x", "Basic Og==", "Bearer __proto__"])(
  "Authorization %j is refused before the body is read",
  async (Authorization) => {
    const before = await storedAll();
    const init = { method: "POST", headers: { Authorization }, body: "[" };
    const response = await callWorker(testEnv, "/api/v1/tables/t/rows?x=1", init);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ code: "unauthorized", status: 401 });
    expect(await storedAll()).toEqual(before);
  },
);

test("two requests make a new table at once: one set of keys wins", async () => {
  const tenant = await newTenant();
  const answers = await Promise.all([
    postRecords(tenant, [{ a: 1, b: 1 }], { query: "keys=a", env: { ...testEnv } }),
    postRecords(tenant, [{ a: 1, b: 1 }], { query: "keys=b", env: { ...testEnv } }),
  ]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 422]));
  const refused = answers.find(({ status }) => status === 422);
  expect(refused?.body).toMatchObject({ code: "key_names_differ" });
  expect(refused?.body).not.toHaveProperty("index");
  expect(await tableNames(tenant)).toEqual(["t"]);
  expect(await storedData(tenant)).toHaveLength(1);
});
