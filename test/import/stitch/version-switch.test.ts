import { describe, expect, it } from "vitest";
import { answerOf, rightRecord, tableNames } from "../../support/stitch.ts";
import { newTenant, pushRecords, pushText, storedRows, type Tenant } from "../../support/tenant.ts";

type Fields = Record<string, unknown>;

/** An upsert of the id with a version; the sequence is the id unless one is given. */
function row(id: number, version: unknown, members: Fields = {}): Fields {
  return { table_name: "t", sequence: id, table_version: version, ...members, id };
}

/** A switch to a version, as the Java client and the Singer targets call it. */
function switchTo(version: unknown, action = "switch_view", members: Fields = {}): Fields {
  return { table_name: "t", action, table_version: version, ...members };
}

async function push(tenant: Tenant, ...records: Fields[]): Promise<void> {
  const all = records.map(({ id, ...members }) =>
    rightRecord(tenant, {
      ...members,
      ...(id === undefined ? { key_names: undefined, data: undefined } : { data: { id } }),
    }),
  );
  expect(await answerOf(await pushRecords(tenant, all))).toEqual({ status: 201, body: "" });
}

/** Ids and versions of what is stored. */
async function found(tenant: Tenant, table = "t"): Promise<string[]> {
  const rows = await storedRows(tenant, table);
  return rows.map(({ data, version }) => `${(JSON.parse(data) as { id: number }).id}@${version}`);
}

describe("rows", () => {
  it("carry their version, 0 by default, and are visible at once", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, undefined), row(2, null), row(3, 0), row(4, 7));
    await push(tenant, switchTo(0), row(5, 1_565_880_017_000));
    expect(await found(tenant)).toEqual(["1@0", "2@0", "3@0", "4@7", "5@1565880017000"]);
  });

  it("have no version in their identity: the newest write brings its own", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 5), row(1, 3, { sequence: 9 }), row(1, 8, { sequence: 8 }));
    expect(await found(tenant)).toEqual(["1@3"]);
  });

  it("have versions that are exact", async () => {
    const tenant = await newTenant();
    const version = "9007199254740993";
    const record = JSON.stringify(rightRecord(tenant, { table_name: "t", table_version: "<V>" }));
    expect((await pushText(tenant, `[${record.replace('"<V>"', version)}]`)).status).toBe(201);
    await push(tenant, switchTo(9_007_199_254_740_992));
    expect(await found(tenant)).toEqual([`1@${version}`]);
  });
});

describe.each(["switch_view", "activate_version"])("%s", (action) => {
  const to = (version: unknown, members?: Fields): Fields => switchTo(version, action, members);

  it("deletes the rows of lower versions, and no others", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 0), row(2, 1), row(3, 2), row(4, 3));
    await push(tenant, row(1, 0, { table_name: "other" }));
    await push(tenant, to(2));
    expect(await found(tenant)).toEqual(["3@2", "4@3"]);
    expect(await found(tenant, "other")).toEqual(["1@0"]);
  });

  it("takes effect in its place among the records of a request", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 1), to(2), row(2, 1), row(3, 2));
    expect(await found(tenant)).toEqual(["2@1", "3@2"]);
    await push(tenant, row(4, 4), row(5, 2), to(3), row(6, 2), to(4), row(7, 2), row(8, 4));
    expect(await found(tenant)).toEqual(["4@4", "7@2", "8@4"]);
  });

  it("makes room for a row that an older version held back", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 1, { sequence: 100 }), to(2), row(1, 2, { sequence: 5 }));
    expect(await storedRows(tenant, "t")).toMatchObject([{ sequence: "5", version: "2" }]);
  });

  it("takes effect on each table of a request for itself", async () => {
    const tenant = await newTenant();
    const other = { table_name: "other" };
    await push(tenant, row(1, 1), row(2, 1, other), to(9, other), row(3, 1, other), to(1));
    expect(await found(tenant)).toEqual(["1@1"]);
    expect(await found(tenant, "other")).toEqual(["3@1"]);
  });

  it("changes nothing where a higher version is current", async () => {
    const tenant = await newTenant();
    await push(tenant, to(1), row(1, 5), to(5), row(2, 3));
    await push(tenant, to(4));
    expect(await found(tenant)).toEqual(["1@5", "2@3"]);
  });

  it("deletes late rows of lower versions when it comes again", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 5), to(5));
    await push(tenant, row(2, 3));
    expect(await found(tenant)).toEqual(["1@5", "2@3"]);
    await push(tenant, to(5));
    expect(await found(tenant)).toEqual(["1@5"]);
    await push(tenant, row(3, 4));
    await push(tenant, to(6), row(4, 5));
    expect(await found(tenant)).toEqual(["4@5"]);
  });

  it("leaves an unknown table unknown", async () => {
    const tenant = await newTenant();
    await push(tenant, to(5));
    expect(await tableNames(tenant)).toEqual([]);
    // It was not remembered either: rows of lower versions survive a switch below it.
    await push(tenant, to(5), row(1, 1));
    await push(tenant, to(1));
    expect(await found(tenant)).toEqual(["1@1"]);
  });

  it("does not touch the table of the same name of another client", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await push(one, row(1, 0));
    await push(two, row(1, 0), to(1));
    expect(await found(one)).toEqual(["1@0"]);
    expect(await found(two)).toEqual([]);
  });

  it("needs neither key_names nor data, and does not look at them", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 0));
    const odd = { key_names: "x", data: [null], client_id: tenant.clientId, sequence: 1 };
    const record = rightRecord(tenant, { ...odd, table_name: "t", action, table_version: 1 });
    expect((await pushRecords(tenant, [record])).status).toBe(201);
    expect(await found(tenant)).toEqual([]);
  });

  it("ignores its own sequence", async () => {
    const tenant = await newTenant();
    await push(tenant, row(1, 0, { sequence: 1000 }), to(1, { sequence: 0 }));
    expect(await found(tenant)).toEqual([]);
  });
});

it("a switch among wrong records switches nothing", async () => {
  const tenant = await newTenant();
  await push(tenant, row(1, 0));
  const records = [
    rightRecord(tenant, { table_name: "t", action: "switch_view", table_version: 1 }),
    rightRecord(tenant, { table_name: "t", data: {} }),
  ];
  expect((await pushRecords(tenant, records)).status).toBe(422);
  expect(await found(tenant)).toEqual(["1@0"]);
});
