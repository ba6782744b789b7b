import { describe, expect, test } from "vitest";
import { addressKey, beginAttempt, clearFailures } from "../../../src/console/session/failures.ts";
import { FAILURES_MAX, FAILURES_WINDOW_MS } from "../../../src/console/session/limits.ts";
import { testEnv } from "../../support/env.ts";
import { newAddress } from "./console.ts";

const NOW = Date.now();

function from(address: string | undefined): Request {
  const headers = new Headers();
  if (address !== undefined) headers.set("CF-Connecting-IP", address);
  return new Request("https://headgate.example/console/sign-in", { method: "POST", headers });
}

describe("attempts of one address", () => {
  test("are ten in fifteen minutes; then it has to wait for the end of the window", async () => {
    const request = from(newAddress());
    for (let index = 0; index < FAILURES_MAX; index += 1) {
      expect(await beginAttempt(testEnv, request, NOW + index * 1000)).toEqual({
        allowed: true,
        isLast: index === FAILURES_MAX - 1,
      });
    }
    expect(await beginAttempt(testEnv, request, NOW + 60_000)).toEqual({
      allowed: false,
      retryAfterSeconds: 14 * 60,
    });
    // To knock meanwhile makes it no longer.
    const end = NOW + FAILURES_WINDOW_MS;
    expect(await beginAttempt(testEnv, request, end - 1)).toEqual({
      allowed: false,
      retryAfterSeconds: 1,
    });
    expect(await beginAttempt(testEnv, request, end)).toMatchObject({ allowed: true });
    for (let index = 1; index < FAILURES_MAX; index += 1) await beginAttempt(testEnv, request, end);
    expect(await beginAttempt(testEnv, request, end)).toMatchObject({ allowed: false });
  });

  test("are not more when they come at once", async () => {
    const request = from(newAddress());
    const attempts = await Promise.all(
      Array.from({ length: 100 }, () => beginAttempt(testEnv, request, NOW)),
    );
    expect(attempts.filter(({ allowed }) => allowed)).toHaveLength(FAILURES_MAX);
  });

  test("are forgotten after a success, and those of another address are their own", async () => {
    const [one, other] = [from(newAddress()), from(newAddress())];
    for (let index = 0; index <= FAILURES_MAX; index += 1) await beginAttempt(testEnv, one, NOW);
    expect(await beginAttempt(testEnv, other, NOW)).toMatchObject({ allowed: true });
    await clearFailures(testEnv, other);
    expect(await beginAttempt(testEnv, one, NOW)).toMatchObject({ allowed: false });
    await clearFailures(testEnv, one);
    expect(await beginAttempt(testEnv, one, NOW)).toMatchObject({ allowed: true });
  });

  test("wait no longer than the window, whatever the clocks of isolates say", async () => {
    const request = from(newAddress());
    for (let index = 0; index < FAILURES_MAX; index += 1) await beginAttempt(testEnv, request, NOW);
    expect(await beginAttempt(testEnv, request, NOW - 10 * FAILURES_WINDOW_MS)).toEqual({
      allowed: false,
      retryAfterSeconds: 15 * 60,
    });
  });
});

describe("an address", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["", "unknown"],
    ["203.0.113.7, 203.0.113.8", "unknown"],
    ["203.0.113.0/24", "unknown"],
    ["nonsense", "unknown"],
    [undefined, "unknown"],
  ])("%s counts as %s", (address, key) => {
    expect(addressKey(from(address))).toBe(key);
  });

  test("of one network of IPv6 is one", async () => {
    const attempts = [];
    for (let index = 0; index <= FAILURES_MAX; index += 1) {
      attempts.push(await beginAttempt(testEnv, from(`2001:db8:77:${NOW % 9999}::${index}`), NOW));
    }
    expect(attempts.filter(({ allowed }) => allowed)).toHaveLength(FAILURES_MAX);
  });
});
