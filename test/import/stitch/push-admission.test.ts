import { describe, expect, it } from "vitest";
import { testEnv } from "../../support/env.ts";
import { answerOf, rightRecord } from "../../support/stitch.ts";
import { newTenant, storedRows, type Tenant } from "../../support/tenant.ts";
import { callWorker, pushTextWith } from "../../support/worker.ts";

/** A body that is under way: it ends when the test says so. */
interface Slow {
  readonly answer: Promise<Response>;
  /** Resolves when the Worker has all but the last byte. */
  readonly arrived: Promise<void>;
  readonly finish: () => void;
}

/** Begins to push a body of 4,194,304 bytes. */
function beginPush(tenant: Tenant, id: number): Slow {
  const text = JSON.stringify([rightRecord(tenant, { data: { id } })]);
  const bytes = new TextEncoder().encode(`${text.slice(0, -1)}${" ".repeat(4_194_304)}`);
  bytes[4_194_303] = 0x5d;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const answer = callWorker(testEnv, "/v2/import/push", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${tenant.token}`,
      "Content-Type": "application/json",
      "Content-Length": "4194304",
    },
    body: readable,
  });
  const writer = writable.getWriter();
  const arrived = writer.write(bytes.subarray(0, 4_194_303));
  const finish = (): void => {
    void writer.write(bytes.subarray(4_194_303, 4_194_304)).then(() => writer.close());
  };
  return { answer, arrived, finish };
}

describe("while bodies of 20 MB are under way", () => {
  it("more is refused as overloaded, and taken again afterwards", async () => {
    const tenant = await newTenant();
    const small = JSON.stringify([rightRecord(tenant, { data: { id: 99 } })]);
    expect((await pushTextWith(testEnv, tenant, small)).status).toBe(201);
    const begun = [1, 2, 3, 4, 5].map((id) => beginPush(tenant, id));
    await Promise.all(begun.map(({ arrived }) => arrived));
    const sixth = beginPush(tenant, 6);
    const refused = await sixth.answer;
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(refused.headers.get("cache-control")).toBe("no-store");
    const message = "The service is overloaded. Send the same request again.";
    expect(await answerOf(refused)).toEqual({ status: 503, body: { status: "ERROR", message } });
    // What still fits is taken.
    expect((await pushTextWith(testEnv, tenant, small)).status).toBe(201);
    for (const { finish } of begun) finish();
    const answers = await Promise.all(begun.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    const again = beginPush(tenant, 6);
    again.finish();
    expect((await again.answer).status).toBe(201);
    expect(await storedRows(tenant, "orders")).toHaveLength(7);
  });

  it("a refusal gives its share back", async () => {
    const tenant = await newTenant();
    const wrong = `[${" ".repeat(4_000_000)}`;
    for (let round = 0; round < 8; round += 1) {
      expect((await pushTextWith(testEnv, tenant, wrong)).status).toBe(400);
    }
    const all = [1, 2, 3, 4, 5].map((id) => beginPush(tenant, id));
    for (const { finish } of all) finish();
    const answers = await Promise.all(all.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  });
});

describe("a deployment may raise the limits", () => {
  const recordsOf = (tenant: Tenant, count: number): string =>
    JSON.stringify(Array.from({ length: count }, () => rightRecord(tenant)));

  it("of records to 20,000", async () => {
    const env = { ...testEnv, PUSH_RECORDS_MAX: "20000", PUSH_BODY_BYTES_MAX: "20000000" };
    const tenant = await newTenant();
    const full = await pushTextWith(env, tenant, recordsOf(tenant, 20_000), "validate");
    expect(full.status).toBe(200);
    const over = await pushTextWith(env, tenant, recordsOf(tenant, 20_001), "validate");
    const message = "Request rejected: 20001 records exceed the maximum of 20000";
    expect(await answerOf(over)).toEqual({ status: 400, body: { status: "ERROR", message } });
  });

  it("of bytes to 20,000,000", async () => {
    const env = { ...testEnv, PUSH_BODY_BYTES_MAX: "20000000" };
    const tenant = await newTenant();
    const text = JSON.stringify([rightRecord(tenant)]);
    const full = `${text}${" ".repeat(20_000_000 - text.length)}`;
    expect((await pushTextWith(env, tenant, full, "validate")).status).toBe(200);
    const over = await answerOf(await pushTextWith(env, tenant, `${full} `, "validate"));
    const message = "Request rejected: request size (20000001 bytes) exceeds the maximum";
    expect(over).toEqual({ status: 413, body: { status: "ERROR", message } });
  });
});
