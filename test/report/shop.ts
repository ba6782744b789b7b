/** Reports of a client of their own, over HTTP. */
import { expect } from "vitest";
import { call as callAdmin, member } from "../admin/call.ts";
import { call } from "../support/export.ts";
import { newTenant, pushText, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";

/** Orders of two customers over four months: the numbers in the tests are reckoned by hand. */
const ORDERS = [
  '"id":1,"at":"2019-01-05 10:00:00","total":0.1,"sku":"a","customer":1,"since":"2019-01-01","paid":true',
  '"id":2,"at":"2019-01-31T23:30:00Z","total":0.2,"sku":"b","customer":2,"since":"2019-01-20","paid":true',
  '"id":3,"at":1551398400000,"total":5,"sku":"a","customer":1,"since":"2019-01-01","paid":false',
  '"id":4,"at":"2019-03-31 22:00:00","total":7.5,"sku":"a","customer":3,"since":"2019-03-02","paid":true',
  '"id":5,"at":"2019-04-01","total":"none","sku":"b","customer":1,"since":"2019-01-01","paid":true',
  '"id":6,"at":"never","total":100,"sku":"b","customer":1,"since":"2019-01-01","paid":true',
  '"id":7,"at":null,"total":100,"sku":"b","customer":1,"since":"2019-01-01","paid":true',
];

/** A client with the tables `orders` and `users`. */
export interface Shop extends Tenant {
  readonly orders: number;
  readonly users: number;
}

/** Makes the client and pushes its rows. */
export async function newShop(): Promise<Shop> {
  const tenant = await newTenant();
  await push(tenant, "orders", ORDERS);
  await push(tenant, "users", [
    '"id":1,"joined":"2019-01-03","channel":"web"',
    '"id":2,"joined":"2019-01-04","channel":"web"',
    '"id":3,"joined":"2019-03-01","channel":"shop"',
    '"id":4,"joined":"2019-03-01","channel":"web"',
  ]);
  const [orders, users] = [await tableId(tenant, "orders"), await tableId(tenant, "users")];
  return { ...tenant, orders, users };
}

/** Pushes rows with the key `id`, as JSON texts of their members. */
export async function push(tenant: Tenant, table: string, rows: readonly string[]): Promise<void> {
  const records = rows.map(
    (row) =>
      `{"client_id":${tenant.clientId},"action":"upsert","table_name":"${table}","sequence":1,"key_names":["id"],"data":{${row}}}`,
  );
  const answer = await pushText(tenant, `[${records.join(",")}]`);
  expect(answer.status, await answer.text()).toBe(201);
}

/** The sum of totals by the date of the order, or what is asked instead. */
export const revenue = ({ orders }: Shop, changes: object = {}): object => ({
  label: "Revenue",
  table_id: orders,
  operation: "sum",
  column: "total",
  date_column: "at",
  ...changes,
});

/** The number of orders. */
export const count = (shop: Shop, changes: object = {}): object =>
  revenue(shop, { label: "Orders", operation: "count", column: undefined, ...changes });

/** Creates a report. */
export async function create(
  shop: Shop,
  kind: "figure" | "chart",
  definition: object,
): Promise<number> {
  const path = `/clients/${shop.clientId}/${kind}s`;
  const answer = await callAdmin("POST", path, { name: "Report", ...definition });
  expect(answer.status, answer.text).toBe(201);
  return Number(member(answer, "id"));
}

/** A report's csv with its header, as lines. */
export async function csvOf(
  shop: Shop,
  kind: "figure" | "chart",
  definition: object,
): Promise<readonly string[]> {
  const id = await create(shop, kind, definition);
  const answer = await call(shop, `/${kind}/${id}/export?format=csv&includeColumnHeaders=1`);
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/csv; charset=UTF-8");
  const lines = text.split("\r\n");
  expect(lines.pop()).toBe("");
  return lines;
}

/** A report's json, as text. */
export async function jsonOf(
  shop: Shop,
  kind: "figure" | "chart",
  definition: object,
): Promise<string> {
  const id = await create(shop, kind, definition);
  const answer = await call(shop, `/${kind}/${id}/export`);
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  return text;
}

/** The range of the orders. */
export const RANGE = { from: "2019-01-01", to: "2019-04-30" };
