import { describe, expect, test } from "vitest";
import { type Settings, settingsOf } from "../../src/http/settings.ts";
import { testEnv } from "../support/env.ts";
import { newTenant } from "../support/tenant.ts";
import { pushWith } from "../support/worker.ts";

type Name =
  | "EXPORT_DAYS"
  | "PUSH_BODY_BYTES_MAX"
  | "PUSH_RECORDS_MAX"
  | "RJMETRICS_POINTS_MAX"
  | "IMPORT_REQUESTS_PER_10_S"
  | "EXPORT_REQUESTS_PER_10_S"
  | "ADMIN_REQUESTS_PER_10_S";

type Later = "SPLIT_REQUESTS_PER_S" | "SHARD_GB_MAX";

function withSetting(name: Name | Later | "LOG_REQUESTS", value: unknown): Env {
  return { ...testEnv, [name]: value };
}

/** Each setting, its member, and the lowest and the highest value. */
const SETTINGS: readonly [Name, keyof Settings, number, number][] = [
  ["EXPORT_DAYS", "exportDays", 1, 365],
  ["PUSH_BODY_BYTES_MAX", "pushBodyBytesMax", 1, 20_000_000],
  ["PUSH_RECORDS_MAX", "pushRecordsMax", 1, 20_000],
  ["RJMETRICS_POINTS_MAX", "rjmetricsPointsMax", 1, 10_000],
  ["IMPORT_REQUESTS_PER_10_S", "importRequestsMax", 1, 10_000_000],
  ["EXPORT_REQUESTS_PER_10_S", "exportRequestsMax", 1, 10_000_000],
  ["ADMIN_REQUESTS_PER_10_S", "adminRequestsMax", 1, 10_000_000],
];

test("the defaults are the limits of the documents", () => {
  expect(settingsOf({ ...testEnv })).toEqual({
    exportDays: 7,
    pushBodyBytesMax: 4_194_304,
    pushRecordsMax: 10_000,
    rjmetricsPointsMax: 100,
    importRequestsMax: 10_000,
    exportRequestsMax: 600,
    adminRequestsMax: 600,
    splitRequestsPerS: 300,
    shardBytesMax: 8_000_000_000,
    // wrangler.toml says "all"; the tests would be lost in lines.
    logRequests: "all",
  });
});

describe.each(SETTINGS)("%s", (name, member, low, high) => {
  test.each([low, low + 1, high - 1, high])("%i is allowed", (value) => {
    expect(settingsOf(withSetting(name, String(value)))[member]).toBe(value);
  });

  test("a number is as good as its text", () => {
    expect(settingsOf(withSetting(name, low))[member]).toBe(low);
    expect(() => settingsOf(withSetting(name, high + 1))).toThrow(name);
  });

  test("leading zeros change nothing", () => {
    expect(settingsOf(withSetting(name, "007"))[member]).toBe(7);
  });

  // oxfmt-ignore
  test.each([
    String(low - 1), String(high + 1), "-1", "1.5", "1e3", "0x10", "", " ", " 7", "7 ", "7\n",
    "seven", "1_000", "٣", "Infinity", "NaN", "9".repeat(400), undefined, null, 1.5, true, {},
  ])("%j is not, and the message names the setting", (value) => {
    expect(() => settingsOf(withSetting(name, value))).toThrow(name);
    const others = SETTINGS.map(([other]) => other).filter((other) => other !== name);
    for (const other of others) {
      expect(() => settingsOf(withSetting(name, value))).not.toThrow(other);
    }
  });
});

describe("settings that the wrangler.toml of an older release does not have", () => {
  test.each([
    ["SPLIT_REQUESTS_PER_S", "splitRequestsPerS", undefined, 300],
    ["SPLIT_REQUESTS_PER_S", "splitRequestsPerS", "0", 0],
    ["SPLIT_REQUESTS_PER_S", "splitRequestsPerS", 5, 5],
    ["SPLIT_REQUESTS_PER_S", "splitRequestsPerS", "10000", 10_000],
    ["SHARD_GB_MAX", "shardBytesMax", undefined, 8_000_000_000],
    ["SHARD_GB_MAX", "shardBytesMax", "0", 0],
    ["SHARD_GB_MAX", "shardBytesMax", "7.125", 7_125_000_000],
    ["SHARD_GB_MAX", "shardBytesMax", 0.001, 1_000_000],
    ["SHARD_GB_MAX", "shardBytesMax", "10", 10_000_000_000],
  ] as const)("%s: %s is %o", (name, member, value, expected) => {
    expect(settingsOf(withSetting(name, value))[member]).toBe(expected);
  });

  test.each([
    ...["10001", "1.5", "-1", "", " 5", null, {}].map(
      (bad) => ["SPLIT_REQUESTS_PER_S", bad] as const,
    ),
    ...["10.001", "11", "1.2345", ".5", "1e1", "-1", "", null].map(
      (bad) => ["SHARD_GB_MAX", bad] as const,
    ),
  ])("%s: %j is refused by name", (name, value) => {
    expect(() => settingsOf(withSetting(name, value))).toThrow(name);
  });
});

describe("LOG_REQUESTS", () => {
  test.each(["all", "failed", "none"])("%s is allowed", (value) => {
    expect(settingsOf(withSetting("LOG_REQUESTS", value)).logRequests).toBe(value);
  });

  test.each(["", "ALL", "some", undefined, null, 1, true])("%j is not", (value) => {
    expect(() => settingsOf(withSetting("LOG_REQUESTS", value))).toThrow("LOG_REQUESTS");
  });
});

test("all wrong settings are named at once", () => {
  const env = { ...testEnv, EXPORT_DAYS: "0", PUSH_RECORDS_MAX: "x" } as unknown as Env;
  expect(() => settingsOf(env)).toThrow(
    /EXPORT_DAYS[^]*PUSH_RECORDS_MAX|PUSH_RECORDS_MAX[^]*EXPORT_DAYS/,
  );
});

test("they are read once for each set of bindings", () => {
  const env = { ...testEnv };
  expect(settingsOf(env)).toBe(settingsOf(env));
  expect(settingsOf({ ...testEnv })).not.toBe(settingsOf(env));
});

test("a wrong setting is a 500 that says nothing of it, not a silent default", async () => {
  const tenant = await newTenant();
  const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
  const env = withSetting("PUSH_RECORDS_MAX", "many");
  const response = await pushWith(env, tenant, [record]);
  expect(response.status).toBe(500);
  expect(await response.text()).toBe(
    '{"status":"ERROR","message":"Something went wrong on our end."}',
  );
});
