/** Tables whose rows deflate to about half their length, for exports of many parts. */
import { expect } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { newTenant, pushRecords, type Tenant } from "./tenant.ts";

/** Hexadecimal digits that deflate to half their length. */
export function noise(length: number): string {
  const bytes = new Uint8Array(length / 2);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return Buffer.from(bytes).toString("hex");
}

/** A tenant with a table `t` of these ids, each row with so many digits. */
export async function tenantWith(ids: readonly number[], hexLength = 600): Promise<Tenant> {
  const tenant = await newTenant();
  const records = ids.map((id) => ({
    table_name: "t",
    sequence: 1,
    key_names: ["id"],
    data: { id, text: noise(hexLength) },
  }));
  expect((await pushRecords(tenant, records)).status).toBe(201);
  return tenant;
}
