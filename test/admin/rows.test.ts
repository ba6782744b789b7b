import { Buffer } from "../../src/buffer.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROWS_BYTES_MAX, ROWS_LIMIT_MAX } from "../../src/admin/limits.ts";
import { cursorFromText, cursorText } from "../../src/admin/row-pages.ts";
import { Admission } from "../../src/http/admission.ts";
import { IN_FLIGHT_BYTES_MAX } from "../../src/http/limits.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, pushText, send, storedRows, type Tenant } from "../support/tenant.ts";
import { type Answer, call, expectProblem, member } from "./call.ts";

/** A tenant with the table `t`, keyed by `id`, whose rows have these texts as their data. */
async function newTable(datas: readonly string[], sequence = "7") {
  const tenant = await newTenant();
  const records = datas.map(
    (data) =>
      `{"client_id":${tenant.clientId},"action":"upsert","table_name":"t","key_names":["id"],"sequence":${sequence},"data":${data}}`,
  );
  for (let i = 0; i < records.length; i += 500) {
    const response = await pushText(tenant, `[${records.slice(i, i + 500).join(",")}]`);
    expect(response.status, await response.text()).toBe(201);
  }
  const id = await tableId(tenant);
  return { tenant, id, path: `/clients/${tenant.clientId}/tables/${id}/rows` };
}

async function tableId({ integrationId }: Tenant): Promise<number> {
  const select = "SELECT id FROM tables WHERE integration_id = ?1";
  return Number(await testEnv.CATALOG.prepare(select).bind(integrationId).first("id"));
}

interface Page {
  readonly rows: readonly { readonly sequence: string | null; readonly data: { id: number } }[];
  readonly next: string | null;
}

function pageOf(answer: Answer): Page {
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Page;
}

/** All pages of a table. */
async function pagesOf(path: string, limit?: number): Promise<Page[]> {
  const pages: Page[] = [];
  for (let next: string | null = ""; next !== null; next = pages.at(-1)?.next ?? null) {
    const query = new URLSearchParams();
    if (limit !== undefined) query.set("limit", String(limit));
    if (next !== "") query.set("after", next);
    pages.push(pageOf(await call("GET", `${path}?${query.toString()}`)));
  }
  return pages;
}

const idsOf = (pages: readonly Page[]): number[] =>
  pages.flatMap(({ rows }) => rows.map(({ data }) => data.id));

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `{"id":${i + 1}}`);

/** Puts a row into a shard as it is. */
async function putRow(shard: 0 | 1, id: number, key: string, data: string, sequence = 0) {
  const insert = "INSERT INTO rows (table_id, key, sequence, version, data) VALUES (?1,?2,?3,0,?4)";
  await testEnv[`SHARD_${shard}`].prepare(insert).bind(id, key, sequence, data).run();
}

describe("a page", () => {
  it("gives data and sequence back digit for digit", async () => {
    const data =
      '{"id":9007199254740993,"price":58.40,"long":-9999999999999999.9999999999999999999999,"huge":1e400,"zero":-0,"text":"é\\u0000\\ud800","deep":[{"n":1.0}]}';
    const { path } = await newTable([data], "9223372036854775807");
    const answer = await call("GET", path);
    expect(answer.text).toBe(
      `{"rows":[{"sequence":"9223372036854775807","data":${data}}],"next":null}`,
    );
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("keeps neighbouring sequences of 19 digits apart", async () => {
    const { path } = await newTable(['{"id":1}'], "1795241049244168801");
    expect(pageOf(await call("GET", path)).rows[0]?.sequence).toBe("1795241049244168801");
  });

  it("shows no sequence where no write had one", async () => {
    const { clientId, token } = await newTenant();
    const url = `/v2/client/${clientId}/table/t/data?apikey=${token}`;
    const body = '[{"keys":["id"],"id":1}]';
    const headers = { "Content-Type": "application/json" };
    const pushed = await send(url, { method: "POST", headers, body });
    expect(pushed.status, await pushed.text()).toBe(201);
    const [table] = member(await call("GET", `/clients/${clientId}/tables`), "tables") as {
      id: number;
    }[];
    const answer = await call("GET", `/clients/${clientId}/tables/${table?.id}/rows`);
    expect(answer.text).toBe('{"rows":[{"sequence":null,"data":{"id":1}}],"next":null}');
  });

  it("shows the newest version of a row, and sequence 0", async () => {
    const { tenant, path } = await newTable(['{"id":1,"v":"old"}'], "0");
    expect((await call("GET", path)).text).toContain('{"sequence":"0","data":{"id":1,"v":"old"}}');
    const record = { client_id: tenant.clientId, action: "upsert", table_name: "t" };
    const newer = { ...record, key_names: ["id"], sequence: 1, data: { id: 1, v: "new" } };
    expect((await pushText(tenant, JSON.stringify([newer]))).status).toBe(201);
    expect((await call("GET", path)).text).toBe(
      '{"rows":[{"sequence":"1","data":{"id":1,"v":"new"}}],"next":null}',
    );
  });

  it("is empty for a table without rows", async () => {
    const { tenant, id, path } = await newTable(['{"id":1}']);
    for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
      await shard.prepare("DELETE FROM rows WHERE table_id = ?1").bind(id).run();
    }
    expect(await storedRows(tenant, "t")).toEqual([]);
    expect((await call("GET", path)).text).toBe('{"rows":[],"next":null}');
  });
});

describe("pages", () => {
  it("go over both shards, and have each row once", async () => {
    const { id, path } = await newTable(numbered(60));
    for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
      const count = "SELECT count(*) AS n FROM rows WHERE table_id = ?1";
      expect(await shard.prepare(count).bind(id).first("n")).toBeGreaterThan(0);
    }
    const whole = idsOf(await pagesOf(path));
    expect([...whole].sort((a, b) => a - b)).toEqual(numbered(60).map((_, i) => i + 1));
    for (const limit of [1, 7, 20, 59, 60, 61]) {
      const pages = await pagesOf(path, limit);
      expect(idsOf(pages), `limit ${limit}`).toEqual(whole);
      expect(pages, `limit ${limit}`).toHaveLength(Math.ceil(60 / limit));
    }
  });

  it("hold 100 rows unless the request says otherwise, 1,000 at most", async () => {
    const { path } = await newTable(numbered(ROWS_LIMIT_MAX + 1));
    const lengths = async (limit?: number): Promise<number[]> =>
      (await pagesOf(path, limit)).map(({ rows }) => rows.length);
    expect(await lengths()).toEqual([...Array.from({ length: 10 }, () => 100), 1]);
    expect(await lengths(ROWS_LIMIT_MAX)).toEqual([1_000, 1]);
    expect((await lengths(1_000)).length).toBe(2);
  });

  it("end where the shard ends, however the rows are spread", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0 as const, 1 as const), fc.nat(300)), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        async (places, limit) => {
          const { id, path } = await newTable(['{"id":0}']);
          for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
            await shard.prepare("DELETE FROM rows WHERE table_id = ?1").bind(id).run();
          }
          for (const [i, [shard, length]] of places.entries()) {
            await putRow(shard, id, `"${i}"`, `{"id":${i},"x":"${"x".repeat(length)}"}`);
          }
          const pages = await pagesOf(path, limit);
          const expected = [0, 1].flatMap((wanted) =>
            [...places.keys()].filter((i) => places[i]?.[0] === wanted),
          );
          expect(idsOf(pages)).toEqual(expected);
          expect(pages).toHaveLength(Math.max(1, Math.ceil(places.length / limit)));
        },
      ),
      { numRuns: 15 },
    );
  });

  it("go on after the last row although it was deleted, and find rows written since", async () => {
    const { id, path } = await newTable(['{"id":0}']);
    for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
      await shard.prepare("DELETE FROM rows WHERE table_id = ?1").bind(id).run();
    }
    for (const i of [1, 2, 4]) await putRow(0, id, `A${i}`, `{"id":${i}}`);
    const { next } = pageOf(await call("GET", `${path}?limit=2`));
    await testEnv.SHARD_0.prepare("DELETE FROM rows WHERE table_id = ?1 AND key = 'A2'")
      .bind(id)
      .run();
    await putRow(0, id, "A3", '{"id":3}');
    const page = pageOf(await call("GET", `${path}?after=${next ?? ""}`));
    expect(idsOf([page])).toEqual([3, 4]);
  });

  it("are bounded by bytes too", async () => {
    const { id, path } = await newTable(['{"id":0}']);
    const large = "x".repeat(1_800_000);
    for (const i of [1, 2, 3]) await putRow(0, id, `A${i}`, `{"id":${i},"x":"${large}"}`);
    for (const i of [4, 5]) await putRow(1, id, `A${i}`, `{"id":${i},"x":"${large}"}`);
    const pages = await pagesOf(path, ROWS_LIMIT_MAX);
    const bytes = pages.map((page) => Buffer.byteLength(JSON.stringify(page)));
    expect(Math.max(...bytes)).toBeLessThan(ROWS_BYTES_MAX + 1_000);
    expect(idsOf(pages).filter((i) => i > 0)).toEqual([1, 2, 3, 4, 5]);
    expect(pages.map(({ rows }) => rows.length)).toEqual(expect.arrayContaining([2]));
    expect(pages).toHaveLength(3);
  });

  it("fill their bytes exactly", async () => {
    const { id, path } = await newTable(['{"id":0}']);
    for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
      await shard.prepare("DELETE FROM rows WHERE table_id = ?1").bind(id).run();
    }
    // Each row has a key of 2 bytes, and characters of 3 bytes in UTF-8.
    const row = (i: number, bytes: number): string => {
      const frame = `{"id":${i},"x":""}`;
      const room = bytes - 2 - frame.length;
      return frame.replace('""', `"${"€".repeat(Math.floor(room / 3))}${"x".repeat(room % 3)}"`);
    };
    const fourth = ROWS_BYTES_MAX / 4;
    for (const i of [1, 2, 3, 4]) await putRow(0, id, `A${i}`, row(i, fourth));
    expect((await pagesOf(path)).map(({ rows }) => rows.length)).toEqual([4]);
    await putRow(1, id, "A5", '{"id":5}');
    expect((await pagesOf(path)).map(({ rows }) => rows.length)).toEqual([4, 1]);
    await testEnv.SHARD_0.prepare("UPDATE rows SET data = ?1 WHERE table_id = ?2 AND key = 'A4'")
      .bind(row(4, fourth + 1), id)
      .run();
    expect((await pagesOf(path)).map(({ rows }) => rows.length)).toEqual([3, 2]);
  });
});

describe("the query", () => {
  const limits = ["0", "1001", "-1", "1.5", "1e2", "x", "", " 5", "05", "10000", "0x10"];
  it.each(limits)("refuses the limit %o", async (limit) => {
    const { path } = await newTable(['{"id":1}']);
    const query = new URLSearchParams({ limit });
    const answer = await call("GET", `${path}?${query.toString()}`);
    const detail = "limit: must be an integer from 1 to 1000";
    expectProblem(answer, 422, "admin_invalid", detail);
  });

  it("refuses a parameter that it does not know", async () => {
    const { path } = await newTable(['{"id":1}']);
    const answer = await call("GET", `${path}?limt=5`);
    expectProblem(answer, 422, "admin_invalid", "limt: is not known here");
  });

  const base64url = (text: string): string => Buffer.from(text).toString("base64url");
  const cursors = [
    "",
    "x",
    "null",
    "!!!",
    base64url("nonsense"),
    base64url("{}"),
    base64url("[]"),
    base64url("[0]"),
    base64url('[0,"A1",2]'),
    base64url('["0","A1"]'),
    base64url("[0,1]"),
    base64url('[-1,"A1"]'),
    base64url('[0.5,"A1"]'),
    base64url('[2,"A1"]'),
    base64url('[1e9,"A1"]'),
    base64url('[0, "A1"]'),
    `${base64url('[0,"A1"]')}=`,
    `${base64url('[0,"A1"]')}!`,
    Buffer.from([0x5b, 0x30, 0x2c, 0x22, 0xff, 0x22, 0x5d]).toString("base64url"),
    "a".repeat(10_000),
  ];
  it.each(cursors)("refuses the cursor %o", async (after) => {
    const { path } = await newTable(['{"id":1}']);
    const query = new URLSearchParams({ after });
    const answer = await call("GET", `${path}?${query.toString()}`);
    const detail = "after: must be `next` of an earlier page of this table";
    expectProblem(answer, 422, "admin_invalid", detail);
  });
});

describe("cursors", () => {
  it("come back as they went out", () => {
    fc.assert(
      fc.property(fc.nat(255), fc.string({ unit: "binary" }), (shard, key) => {
        const text = cursorText({ shard, key });
        expect(text).toMatch(/^[\w-]+$/);
        expect(cursorFromText(text)).toEqual({ shard, key });
      }),
    );
  });

  it("are nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const cursor = cursorFromText(text);
        expect(cursor === undefined ? text : cursorText(cursor)).toBe(text);
      }),
    );
  });
});

describe("memory", () => {
  it("is not taken by pages while bodies fill it", async () => {
    const { path } = await newTable(['{"id":1}']);
    const bodies = new Admission();
    bodies.take(IN_FLIGHT_BYTES_MAX - ROWS_BYTES_MAX + 1);
    const refused = await call("GET", path);
    bodies.release();
    expectProblem(refused, 429, "overloaded");
    expect(refused.headers.get("retry-after")).toBe("1");
    bodies.take(IN_FLIGHT_BYTES_MAX - ROWS_BYTES_MAX);
    const statuses = [(await call("GET", path)).status, (await call("GET", path)).status];
    bodies.release();
    expect(statuses).toEqual([200, 200]);
  });
});

describe("whose table", () => {
  it("answers 404 for the table of another client, and for none", async () => {
    const { tenant, id, path } = await newTable(['{"id":1,"secret":"x"}']);
    const other = await newTenant();
    expectProblem(
      await call("GET", `/clients/${other.clientId}/tables/${id}/rows`),
      404,
      "not_found",
    );
    expectProblem(await call("GET", path.replace(`${id}`, "987654321")), 404, "not_found");
    expectProblem(await call("GET", `/clients/3/tables/${id}/rows`), 404, "not_found");
    expect(pageOf(await call("GET", path)).rows).toHaveLength(1);
    expect(await storedRows(tenant, "t")).toHaveLength(1);
  });

  it("shows the rows of the one table only", async () => {
    const first = await newTable(['{"id":1,"of":"first"}']);
    const second = await newTable(['{"id":1,"of":"second"}']);
    expect((await call("GET", first.path)).text).not.toContain("second");
    expect((await call("GET", second.path)).text).not.toContain("first");
  });
});
