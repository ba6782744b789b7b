/** Objects whose key ranges are hot soon. */
import { runInDurableObject } from "cloudflare:test";
import { rangesFromText, rangesToText } from "../../src/warehouse/slots.ts";
import type { TableRange } from "../../src/warehouse/table-range.ts";
import { testEnv } from "./env.ts";
import { replaced } from "./tap.ts";

/**
 * Bindings whose objects split at so many requests in a second, from their first call on. Objects
 * that other bindings have called before keep what they have.
 */
export function hotEnv(env: Env, requestsPerS: number): Env {
  const getByName = (name: unknown): unknown => {
    const stub = env.TABLE_RANGE.getByName(String(name));
    const call = (method: "commit" | "commitCounted" | "activate") => async (message: unknown) => {
      await heat(stub, requestsPerS);
      return (stub[method] as (m: unknown) => Promise<unknown>)(message);
    };
    return {
      commit: call("commit"),
      commitCounted: call("commitCounted"),
      activate: call("activate"),
    };
  };
  return { ...env, TABLE_RANGE: replaced(env.TABLE_RANGE, { getByName }) };
}

async function heat(stub: DurableObjectStub<TableRange>, requestsPerS: number): Promise<void> {
  await runInDurableObject(stub, (range: TableRange) => {
    const own = Reflect.get(range, "env") as Env;
    const setting = String(requestsPerS);
    if (own.SPLIT_REQUESTS_PER_S === setting) return;
    Reflect.set(range, "env", { ...own, SPLIT_REQUESTS_PER_S: setting });
  });
}

/** The starts of a table's ranges, as the catalogue has them now. */
export async function startsOf(tableId: number): Promise<number[]> {
  return rangesFromText(await rangesText(tableId)).map(({ start }) => start);
}

/** The ranges of a table, as the catalogue stores them. */
export async function rangesText(tableId: number): Promise<string> {
  const text = await testEnv.CATALOG.prepare("SELECT ranges FROM tables WHERE id = ?1")
    .bind(tableId)
    .first<string>("ranges");
  if (text === null) throw new Error(`no table ${tableId}`);
  return text;
}

/** Splits a table in the catalogue, as an object would; its shards stay. */
export async function splitAt(tableId: number, slot: number): Promise<void> {
  const ranges = rangesFromText(await rangesText(tableId));
  const shard = ranges.findLast(({ start }) => start < slot)?.shard ?? 0;
  const split = [...ranges, { start: slot, shard }].toSorted((a, b) => a.start - b.start);
  await testEnv.CATALOG.prepare("UPDATE tables SET ranges = ?2 WHERE id = ?1")
    .bind(tableId, rangesToText(split))
    .run();
}
