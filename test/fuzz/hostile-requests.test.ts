/** Hostile requests beside their bodies: paths, queries, headers, lists, and too many of anything. */
import { describe, expect, test } from "vitest";
import { ADMIN_TOKEN } from "../bench/workers.ts";
import { CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN } from "../e2e/constants.ts";
import { Buffer } from "../../src/buffer.ts";
import { expectAnswer } from "./expect-answer.ts";
import { type Input, withHeader } from "./request.ts";
import { useTarget } from "./setup.ts";
import { bodyInput } from "./shapes.ts";

const target = useTarget();

const CLIENT = `/admin/v1/clients/${CLIENT_ID}`;

function adminInput(method: string, path: string, body?: unknown): Input {
  return {
    route: "admin",
    method,
    target: path,
    headers: [
      ["Authorization", `Bearer ${ADMIN_TOKEN}`],
      ["Content-Type", "application/json"],
    ],
    body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
    framing: body === undefined ? "none" : "length",
  };
}

const nativeInput = (table: string, query = "?keys=id"): Input => ({
  ...bodyInput("native", '[{"id":1}]'),
  target: `/api/v1/tables/${table}/rows${query}`,
});

describe("paths", () => {
  const DATA = `/data?apikey=${IMPORT_TOKEN}`;
  test.each([
    ["an encoded slash", `a%2fb`],
    ["an encoded NUL", `a%00b`],
    ["encoded dots", `%2e%2e%2fa`],
    ["an encoded emoji", `%f0%9f%98%80`],
    ["broken UTF-8", `%ff%fe`],
    ["a lone surrogate", `%ed%a0%80`],
    ["a percent sign", `%`],
    ["an escape that is none", `%zz`],
    ["256 letters", "a".repeat(256)],
    ["16 KB", "a".repeat(16_384)],
  ])("RJMetrics: a table named by %s", async (_what, table) => {
    const path = `/v2/client/${CLIENT_ID}/table/${table}${DATA}`;
    const input = { ...bodyInput("rjmetrics", '{"keys":["id"],"id":1}'), target: path };
    await expectAnswer(target(), input, 400, "table_name_bad");
  });

  test.each([
    ["broken UTF-8", `%ff%fe`],
    ["a lone surrogate", `%ed%a0%80`],
    ["an escape that is none", `%zz`],
    ["blanks", `%20%09`],
    ["256 letters", "a".repeat(256)],
    ["16 KB", "a".repeat(16_384)],
  ])("native: a table named by %s is refused", async (_what, table) => {
    await expectAnswer(target(), nativeInput(table), 400, "table_name_bad");
  });

  test.each([
    ["an encoded slash", "a%2Fb"],
    ["an encoded NUL", "a%00b"],
    ["encoded dots and slashes", "%2e%2e%2f%2e%2e"],
    ["quotes", "%27%22%60"],
    ["an emoji", "%f0%9f%98%80"],
    ["__proto__", "__proto__"],
  ])("native: a table named by %s is that table", async (_what, table) => {
    await expectAnswer(target(), nativeInput(table), 200, "ok");
  });

  test.each(["/%00", "//", "/%2e%2e", "/%ff", `/${"a".repeat(16_384)}`, `/${"/a".repeat(8_000)}`])(
    "nothing is at %j",
    async (path) => {
      const input = { ...adminInput("GET", path), route: "nowhere" };
      await expectAnswer(target(), input, 404, "not_found");
    },
  );

  test.each([
    `${CLIENT}/tables/%00`,
    `${CLIENT}/tables/-1`,
    `${CLIENT}/tables/1e3`,
    `${CLIENT}/tables/01`,
    `${CLIENT}/tables/9007199254740993`,
    `${CLIENT}/tables/${"9".repeat(4_000)}`,
    `${CLIENT}/tables/%ff`,
    "/admin/v1/clients/__proto__",
    "/admin/v1/clients/%2e%2e",
  ])("admin: no id is %s", async (path) => {
    await expectAnswer(target(), adminInput("GET", path), 404, "not_found");
  });
});

describe("headers", () => {
  const LONG = 7_000;
  test.each([
    ["Authorization", `Bearer ${"a".repeat(LONG)}`, 401, "unauthorized"],
    ["Authorization", "Bearer \u00ff\u00fe", 401, "unauthorized"],
    ["Authorization", "Basic %%%", 401, "unauthorized"],
    ["Authorization", "", 401, "unauthorized"],
    ["Content-Type", "a".repeat(LONG), 415, "content_type"],
    ["Content-Type", "\u00ff", 415, "content_type"],
    ["Headgate-Keys", '["id"', 400, "option_invalid"],
    ["Headgate-Keys", "[1]", 400, "option_invalid"],
    ["Headgate-Sequence", "9223372036854775808", 400, "option_invalid"],
    ["Headgate-Sequence", "1".repeat(LONG), 400, "option_invalid"],
    ["Headgate-Nonsense", "1", 400, "option_invalid"],
    ["Idempotency-Key", "\u00ff", 400, "option_invalid"],
    ["Idempotency-Key", "a".repeat(256), 400, "option_invalid"],
  ])("native: %s: %.40s", async (name, value, status, code) => {
    const input = withHeader(nativeInput("headers", ""), name, value);
    await expectAnswer(target(), input, status, code);
  });

  test.each([
    "keys=%00&keys=%5B",
    "sequence=1e3",
    "sequence=-0",
    "sequence=01",
    "dry_run=2",
    "on_error=x",
    "sequence=1&sequence=1",
    "__proto__=1",
    "%00=1",
    "sequence=1&sequence_field=id",
    "=",
    "%ff=1",
  ])("native: the query %s", async (query) => {
    await expectAnswer(target(), nativeInput("query", `?${query}`), 400, "option_invalid");
  });
});

describe("too many", () => {
  const point = (table: string, data: unknown): unknown => ({
    client_id: CLIENT_ID,
    table_name: table,
    sequence: 1,
    action: "upsert",
    key_names: ["id"],
    data,
  });
  const many = (count: number, make: (index: number) => unknown): string =>
    JSON.stringify(Array.from({ length: count }, (_, index) => make(index)));
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`c${index}`, 1]));

  test("10,000 tables in one push", async () => {
    const body = many(10_000, (index) => point(`t${index}`, { id: 1 }));
    await expectAnswer(target(), bodyInput("push", body), 422, "tables_too_many");
  });

  test("10,001 records in one push", async () => {
    const body = many(10_001, (index) => point("many", { id: index }));
    await expectAnswer(target(), bodyInput("push", body), 400, "records_too_many");
  });

  test("10,000 columns in one record, and in as many records", async () => {
    const one = JSON.stringify([point("wide", { id: 1, ...wide })]);
    await expectAnswer(target(), bodyInput("push", one), 422, "columns_too_many");
    const each = many(10_000, (index) => point("wide", { id: 1, [`c${index}`]: 1 }));
    await expectAnswer(target(), bodyInput("push", each), 422, "columns_too_many");
    const native = JSON.stringify([{ id: 1, ...wide }]);
    await expectAnswer(target(), bodyInput("native", native), 422, "columns_too_many");
  });

  test("1,000 names of keys", async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `k${index}`);
    const body = JSON.stringify([{ ...Object(point("keys", { id: 1 })), key_names: names }]);
    await expectAnswer(target(), bodyInput("push", body), 422, "record_members");
  });

  test("101 switches of a version", async () => {
    const activate = {
      client_id: CLIENT_ID,
      table_name: "v",
      sequence: 1,
      action: "activate_version",
    };
    const body = many(101, () => activate);
    await expectAnswer(target(), bodyInput("push", body), 422, "activations_too_many");
  });

  test("4 MB in one text are refused, also as a key", async () => {
    const long = "a".repeat(4_000_000);
    const body = JSON.stringify([point("long", { id: 1, long })]);
    await expectAnswer(target(), bodyInput("push", body), 422, "record_too_large");
    const key = JSON.stringify([point("long", { id: long })]);
    await expectAnswer(target(), bodyInput("push", key), 422, "key_too_long");
  });
});

describe("lists and texts of the admin", () => {
  test.each([
    "1.2.3",
    "256.1.1.1",
    "01.2.3.4",
    "0x7f.0.0.1",
    "2130706433",
    "127.1",
    "1.2.3.4/33",
    "1.2.3.4/-1",
    "1.2.3.4/08",
    "1.2.3.4/",
    "/8",
    "::/129",
    "::ffff:1.2.3.4/129",
    "fe80::1%eth0",
    ":::",
    "1::2::3",
    "",
    " 1.2.3.4",
    "1.2.3.4\0",
    "1.2.3.4,5.6.7.8",
    "localhost",
    "٣.0.0.1",
    "a".repeat(10_000),
  ])("no address is %.40j", async (address) => {
    const body = { name: "k", allowed_ips: ["10.0.0.0/8", address] };
    await expectAnswer(
      target(),
      adminInput("POST", `${CLIENT}/export-keys`, body),
      422,
      "admin_invalid",
    );
  });

  test("10,000 addresses", async () => {
    const body = { name: "k", allowed_ips: Array.from({ length: 10_000 }, () => "10.0.0.0/8") };
    await expectAnswer(
      target(),
      adminInput("POST", `${CLIENT}/export-keys`, body),
      422,
      "admin_invalid",
    );
  });

  test.each([
    "(".repeat(999),
    "(".repeat(21) + "[A]" + ")".repeat(21),
    "[A] AND",
    "[A] [A]",
    "NOT [A]",
    "[B]",
    "",
    "[A",
    "[A]\0",
    "[Ａ]",
    `[A]${" OR [A]".repeat(500)}`,
    "A".repeat(10_000),
  ])("no filter logic is %.40j", async (logic) => {
    await pushTable();
    const filters = [{ id: "A", column: "id", operator: "equal", value: 1 }];
    const body = { table_id: 1, filters, filter_logic: logic };
    await expectAnswer(
      target(),
      adminInput("POST", `${CLIENT}/exports`, body),
      422,
      "admin_invalid",
    );
  });

  test.each([
    "(".repeat(999),
    "-".repeat(60) + "A",
    "A".repeat(1_001),
    "A +",
    "A B",
    "C",
    "1e3",
    "A\0",
    "A // B",
    "",
    "__proto__",
    "(".repeat(51) + "A" + ")".repeat(51),
  ])("no formula is %.40j", async (expression) => {
    await pushTable();
    const body = {
      name: "f",
      type: "table",
      metrics: [{ label: "n", table_id: 1, operation: "count" }],
      formulas: [{ label: "x", expression }],
    };
    await expectAnswer(
      target(),
      adminInput("POST", `${CLIENT}/figures`, body),
      422,
      "admin_invalid",
    );
  });

  test("1e400, -0, __proto__ and depth in a definition", async () => {
    for (const text of [
      '{"table_id":1e400}',
      '{"table_id":-0}',
      '{"table_id":1.0}',
      '{"table_id":1,"__proto__":{"x":1}}',
      '{"table_id":1,"table_id":[]}',
      '{"table_id":1,"columns":["\\ud800"]}',
      `{"table_id":1,"filters":${"[".repeat(400)}${"]".repeat(400)}}`,
    ]) {
      const input = { ...adminInput("POST", `${CLIENT}/exports`, {}), body: Buffer.from(text) };
      await expectAnswer(target(), input, 422, "admin_invalid");
    }
  });

  /** The table that definitions are about; its id is the first. */
  async function pushTable(): Promise<void> {
    const { answer } = await target().send(bodyInput("native", '[{"id":1}]'));
    expect(answer?.status).toBe(200);
  }
});

describe("the Export API", () => {
  const exportInput = (path: string, form: string): Input => ({
    route: "export",
    method: "POST",
    target: path,
    headers: [
      ["X-RJM-API-Key", EXPORT_KEY],
      ["Content-Type", "application/x-www-form-urlencoded"],
    ],
    body: Buffer.from(form),
    framing: "length",
  });

  test.each(["spreadsheet_safe=maybe", "spreadsheet_safe=%00", "spreadsheet_safe=%ff"])(
    "no option is %s",
    async (form) => {
      await target().send(bodyInput("native", '[{"id":1}]'));
      const path = `/0.1/client/${CLIENT_ID}/table/1/export`;
      await expectAnswer(target(), exportInput(path, form), 400, "export_invalid");
    },
  );

  test("a form of more than 100,000 bytes", async () => {
    const path = `/0.1/client/${CLIENT_ID}/table/1/export`;
    const form = `name=${"a".repeat(100_000)}`;
    await expectAnswer(target(), exportInput(path, form), 400, "body_too_large");
  });

  test.each(["%00", "1e3", "-1", "9".repeat(4_000), "__proto__", "%ff"])(
    "no table is %.40s",
    async (id) => {
      const path = `/0.1/client/${CLIENT_ID}/table/${id}/export`;
      await expectAnswer(target(), exportInput(path, ""), 404, "not_found");
    },
  );
});
