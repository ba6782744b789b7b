import { describe, expect, test } from "vitest";
import {
  SESSION_IDLE_MS,
  SESSION_MS_MAX,
  SESSION_USE_STEP_MS,
  SESSIONS_MAX,
} from "../../../src/console/session/limits.ts";
import { closeSession, findSession, openSession } from "../../../src/console/session/store.ts";
import { hashSecret, newSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { envWith } from "./console.ts";

/** Some time; sessions of other tests are neither older nor newer by chance. */
const NOW = Date.now();

async function rowOf(secret: string): Promise<Record<string, unknown> | null> {
  return testEnv.CATALOG.prepare("SELECT * FROM console_sessions WHERE hash = ?1")
    .bind(hashSecret(secret))
    .first();
}

describe("a session", () => {
  test("is known by its secret, of which the catalogue has only the hash", async () => {
    const secret = await openSession(testEnv, NOW);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(await findSession(testEnv, secret, NOW)).toBe(true);
    const row = await rowOf(secret);
    expect(row).toMatchObject({
      created_at: NOW,
      used_at: NOW,
      expires_at: NOW + 12 * 60 * 60_000,
    });
    const text = JSON.stringify(row);
    for (const known of [secret, testEnv.ADMIN_TOKEN, hashSecret(testEnv.ADMIN_TOKEN)]) {
      expect(text).not.toContain(known);
    }
  });

  test("is no other secret, and not its own hash", async () => {
    const secret = await openSession(testEnv, NOW);
    expect(await findSession(testEnv, newSecret(), NOW)).toBe(false);
    expect(await findSession(testEnv, hashSecret(secret), NOW)).toBe(false);
  });

  test("ends after 30 minutes without use", async () => {
    expect(SESSION_IDLE_MS).toBe(30 * 60_000);
    const secret = await openSession(testEnv, NOW);
    expect(await findSession(testEnv, secret, NOW + SESSION_IDLE_MS)).toBe(false);
    const used = await openSession(testEnv, NOW);
    const later = NOW + SESSION_IDLE_MS - 1;
    expect(await findSession(testEnv, used, later)).toBe(true);
    expect(await findSession(testEnv, used, later + SESSION_IDLE_MS - 1)).toBe(true);
    expect(await findSession(testEnv, used, later + 2 * SESSION_IDLE_MS)).toBe(false);
  });

  test("ends after 12 hours, used or not", async () => {
    const secret = await openSession(testEnv, NOW);
    const step = SESSION_IDLE_MS / 2;
    let now = NOW;
    for (; now < NOW + SESSION_MS_MAX; now += step) {
      expect(await findSession(testEnv, secret, now), String(now - NOW)).toBe(true);
    }
    expect(now).toBe(NOW + SESSION_MS_MAX);
    expect(await findSession(testEnv, secret, now)).toBe(false);
  });

  test("notes its use once a minute, not each time", async () => {
    const writes: string[] = [];
    const env = tapEnv(testEnv, (call, next) => {
      writes.push(
        ...call.statements.map(({ sql }) => sql).filter((sql) => sql.startsWith("UPDATE")),
      );
      return next();
    });
    const secret = await openSession(env, NOW);
    await findSession(env, secret, NOW + SESSION_USE_STEP_MS - 1);
    expect(writes).toEqual([]);
    await findSession(env, secret, NOW + SESSION_USE_STEP_MS);
    await findSession(env, secret, NOW + SESSION_USE_STEP_MS + 1);
    expect(writes).toHaveLength(1);
    expect(await rowOf(secret)).toMatchObject({ used_at: NOW + SESSION_USE_STEP_MS });
  });

  test("never lasts longer because of a clock that is behind", async () => {
    const secret = await openSession(testEnv, NOW);
    await findSession(testEnv, secret, NOW + 5 * SESSION_USE_STEP_MS);
    await findSession(testEnv, secret, NOW - 5 * SESSION_USE_STEP_MS);
    expect(await rowOf(secret)).toMatchObject({ used_at: NOW + 5 * SESSION_USE_STEP_MS });
  });

  test("ends with the admin token that it began with", async () => {
    const secret = await openSession(testEnv, NOW);
    expect(await findSession(envWith({ ADMIN_TOKEN: "another" }), secret, NOW)).toBe(false);
    expect(await findSession(testEnv, secret, NOW)).toBe(true);
  });

  test("that was closed is over; it may be closed twice", async () => {
    const [secret, other] = [await openSession(testEnv, NOW), await openSession(testEnv, NOW)];
    await closeSession(testEnv, secret);
    await closeSession(testEnv, secret);
    expect(await findSession(testEnv, secret, NOW)).toBe(false);
    expect(await findSession(testEnv, other, NOW)).toBe(true);
  });

  test("beyond a hundred ends the oldest", async () => {
    const begin = NOW + 1000;
    const secrets: string[] = [];
    for (let index = 0; index <= SESSIONS_MAX; index += 1) {
      secrets.push(await openSession(testEnv, begin + index));
    }
    const now = begin + SESSIONS_MAX;
    const [first = "", second = ""] = secrets;
    expect(await findSession(testEnv, first, now)).toBe(false);
    expect(await findSession(testEnv, second, now)).toBe(true);
    expect(await findSession(testEnv, secrets.at(-1) ?? "", now)).toBe(true);
    // One whose isolate has a slow clock is not its own victim.
    const slow = await openSession(testEnv, begin - 500);
    expect(await findSession(testEnv, slow, now)).toBe(true);
    expect(await findSession(testEnv, second, now)).toBe(false);
    // They are newer than those of other tests will be.
    for (const secret of secrets) await closeSession(testEnv, secret);
  });
});
