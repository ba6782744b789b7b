/** A client with orders, and what the admin API says of its reports. */
import { expect } from "vitest";
import type { JsonObject } from "../../../src/json/exact.ts";
import { ADMIN_TOKEN } from "../../admin/call.ts";
import { newTenant, pushRecords, send, type Tenant } from "../../support/tenant.ts";
import { tableId } from "../../support/worker.ts";

/** A client with a table of orders and one of shops. */
export interface Shop extends Tenant {
  readonly orders: number;
  readonly shops: number;
}

/** Three orders in two months, of two customers. */
export async function newShop(): Promise<Shop> {
  const made = await newTenant();
  const orders = [
    { id: 1, customer_id: 7, created_at: "2019-01-05", value: 10.5, status: "complete" },
    { id: 2, customer_id: 7, created_at: "2019-02-05", value: 20, status: "complete" },
    { id: 3, customer_id: 8, created_at: "2019-02-06", value: 40, status: "open" },
  ].map((data) => ({ table_name: "orders", sequence: 1, key_names: ["id"], data }));
  const shop = { table_name: "shops", sequence: 1, key_names: ["id"], data: { id: 1, city: "x" } };
  const answer = await pushRecords(made, [...orders, shop]);
  expect(answer.status, await answer.text()).toBe(201);
  const ids = { orders: await tableId(made, "orders"), shops: await tableId(made, "shops") };
  return { ...made, ...ids };
}

/** A call of the admin API below the client. */
export async function admin<T = JsonObject>(
  { clientId }: Tenant,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const answer = await send(`/admin/v1/clients/${clientId}${path}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.ok, text).toBe(true);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
