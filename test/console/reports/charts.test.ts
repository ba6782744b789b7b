import { beforeAll, expect, test } from "vitest";
import { Browser } from "../visit.ts";
import { builderFields, decoded } from "./fields.ts";
import { admin, newShop, type Shop } from "./shop.ts";

let browser: Browser;
let shop: Shop;
let home: string;

beforeAll(async () => {
  browser = await Browser.signedIn();
  shop = await newShop();
  home = `/clients/${shop.clientId}/charts`;
});

const newForm = async (): Promise<URLSearchParams> =>
  builderFields(await browser.get(`${home}/new?table=${shop.orders}`));

async function saved(location: string | null): Promise<Record<string, unknown>> {
  return admin(shop, "GET", `/charts/${/\/charts\/(\d+)$/.exec(location ?? "")?.[1]}`);
}

test("a new chart shows the first events of members at once, and is stored", async () => {
  const page = await browser.get(`${home}/new?table=${shop.orders}`);
  expect(page.text).toContain(`<table class="picture-table picture-heat">`);
  expect(page.text).toContain("<svg");
  const form = await builderFields(page);
  expect(form.get("first_event_of")).toBe("customer_id");
  form.set("cohorts", "ALL");
  form.set("perspective", "percent_of_first");
  form.set("hides_first", "1");
  const { location } = await browser.post(`${home}/new`, form);
  const stored = await saved(location);
  expect(stored).toMatchObject({
    cohort_date: { first_event_of: "customer_id" },
    cohorts: "all",
    periods: 12,
    perspective: "percent_of_first",
    show_first: false,
  });
  const id = String(stored["id"]);
  const shown = await browser.get(`${home}/${id}`);
  expect(shown.text).toContain(`API Chart Id: ${id}`);
  expect(decoded(shown.text)).toContain(`/0.1/chart/${id}/export?format=json'`);
  expect(shown.text).toContain("Jan 2019");
  expect((await browser.get(home)).text).toContain(`${home}/${id}"`);
});

test("a chart of cohorts without dates is changed by its form", async () => {
  const form = await newForm();
  form.set("cohort_by", "status");
  form.set("action_range", "dates");
  form.set("action_from", "2019-01-01");
  form.set("action_to", "2019-12-31");
  const { location } = await browser.post(`${home}/new`, form);
  const stored = await saved(location);
  expect(stored).toMatchObject({
    cohort_by: "status",
    action_range: { from: "2019-01-01", to: "2019-12-31" },
  });
  const path = `${home}/${String(stored["id"])}`;
  const edit = await builderFields(await browser.get(`${path}/edit`));
  edit.set("cohort_by", "");
  edit.set("beginning", "column");
  const refused = await browser.post(`${path}/edit`, edit);
  expect(refused.status).toBe(422);
  expect(decoded(refused.text)).toContain(`the table has no column ""`);
  const again = await builderFields(refused);
  expect(again.get("beginning")).toBe("column");
  again.set("beginning", "first_event");
  const changed = await saved((await browser.post(`${path}/edit`, again)).location);
  expect(changed).not.toHaveProperty("cohort_by");
  expect(changed).not.toHaveProperty("action_range");
});

test("members that are counted elsewhere are edited as JSON", async () => {
  const metric = {
    label: "N",
    table_id: shop.orders,
    operation: "count",
    date_column: "created_at",
  };
  const counted = { table_id: shop.orders, date_column: "created_at" };
  const made = await admin<{ id: number }>(shop, "POST", "/charts", {
    name: "c",
    metric,
    cohort_date: { first_event_of: "customer_id" },
    count_members_in: counted,
  });
  const page = await browser.get(`${home}/${made.id}/edit`);
  expect(page.text).toContain("The form cannot show count_members_in");
  expect(JSON.parse((await builderFields(page)).get("json") ?? "")).toMatchObject({
    count_members_in: counted,
  });
});

test("another table has its own members and dates", async () => {
  const form = await newForm();
  form.set("m0_table", String(shop.shops));
  form.set("step", "table");
  const page = await browser.post(`${home}/new`, form);
  const fitted = await builderFields(page);
  expect(fitted.get("first_event_of")).toBe("");
  expect(page.text).toContain("metric.date_column: is missing");
  const part = await browser.post(`${home}/preview`, fitted);
  expect(part.text).toContain("There is no picture");
});

test("a chart is deleted", async () => {
  const { location } = await browser.post(`${home}/new`, await newForm());
  const path = (location ?? "").replace("/console", "");
  expect((await browser.post(`${path}/delete`)).location).toBe(`/console${home}`);
  expect((await browser.get(path)).status).toBe(404);
});
