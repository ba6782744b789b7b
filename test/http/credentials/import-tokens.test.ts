import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  findImporter,
  forgetToken,
  type Importer,
} from "../../../src/http/credentials/import-tokens.ts";
import { hashSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";
import { Meter } from "../../support/meter.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { newTenant, newToken, type Tenant } from "../../support/tenant.ts";
import { otherIsolate } from "../../support/worker.ts";

/** An isolate of its own that counts its calls, and whose catalogue can fail. */
class Isolate {
  readonly meter = new Meter();
  failure: Error | undefined;
  readonly env: Env;

  constructor() {
    const tap: Tap = (call, next) => {
      if (this.failure !== undefined) return Promise.reject(this.failure);
      return this.meter.tap(call, next);
    };
    this.env = tapEnv(otherIsolate(), tap);
  }

  get calls(): number {
    return this.meter.calls["CATALOG"] ?? 0;
  }

  /** Looks up in an invocation of its own, which ends with what it left behind. */
  async find(token: string | null): Promise<Importer | undefined> {
    const context = createExecutionContext();
    const found = findImporter(this.env, context, token);
    await found.catch(() => undefined);
    await waitOnExecutionContext(context);
    return found;
  }
}

const START = Date.UTC(2026, 10, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(START);
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

function importerOf({ tokenId, integrationId, clientId, nested }: Tenant): Importer {
  return { tokenId, integrationId, clientId, nested };
}

async function revoke(tokenId: number): Promise<void> {
  await testEnv.CATALOG.prepare("DELETE FROM import_tokens WHERE id = ?1").bind(tokenId).run();
}

async function lastUsedAt(tokenId: number): Promise<number | null> {
  return testEnv.CATALOG.prepare("SELECT last_used_at FROM import_tokens WHERE id = ?1")
    .bind(tokenId)
    .first<number>("last_used_at");
}

describe("who a token is", () => {
  test("each of an integration's tokens stands for it", async () => {
    const tenant = await newTenant();
    const second = await newToken(tenant.integrationId);
    const isolate = new Isolate();
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    expect(await isolate.find(second.token)).toEqual({
      ...importerOf(tenant),
      tokenId: second.tokenId,
    });
  });

  test("no token is nobody, without a call", async () => {
    const isolate = new Isolate();
    expect(await isolate.find(null)).toBeUndefined();
    expect(await isolate.find("")).toBeUndefined();
    expect(isolate.calls).toBe(0);
  });

  test("neither an unknown text, nor a token's hash, nor a like text is a token", async () => {
    const { token } = await newTenant();
    const isolate = new Isolate();
    const texts = ["x", hashSecret(token), token.toUpperCase(), `${token} `, "%", "__proto__"];
    for (const text of texts) expect(await isolate.find(text)).toBeUndefined();
  });

  test("an unknown text is asked for each time, so that a new token works at once", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await revoke(tenant.tokenId);
    expect(await isolate.find(tenant.token)).toBeUndefined();
    await testEnv.CATALOG.prepare(
      "INSERT INTO import_tokens (id, integration_id, hash, hint, created_at) VALUES (?1, ?2, ?3, '', 0)",
    )
      .bind(tenant.tokenId, tenant.integrationId, hashSecret(tenant.token))
      .run();
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
  });
});

describe("a warm isolate", () => {
  test("makes no call for a token that it has seen", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    const before = isolate.calls;
    for (let i = 0; i < 9; i += 1) {
      pass(1_000);
      expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    }
    expect(isolate.calls).toBe(before);
  });

  test("refreshes beside a request from 10 s on, once for all requests of the moment", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    const before = isolate.calls;
    pass(9_999);
    await isolate.find(tenant.token);
    expect(isolate.calls).toBe(before);
    pass(1);
    const found = await Promise.all([1, 2, 3].map(() => isolate.find(tenant.token)));
    expect(found).toEqual([1, 2, 3].map(() => importerOf(tenant)));
    expect(isolate.calls).toBe(before + 1);
    // Known anew from then on.
    pass(9_999);
    await isolate.find(tenant.token);
    expect(isolate.calls).toBe(before + 1);
  });

  test("tries a refresh that failed again, two seconds later and beside a request, too", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    const before = isolate.calls;
    isolate.failure = new Error("D1_ERROR: D1 DB is overloaded. Too many requests queued.");
    pass(10_000);
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    isolate.failure = undefined;
    pass(1_999);
    await isolate.find(tenant.token);
    expect(isolate.calls).toBe(before);
    pass(1);
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    expect(isolate.calls).toBe(before + 1);
    // Known anew from then on.
    pass(9_999);
    await isolate.find(tenant.token);
    expect(isolate.calls).toBe(before + 1);
  });

  test("a token in steady use never waits for the catalogue", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    for (let second = 0; second < 100; second += 5) {
      pass(5_000);
      const context = createExecutionContext();
      const found = findImporter(isolate.env, context, tenant.token);
      // A call of the catalogue takes a turn of the event loop at the least.
      const later = new Promise((resolve) => setTimeout(resolve, 0, "later"));
      expect(await Promise.race([found, later])).toEqual(importerOf(tenant));
      await waitOnExecutionContext(context);
    }
  });
});

describe("a revoked token", () => {
  test("is refused from 20 s on in an isolate that was not told", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    await revoke(tenant.tokenId);
    pass(9_999);
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    pass(10_001);
    expect(await isolate.find(tenant.token)).toBeUndefined();
    expect(await isolate.find(tenant.token)).toBeUndefined();
  });

  test("is refused earlier where a refresh noticed", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    await revoke(tenant.tokenId);
    pass(10_000);
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    expect(await isolate.find(tenant.token)).toBeUndefined();
  });

  test("is refused at once where it was forgotten, and others are not", async () => {
    const tenant = await newTenant();
    const other = await newToken(tenant.integrationId);
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    await isolate.find(other.token);
    await revoke(tenant.tokenId);
    forgetToken(isolate.env, hashSecret(tenant.token));
    const before = isolate.calls;
    expect(await isolate.find(other.token)).toMatchObject({ tokenId: other.tokenId });
    expect(isolate.calls).toBe(before);
    expect(await isolate.find(tenant.token)).toBeUndefined();
  });

  test("is not remembered by a look-up that was under way when it was forgotten", async () => {
    const tenant = await newTenant();
    const env = tapEnv(otherIsolate(), async (call, next) => {
      const answer = await next();
      if (call.method === "first") {
        // The catalogue has answered; the answer is still on its way.
        await revoke(tenant.tokenId);
        forgetToken(env, hashSecret(tenant.token));
      }
      return answer;
    });
    const context = createExecutionContext();
    expect(await findImporter(env, context, tenant.token)).toEqual(importerOf(tenant));
    expect(await findImporter(env, context, tenant.token)).toBeUndefined();
    await waitOnExecutionContext(context);
  });
});

describe("a catalogue that does not answer", () => {
  test.each([
    ["Network connection lost.", "unavailable"],
    ["D1 DB is overloaded. Requests queued for too long.", "overloaded"],
    ["D1_ERROR: something", "unavailable"],
  ])("%s", async (message, code) => {
    quietConsole();
    const tenant = await newTenant();
    const isolate = new Isolate();
    isolate.failure = new Error(message);
    await expect(isolate.find(tenant.token)).rejects.toMatchObject({ code });
    isolate.failure = undefined;
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    vi.restoreAllMocks();
  });

  test("is not noticed while the token is trusted, and is after that", async () => {
    quietConsole();
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    isolate.failure = new Error("Network connection lost.");
    pass(10_000);
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    pass(9_999);
    expect(await isolate.find(tenant.token)).toEqual(importerOf(tenant));
    pass(1);
    await expect(isolate.find(tenant.token)).rejects.toMatchObject({ code: "unavailable" });
    vi.restoreAllMocks();
  });
});

describe("the last use", () => {
  test("is noted at most once a minute", async () => {
    const tenant = await newTenant();
    const isolate = new Isolate();
    await isolate.find(tenant.token);
    expect(await lastUsedAt(tenant.tokenId)).toBe(START);
    const noted = new Set<number | null>();
    for (let second = 0; second < 180; second += 5) {
      pass(5_000);
      await isolate.find(tenant.token);
      noted.add(await lastUsedAt(tenant.tokenId));
    }
    expect([...noted].map((instant) => (Number(instant) - START) / 1_000)).toEqual([
      0, 60, 120, 180,
    ]);
  });

  test("is noted once a minute for all isolates together", async () => {
    const tenant = await newTenant();
    await new Isolate().find(tenant.token);
    pass(59_999);
    await new Isolate().find(tenant.token);
    expect(await lastUsedAt(tenant.tokenId)).toBe(START);
    pass(1);
    await new Isolate().find(tenant.token);
    expect(await lastUsedAt(tenant.tokenId)).toBe(START + 60_000);
  });

  test("an import does not fail for it", async () => {
    const tenant = await newTenant();
    const env = tapEnv(otherIsolate(), (call, next) =>
      call.method === "run" ? Promise.reject(new Error("no")) : next(),
    );
    const context = createExecutionContext();
    expect(await findImporter(env, context, tenant.token)).toEqual(importerOf(tenant));
    await waitOnExecutionContext(context);
    expect(await lastUsedAt(tenant.tokenId)).toBeNull();
  });
});

test("an isolate remembers 10,000 tokens, and forgets the oldest first", async () => {
  const tokens = Array.from({ length: 10_001 }, (_, index) => `token-${index}`);
  // The catalogue itself would take a minute for so many look-ups.
  const row = { id: 1, last_used_at: START, integration_id: 1, client_id: 1 };
  let calls = 0;
  const first = async (): Promise<unknown> => {
    calls += 1;
    return row;
  };
  const CATALOG = { prepare: () => ({ bind: () => ({ first }) }) } as unknown as D1Database;
  const env: Env = { ...testEnv, CATALOG };
  const context = createExecutionContext();
  for (const token of tokens) await findImporter(env, context, token);
  expect(calls).toBe(10_001);
  await findImporter(env, context, tokens[1] ?? "");
  await findImporter(env, context, tokens[10_000] ?? "");
  expect(calls).toBe(10_001);
  await findImporter(env, context, tokens[0] ?? "");
  expect(calls).toBe(10_002);
});
