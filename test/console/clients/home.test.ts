import { beforeAll, describe, expect, test } from "vitest";
import { COUNTED_TABLES_MAX } from "../../../src/admin/limits.ts";
import { newTenant, pushRecords, pushText } from "../../support/tenant.ts";
import { plainText, rowsOf } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.signedIn();
});

const record = (table: string, id = 1): Record<string, unknown> => ({
  table_name: table,
  sequence: 1,
  key_names: ["id"],
  data: { id },
});

describe("a client's home", () => {
  test("has the rows of each table, and of all", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [record("orders", 1), record("orders", 2), record("visits")]);
    const page = await browser.get(`/clients/${tenant.clientId}`);
    expect(rowsOf(page.text).map((cells) => cells.slice(0, 2))).toEqual([
      ["visits", "1"],
      ["orders", "2"],
    ]);
    expect(plainText(page.text)).toMatch(/Rows 3 /);
    expect(plainText(page.text)).not.toContain("at least");
  });

  test("does not say of a part of the tables that it is all of them", async () => {
    const tenant = await newTenant();
    const records = Array.from({ length: COUNTED_TABLES_MAX + 5 }, (_, index) =>
      record(`table ${index}`),
    );
    await pushRecords(tenant, records);
    const text = plainText((await browser.get(`/clients/${tenant.clientId}`)).text);
    expect(text).toContain(`Rows at least ${COUNTED_TABLES_MAX} `);
    expect(text).toContain(`The newest ${COUNTED_TABLES_MAX} tables are counted here.`);
  });

  test("names the integration where two tables have one name", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [record("orders")]);
    await browser.post(`/clients/${tenant.clientId}/integrations`, {
      name: "second shop",
      nested_values: "json",
    });
    const made = await browser.get(`/clients/${tenant.clientId}/integrations`);
    const iid = [...made.text.matchAll(/integrations\/(\d+)">second shop/g)][0]?.[1];
    const tokens = await browser.post(`/clients/${tenant.clientId}/integrations/${iid}/tokens`);
    const token = /<code>([\da-f]{64})<\/code>/.exec(tokens.text)?.[1] ?? "";
    await pushRecords({ ...tenant, token }, [record("orders")]);
    const page = await browser.get(`/clients/${tenant.clientId}`);
    expect(rowsOf(page.text).map(([name]) => name)).toEqual([
      "orders (second shop)",
      "orders (test)",
    ]);
  });

  test("shows refused requests", async () => {
    const tenant = await newTenant();
    const answer = await pushText(tenant, "[{]");
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await expect
      .poll(async () => plainText((await browser.get(`/clients/${tenant.clientId}`)).text), {
        timeout: 20_000,
      })
      .toContain("Stitch push");
  });
});

describe("the settings", () => {
  test("rename the client, and change its time zone", async () => {
    const { clientId } = await newTenant();
    const path = `/clients/${clientId}`;
    const answer = await browser.post(path, { name: "Neu", time_zone: "Europe/Berlin" });
    expect([answer.status, answer.location]).toEqual([303, `/console${path}`]);
    const text = plainText((await browser.get(path)).text);
    expect(text).toContain("Neu");
    expect(text).toContain("Europe/Berlin");
  });

  test("keep what was typed where they are refused, and change nothing", async () => {
    const { clientId } = await newTenant();
    const path = `/clients/${clientId}`;
    const answer = await browser.post(path, { name: "Neu", time_zone: "Nowhere" });
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain("time_zone: must be");
    expect(answer.text).toContain('value="Neu"');
    expect(answer.text).toContain('value="Nowhere"');
    expect((await browser.get(path)).text).not.toContain("Neu");
  });
});
