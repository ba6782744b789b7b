/** `POST /v2/import/batch`: who may send, in what order it is checked, and how much (wire.md 2.2, 2.3, 2.5). */
import { describe, expect, it } from "vitest";
import {
  batchOf,
  expectNothingStored,
  json,
  seen,
  sendBatch,
  tablesOf,
  upsert,
} from "../../support/batch-and-points.ts";
import { newTenant, pushText, send, storedRows } from "../../support/tenant.ts";

const good = upsert(1, { id: 1 });

/** A number that JavaScript would change, as JSON.stringify writes it. */
const exact = (text: string): unknown => JSON.rawJSON(text);

describe("credentials", () => {
  const unauthorized = json(401, '{"message":"Not Authorized"}');
  const foreign = json(
    403,
    '{"status":"ERROR","error":"Forbidden","errors":{"error":"Access token is not associated with this client."}}',
  );

  it.each(["", "Basic x", "Bearer", "Bearer ", "Bearer unknown", "unknown"])(
    'refuses Authorization "%s"',
    async (Authorization) => {
      const tenant = await newTenant();
      const answer = sendBatch(tenant, batchOf("t", [good]), { Authorization });
      expect(await seen(answer)).toEqual(unauthorized);
      await expectNothingStored(tenant);
    },
  );

  it("refuses a request without Authorization", async () => {
    const headers = { "Content-Type": "application/json" };
    const answer = send("/v2/import/batch", { method: "POST", headers, body: "{}" });
    expect(await seen(answer)).toEqual(unauthorized);
  });

  it("refuses any client_id but the token's, before the schema and the messages", async () => {
    const tenant = await newTenant();
    const other = await newTenant();
    const own = String(tenant.clientId);
    for (const id of [other.clientId, own, null, exact(`${own}.0`), [tenant.clientId]]) {
      const members = { client_id: id, schema: { type: "no" } };
      expect(await seen(sendBatch(tenant, batchOf("t", [1], members)))).toEqual(foreign);
    }
    await expectNothingStored(tenant);
    expect(await tablesOf(other)).toEqual([]);
  });
});

describe("order of checks", () => {
  const wrongType = { "Content-Type": "text/plain" };
  const unsupported = {
    status: 415,
    type: "text/plain; charset=UTF-8",
    text: "Content-Type must be application/json",
  };

  it("path, method, token, Content-Type, size, JSON, members, client, records", async () => {
    const tenant = await newTenant();
    const bad = { method: "PUT", headers: { "Content-Type": "text/plain" }, body: "{" };
    const notFound = json(404, '{"status":"ERROR","message":"Not found."}');
    expect(await seen(send("/v2/import/batch/", bad))).toEqual(notFound);
    expect(await seen(send("/v2/import/Batch", bad))).toEqual(notFound);
    const method = await send("/v2/import/batch", bad);
    expect(method.headers.get("allow")).toBe("POST");
    const text = "Method not allowed.";
    expect(await seen(method)).toEqual({ status: 405, type: "text/plain; charset=UTF-8", text });
    const unknown = { ...wrongType, Authorization: "Bearer unknown" };
    expect((await sendBatch(tenant, "{", unknown)).status).toBe(401);
    const tooLong = " ".repeat(20_000_001);
    expect(await seen(sendBatch(tenant, tooLong, wrongType))).toEqual(unsupported);
    expect((await sendBatch(tenant, tooLong)).status).toBe(413);
    expect((await sendBatch(tenant, '{"schema":1')).status).toBe(400);
  });

  it.each(["application/transit+json", "text/json", "application/x-www-form-urlencoded", ""])(
    'refuses the Content-Type "%s"',
    async (type) => {
      const answer = sendBatch(await newTenant(), batchOf("t", [good]), { "Content-Type": type });
      expect(await seen(answer)).toEqual(unsupported);
    },
  );

  it("refuses another coding than gzip, and broken gzip", async () => {
    const tenant = await newTenant();
    const br = await sendBatch(tenant, batchOf("t", [good]), { "Content-Encoding": "br" });
    expect(br.status).toBe(415);
    const broken = sendBatch(tenant, batchOf("t", [good]), { "Content-Encoding": "gzip" });
    expect(await seen(broken)).toMatchObject({ status: 400, type: "application/json" });
    await expectNothingStored(tenant);
  });
});

describe("limits", () => {
  const padded = (bytes: number): string => {
    const text = JSON.stringify(batchOf("t", [good]));
    return text + " ".repeat(bytes - text.length);
  };
  const tooLarge = json(
    413,
    '{"status":"ERROR","message":"Request rejected: request size (20000001 bytes) exceeds the maximum"}',
  );

  it("takes 20,000,000 bytes, plain and after gzip, and not one more", async () => {
    const tenant = await newTenant();
    const gzipped = async (text: string): Promise<Response> => {
      const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
      const body = await new Response(stream).arrayBuffer();
      return pushText(tenant, body, { "Content-Encoding": "gzip" }, "batch");
    };
    expect((await sendBatch(tenant, padded(20_000_000))).status).toBe(201);
    expect((await gzipped(padded(20_000_000))).status).toBe(201);
    expect(await seen(sendBatch(tenant, padded(20_000_001)))).toEqual(tooLarge);
    const answer = await seen(gzipped(padded(20_000_001)));
    expect(answer.status).toBe(413);
    expect(answer.text).toMatch(/request size \(\d+ bytes\) exceeds/);
  });

  it("takes 20,000 messages, and not one more", async () => {
    const tenant = await newTenant();
    const messages = Array.from({ length: 20_001 }, (_, id) => upsert(1, { id }));
    const answer = json(
      400,
      '{"error":"Request failed validation:#/messages: expected maximum item count: 20000, found: 20001"}',
    );
    expect(await seen(sendBatch(tenant, batchOf("t", messages)))).toEqual(answer);
    await expectNothingStored(tenant);
    expect((await sendBatch(tenant, batchOf("t", messages.slice(1)))).status).toBe(201);
    expect(await storedRows(tenant, "t")).toHaveLength(20_000);
  });
});
