import { describe, expect, it } from "vitest";
import { quietConsole } from "../../support/quiet-console.ts";
import {
  answerOf,
  brokenCatalogue,
  rightRecord,
  storedAll,
  tableNames,
} from "../../support/stitch.ts";
import { ERROR_CASES, NOT_AUTHENTICATED } from "../../support/stitch-cases.ts";
import { newTenant, pushRecords, pushText, send, type Tenant } from "../../support/tenant.ts";
import { pushTextWith } from "../../support/worker.ts";

const VALID = { status: 200, body: { status: "OK", message: "Batch is valid!" } };

function validate(
  tenant: Tenant,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  return pushText(tenant, body, headers, "validate");
}

describe("a valid request", () => {
  it.each(["", "*/*", "text/html", "application/json"])(
    "is answered in JSON with Accept: %s",
    async (accept) => {
      const tenant = await newTenant();
      const headers = accept === "" ? undefined : { Accept: accept };
      const response = await validate(tenant, JSON.stringify([rightRecord(tenant)]), headers);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('{"status":"OK","message":"Batch is valid!"}');
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(response.headers.get("cache-control")).toBe("no-store");
    },
  );

  it("stores no table, no column and no row", async () => {
    const tenant = await newTenant();
    expect((await pushRecords(tenant, [rightRecord(tenant)])).status).toBe(201);
    const before = await storedAll();
    const records = [
      rightRecord(tenant, { sequence: 9, data: { id: 1, status: 5, fresh: true } }),
      rightRecord(tenant, { table_name: "new" }),
      rightRecord(tenant, { action: "switch_view", table_version: 9 }),
    ];
    expect(await answerOf(await validate(tenant, JSON.stringify(records)))).toEqual(VALID);
    expect(await storedAll()).toEqual(before);
    expect(await tableNames(tenant)).toEqual(["orders"]);
  });

  it("may be in transit, or gzipped", async () => {
    const tenant = await newTenant();
    const type = { "Content-Type": "application/transit+json" };
    const transit = JSON.stringify([
      ["^ ", "client_id", tenant.clientId, "table_name", "t", "sequence", "~i1"].concat([
        "action",
        "upsert",
        "key_names",
        ["id"],
        "data",
        ["^ ", "id", 1],
      ] as string[]),
    ]);
    expect(await answerOf(await validate(tenant, transit, type))).toEqual(VALID);
    const stream = new Blob([JSON.stringify([rightRecord(tenant)])]).stream();
    const zipped = await new Response(
      stream.pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer();
    const gzip = { "Content-Encoding": "gzip" };
    expect(await answerOf(await validate(tenant, zipped, gzip))).toEqual(VALID);
    expect(await tableNames(tenant)).toEqual([]);
  });
});

describe("validate refuses what push refuses", () => {
  it.each(ERROR_CASES)("$name", async ({ body, headers, status, expected, validate: own }) => {
    const tenant = await newTenant();
    const answer = await answerOf(await validate(tenant, body(tenant), headers));
    expect(answer).toEqual({ body: expected(tenant), status, ...renamed(own) });
    expect(await tableNames(tenant)).toEqual([]);
  });

  it("answers 422 to key names that are not the table's", async () => {
    const tenant = await newTenant();
    expect((await pushRecords(tenant, [rightRecord(tenant)])).status).toBe(201);
    const other = rightRecord(tenant, { key_names: ["status"] });
    const response = await validate(tenant, JSON.stringify([other]));
    expect(await answerOf(response)).toMatchObject({
      status: 422,
      body: { errors: [{ reason: { key_names: ["table orders has the keys id"] } }], record: 0 },
    });
  });

  it.each([undefined, "Bearer unknown", "Basic dTpw"])("answers 403 to %s", async (value) => {
    const response = await send("/v2/import/validate", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(value === undefined ? {} : { Authorization: value }),
      },
      body: "[",
    });
    expect(await answerOf(response)).toEqual({ status: 403, body: NOT_AUTHENTICATED });
  });

  it("refuses too large bodies and too many records", async () => {
    const tenant = await newTenant();
    expect((await validate(tenant, " ".repeat(4_194_305))).status).toBe(413);
    const answer = await answerOf(await validate(tenant, `[${"5,".repeat(10_000)}5]`));
    const message = "Request rejected: 10001 records exceed the maximum of 10000";
    expect(answer).toEqual({ status: 400, body: { status: "ERROR", message } });
  });
});

/** The answer of validate where it has one of its own. */
function renamed(own: { status: number; expected: unknown } | undefined): object {
  return own === undefined ? {} : { status: own.status, body: own.expected };
}

describe("without the catalogue", () => {
  it.each(["D1 DB is overloaded. Requests queued for too long.", "Network connection lost."])(
    "validate never answers 503, push does: %s",
    async (message) => {
      const log = quietConsole();
      const tenant = await newTenant();
      const body = JSON.stringify([rightRecord(tenant)]);
      const checked = await pushTextWith(brokenCatalogue(message), tenant, body, "validate");
      expect(await answerOf(checked)).toMatchObject({ status: 500, body: { status: "ERROR" } });
      expect(checked.headers.get("cache-control")).toBe("no-store");
      const pushed = await pushTextWith(brokenCatalogue(message), tenant, body);
      expect(pushed.headers.get("retry-after")).toMatch(/^\d+$/);
      const answer = await answerOf(pushed);
      expect(answer).toMatchObject({ status: 503, body: { status: "ERROR" } });
      expect((answer.body as { message: unknown }).message).toMatch(/./);
      expect(JSON.stringify(log.mock.calls)).not.toContain(tenant.token);
      log.mockRestore();
    },
  );
});
