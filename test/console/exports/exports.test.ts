import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readZip } from "../../support/read-zip.ts";
import { testEnv } from "../../support/env.ts";
import { newTenant, pushText, type Tenant } from "../../support/tenant.ts";
import { callWorker, tableId } from "../../support/worker.ts";
import { plainText, rowsOf, unescaped } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;
let tenant: Tenant;
let tid: number;
let path: string;

const ROWS = [
  '{"id":1,"name":"Ada","total":58.40,"a\\nb":"x"}',
  '{"id":2,"name":"Bob","total":9.5,"a\\nb":"y"}',
  '{"id":3,"name":"12","total":100,"a\\nb":null}',
];

beforeAll(async () => {
  browser = await Browser.signedIn();
});

beforeEach(async () => {
  tenant = await newTenant();
  const records = ROWS.map(
    (data) =>
      `{"client_id":${tenant.clientId},"table_name":"orders","action":"upsert","sequence":1,"key_names":["id"],"data":${data}}`,
  );
  const answer = await pushText(tenant, `[${records.join(",")}]`);
  if (answer.status !== 201) throw new Error(await answer.text());
  tid = await tableId(tenant, "orders");
  path = `/clients/${tenant.clientId}/exports`;
});

type Fields = readonly (readonly [string, string])[];

/** Sends the form of a new export. */
const create = (...fields: Fields): ReturnType<Browser["post"]> =>
  browser.post(
    path,
    new URLSearchParams(
      [["table", String(tid)], ...fields].map(([name, value]) => [name ?? "", value ?? ""]),
    ),
  );

/** The fields of a line of the filters. */
const line = (index: number, column: string, operator: string, value: string): Fields => {
  const letter = "ABCDEFGHIJ"[index] ?? "";
  return Object.entries({ id: letter, column, operator, value }).map(
    ([name, text]) => [`filter${index}_${name}`, text] as const,
  );
};

/** Waits for an export's end, as its page says it. */
async function ended(page: string): Promise<string> {
  await expect
    .poll(async () => plainText((await browser.get(page)).text), { timeout: 20_000 })
    .toContain("Completed");
  return (await browser.get(page)).text;
}

/** The lines of the file behind the link on the page of an export. */
async function fileOf(page: string): Promise<string[]> {
  await ended(page);
  const answer = await callWorker(testEnv, `/console${page}/file`, { headers: browser.headers });
  expect(answer.status).toBe(200);
  const { data } = readZip(new Uint8Array(await answer.arrayBuffer()));
  return new TextDecoder().decode(data).trimEnd().split("\r\n");
}

const pageOf = (location: string | null): string => (location ?? "").slice("/console".length);

describe("a new export", () => {
  test("first asks for the table", async () => {
    const page = await browser.get(`${path}/new`);
    expect(page.text).toContain(`<option value="${tid}">orders</option>`);
    const form = plainText((await browser.get(`${path}/new?table=${tid}`)).text);
    expect(form).toContain("New export of orders");
    expect(form).toContain("total (decimal)");
    expect((await browser.get(`${path}/new?table=1e3`)).text).toContain("Which table?");
    expect((await browser.get(`${path}/new?table=999999999`)).status).toBe(404);
  });

  test("has all columns and rows where nothing is chosen, and the table's name", async () => {
    const made = await create(["name", ""]);
    expect(made.status).toBe(303);
    const page = pageOf(made.location);
    const lines = await fileOf(page);
    expect(lines[0]).toBe('id,name,total,"a\nb"');
    expect(lines.join("\n")).toContain("58.40");
    const text = plainText(await ended(page));
    expect(text).toContain("orders");
    expect(text).toContain("Rows in the file 3");
    expect(text).toMatch(/File expires \d{4}-/);
  });

  test("has the columns and the rows that were chosen", async () => {
    const made = await create(
      ["name", "big ones"],
      ["column", "total"],
      ["column", "id"],
      ...line(0, "total", "greater", "9.50"),
      ...line(1, "name", "equal", "12"),
      ...line(2, "name", "in", "Ada, Eve"),
      ["logic", "[A] AND ([B] OR [C])"],
    );
    const lines = await fileOf(pageOf(made.location));
    expect([lines[0], ...lines.slice(1).sort()]).toEqual(["total,id", "100,3", "58.40,1"]);
    const text = plainText((await browser.get(pageOf(made.location))).text);
    expect(text).toContain("big ones");
    expect(text).toContain("Columns total , id");
    expect(text).toContain("[A] AND ([B] OR [C])");
    expect(text).toMatch(
      /A: total greater than 9\.50? B: name equal to "12" C: name in \["Ada","Eve"\]/,
    );
  });

  test("a column whose name has a line end is chosen like every other", async () => {
    const form = (await browser.get(`${path}/new?table=${tid}`)).text;
    const [, box = ""] = /<input type="checkbox"[^>]* value="([^"]*a\\nb[^"]*)"/.exec(form) ?? [];
    // Else a browser would send CR LF in its place.
    expect(unescaped(box)).toBe('"a\\nb"');
    const value = unescaped(box);
    const made = await create(
      ["column", "id"],
      ["column", value],
      ...line(0, value, "is_null", ""),
    );
    expect((await fileOf(pageOf(made.location))).join("\n")).toBe('id,"a\nb"\n3,');
  });

  test("more conditions are a step that makes no export, and keeps what was typed", async () => {
    const answer = await create(
      ["name", "half done"],
      ["column", "name"],
      ...line(0, "total", "greater", "1"),
      ...line(1, "name", "like", "A%"),
      ["more", "1"],
    );
    expect(answer.status).toBe(200);
    for (const letter of ["A", "B", "C", "D"]) {
      expect(answer.text).toContain(`aria-label="Condition ${letter}"`);
    }
    expect(answer.text).toContain('value="half done"');
    expect(answer.text).toContain('value="A%"');
    expect(answer.text).toMatch(/value="name" checked/);
    expect(rowsOf((await browser.get(path)).text)).toEqual([]);
  });

  test.each([
    [[["logic", "[A] AND [B]"], ...line(0, "id", "equal", "1")], "filter_logic"],
    [[["logic", "[A]"]], "filter_logic"],
    [line(0, "nothing", "equal", "1"), "nothing"],
    [line(0, "id", "near", "1"), "operator"],
    [line(0, "total", "greater", "much"), "value"],
    [[["column", "nothing"]], "nothing"],
    [[["name", "n".repeat(5_000)]], "name"],
  ] as [Fields, string][])(
    "is refused with the reason, and what was typed stays: %#",
    async (fields, reason) => {
      const answer = await create(["spreadsheet_safe", "1"], ...fields);
      expect(answer.status).toBe(422);
      const [, said = ""] = /role="alert"[^>]*>(.*?)<\/div>/s.exec(answer.text) ?? [];
      expect(plainText(said)).toContain(reason);
      expect(answer.text).toMatch(/name="spreadsheet_safe" value="1" checked/);
      for (const [name, value] of fields) {
        if (name === "logic") expect(answer.text).toContain(`value="${value}"`);
      }
      expect(rowsOf((await browser.get(path)).text)).toEqual([]);
    },
  );

  test("of another client's table is none", async () => {
    const other = await newTenant();
    const fields = { table: String(tid) };
    const answer = await browser.post(`/clients/${other.clientId}/exports`, fields);
    expect(answer.status).toBe(404);
  });
});

describe("an export", () => {
  test("is copied with the rows of now, and deleted, twice without an error", async () => {
    const page = pageOf((await create(["column", "id"])).location);
    await ended(page);
    const copied = await browser.post(`${page}/copy`);
    expect(copied.status).toBe(303);
    const copy = pageOf(copied.location);
    expect(copy).not.toBe(page);
    expect((await fileOf(copy))[0]).toBe("id");
    for (const _ of ["first", "second click"]) {
      const deleted = await browser.post(`${page}/delete`);
      expect([deleted.status, deleted.location]).toEqual([303, `/console${path}`]);
    }
    expect((await browser.get(page)).status).toBe(404);
    expect(rowsOf((await browser.get(path)).text)).toHaveLength(1);
  });

  test("a download that broke off goes on where it was", async () => {
    const page = pageOf((await create()).location);
    await ended(page);
    const get = (more: Record<string, string>): Promise<Response> =>
      callWorker(testEnv, `/console${page}/file`, { headers: { ...browser.headers, ...more } });
    const whole = new Uint8Array(await (await get({})).arrayBuffer());
    const part = await get({ Range: "bytes=10-" });
    expect(part.status).toBe(206);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(whole.slice(10));
    // The file itself is never a page.
    expect(part.headers.get("content-type")).toBe("application/zip");
    expect(part.headers.get("content-disposition")).toMatch(/^attachment/);
  });

  test("of many columns says how many, and shows them on demand", async () => {
    const made = await create();
    const columns = Array.from({ length: 300 }, (_, index) => `c${index}`);
    const id = Number(/\d+$/.exec(made.location ?? "")?.[0]);
    await testEnv.CATALOG.prepare("UPDATE exports SET definition = ?2 WHERE id = ?1")
      .bind(id, JSON.stringify({ columns }))
      .run();
    const { text } = await browser.get(pageOf(made.location));
    expect(text).toMatch(/<summary>300 columns<\/summary>/);
  });

  test("that failed says why, and one that has expired leads to a copy", async () => {
    const { CATALOG } = testEnv;
    const insert = CATALOG.prepare(`INSERT INTO exports
      (client_id, table_id, name, status, error, created_at, completed_at, expires_at)
      VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 1) RETURNING id`);
    const [failed, expired] = await Promise.all([
      insert.bind(tenant.clientId, tid, "failed", "Error", "It is <b>too</b> wide.").first("id"),
      insert.bind(tenant.clientId, tid, "expired", "Completed", null).first("id"),
    ]);
    const failure = await browser.get(`${path}/${String(failed)}`);
    expect(plainText(failure.text)).toContain("It is <b>too</b> wide.");
    expect(failure.text).not.toContain("Download the zip");
    const old = plainText((await browser.get(`${path}/${String(expired)}`)).text);
    expect(old).toContain("The file is gone.");
    const file = await browser.get(`${path}/${String(expired)}/file`);
    expect([file.status, file.location]).toEqual([303, `/console${path}/${String(expired)}`]);
  });

  test("of very many the newest are shown, and the others are found by name", async () => {
    await testEnv.CATALOG.prepare(
      `INSERT INTO exports (client_id, table_id, name, status, created_at, completed_at, expires_at)
       SELECT ?1, ?2, 'daily ' || value, 'Completed', value, value, 1
       FROM json_each(?3)`,
    )
      .bind(tenant.clientId, tid, JSON.stringify(Array.from({ length: 1_000 }, (_, day) => day)))
      .run();
    const page = await browser.get(path);
    expect(rowsOf(page.text)).toHaveLength(200);
    expect(rowsOf(page.text)[0]?.slice(0, 2)).toEqual(["daily 999", "orders"]);
    expect(plainText(page.text)).toContain("The first 200 of 1,000 exports are shown");
    const found = await browser.get(`${path}?name=DAILY+77`);
    expect(rowsOf(found.text)).toHaveLength(11);
    expect(plainText((await browser.get(`${path}?name=weekly`)).text)).toContain("“weekly”");
  });

  test("under way is looked at again, with script and without", async () => {
    const id = await testEnv.CATALOG.prepare(
      `INSERT INTO exports (client_id, table_id, name, status, created_at, rows_done, rows_total)
       VALUES (?1, ?2, 'slow', 'Running', ?3, 120000, 300000) RETURNING id`,
    )
      .bind(tenant.clientId, tid, Date.now())
      .first<number>("id");
    for (const page of [path, `${path}/${id}`]) {
      const { text } = await browser.get(page);
      expect(text).toMatch(/data-refresh="2"/);
      expect(text).toMatch(/<noscript><meta http-equiv="refresh" content="2"/);
      expect(text).toContain('max="300000" value="120000"');
      expect(plainText(text)).toContain("120,000 of 300,000 rows");
    }
  });
});
