import { describe, expect, test } from "vitest";
import {
  claimKey,
  fingerprintOf,
  forgetIdempotencyKeys,
} from "../../../src/import/native/idempotency.ts";
import { DELETE_STEP_ROWS } from "../../../src/delete-in-steps.ts";
import { IDEMPOTENCY_MS } from "../../../src/warehouse/limits.ts";
import { testEnv } from "../../support/env.ts";
import { stillClock } from "../../support/still-clock.ts";
import { tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { otherIsolate } from "../../support/worker.ts";
import { countsOf, gzipOf, NDJSON, postRecords, postText, storedData } from "./support.ts";

stillClock();

const KEY = { "Idempotency-Key": "orders 2026-01-31/7" };
const replayed = ({ headers }: { headers: Headers }) => headers.get("idempotency-replayed");

test("a repeat changes nothing and answers the same counts", async () => {
  const tenant = await newTenant();
  const records = [{ id: 1, a: "mine" }, { id: 2 }];
  const first = await postRecords(tenant, records, { headers: KEY });
  expect(countsOf(first)).toEqual([200, 2, 0, 0, 0]);
  expect(replayed(first)).toBe(null);
  await postRecords(tenant, [{ id: 1, a: "newer" }]);
  const repeat = await postRecords(tenant, records, { headers: KEY });
  expect(repeat.body).toEqual(first.body);
  expect(replayed(repeat)).toBe("true");
  expect(await storedData(tenant)).toEqual(['{"id":1,"a":"newer"}', '{"id":2}']);
});

test("a repeat appends nothing to an append-only table", async () => {
  const tenant = await newTenant();
  const parts = { query: "keys=", headers: KEY };
  for (let time = 0; time < 3; time += 1) {
    expect((await postRecords(tenant, [{ a: 1 }, { a: 2 }], parts)).body.inserted).toBe(2);
  }
  expect(await storedData(tenant)).toHaveLength(2);
});

test("a repeat may be compressed otherwise", async () => {
  const tenant = await newTenant();
  await postText(tenant, '[{"id":1}]', { headers: KEY });
  const headers = { ...KEY, "Content-Encoding": "gzip" };
  const repeat = await postText(tenant, await gzipOf('[{"id":1}]'), { headers });
  expect([repeat.status, replayed(repeat)]).toEqual([200, "true"]);
});

describe("the key with another request is refused", () => {
  test.each<[name: string, body: string, parts: object]>([
    ["another body", '[{"id":2}]', {}],
    ["another table", '[{"id":1}]', { table: "other" }],
    ["other options", '[{"id":1}]', { query: "keys=id&on_error=skip" }],
    ["no keys", '[{"id":1}]', { query: "" }],
    ["another form", '[{"id":1}]'.slice(1, -1), { headers: { ...KEY, ...NDJSON } }],
  ])("%s", async (_name, body, parts) => {
    const tenant = await newTenant();
    await postText(tenant, '[{"id":1}]', { headers: KEY });
    await postText(tenant, '[{"id":9}]', { table: "other" });
    const answer = await postText(tenant, body, { headers: KEY, ...parts });
    expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect(await storedData(tenant)).toEqual(['{"id":1}']);
    expect(await storedData(tenant, "other")).toEqual(['{"id":9}']);
  });
});

test("another integration's keys are its own", async () => {
  const [one, other] = [await newTenant(), await newTenant()];
  await postRecords(one, [{ id: 1 }], { headers: KEY });
  const answer = await postRecords(other, [{ id: 2 }], { headers: KEY });
  expect([answer.status, replayed(answer)]).toEqual([200, null]);
  expect(await storedData(other)).toEqual(['{"id":2}']);
});

test("a refused request claims no key", async () => {
  const tenant = await newTenant();
  expect((await postRecords(tenant, [{ id: null }], { headers: KEY })).status).toBe(422);
  const repaired = await postRecords(tenant, [{ id: 1 }], { headers: KEY });
  expect([repaired.status, replayed(repaired)]).toEqual([200, null]);
});

test("with a sequence the key has no effect", async () => {
  const tenant = await newTenant();
  const parts = { query: "keys=id&sequence=1", headers: KEY };
  await postRecords(tenant, [{ id: 1 }], parts);
  const other = await postRecords(tenant, [{ id: 2 }], parts);
  expect([other.status, replayed(other)]).toEqual([200, null]);
  const again = await postRecords(tenant, [{ id: 2 }], parts);
  expect(again.body.stale).toBe(1);
});

test("with a sequence a repeat appends nothing to an append-only table either", async () => {
  const tenant = await newTenant();
  const one = { query: "keys=&sequence=5", headers: KEY };
  const first = await postRecords(tenant, [{ a: 1, v: 7 }], one);
  const again = await postRecords(tenant, [{ a: 1, v: 7 }], one);
  expect([again.body, replayed(again)]).toEqual([first.body, "true"]);
  const other = { ...one, query: "keys=&sequence=6" };
  expect((await postRecords(tenant, [{ a: 1, v: 7 }], other)).status).toBe(422);
  // The table's own keys, which are none.
  const field = { query: "sequence_field=v", headers: { "Idempotency-Key": "of its own" } };
  await postRecords(tenant, [{ a: 2, v: 7 }], field);
  expect(replayed(await postRecords(tenant, [{ a: 2, v: 7 }], field))).toBe("true");
  expect(await storedData(tenant)).toHaveLength(2);
});

test("skipped records are named again in the answer to a repeat", async () => {
  const tenant = await newTenant();
  const parts = { query: "keys=id&on_error=skip", headers: KEY };
  const first = await postRecords(tenant, [{ id: 1 }, 7], parts);
  const repeat = await postRecords(tenant, [{ id: 1 }, 7], parts);
  expect(repeat.status).toBe(207);
  expect(repeat.body).toEqual(first.body);
});

test("eight at once from several isolates take effect once, and answer alike", async () => {
  const tenant = await newTenant();
  await postRecords(tenant, [{ a: 0 }], { query: "keys=" });
  const records = Array.from({ length: 20 }, (_, a) => ({ a }));
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      postRecords(tenant, records, { query: "", headers: KEY, env: otherIsolate() }),
    ),
  );
  for (const answer of answers) expect(countsOf(answer)).toEqual([200, 20, 0, 0, 0]);
  expect(await storedData(tenant)).toHaveLength(21);
});

test("what broke off half-way is finished by a repeat", async () => {
  const tenant = await newTenant();
  const parts = { query: "keys=", headers: KEY };
  let isLost = true;
  const env = tapEnv(otherIsolate(), async (call, next) => {
    const result = await next();
    // The rows are there, and the answer is lost.
    if (call.binding === "TABLE_RANGE" && isLost) throw new Error("Network connection lost.");
    return result;
  });
  const lost = await postRecords(tenant, [{ a: 1 }], { ...parts, env });
  expect(lost).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(lost.headers.get("retry-after")).toBe("1");
  isLost = false;
  const repeat = await postRecords(tenant, [{ a: 1 }], { ...parts, env });
  expect(countsOf(repeat)).toEqual([200, 1, 0, 0, 0]);
  expect(await storedData(tenant)).toHaveLength(1);
});

describe("claims", () => {
  const claim = (tenant: Tenant, now: number, fingerprint = "f") =>
    claimKey(testEnv, tenant.integrationId, "key", fingerprint, now);

  test("last a day, and are another's afterwards", async () => {
    const tenant = await newTenant();
    const first = await claim(tenant, 1_000);
    expect(first.isRepeat).toBe(false);
    const last = await claim(tenant, 1_000 + IDEMPOTENCY_MS);
    expect(last).toEqual({ id: first.id, isRepeat: true });
    const next = await claim(tenant, 1_001 + IDEMPOTENCY_MS, "other");
    expect(next.isRepeat).toBe(false);
    // What the first one wrote is not taken for the other's.
    expect(next.id).not.toBe(first.id);
  });

  test("are forgotten, the oldest first, so many at a time", async () => {
    const tenant = await newTenant();
    // Far in the past, so that no other test's are among them.
    for (const at of [3, 1, 2]) {
      await claimKey(testEnv, tenant.integrationId, `key ${at}`, "f", -1_000 + at);
    }
    expect(await forgetIdempotencyKeys(testEnv, -998, 1)).toBe(1);
    expect(await forgetIdempotencyKeys(testEnv, -997, 10)).toBe(1);
    expect(await forgetIdempotencyKeys(testEnv, -997, 10)).toBe(0);
    const left = await testEnv.CATALOG.prepare(
      "SELECT created_at FROM idempotency_keys WHERE integration_id = ?1",
    )
      .bind(tenant.integrationId)
      .all();
    expect(left.results).toEqual([{ created_at: -997 }]);
    expect(await forgetIdempotencyKeys(testEnv, 0, 10)).toBe(1);
  });

  test("are forgotten in steps that others need not wait for", async () => {
    const tenant = await newTenant();
    const many = DELETE_STEP_ROWS + 5;
    await testEnv.CATALOG.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
      INSERT INTO idempotency_keys (integration_id, hash, fingerprint, created_at)
      SELECT ?2, 'step ' || i, 'f', -5000 FROM n`,
    )
      .bind(many, tenant.integrationId)
      .run();
    const asked: unknown[] = [];
    const env = tapEnv(testEnv, (call, next) => {
      asked.push(call.statements[0]?.values[1]);
      return next();
    });
    expect(await forgetIdempotencyKeys(env, -4_999, many + 2)).toBe(many);
    expect(asked).toEqual([DELETE_STEP_ROWS, 7]);
  });

  test("know a key by its hash only", async () => {
    const tenant = await newTenant();
    await postRecords(tenant, [{ id: 1 }], { headers: { "Idempotency-Key": "customer 4711" } });
    const { results } = await testEnv.CATALOG.prepare(
      "SELECT * FROM idempotency_keys WHERE integration_id = ?1",
    )
      .bind(tenant.integrationId)
      .all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain("4711");
  });

  test("tell requests apart by options and bytes", () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const prints = [
      fingerprintOf(["t", null], bytes("x")),
      fingerprintOf(["t", null], bytes("y")),
      fingerprintOf(["t", []], bytes("x")),
      fingerprintOf(["t"], bytes("null\nx")),
    ];
    expect(new Set(prints).size).toBe(4);
    expect(fingerprintOf(["t", null], bytes("x"))).toBe(prints[0]);
  });
});
