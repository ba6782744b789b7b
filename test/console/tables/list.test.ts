import { expect, test } from "vitest";
import { tableLabels } from "../../../src/console/tables/list.tsx";
import { newTenant, pushRecords } from "../../support/tenant.ts";
import { plainText, rowsOf } from "../page-text.ts";
import { Browser } from "../visit.ts";

test("of many tables a part is shown, and the others are found by name", async () => {
  const browser = await Browser.signedIn();
  const tenant = await newTenant();
  const records = Array.from({ length: 510 }, (_, index) => ({
    table_name: `Table ${index}`,
    sequence: 1,
    key_names: ["id"],
    data: { id: 1 },
  }));
  // Each request makes a part of them, as it may.
  for (let start = 0; start < records.length; start += 50) {
    expect((await pushRecords(tenant, records.slice(start, start + 50))).status).toBe(201);
  }
  const path = `/clients/${tenant.clientId}/tables`;
  const all = await browser.get(path);
  expect(rowsOf(all.text)).toHaveLength(500);
  expect(plainText(all.text)).toContain("The first 500 of 510 tables are shown");
  const found = await browser.get(`${path}?name=tABLE+509`);
  expect(rowsOf(found.text).map(([name]) => name)).toEqual(["Table 509"]);
  const none = plainText((await browser.get(`${path}?name=%22%3E`)).text);
  expect(none).toContain('No table has a name with “">”.');
});

test("equal names have their integration's", () => {
  const integration = { nested_values: "json", created_at: "" } as const;
  const labels = tableLabels(
    [
      { id: 1, name: "orders", integration_id: 7 },
      { id: 2, name: "orders", integration_id: 8 },
      { id: 3, name: "visits", integration_id: 8 },
    ],
    [{ id: 7, name: "shop", ...integration }],
  );
  expect([...labels.values()]).toEqual(["orders (shop)", "orders (8)", "visits"]);
});
