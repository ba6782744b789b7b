import { describe, expect, test } from "vitest";
import { IDEMPOTENCY_MS } from "../../src/warehouse/limits.ts";
import { forgetOldKeys, forgetOldMarks } from "../../src/sweep/repeats.ts";
import { testEnv } from "../support/env.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Whether a key and a mark of an age are there after a sweep. */
async function left(ageMs: number): Promise<{ key: boolean; mark: boolean }> {
  const name = crypto.randomUUID();
  const at = Date.now() - ageMs;
  const { CATALOG, SHARD_1 } = testEnv as unknown as Record<"CATALOG" | "SHARD_1", D1Database>;
  await CATALOG.prepare("INSERT INTO idempotency_keys VALUES (1, ?1, 'f', ?2)")
    .bind(name, at)
    .run();
  await SHARD_1.prepare("INSERT INTO applied_requests VALUES (?1, 'a', 1, 0, 0, ?2)")
    .bind(name, at)
    .run();
  await forgetOldKeys(testEnv);
  await forgetOldMarks(testEnv);
  const key = await CATALOG.prepare("SELECT 1 FROM idempotency_keys WHERE hash = ?1")
    .bind(name)
    .first();
  const mark = await SHARD_1.prepare("SELECT 1 FROM applied_requests WHERE id = ?1")
    .bind(name)
    .first();
  return { key: key !== null, mark: mark !== null };
}

describe("forgetting repeats", () => {
  test("keeps what a program may still repeat", async () => {
    expect(await left(IDEMPOTENCY_MS - 60_000)).toEqual({ key: true, mark: true });
  });

  test("keeps a mark longer than its key", async () => {
    expect(await left(IDEMPOTENCY_MS + 60_000)).toEqual({ key: false, mark: true });
    expect(await left(IDEMPOTENCY_MS + HOUR_MS + 60_000)).toEqual({ key: false, mark: false });
  });
});
