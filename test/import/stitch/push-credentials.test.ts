import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { handle } from "../../../src/http/handle.ts";
import { forgetToken } from "../../../src/http/credentials/import-tokens.ts";
import { hashSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";
import { answerOf, rightRecord, storedAll, tableNames } from "../../support/stitch.ts";
import { FORBIDDEN, NOT_AUTHENTICATED, unprocessable } from "../../support/stitch-cases.ts";
import {
  newTenant,
  newToken,
  pushText,
  send,
  storedRows,
  type Tenant,
} from "../../support/tenant.ts";
import { pushTextWith } from "../../support/worker.ts";

const NOT_AUTHORIZED = {
  status: 401,
  body: { status: "ERROR", error: "Not authorized.", errors: "Not authorized." },
};

/** Pushes with an Authorization header of the test's choice. */
function pushAs(tenant: Tenant, authorization: string | undefined, query = ""): Promise<Response> {
  return send(`/v2/import/push${query}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    },
    body: JSON.stringify([rightRecord(tenant)]),
  });
}

/** Asserts a refusal that stores nothing. */
async function expectRefused(call: Promise<Response>): Promise<void> {
  const before = await storedAll();
  const response = await call;
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect(await answerOf(response)).toEqual(NOT_AUTHORIZED);
  expect(await storedAll()).toEqual(before);
}

describe("the token", () => {
  it("is needed", async () => {
    await expectRefused(pushAs(await newTenant(), undefined));
  });

  it("must be known", async () => {
    const tenant = await newTenant();
    await expectRefused(pushAs(tenant, "Bearer unknown"));
    await expectRefused(pushAs(tenant, `Bearer ${tenant.token}x`));
    await expectRefused(pushAs(tenant, `Bearer ${tenant.token.slice(1)}`));
    // What the catalogue knows of a token opens nothing.
    await expectRefused(pushAs(tenant, `Bearer ${hashSecret(tenant.token)}`));
  });

  it("is not the export key", async () => {
    const tenant = await newTenant();
    await expectRefused(pushAs(tenant, `Bearer ${tenant.exportKey}`));
  });

  it("must follow the word Bearer", async () => {
    const tenant = await newTenant();
    const { token } = tenant;
    const wrong = [
      ...[token, `Basic ${token}`, `Bearer`, "Bearer ", `Bearer${token}`, `Token ${token}`],
      ...[`Bearer ${token} ${token}`, `Bearer "${token}"`, `Bearer token=${token}`, ""],
      ...[`Bearer ${token}, Bearer ${token}`, `X Bearer ${token}`],
    ];
    for (const value of wrong) await expectRefused(pushAs(tenant, value));
    expect(await tableNames(tenant)).toEqual([]);
  });

  it("may follow it in any letter case", async () => {
    const tenant = await newTenant();
    for (const word of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
      expect((await pushAs(tenant, `${word} ${tenant.token}`)).status).toBe(201);
    }
  });

  it("does not count in the query", async () => {
    const tenant = await newTenant();
    await expectRefused(pushAs(tenant, undefined, `?apikey=${tenant.token}`));
    await expectRefused(pushAs(tenant, undefined, `?access_token=${tenant.token}`));
  });

  it("opens nothing any more once it is revoked; another one still does", async () => {
    const tenant = await newTenant();
    const { token } = await newToken(tenant.integrationId);
    const body = JSON.stringify([rightRecord(tenant)]);
    expect((await pushTextWith(testEnv, tenant, body)).status).toBe(201);
    await testEnv.CATALOG.prepare("DELETE FROM import_tokens WHERE id = ?1")
      .bind(tenant.tokenId)
      .run();
    forgetToken(testEnv, hashSecret(tenant.token));
    await expectRefused(pushTextWith(testEnv, tenant, body));
    expect((await pushTextWith(testEnv, { ...tenant, token }, body)).status).toBe(201);
  });

  it("is forgotten in every isolate within 30 s of its revocation", async ({ onTestFinished }) => {
    const tenant = await newTenant();
    const body = JSON.stringify([rightRecord(tenant)]);
    expect((await pushTextWith(testEnv, tenant, body)).status).toBe(201);
    await testEnv.CATALOG.prepare("DELETE FROM import_tokens WHERE id = ?1")
      .bind(tenant.tokenId)
      .run();
    const { now } = Date;
    onTestFinished(() => {
      Date.now = now;
    });
    Date.now = () => now() + 30_000;
    await expectRefused(pushTextWith(testEnv, tenant, body));
  });
});

describe("client_id", () => {
  const pushOf = (tenant: Tenant, ...clientIds: unknown[]): Promise<Response> => {
    const records = clientIds.map((client_id) => rightRecord(tenant, { client_id }));
    return pushText(tenant, JSON.stringify(records));
  };

  it("is needed in every record", async () => {
    const tenant = await newTenant();
    const { clientId } = tenant;
    for (const ids of [[undefined], [null], [clientId, undefined], [undefined, clientId]]) {
      const answer = await answerOf(await pushOf(tenant, ...ids));
      expect(answer).toEqual({ status: 401, body: NOT_AUTHENTICATED });
    }
    expect(await tableNames(tenant)).toEqual([]);
  });

  it("must be the token's: that of another client is refused like one that nobody has", async () => {
    const [own, other] = [await newTenant(), await newTenant()];
    const before = await storedAll();
    const existing = await pushOf(own, other.clientId);
    const unknown = await pushOf(own, 999_999);
    // Each answer has an id of its own.
    const shown = ({ headers }: Response) =>
      [...headers].filter(([name]) => name !== "x-request-id");
    expect(shown(existing)).toEqual(shown(unknown));
    const answer = await answerOf(existing);
    expect(answer).toEqual({ status: 403, body: FORBIDDEN });
    expect(await answerOf(unknown)).toEqual(answer);
    expect(await storedAll()).toEqual(before);
  });

  it("must be one: several are refused, the first that is foreign is named", async () => {
    const [own, other] = [await newTenant(), await newTenant()];
    const before = await storedAll();
    const text = `The batch contains data points for multiple clients. Only client_id ${own.clientId} is allowed`;
    const cases: [unknown[], number][] = [
      [[own.clientId, own.clientId, other.clientId], 2],
      [[other.clientId, own.clientId], 0],
      [[other.clientId, 999_999], 0],
    ];
    for (const [ids, record] of cases) {
      const answer = await answerOf(await pushOf(own, ...ids));
      expect(answer).toEqual({ status: 422, body: unprocessable(text, record) });
    }
    expect(await storedAll()).toEqual(before);
  });
});

describe("tables", () => {
  it("are those of the client, also under the same name", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const push = (tenant: Tenant, members: object): Promise<Response> =>
      pushText(tenant, JSON.stringify([rightRecord(tenant, { ...members })]));
    expect((await push(one, { data: { id: 1, of: "one" } })).status).toBe(201);
    // Not a 422: the other client's key names are not this one's business.
    const other = { key_names: ["name"], data: { name: "x", of: "two" } };
    expect((await push(two, other)).status).toBe(201);
    const activation = { action: "activate_version", table_version: 5 };
    expect((await push(two, activation)).status).toBe(201);
    expect((await storedRows(one, "orders")).map(({ data }) => data)).toEqual([
      '{"id":1,"of":"one"}',
    ]);
    expect(await storedRows(two, "orders")).toEqual([]);
  });

  it("are those of the integration, whichever of its tokens writes them", async () => {
    const tenant = await newTenant();
    const second = { ...tenant, token: (await newToken(tenant.integrationId)).token };
    const push = (as: Tenant, sequence: number): Promise<Response> =>
      pushText(as, JSON.stringify([rightRecord(tenant, { sequence, data: { id: 1, sequence } })]));
    expect((await push(tenant, 1)).status).toBe(201);
    expect((await push(second, 2)).status).toBe(201);
    expect((await storedRows(tenant, "orders")).map(({ sequence }) => sequence)).toEqual(["2"]);
  });

  it("of another integration of the same client are others", async () => {
    const tenant = await newTenant();
    const integrationId = await testEnv.CATALOG.prepare(
      "INSERT INTO integrations (client_id, name, created_at) VALUES (?1, 'b', 0) RETURNING id",
    )
      .bind(tenant.clientId)
      .first<number>("id");
    if (integrationId === null) throw new Error("nothing was inserted");
    const other = { ...tenant, integrationId, ...(await newToken(integrationId)) };
    const push = (as: Tenant, status: string): Promise<Response> =>
      pushText(as, JSON.stringify([rightRecord(as, { data: { id: 1, status } })]));
    expect((await push(tenant, "first")).status).toBe(201);
    expect((await push(other, "second")).status).toBe(201);
    const found = async (of: Tenant): Promise<string[]> =>
      (await storedRows(of, "orders")).map(({ data }) => data);
    expect(await found(tenant)).toEqual(['{"id":1,"status":"first"}']);
    expect(await found(other)).toEqual(['{"id":1,"status":"second"}']);
  });
});

it("does not show a credential in the log of a failure", async ({ onTestFinished }) => {
  const tenant = await newTenant();
  const lines: unknown[] = [];
  const { error } = console;
  onTestFinished(() => {
    console.error = error;
  });
  console.error = (...args: unknown[]) => lines.push(...args);
  const env = { ...testEnv, PUSH_RECORDS_MAX: "many", LOG_REQUESTS: "none" } as unknown as Env;
  const context = createExecutionContext();
  const request = new Request(`https://headgate.example/v2/import/push?apikey=${tenant.token}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
    body: JSON.stringify([rightRecord(tenant)]),
  });
  const response = await handle(request, env, context);
  await waitOnExecutionContext(context);
  expect(await answerOf(response)).toEqual({
    status: 500,
    body: { status: "ERROR", message: "Something went wrong on our end." },
  });
  expect(lines).toHaveLength(1);
  expect(lines.join()).toContain("PUSH_RECORDS_MAX");
  expect(lines.join()).not.toContain(tenant.token);
});
