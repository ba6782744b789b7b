import { beforeAll, describe, expect, test } from "vitest";
import { LIBRARIES } from "../../../src/console/connect/libraries.ts";
import { newSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";
import { newTenant, newToken, pushText, storedRows, type Tenant } from "../../support/tenant.ts";
import { plainText, unescaped } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.signedIn();
});

/** Presses the button of the test. */
const send = (
  { clientId }: Tenant,
  integrationId: number | string,
  token = "",
): ReturnType<Browser["post"]> =>
  browser.post(`/clients/${clientId}/connect/test`, {
    integration: String(integrationId),
    token,
  });

async function tokensOf(integrationId: number): Promise<number | null> {
  const count = "SELECT count(*) AS count FROM import_tokens WHERE integration_id = ?1";
  return testEnv.CATALOG.prepare(count).bind(integrationId).first<number>("count");
}

/** Another integration of the same client, with a token. */
async function secondOf(tenant: Tenant): Promise<{ id: number; token: string }> {
  const id = await testEnv.CATALOG.prepare(
    "INSERT INTO integrations (client_id, name, created_at, nested) VALUES (?1, 'second', 0, 'json') RETURNING id",
  )
    .bind(tenant.clientId)
    .first<number>("id");
  return { id: id ?? 0, token: (await newToken(id ?? 0)).token };
}

describe("the lines for each library", () => {
  const place = { base: "https://gate.example", clientId: 4711 };

  test.each(LIBRARIES.map((library) => [library.name, library] as const))(
    "%s: address, and what stands for the client",
    (_, { id, lines }) => {
      const text = lines(place);
      expect(text).toContain("https://gate.example/");
      // Those know the client by its token alone.
      if (id !== "native" && id !== "stitch-ruby") expect(text).toContain("4711");
      if (id !== "stitch-ruby") expect(text).toMatch(/TOKEN|KEY/);
      expect(text).not.toContain("undefined");
    },
  );

  test("those that the console promises are there", () => {
    const languages = LIBRARIES.map(({ language }) => language).join();
    for (const word of ["JavaScript", "PHP", "Clojure", "Ruby", "Python", "Stitch", "Singer"]) {
      expect(languages).toContain(word);
    }
    expect(new Set(LIBRARIES.map(({ id }) => id)).size).toBe(LIBRARIES.length);
  });

  test("stand on the page with this deployment's address and this client", async () => {
    const { clientId } = await newTenant();
    const { text } = await browser.get(`/clients/${clientId}/connect`);
    const place = { base: "https://headgate.example", clientId };
    for (const { id, lines } of LIBRARIES) {
      expect(unescaped(text)).toContain(lines(place));
      expect(text).toContain(`href="#${id}"`);
      expect(text).toContain(`id="${id}"`);
    }
  });
});

describe("the test point", () => {
  test.each([false, true])(
    "arrives, with a token that is gone after it (nested: %s)",
    async (nested) => {
      const tenant = await newTenant({ nested });
      const answer = await send(tenant, tenant.integrationId);
      const text = plainText(answer.text);
      expect(text).toContain("It arrived.");
      expect(text).toContain('"total":58.40');
      expect(await tokensOf(tenant.integrationId)).toBe(1);
      const again = await send(tenant, tenant.integrationId);
      expect(plainText(again.text)).toContain("It arrived.");
      expect(await storedRows(tenant, "headgate_test")).toHaveLength(1);
    },
  );

  test("tries a token of the owner's, which stays, and is not shown", async () => {
    const tenant = await newTenant();
    const answer = await send(tenant, tenant.integrationId, `  ${tenant.token} `);
    expect(plainText(answer.text)).toContain("It arrived.");
    expect(answer.text).not.toContain(tenant.token);
    expect(await tokensOf(tenant.integrationId)).toBe(1);
  });

  test("says that a token is wrong", async () => {
    const tenant = await newTenant();
    const wrong = newSecret();
    const answer = await send(tenant, tenant.integrationId, wrong);
    expect(answer.status).toBe(200);
    expect(plainText(answer.text)).toContain("The test point was not stored.");
    expect(plainText(answer.text)).toContain("status 401");
    expect(answer.text).not.toContain(wrong);
  });

  test.each(["x y", "é", "a\r\nb", "a\r\nX-Other: b", "\u0000"])(
    "sends no header with what can be no token: %j",
    async (token) => {
      const tenant = await newTenant();
      const answer = await send(tenant, tenant.integrationId, token);
      expect(answer.status).toBe(422);
      expect(plainText(answer.text)).toContain("That is not the text of an import token.");
    },
  );

  test("with another client's token stores nothing there", async () => {
    const [own, other] = [await newTenant(), await newTenant()];
    const answer = await send(own, own.integrationId, other.token);
    expect(plainText(answer.text)).toContain("status 403");
    const tables = testEnv.CATALOG.prepare("SELECT id FROM tables WHERE client_id = ?1");
    expect((await tables.bind(other.clientId).all()).results).toEqual([]);
  });

  test("with the token of another integration does not say that it arrived", async () => {
    const tenant = await newTenant();
    const second = await secondOf(tenant);
    const first = await send(tenant, tenant.integrationId, second.token);
    expect(plainText(first.text)).toContain("The token is one of another integration");
    // Nor where an earlier test has left its row.
    await send(tenant, tenant.integrationId);
    const answer = await send(tenant, tenant.integrationId, second.token);
    expect(plainText(answer.text)).toContain("The token is one of another integration");
    expect(plainText(answer.text)).not.toContain("It arrived");
  });

  test("shows its own row, whatever else is in the table", async () => {
    const tenant = await newTenant();
    for (const id of ["a", "zzz"]) {
      const record = {
        client_id: tenant.clientId,
        table_name: "headgate_test",
        action: "upsert",
        sequence: 1,
        key_names: ["id"],
        data: { id, other: "not this" },
      };

      await pushText(tenant, JSON.stringify([record]));
    }
    const answer = await send(tenant, tenant.integrationId);
    expect(plainText(answer.text)).toContain("It arrived.");
    expect(answer.text).not.toContain("not this");
  });

  test.each(["", "0", "999999999", "1/../2", "abc"])("of no integration: %j", async (id) => {
    const tenant = await newTenant();
    const answer = await send(tenant, id);
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain("Choose an integration of this client.");
  });

  test("of another client's integration is none", async () => {
    const [own, other] = [await newTenant(), await newTenant()];
    const answer = await send(own, other.integrationId);
    expect(answer.status).toBe(422);
    expect(await tokensOf(other.integrationId)).toBe(1);
  });

  test("is not sent again by whoever loads its page again", async () => {
    const { clientId } = await newTenant();
    const answer = await browser.get(`/clients/${clientId}/connect/test`);
    expect([answer.status, answer.location]).toEqual([303, `/console/clients/${clientId}/connect`]);
  });
});

test("a client without an integration is told what to do first", async () => {
  const tenant = await newTenant();
  await testEnv.CATALOG.batch([
    testEnv.CATALOG.prepare("DELETE FROM import_tokens WHERE integration_id = ?1").bind(
      tenant.integrationId,
    ),
    testEnv.CATALOG.prepare("DELETE FROM integrations WHERE id = ?1").bind(tenant.integrationId),
  ]);
  const { text } = await browser.get(`/clients/${tenant.clientId}/connect`);
  expect(plainText(text)).toContain("There is no integration yet.");
  expect(text).toContain(`/console/clients/${tenant.clientId}/integrations#new`);
});
