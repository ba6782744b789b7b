import { describe, expect, it } from "vitest";
import { rightRecord } from "../../support/stitch.ts";
import { newTenant, pushText, storedRows, type Tenant } from "../../support/tenant.ts";

/** A record of the id; the sequence is JSON text, as it may be no double. */
function record(tenant: Tenant, id: number, sequence: string, status: string): string {
  const members = { table_name: "users", sequence: "<SEQUENCE>", data: { id, status } };
  return JSON.stringify(rightRecord(tenant, members)).replace('"<SEQUENCE>"', sequence);
}

async function push(tenant: Tenant, ...records: string[]): Promise<void> {
  const response = await pushText(tenant, `[${records.join(",")}]`);
  expect([response.status, await response.text()]).toEqual([201, ""]);
}

async function found(tenant: Tenant): Promise<[string, unknown][]> {
  const rows = await storedRows(tenant, "users");
  return rows.map(({ sequence, data }) => [
    sequence,
    (JSON.parse(data) as { readonly status: unknown }).status,
  ]);
}

const IN_ORDER: [string, string, [string, string]][] = [
  ["1", "2", ["2", "second"]],
  ["2", "1", ["2", "first"]],
  ["7", "7", ["7", "first"]],
  ["0", "0", ["0", "first"]],
  ["0", "1", ["1", "second"]],
  ["1795241049244168800", "1795241049244168801", ["1795241049244168801", "second"]],
  ["1795241049244168801", "1795241049244168800", ["1795241049244168801", "first"]],
  ["9007199254740992", "9007199254740993", ["9007199254740993", "second"]],
  ["9007199254740993", "9007199254740992", ["9007199254740993", "first"]],
  ["9223372036854775806", "9223372036854775807", ["9223372036854775807", "second"]],
  ["9223372036854775807", "9223372036854775806", ["9223372036854775807", "first"]],
  ["9", "10", ["10", "second"]],
];

describe.each(IN_ORDER)("sequence %s and then %s", (first, second, kept) => {
  it("in two requests", async () => {
    const tenant = await newTenant();
    await push(tenant, record(tenant, 1, first, "first"));
    await push(tenant, record(tenant, 1, second, "second"));
    expect(await found(tenant)).toEqual([kept]);
  });

  it("in one request", async () => {
    const tenant = await newTenant();
    const records = [record(tenant, 1, first, "first"), record(tenant, 1, second, "second")];
    await push(tenant, ...records);
    expect(await found(tenant)).toEqual([kept]);
  });
});

describe("the document's example", () => {
  const send = (tenant: Tenant): string[] => [
    record(tenant, 10, "100", "pending"),
    record(tenant, 10, "101", "canceled"),
    record(tenant, 10, "99", "new"),
    record(tenant, 22, "90", "new"),
  ];
  const kept = [
    ["101", "canceled"],
    ["90", "new"],
  ];

  it("in one request", async () => {
    const tenant = await newTenant();
    await push(tenant, ...send(tenant));
    expect(await found(tenant)).toEqual(kept);
  });

  it("in four requests", async () => {
    const tenant = await newTenant();
    for (const one of send(tenant)) await push(tenant, one);
    expect(await found(tenant)).toEqual(kept);
  });
});

it("knows a sequence for each table of its own", async () => {
  const tenant = await newTenant();
  await push(tenant, record(tenant, 1, "100", "old"));
  const other = record(tenant, 1, "5", "other").replace("users", "others");
  await push(tenant, other, record(tenant, 1, "5", "late"));
  expect(await found(tenant)).toEqual([["100", "old"]]);
  expect(await storedRows(tenant, "others")).toMatchObject([{ sequence: "5" }]);
});

it("knows a sequence for each client of its own", async () => {
  const [one, two] = [await newTenant(), await newTenant()];
  await push(one, record(one, 1, "100", "one"));
  await push(two, record(two, 1, "5", "two"));
  expect(await found(one)).toEqual([["100", "one"]]);
  expect(await found(two)).toEqual([["5", "two"]]);
});
