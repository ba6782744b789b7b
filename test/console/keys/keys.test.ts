import { beforeAll, describe, expect, test } from "vitest";
import { hashSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { plainText, rowsOf } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;
let tenant: Tenant;
let path: string;
let keyId: number;

interface StoredKey {
  readonly id: number;
  readonly name: string;
  readonly hash: string;
  readonly allowed_ips: string;
}

async function stored(): Promise<StoredKey[]> {
  const select = "SELECT * FROM export_keys WHERE client_id = ?1 ORDER BY id";
  return (await testEnv.CATALOG.prepare(select).bind(tenant.clientId).all<StoredKey>()).results;
}

beforeAll(async () => {
  browser = await Browser.signedIn();
  tenant = await newTenant();
  path = `/clients/${tenant.clientId}/export-keys`;
  keyId = (await stored())[0]?.id ?? 0;
});

describe("a new key", () => {
  test("is shown once, and has the addresses of its list", async () => {
    const fields = { name: "warehouse", addresses: "203.0.113.0/24, 2001:db8::/32\r\n10.0.0.1" };
    const answer = await browser.post(path, fields);
    expect(answer.status).toBe(200);
    const key = /<code>([\da-f]{64})<\/code>/.exec(answer.text)?.[1] ?? "";
    const last = (await stored()).at(-1);
    expect(last?.hash).toBe(hashSecret(key));
    expect(JSON.parse(last?.allowed_ips ?? "")).toEqual([
      "203.0.113.0/24",
      "2001:db8::/32",
      "10.0.0.1",
    ]);
    expect((await browser.get(path)).text).not.toContain(key);
  });

  test("of an empty list lets nobody in", async () => {
    await browser.post(path, { name: "closed", addresses: " \r\n" });
    const rows = rowsOf((await browser.get(path)).text);
    expect(rows.at(-1)?.slice(0, 2)).toEqual(["closed", "nobody"]);
  });

  test("is refused with the entry that is none, and what was typed stays", async () => {
    const count = (await stored()).length;
    const addresses = "203.0.113.0/24\n<b>nonsense</b>";
    const answer = await browser.post(path, { name: "n&m", addresses });
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain("allowed_ips");
    expect(answer.text).toContain('value="n&amp;m"');
    expect(answer.text).toContain("203.0.113.0/24\n&lt;b&gt;nonsense&lt;/b&gt;</textarea>");
    expect((await stored()).length).toBe(count);
  });
});

describe("a key's change", () => {
  const fieldsOf = (name: string, addresses: string): Record<string, string> => ({
    [`key-${keyId}-name`]: name,
    [`key-${keyId}-addresses`]: addresses,
  });

  test("replaces name and addresses; the key stays", async () => {
    const [before] = await stored();
    const answer = await browser.post(`${path}/${keyId}`, fieldsOf("other", "192.0.2.1"));
    expect([answer.status, answer.location]).toEqual([303, `/console${path}`]);
    const [after] = await stored();
    expect(after).toEqual({ ...before, name: "other", allowed_ips: '["192.0.2.1"]' });
  });

  test("is refused in its own form, which is open and has what was typed", async () => {
    const [before] = await stored();
    const answer = await browser.post(`${path}/${keyId}`, fieldsOf("changed", "1.2.3"));
    expect(answer.status).toBe(422);
    const [open = ""] = /<details open[^>]*>.*?<\/details>/s.exec(answer.text) ?? [];
    expect(open).toContain('value="changed"');
    expect(open).toContain("1.2.3</textarea>");
    expect(plainText(open)).toContain("allowed_ips");
    expect(answer.text.match(/role="alert"/g)).toHaveLength(1);
    expect((await stored())[0]).toEqual(before);
  });

  test("of a key that is gone is no silent refusal", async () => {
    const answer = await browser.post(`${path}/999999999`, { "key-999999999-name": "x" });
    expect(answer.status).toBe(404);
    expect(answer.text).toContain("Nothing here");
  });

  test("of another client's key changes nothing", async () => {
    const other = await newTenant();
    const answer = await browser.post(
      `/clients/${other.clientId}/export-keys/${keyId}`,
      fieldsOf("stolen", "0.0.0.0/0"),
    );
    expect(answer.status).toBe(404);
    expect((await stored())[0]?.name).toBe("other");
  });
});

test("a key is revoked, twice without an error", async () => {
  for (const _ of ["first", "second click"]) {
    const answer = await browser.post(`${path}/${keyId}/revoke`);
    expect([answer.status, answer.location]).toEqual([303, `/console${path}`]);
  }
  expect((await stored()).some(({ id }) => id === keyId)).toBe(false);
});
