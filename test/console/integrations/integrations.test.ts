import { beforeAll, describe, expect, test } from "vitest";
import { IMPORT_TOKENS_MAX } from "../../../src/admin/limits.ts";
import { testEnv } from "../../support/env.ts";
import { newTenant, newToken, pushRecords, type Tenant } from "../../support/tenant.ts";
import { plainText, rowsOf } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.signedIn();
});

const pathOf = ({ clientId, integrationId }: Tenant): string =>
  `/clients/${clientId}/integrations/${integrationId}`;

/** The secret that a page shows. */
const secretIn = (html: string): string => /<code>([\da-f]{64})<\/code>/.exec(html)?.[1] ?? "";

const push = (tenant: Tenant, token: string): Promise<Response> =>
  pushRecords({ ...tenant, token }, [
    { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } },
  ]);

describe("a new integration", () => {
  test.each(["json", "tables"])("has the name, and nested values as %s", async (nested) => {
    const { clientId } = await newTenant();
    const path = `/clients/${clientId}/integrations`;
    const answer = await browser.post(path, { name: "Späti", nested_values: nested });
    expect(answer.status).toBe(303);
    expect(answer.location).toMatch(new RegExp(`^/console${path}/\\d+$`));
    const page = plainText((await browser.get(answer.location?.slice(8) ?? "")).text);
    expect(page).toContain("Späti");
    expect(page).toContain(nested === "json" ? "as JSON text" : "as columns and subtables");
    expect(page).toContain("nothing can be pushed");
  });

  test.each([
    [{ name: "", nested_values: "tables" }, "name: must have 1 to 200 characters"],
    [{ name: "a\nb", nested_values: "tables" }, "name: must have no control characters"],
    [{ name: "shop", nested_values: "other" }, "nested_values: must be"],
  ])("is refused with the reason, and the words stay: %o", async (fields, reason) => {
    const { clientId } = await newTenant();
    const path = `/clients/${clientId}/integrations`;
    const answer = await browser.post(path, fields);
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain(reason);
    expect(answer.text).toContain(`value="${fields.name}"`);
    if (fields.nested_values === "tables") {
      expect(answer.text).toMatch(/<option value="tables" selected/);
    }
    expect(rowsOf((await browser.get(path)).text)).toHaveLength(1);
  });
});

describe("import tokens", () => {
  test("are shown once, and can push", async () => {
    const tenant = await newTenant();
    const path = pathOf(tenant);
    const made = await browser.post(`${path}/tokens`);
    expect(made.status).toBe(200);
    expect(made.headers.get("cache-control")).toBe("no-store");
    const token = secretIn(made.text);
    expect(plainText(made.text)).toContain("it is shown this once");
    expect(rowsOf(made.text)).toHaveLength(2);
    expect((await push(tenant, token)).status).toBe(201);
    const page = await browser.get(path);
    expect(page.text).not.toContain(token);
    expect(plainText(page.text)).toContain(`…${token.slice(-4)}`);
  });

  test("whoever loads the page of a new token again gets no other one", async () => {
    const tenant = await newTenant();
    await browser.post(`${pathOf(tenant)}/tokens`);
    const again = await browser.get(`${pathOf(tenant)}/tokens`);
    expect([again.status, again.location]).toEqual([303, `/console${pathOf(tenant)}`]);
    expect(rowsOf((await browser.get(pathOf(tenant))).text)).toHaveLength(2);
  });

  test("say when they were used", async () => {
    const tenant = await newTenant();
    const { token } = await newToken(tenant.integrationId);
    expect(rowsOf((await browser.get(pathOf(tenant))).text)[1]?.[2]).toBe("never");
    await push(tenant, token);
    await expect
      .poll(async () => rowsOf((await browser.get(pathOf(tenant))).text)[1]?.[2], {
        timeout: 20_000,
      })
      .toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  });

  test("are revoked, twice without an error, with the warning before", async () => {
    const tenant = await newTenant();
    const path = pathOf(tenant);
    const page = plainText((await browser.get(path)).text);
    expect(page).toContain("Generate a new token before you revoke the old one");
    expect(page).toContain("This is the only token of the integration.");
    for (const _ of ["first", "second click"]) {
      const answer = await browser.post(`${path}/tokens/${tenant.tokenId}/revoke`);
      expect([answer.status, answer.location]).toEqual([303, `/console${path}#tokens`]);
    }
    const left = testEnv.CATALOG.prepare("SELECT 1 FROM import_tokens WHERE id = ?1");
    expect(await left.bind(tenant.tokenId).first()).toBe(null);
    expect(plainText((await browser.get(path)).text)).toContain("There is no token");
  });

  test("of another client's integration are not revoked", async () => {
    const [own, other] = [await newTenant(), await newTenant()];
    await browser.post(`${pathOf(own)}/tokens/${other.tokenId}/revoke`);
    const left = testEnv.CATALOG.prepare("SELECT 1 AS one FROM import_tokens WHERE id = ?1");
    expect(await left.bind(other.tokenId).first("one")).toBe(1);
  });

  test("have a bound, which the page says", async () => {
    const tenant = await newTenant();
    for (let count = 1; count < IMPORT_TOKENS_MAX; count += 1) await newToken(tenant.integrationId);
    const answer = await browser.post(`${pathOf(tenant)}/tokens`);
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain(`at most ${IMPORT_TOKENS_MAX}`);
    expect(secretIn(answer.text)).toBe("");
  });
});
