import { expect, test } from "vitest";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { storedAll, tableNames } from "../../support/stitch.ts";
import { newTenant } from "../../support/tenant.ts";
import { countsOf, postRecords, postText, storedData } from "./support.ts";

const DRY = { query: "keys=id&dry_run=1" };

test("of a new table: counts, and nothing is made", async () => {
  const tenant = await newTenant();
  const before = await storedAll();
  const answer = await postRecords(tenant, [{ id: 1 }, { id: 2 }, { id: 1 }], DRY);
  expect(answer.body).toEqual({
    received: 3,
    inserted: 2,
    replaced: 0,
    stale: 1,
    skipped: 0,
    dry_run: true,
  });
  expect(await storedAll()).toEqual(before);
  expect(await tableNames(tenant)).toEqual([]);
});

test("counts what the same request then does", async () => {
  const tenant = await newTenant();
  await postRecords(tenant, [{ id: 1 }, { id: 2 }], { query: "keys=id&sequence=5" });
  const records = [
    { id: 1, at: 9 },
    { id: 2, at: 4 },
    { id: 3, at: 1, new_column: 1 },
  ];
  const query = "keys=id&sequence_field=at";
  const before = await storedAll();
  const dry = await postRecords(tenant, records, { query: `${query}&dry_run=true` });
  expect(countsOf(dry)).toEqual([200, 1, 1, 1, 0]);
  expect(await storedAll()).toEqual(before);
  const wet = await postRecords(tenant, records, { query });
  expect({ ...wet.body, dry_run: true }).toEqual(dry.body);
});

test("names the bad records, as a refusal or as skipped ones", async () => {
  const tenant = await newTenant();
  const records = [{ id: 1 }, { id: null }];
  const refused = await postRecords(tenant, records, DRY);
  expect(refused).toMatchObject({ status: 422, body: { code: "key_null", index: 1 } });
  const skipped = await postRecords(tenant, records, { query: `${DRY.query}&on_error=skip` });
  expect(countsOf(skipped)).toEqual([207, 1, 0, 0, 1]);
  expect(skipped.body).toMatchObject({ dry_run: true });
  expect(await tableNames(tenant)).toEqual([]);
});

test("of an append-only table", async () => {
  const tenant = await newTenant();
  const answer = await postRecords(tenant, [{ a: 1 }, { a: 1 }], { query: "keys=&dry_run=1" });
  expect(countsOf(answer)).toEqual([200, 2, 0, 0, 0]);
  expect(await tableNames(tenant)).toEqual([]);
});

test("refuses what only a commit would find", async () => {
  const tenant = await newTenant({ nested: true });
  await postRecords(tenant, [{ id: 1, items: [1] }]);
  const parts = { table: "t__items", query: DRY.query };
  const answer = await postRecords(tenant, [{ id: 1 }], parts);
  expect(answer).toMatchObject({ status: 422, body: { code: "table_is_subtable" } });
  expect(answer.body).not.toHaveProperty("index");
});

test("writes nothing anywhere, and claims no Idempotency-Key", async () => {
  const tenant = await newTenant();
  const written: string[] = [];
  const env = tapEnv(testEnv, (call, next) => {
    if (call.binding === "TABLE_RANGE") written.push(call.binding);
    const sqls = call.statements.map(({ sql }) => sql);
    written.push(...sqls.filter((sql) => !/^\s*(?:SELECT|WITH)/i.test(sql)));
    return next();
  });
  const headers = { "Idempotency-Key": "dry" };
  const body = '[{"id":1}]';
  await postText(tenant, body, { ...DRY, headers, env });
  // A token's first use is noted; that is no data.
  expect(written.filter((sql) => !sql.startsWith("UPDATE import_tokens"))).toEqual([]);
  const other = await postText(tenant, '[{"id":2}]', { headers });
  expect(other.status).toBe(200);
  expect(await storedData(tenant)).toEqual(['{"id":2}']);
});
