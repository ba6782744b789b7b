import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { download } from "../../../src/export/download/download.ts";
import { testEnv } from "../../support/env.ts";
import { call, exported, infoOf, jsonOf, startExportOf, unzip } from "../../support/export.ts";
import { newTenant, pushRecords, type Tenant } from "../../support/tenant.ts";

type Fields = Record<string, string>;

/** An export that is there, and its file as a plain GET gives it. */
interface Ready {
  readonly tenant: Tenant;
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly modified: string;
}

async function newFile(): Promise<Ready> {
  const tenant = await newTenant();
  await pushRecords(
    tenant,
    Array.from({ length: 50 }, (_, id) => ({
      table_name: "t",
      sequence: 1,
      key_names: ["id"],
      data: { id, name: `customer ${id}` },
    })),
  );
  const { id } = await exported(tenant, "t");
  const answer = await call(tenant, `/export/${id}`);
  const etag = answer.headers.get("ETag") ?? "";
  const modified = answer.headers.get("Last-Modified") ?? "";
  return { tenant, id, bytes: await answer.bytes(), etag, modified };
}

let ready: Ready;
beforeAll(async () => {
  ready = await newFile();
});

const ask = (headers: Fields, method = "GET"): Promise<Response> =>
  call(ready.tenant, `/export/${ready.id}`, { method, headers });

/** The headers of an answer that tell of the file. */
function told({ headers }: Response): Fields {
  const names = [
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
  ];
  const present = names.filter((name) => headers.has(name));
  return Object.fromEntries(present.map((name) => [name, headers.get(name) ?? ""]));
}

const always = (): Fields => ({
  "Accept-Ranges": "bytes",
  "Cache-Control": "no-store",
  ETag: ready.etag,
  "Last-Modified": ready.modified,
});
const withBody = (length: number): Fields => ({
  ...always(),
  "Content-Disposition": "attachment; filename=\"t.zip\"; filename*=UTF-8''t.zip",
  "Content-Length": String(length),
  "Content-Type": "application/zip",
});

describe("the whole file", () => {
  test("comes with all that a program needs to resume it", async () => {
    const answer = await ask({});
    expect(told(answer)).toEqual(withBody(ready.bytes.length));
    expect((await unzip(answer)).name).toBe("t.csv");
  });

  test("has a strong tag, the same each time, and the time of its completion", async () => {
    expect(ready.etag).toMatch(/^"[^"]+"$/);
    const { completed_at: completedAt } = await infoOf(ready.tenant, ready.id);
    const seconds = Math.floor(Date.parse(completedAt ?? "") / 1_000);
    expect(Date.parse(ready.modified)).toBe(seconds * 1_000);
    expect((await ask({}, "HEAD")).headers.get("ETag")).toBe(ready.etag);
  });

  test("has another tag where it has other bytes", async () => {
    const tenant = await newTenant();
    const tags = new Set<string | null>();
    for (const id of [1, 2]) {
      await pushRecords(tenant, [
        { table_name: "t", sequence: 1, key_names: ["id"], data: { id } },
      ]);
      const path = `/export/${(await exported(tenant, "t")).id}`;
      tags.add((await call(tenant, path, { method: "HEAD" })).headers.get("ETag"));
    }
    expect(tags.size).toBe(2);
  });

  test.each([
    "bytes=0-0,2-3",
    "bytes=9-0",
    "bytes=x",
    "bytes",
    "items=0-9",
    "none",
    `bytes=${"0-,".repeat(5_000)}`,
  ])("is the answer to Range: %s", async (range) => {
    const answer = await ask({ Range: range });
    expect([answer.status, told(answer)]).toEqual([200, withBody(ready.bytes.length)]);
    expect(await answer.bytes()).toEqual(ready.bytes);
  });
});

describe("a range", () => {
  test.each<[range: string, from: (bytes: number) => number, to: (bytes: number) => number]>([
    ["bytes=0-99", () => 0, () => 100],
    ["bytes=100-", () => 100, (bytes) => bytes],
    ["bytes=-50", (bytes) => bytes - 50, (bytes) => bytes],
    ["bytes=0-", () => 0, (bytes) => bytes],
    ["bytes=7-7", () => 7, () => 8],
    ["bytes=-99999999", () => 0, (bytes) => bytes],
    [`bytes=10-${"9".repeat(99)}`, () => 10, (bytes) => bytes],
  ])("%s", async (range, from, to) => {
    const answer = await ask({ Range: range });
    const size = ready.bytes.length;
    const [first, end] = [from(size), to(size)];
    expect([answer.status, told(answer)]).toEqual([
      206,
      { ...withBody(end - first), "Content-Range": `bytes ${first}-${end - 1}/${size}` },
    ]);
    expect(await answer.bytes()).toEqual(ready.bytes.slice(first, end));
  });

  test("any one is the slice of the file, and the pieces make the file", async () => {
    const size = ready.bytes.length;
    const cuts = fc.array(fc.integer({ min: 1, max: size - 1 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const ends = [...new Set([...at, size])].sort((a, b) => a - b);
        const pieces: number[] = [];
        for (const end of ends) {
          const answer = await ask({
            Range: `bytes=${pieces.length}-${end - 1}`,
            "If-Range": ready.etag,
          });
          expect(answer.status).toBe(206);
          pieces.push(...(await answer.bytes()));
        }
        expect(Uint8Array.from(pieces)).toEqual(ready.bytes);
      }),
      { numRuns: 20 },
    );
  });

  test.each(["bytes=99999999-", `bytes=${"9".repeat(999)}-`, "bytes=-0"])(
    "without a byte of the file: %s",
    async (range) => {
      const answer = await ask({ Range: range });
      expect(answer.headers.get("Content-Range")).toBe(`bytes */${ready.bytes.length}`);
      const body = await jsonOf<{ code: number; message: string }>(answer, 416);
      expect(body).toMatchObject({ code: 416, message: "Range Not Satisfiable" });
    },
  );

  test("from the very end, as a program asks that has the whole file, is a 416", async () => {
    const answer = await ask({ Range: `bytes=${ready.bytes.length}-` });
    expect(answer.status).toBe(416);
  });

  test.each<[name: string, value: () => string, status: number]>([
    ["the tag", () => ready.etag, 206],
    ["the time", () => ready.modified, 206],
    ["another tag", () => '"other"', 200],
    ["the tag as a weak one", () => `W/${ready.etag}`, 200],
    ["another time", () => "Sun, 06 Nov 1994 08:49:37 GMT", 200],
    ["nonsense", () => "never", 200],
  ])("with If-Range: %s", async (_name, value, status) => {
    const answer = await ask({ Range: "bytes=10-", "If-Range": value() });
    expect(answer.status).toBe(status);
    expect(await answer.bytes()).toEqual(ready.bytes.slice(status === 206 ? 10 : 0));
  });

  test("beyond the file counts only if If-Range holds", async () => {
    const answer = await ask({ Range: "bytes=99999999-", "If-Range": '"other"' });
    expect([answer.status, await answer.bytes()]).toEqual([200, ready.bytes]);
  });
});

describe("conditions", () => {
  const OLD = "Sun, 06 Nov 1994 08:49:37 GMT";

  test.each<[name: string, fields: () => Fields, status: number]>([
    ["If-None-Match", () => ({ "If-None-Match": ready.etag }), 304],
    ["a weak If-None-Match", () => ({ "If-None-Match": `"a", W/${ready.etag}` }), 304],
    ["another If-None-Match", () => ({ "If-None-Match": '"a"' }), 200],
    ["If-Modified-Since", () => ({ "If-Modified-Since": ready.modified }), 304],
    ["an older If-Modified-Since", () => ({ "If-Modified-Since": OLD }), 200],
    ["If-Match", () => ({ "If-Match": ready.etag }), 200],
    ["another If-Match", () => ({ "If-Match": '"a"' }), 412],
    ["If-Unmodified-Since", () => ({ "If-Unmodified-Since": ready.modified }), 200],
    ["an older If-Unmodified-Since", () => ({ "If-Unmodified-Since": OLD }), 412],
    ["first If-Match", () => ({ "If-Match": '"a"', "If-None-Match": ready.etag }), 412],
    ["before Range", () => ({ "If-None-Match": ready.etag, Range: "bytes=0-9" }), 304],
    ["before a bad Range", () => ({ "If-Match": '"a"', Range: "bytes=99999999-" }), 412],
  ])("%s", async (_name, fields, status) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await ask(fields(), method);
      expect(answer.status).toBe(status);
      const body = new TextDecoder().decode(await answer.bytes());
      if (status === 304) expect([told(answer), body]).toEqual([always(), ""]);
      if (status !== 412 || method === "HEAD") continue;
      expect(JSON.parse(body)).toMatchObject({ code: 412, message: "Precondition Failed" });
    }
  });

  test("do not count where there is no file", async () => {
    const fields = { "If-None-Match": "*", "If-Match": '"a"', Range: "bytes=99999999-" };
    const answer = await call(ready.tenant, "/export/999999999", { headers: fields });
    expect(answer.status).toBe(404);
  });
});

/** A bucket that tells how it was asked, and can lose the file in between. */
function watched(losesFile = false): { env: Env; asked: unknown[] } {
  const asked: unknown[] = [];
  const files: Pick<R2Bucket, "head"> & { get: (...args: [string, object?]) => unknown } = {
    head: (key) => {
      asked.push("head");
      return testEnv.FILES.head(key);
    },
    get: async (key, options = {}) => {
      asked.push(options);
      return losesFile ? null : testEnv.FILES.get(key, options);
    },
  };
  return { env: { ...testEnv, FILES: files as unknown as R2Bucket }, asked };
}

const direct = (env: Env, headers: Fields = {}, method = "GET"): Promise<Response> => {
  const request = new Request("https://headgate.example/", { method, headers });
  return download(env, ready.tenant.clientId, ready.id, request);
};

describe("the bucket", () => {
  test("is not read for a HEAD, a 304, a 412 or a 416", async () => {
    const { env, asked } = watched();
    await direct(env, {}, "HEAD");
    await direct(env, { Range: "bytes=0-9" }, "HEAD");
    await direct(env, { "If-None-Match": "*" });
    await expect(direct(env, { "If-Match": '"a"' })).rejects.toThrow("precondition_failed");
    await expect(direct(env, { Range: "bytes=-0" })).rejects.toThrow("range_unsatisfiable");
    expect(asked).toEqual(["head", "head", "head", "head", "head"]);
  });

  test("is asked for the range only", async () => {
    const { env, asked } = watched();
    const size = ready.bytes.length;
    await (await direct(env, { Range: "bytes=10-19" })).bytes();
    await (await direct(env, { Range: "bytes=-10" })).bytes();
    expect(asked).toEqual([
      "head",
      { range: { offset: 10, length: 10 } },
      "head",
      { range: { offset: size - 10, length: 10 } },
    ]);
  });

  test("may lose the file at any moment: a 410", async () => {
    const { env } = watched(true);
    await expect(direct(env)).rejects.toMatchObject({ code: "export_expired" });
    await expect(direct(env, { Range: "bytes=0-" })).rejects.toMatchObject({
      code: "export_expired",
    });
    const gone = await newFile();
    const { results } = await testEnv.CATALOG.prepare(
      "SELECT object_key FROM exports WHERE id = ?1",
    )
      .bind(gone.id)
      .all<{ object_key: string }>();
    await testEnv.FILES.delete(results.map((row) => row.object_key));
    for (const method of ["GET", "HEAD"]) {
      const answer = await call(gone.tenant, `/export/${gone.id}`, { method });
      expect(answer.status).toBe(410);
    }
  });
});

describe("HEAD", () => {
  test("has the headers of a GET and no body", async () => {
    const answer = await ask({}, "HEAD");
    expect([answer.status, (await answer.bytes()).length]).toEqual([200, 0]);
    expect(told(answer)).toEqual(withBody(ready.bytes.length));
  });

  test("knows no ranges, which are for GET", async () => {
    for (const range of ["bytes=0-9", "bytes=99999999-"]) {
      const answer = await ask({ Range: range }, "HEAD");
      expect([answer.status, told(answer)]).toEqual([200, withBody(ready.bytes.length)]);
    }
  });

  test("waits for an export that is being made, as GET does", async () => {
    const { id } = await startExportOf(ready.tenant, "t");
    const answer = await call(ready.tenant, `/export/${id}`, { method: "HEAD" });
    expect(answer.status).toBe(200);
    const whole = await call(ready.tenant, `/export/${id}`);
    expect(answer.headers.get("Content-Length")).toBe(String((await whole.bytes()).length));
  });
});

test("no value of a header is a 500", async () => {
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'bytes=0123456789-,W/"*GMT: ;\t') }),
    fc.constantFrom("*", '"', "W/", "bytes=-", "bytes=0-0", "Sun, 06 Nov 1994 08:49:37 GMT"),
  );
  const fields = fc.record(
    {
      Range: value,
      "If-Range": value,
      "If-Match": value,
      "If-None-Match": value,
      "If-Modified-Since": value,
      "If-Unmodified-Since": value,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fields, fc.constantFrom("GET", "HEAD"), async (headers, method) => {
      const answer = await ask(headers, method);
      expect([200, 206, 304, 412, 416]).toContain(answer.status);
      await answer.bytes();
    }),
    { numRuns: 200 },
  );
});
