import { expect, test } from "vitest";
import { forgetFailures, forgetSessions } from "../../../src/console/session/forget.ts";
import {
  FAILURES_WINDOW_MS,
  SESSION_IDLE_MS,
  SESSION_MS_MAX,
} from "../../../src/console/session/limits.ts";
import { openSession } from "../../../src/console/session/store.ts";
import { DELETE_STEP_ROWS } from "../../../src/delete-in-steps.ts";
import { hashSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";

const NOW = Date.now();
/** A second of room for the sweep's own clock. */
const SECOND = 1000;

async function insertSession(hash: string, usedAt: number, expiresAt: number): Promise<string> {
  await testEnv.CATALOG.prepare(
    "INSERT INTO console_sessions (hash, admin_hash, created_at, used_at, expires_at) VALUES (?1, '', 0, ?2, ?3)",
  )
    .bind(hash, usedAt, expiresAt)
    .run();
  return hash;
}

/** Which of these rows are there. */
async function left(table: string, column: string, values: readonly string[]): Promise<unknown[]> {
  const { results } = await testEnv.CATALOG.prepare(
    `SELECT ${column} FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?1))`,
  )
    .bind(JSON.stringify(values))
    .all<Record<string, string>>();
  return results.map((row) => row[column]);
}

test("the sweep deletes sessions that are over, and no others", async () => {
  const live = hashSecret(await openSession(testEnv, NOW));
  const unused = await insertSession(`unused-${NOW}`, NOW - SESSION_IDLE_MS, NOW + SESSION_MS_MAX);
  const ended = await insertSession(`ended-${NOW}`, NOW, NOW);
  const almost = await insertSession(
    `almost-${NOW}`,
    NOW - SESSION_IDLE_MS + 60 * SECOND,
    NOW + 60 * SECOND,
  );
  await forgetSessions(testEnv);
  const found = await left("console_sessions", "hash", [live, unused, ended, almost]);
  expect(new Set(found)).toEqual(new Set([live, almost]));
  await testEnv.CATALOG.prepare("DELETE FROM console_sessions WHERE hash = ?1").bind(almost).run();
});

test("the sweep deletes failures that count no more, however many", async () => {
  const count = 2 * DELETE_STEP_ROWS + 1;
  await testEnv.CATALOG.prepare(
    `WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?1)
     INSERT INTO sign_in_failures (address, failures, since) SELECT 'old-' || value, 10, ?2 FROM n`,
  )
    .bind(count, NOW - FAILURES_WINDOW_MS)
    .run();
  await testEnv.CATALOG.prepare(
    "INSERT INTO sign_in_failures (address, failures, since) VALUES ('fresh', 10, ?1)",
  )
    .bind(NOW - FAILURES_WINDOW_MS + 60 * SECOND)
    .run();
  await forgetFailures(testEnv);
  const addresses = Array.from({ length: count }, (_, index) => `old-${index + 1}`);
  expect(await left("sign_in_failures", "address", [...addresses, "fresh"])).toEqual(["fresh"]);
});
