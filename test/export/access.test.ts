import { describe, expect, test, vi } from "vitest";
import { call as callAdmin, member, NO_CLIENT } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, pushRecords, send, type Tenant } from "../support/tenant.ts";

const FORBIDDEN =
  '{"code":403,"message":"Forbidden","reasons":["Please grant this IP address access to your export API"]}';

/** All that a caller can tell one refusal from another by. */
async function seen(
  path: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<unknown> {
  const answer = await send(`/0.1${path}`, { headers, method });
  // The id is another one each time, whatever the answer.
  const shown = [...answer.headers].filter(([name]) => name !== "x-request-id");
  return { status: answer.status, headers: shown, body: await answer.text() };
}

const REFUSED = {
  status: 403,
  headers: [
    ["cache-control", "no-store"],
    ["content-type", "application/json"],
    ["x-content-type-options", "nosniff"],
  ],
  body: FORBIDDEN,
};

const paths = (tenant: Tenant): [path: string, method: string][] => [
  ["/export", "GET"],
  ["/export/1", "GET"],
  ["/export/1/info", "GET"],
  ["/export/1/copy", "POST"],
  ["/export/x", "GET"],
  [`/client/${tenant.clientId}/table`, "GET"],
  [`/client/${tenant.clientId}/table/1`, "GET"],
  [`/client/${tenant.clientId}/table/1/export`, "POST"],
  ["/figure", "GET"],
  ["/nothing/at/all", "GET"],
  ["/nothing", "DELETE"],
  ["/", "GET"],
];

async function expectAllRefused(tenant: Tenant, headers: Record<string, string>): Promise<void> {
  for (const [path, method] of paths(tenant)) {
    expect(await seen(path, headers, method), `${method} ${path}`).toEqual(REFUSED);
  }
}

describe("the one refusal", () => {
  test("without a key, or with one that is empty or unknown", async () => {
    const tenant = await newTenant();
    await expectAllRefused(tenant, {});
    await expectAllRefused(tenant, { "X-RJM-API-Key": "" });
    await expectAllRefused(tenant, { "X-RJM-API-Key": "unknown" });
    // A token for imports opens nothing here, and the stored hash is no key.
    await expectAllRefused(tenant, { "X-RJM-API-Key": tenant.token });
    await expectAllRefused(tenant, { Authorization: `Bearer ${tenant.exportKey}` });
  });

  test("of a revoked key, from the next request on", async () => {
    const tenant = await newTenant();
    const headers = { "X-RJM-API-Key": tenant.exportKey };
    expect(await seen("/export", headers)).toMatchObject({ status: 200 });
    await testEnv.CATALOG.prepare("DELETE FROM export_keys WHERE client_id = ?1")
      .bind(tenant.clientId)
      .run();
    await expectAllRefused(tenant, headers);
  });

  test("of an address outside the list, or none", async () => {
    const tenant = await newTenant({ allowedIps: ["203.0.113.0/24", "2001:db8::1"] });
    const headers = { "X-RJM-API-Key": tenant.exportKey };
    await expectAllRefused(tenant, headers);
    await expectAllRefused(tenant, { ...headers, "CF-Connecting-IP": "203.0.114.1" });
    await expectAllRefused(tenant, { ...headers, "CF-Connecting-IP": "nonsense" });
    // No other header speaks for the address.
    await expectAllRefused(tenant, {
      ...headers,
      "CF-Connecting-IP": "198.51.100.1",
      "X-Forwarded-For": "203.0.113.7",
      "X-Real-IP": "203.0.113.7",
    });
    for (const address of ["203.0.113.7", "::ffff:203.0.113.255", "2001:db8::1"]) {
      const answer = await seen("/export", { ...headers, "CF-Connecting-IP": address });
      expect(answer).toMatchObject({ status: 200 });
    }
  });

  test("of an empty list, to everybody", async () => {
    const tenant = await newTenant({ allowedIps: [] });
    const headers = { "X-RJM-API-Key": tenant.exportKey, "CF-Connecting-IP": "127.0.0.1" };
    await expectAllRefused(tenant, headers);
  });

  test("of a change of the list, from the next request on", async () => {
    const tenant = await newTenant();
    const headers = { "X-RJM-API-Key": tenant.exportKey, "CF-Connecting-IP": "203.0.113.7" };
    expect(await seen("/export", headers)).toMatchObject({ status: 200 });
    await testEnv.CATALOG.prepare("UPDATE export_keys SET allowed_ips = ?2 WHERE client_id = ?1")
      .bind(tenant.clientId, '["198.51.100.0/24"]')
      .run();
    await expectAllRefused(tenant, headers);
  });

  test("of another client's path, one that is no number or nobody's", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    await pushRecords(other, [
      { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } },
    ]);
    const headers = { "X-RJM-API-Key": tenant.exportKey };
    const own = String(tenant.clientId);
    const clients = [
      String(other.clientId),
      String(NO_CLIENT),
      "abc",
      "0",
      "-1",
      `0${own}`,
      `${own}.0`,
    ];
    for (const client of [...clients, `%20${own}`, "%zz", "1e3", "٤٢٣١"]) {
      for (const [rest, method] of [
        ["/table", "GET"],
        ["/table/1", "GET"],
        ["/table/1/export", "POST"],
        ["/fullupdatestatus", "GET"],
        ["/unknown", "GET"],
        ["", "GET"],
      ] as const) {
        const path = `/client/${client}${rest}`;
        expect(await seen(path, headers, method), `${method} ${path}`).toEqual(REFUSED);
      }
    }
  });
});

describe("with access", () => {
  test("the name of the header may have any letter case", async () => {
    const tenant = await newTenant();
    for (const name of ["x-rjm-api-key", "X-RJM-API-KEY", "X-RJM-API-Key", "X-Rjm-Api-Key"]) {
      expect(await seen("/export", { [name]: tenant.exportKey })).toMatchObject({ status: 200 });
    }
  });

  test("an unknown path, method or id is a 404", async () => {
    const tenant = await newTenant();
    const headers = { "X-RJM-API-Key": tenant.exportKey };
    const body =
      '{"code":404,"message":"Not Found","reasons":["The resource you are looking for does not exist."]}';
    const own = `/client/${tenant.clientId}`;
    for (const [path, method] of [
      ["/nothing", "GET"],
      ["/export", "POST"],
      ["/export/1/copy", "GET"],
      ["/export/1", "GET"],
      ["/export/0", "GET"],
      ["/export/-1/info", "GET"],
      ["/export/1.5/info", "GET"],
      ["/export/x", "GET"],
      [`/export/${"9".repeat(30)}/info`, "GET"],
      ["/export/1/info/more", "GET"],
      ["/export/1/copy", "POST"],
      [own, "GET"],
      [`${own}/table/1`, "GET"],
      [`${own}/table/x/export`, "POST"],
      [`${own}/table/1/export`, "POST"],
      [`${own}/unknown`, "GET"],
    ] as const) {
      const answer = await seen(path, headers, method);
      expect(answer, `${method} ${path}`).toMatchObject({ status: 404, body });
    }
  });

  test("a sandbox host has no exports", async () => {
    const tenant = await newTenant();
    const url = "https://sandbox.example/0.1/export";
    const answer = await send(url, { headers: { "X-RJM-API-Key": tenant.exportKey } });
    expect(answer.status).toBe(404);
  });
});

/** Programs that send requests without a pause, each with the key that is in use when it asks. */
class Programs {
  key: string;
  address = "203.0.113.7";
  readonly statuses: number[] = [];
  #isRunning = true;
  /** The keys of requests that are not answered yet. */
  readonly #asked: string[] = [];
  readonly #loops: Promise<void>[];

  constructor(key: string) {
    this.key = key;
    this.#loops = Array.from({ length: 3 }, () => this.#loop());
  }

  async #loop(): Promise<void> {
    while (this.#isRunning) {
      const { key, address } = this;
      this.#asked.push(key);
      this.statuses.push(await statusWith(key, address));
      this.#asked.splice(this.#asked.indexOf(key), 1);
      // Without a turn of the clock the runtime would never come to its timers.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  /** Waits until so many more requests are answered, and none that used another key is left. */
  async settle(): Promise<void> {
    const count = this.statuses.length + 10;
    const isSettled = (): boolean =>
      this.statuses.length > count && this.#asked.every((key) => key === this.key);
    await vi.waitUntil(isSettled, { timeout: 20_000 });
  }

  async end(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.#loops);
  }
}

async function statusWith(key: string, address: string): Promise<number> {
  const headers = { "X-RJM-API-Key": key, "CF-Connecting-IP": address };
  const answer = await send("/0.1/export", { headers });
  await answer.text();
  return answer.status;
}

async function newKey(clientId: number): Promise<{ key: string; path: string }> {
  const path = `/clients/${clientId}/export-keys`;
  const body = { name: "rotated", allowed_ips: ["203.0.113.0/24"] };
  const answer = await callAdmin("POST", path, body);
  expect(answer.status, answer.text).toBe(201);
  return {
    key: String(member(answer, "key")),
    path: `${path}/${String(member(answer, "id"))}`,
  };
}

describe("keys that change while they are in use", () => {
  test("rotation: the new key works before the old one goes, and nobody is refused", async () => {
    const { clientId } = await newTenant();
    let current = await newKey(clientId);
    const programs = new Programs(current.key);
    try {
      for (let round = 0; round < 3; round += 1) {
        await programs.settle();
        const next = await newKey(clientId);
        // Both are good for the same client from the very answer on.
        const both = [next.key, current.key].map((key) => statusWith(key, programs.address));
        expect(await Promise.all(both)).toEqual([200, 200]);
        programs.key = next.key;
        await programs.settle();
        expect((await callAdmin("DELETE", current.path)).status).toBe(204);
        for (let i = 0; i < 5; i += 1) {
          expect(await statusWith(current.key, programs.address)).toBe(403);
        }
        await programs.settle();
        current = next;
      }
    } finally {
      await programs.end();
    }
    expect(new Set(programs.statuses)).toEqual(new Set([200]));
  });

  test("a change of the list is in force with the next request, and other keys stay", async () => {
    const { clientId } = await newTenant();
    const [changed, other] = [await newKey(clientId), await newKey(clientId)];
    const programs = new Programs(other.key);
    try {
      for (const [allowed, status] of [
        [["203.0.113.7", "198.51.100.0/24"], 200],
        [["198.51.100.0/24"], 403],
        [["::ffff:203.0.113.0/120"], 200],
        [[], 403],
        [["2001:db8::/32", "::/0"], 403],
        [["0.0.0.0/0"], 200],
      ] as const) {
        const answer = await callAdmin("PATCH", changed.path, { allowed_ips: allowed });
        expect(answer.status, answer.text).toBe(200);
        for (const address of ["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107"]) {
          expect(await statusWith(changed.key, address), `${allowed.join()} ${address}`).toBe(
            status,
          );
        }
      }
      // A change that is refused changes nothing.
      const wrong = await callAdmin("PATCH", changed.path, { allowed_ips: ["::1", "10.0.0.0/33"] });
      expect(wrong.status).toBe(422);
      expect(await statusWith(changed.key, "203.0.113.7")).toBe(200);
    } finally {
      await programs.end();
    }
    expect(new Set(programs.statuses)).toEqual(new Set([200]));
  });
});
