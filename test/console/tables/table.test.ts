import { beforeAll, describe, expect, test } from "vitest";
import { KEY_LENGTH_MAX } from "../../../src/warehouse/limits.ts";
import { newTenant, pushRecords, pushText, type Tenant } from "../../support/tenant.ts";
import { tableId } from "../../support/worker.ts";
import { plainText, rowsOf } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.signedIn();
});

/** Stores rows; `json` holds the members of `data` as they are sent. */
async function tableOf(keys: readonly string[], rows: readonly string[]): Promise<string> {
  const tenant = await newTenant();
  const records = rows.map(
    (data, index) =>
      `{"client_id":${tenant.clientId},"table_name":"t","action":"upsert",` +
      `"sequence":${index + 1},"key_names":${JSON.stringify(keys)},"data":${data}}`,
  );
  const answer = await pushText(tenant, `[${records.join(",")}]`);
  expect(answer.status, await answer.text()).toBe(201);
  return pathOf(tenant, "t");
}

async function pathOf(tenant: Tenant, name: string): Promise<string> {
  return `/clients/${tenant.clientId}/tables/${await tableId(tenant, name)}`;
}

/** The row that a search shows, without its sequence, by the names of the columns. */
async function found(path: string, query: Record<string, string>): Promise<string[] | undefined> {
  const page = await browser.get(`${path}?${new URLSearchParams(query).toString()}`);
  expect(page.status).toBe(200);
  const [whole] = /<table class="rows whole">.*?<\/table>/s.exec(page.text) ?? [];
  if (whole === undefined) {
    expect(plainText(page.text)).toContain("No row has this key.");
    return undefined;
  }
  return rowsOf(whole)
    .slice(1)
    .map(([value = ""]) => value);
}

describe("search by key", () => {
  test("finds numbers, texts and booleans, however they look", async () => {
    const path = await tableOf(
      ["id"],
      [
        '{"id":1,"v":"number"}',
        '{"id":"a b","v":"text"}',
        '{"id":true,"v":"boolean"}',
        '{"id":"007","v":"digits"}',
      ],
    );
    expect(await found(path, { k0: "1" })).toEqual(["1", "number"]);
    expect(await found(path, { k0: " 1 " })).toEqual(["1", "number"]);
    expect(await found(path, { k0: "1.0" })).toEqual(["1", "number"]);
    expect(await found(path, { k0: "a b" })).toEqual(["a b", "text"]);
    expect(await found(path, { k0: "true" })).toEqual(["true", "boolean"]);
    expect(await found(path, { k0: "007" })).toEqual(["007", "digits"]);
    expect(await found(path, { k0: "7" })).toBeUndefined();
    expect(await found(path, { k0: "a" })).toBeUndefined();
  });

  test("finds texts that look like numbers, and says that they are texts", async () => {
    const path = await tableOf(["id"], ['{"id":"12","v":"null","w":null,"x":""}']);
    expect(await found(path, { k0: "12" })).toEqual(['"12"', '"null"', "null", '""']);
  });

  test("a number keeps its digits", async () => {
    const path = await tableOf(["id"], ['{"id":9007199254740993,"v":0.10}']);
    expect(await found(path, { k0: "9007199254740993" })).toEqual(["9007199254740993", "0.10"]);
    expect(await found(path, { k0: "9007199254740992" })).toBeUndefined();
  });

  test("finds composite keys, where one field is a text like a number and another a number", async () => {
    const path = await tableOf(
      ["shop", "no"],
      [
        '{"shop":"1","no":2,"v":"a"}',
        '{"shop":1,"no":"2","v":"b"}',
        '{"shop":"x","no":"y","v":"c"}',
      ],
    );
    expect(await found(path, { k0: "x", k1: "y" })).toEqual(["x", "y", "c"]);
    expect((await found(path, { k0: "1", k1: "2" }))?.[2]).toMatch(/^[ab]$/);
    expect(await found(path, { k0: "x", k1: "" })).toBeUndefined();
  });

  test("what can be no key is said, not failed", async () => {
    const path = await tableOf(["id"], ['{"id":1}']);
    const page = await browser.get(`${path}?k0=${"x".repeat(KEY_LENGTH_MAX)}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('role="alert"');
  });

  test("bends no path: what was typed is a value", async () => {
    const path = await tableOf(["id"], ['{"id":"&limit=1#/../x"}']);
    expect(await found(path, { k0: "&limit=1#/../x" })).toEqual(["&limit=1#/../x"]);
    expect(await found(path, { k0: '"}&after=x' })).toBeUndefined();
  });
});

describe("rows", () => {
  test("absent, null, empty and texts like other values can be told apart", async () => {
    const path = await tableOf(
      ["id"],
      ['{"id":1,"a":null,"b":"","c":"null","d":"1","e":false,"f":"false","g":"x"}', '{"id":2}'],
    );
    const [, table = ""] =
      /(<table class="rows">.*?<\/table>)/s.exec((await browser.get(path)).text) ?? [];
    const shown = rowsOf(table).map((cells) => cells.slice(1));
    expect(shown.sort(([a = ""], [b = ""]) => Number(a) - Number(b))).toEqual([
      ["1", "null", '""', '"null"', '"1"', "false", '"false"', "x"],
      ["2", "", "", "", "", "", "", ""],
    ]);
  });

  test("come in pages, each row once", async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `{"id":${index}}`);
    const path = await tableOf(["id"], rows);
    const seen: string[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const page: string = (await browser.get(next)).text;
      const [, table = ""] = /(<table class="rows">.*?<\/table>)/s.exec(page) ?? [];
      seen.push(...rowsOf(table).map(([, id = ""]) => id));
      next = /href="\/console([^"#]*)#rows">The next rows/.exec(page)?.[1];
    }
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  test("an `after` of anybody's is said", async () => {
    const path = await tableOf(["id"], ['{"id":1}']);
    const page = await browser.get(`${path}?after=nonsense%26key%3D1`);
    expect(page.status).toBe(200);
    expect(plainText(page.text)).toContain("after: must be");
  });

  test("a long value is cut between characters, and whole in a search", async () => {
    const value = `${"x".repeat(299)}😀${"y".repeat(10_000)}`;
    const path = await tableOf(["id"], [JSON.stringify({ id: 1, v: value })]);
    const text = plainText((await browser.get(path)).text);
    expect(text).toContain(`${"x".repeat(299)}… (10,301 characters)`);
    expect(await found(path, { k0: "1" })).toEqual(["1", value]);
  });

  test("of 2,000 columns the first are shown, and a row whole", async () => {
    const columns = Array.from({ length: 1_999 }, (_, index) => [`c${index}`, index] as const);
    const path = await tableOf(["id"], [JSON.stringify({ id: 1, ...Object.fromEntries(columns) })]);
    expect(plainText((await browser.get(path)).text)).toContain("The first 60 of 2,000 columns.");
    expect(await found(path, { k0: "1" })).toHaveLength(2_000);
  });
});

test("a table without keys has no search; a subtable leads to its table", async () => {
  const tenant = await newTenant({ nested: true });
  await pushRecords(tenant, [
    { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1, lines: [{ n: 1 }] } },
  ]);
  const parent = await pathOf(tenant, "t");
  const page = await browser.get(await pathOf(tenant, "t__lines"));
  expect(page.text).toContain(`href="/console${parent}"`);
  expect(page.text).not.toContain('role="search"');
});
