import { describe, expect, it } from "vitest";
import { call } from "../support/export.ts";
import { count, create, newShop, push, RANGE, revenue, type Shop } from "./shop.ts";

const figure = (shop: Shop): object => ({
  metrics: [revenue(shop)],
  range: RANGE,
  interval: "month",
});
const chart = (shop: Shop): object => ({ metric: revenue(shop), cohort_date: { column: "since" } });

const CSV = "2019-01-01,0.3\r\n2019-02-01,0\r\n2019-03-01,12.5\r\n2019-04-01,0\r\n";

/** The status and the text of an answer. */
async function got(answer: Promise<Response>): Promise<readonly [number, string]> {
  const response = await answer;
  expect(response.headers.get("cache-control")).toBe("no-store");
  return [response.status, await response.text()];
}

const badRequest = (reason: string): readonly [number, string] => [
  400,
  JSON.stringify({ code: 400, message: "Bad Request", reasons: [reason] }),
];

describe("lists", () => {
  it("have figures and charts apart, by their ids (SamProtas/Node-RJMetrics-API-Test)", async () => {
    const shop = await newShop();
    expect(await got(call(shop, "/figure"))).toEqual([200, '{"figureExports":{}}']);
    expect(await got(call(shop, "/chart"))).toEqual([200, '{"chartExports":{}}']);
    const owner_email = "owner@shop.example";
    const ids = [
      await create(shop, "figure", { ...figure(shop), name: "One", type: "table", owner_email }),
      await create(shop, "figure", { metrics: [count(shop)], name: "Two", type: "scalar" }),
    ];
    const chartId = await create(shop, "chart", { ...chart(shop), name: "Three" });
    const { figureExports } = await (
      await call(shop, "/figure")
    ).json<{
      figureExports: Record<string, Record<string, unknown>>;
    }>();
    // That program picks any key.
    expect(Object.keys(figureExports)).toEqual(ids.map(String));
    expect(figureExports[String(ids[0])]).toEqual({
      id: ids[0],
      name: "One",
      presentationType: "table",
      ownerEmail: owner_email,
    });
    expect(figureExports[String(ids[1])]).toEqual({
      id: ids[1],
      name: "Two",
      presentationType: "scalar",
      ownerEmail: null,
    });
    expect(await (await call(shop, "/chart")).json()).toEqual({
      chartExports: {
        [chartId]: { id: chartId, name: "Three", presentationType: "chart", ownerEmail: null },
      },
    });
  });
});

describe("info", () => {
  it("is the element, by either method, with what the last export left out", async () => {
    const shop = await newShop();
    const id = await create(shop, "figure", figure(shop));
    const element = { id, name: "Report", presentationType: "chart", ownerEmail: null };
    for (const method of ["GET", "POST"]) {
      const info = await call(shop, `/figure/${id}/info`, { method });
      expect(await info.json()).toEqual({ ...element, lastExport: null });
    }
    await (await call(shop, `/figure/${id}/export`)).text();
    expect(await (await call(shop, `/figure/${id}/info`)).json()).toEqual({
      ...element,
      lastExport: { at: expect.any(String) as unknown, notDates: 1, notNumbers: 1 },
    });
  });
});

describe("export", () => {
  it("takes its options from the form, else the query, else headers", async () => {
    const shop = await newShop();
    const path = `/figure/${await create(shop, "figure", figure(shop))}/export`;
    const post = (body: string, query = "", headers: Record<string, string> = {}) => {
      const type = { "Content-Type": "application/x-www-form-urlencoded" };
      return got(
        call(shop, path + query, { method: "POST", body, headers: { ...type, ...headers } }),
      );
    };
    const header = `Date,Revenue\r\n${CSV}`;
    expect(await post("format=csv")).toEqual([200, CSV]);
    expect(await post("format=csv&includeColumnHeaders=1")).toEqual([200, header]);
    expect(await post("format=csv", "?format=json&includeColumnHeaders=true")).toEqual([
      200,
      header,
    ]);
    expect(await post("", "?format=csv", { format: "json" })).toEqual([200, CSV]);
    expect(await post("format=", "", { format: "csv", includeColumnHeaders: "true" })).toEqual([
      200,
      header,
    ]);
    expect(await post("format=csv&includeColumnHeaders=0", "?includeColumnHeaders=1")).toEqual([
      200,
      CSV,
    ]);
    expect((await post(""))[1]).toMatch(/^\{"chart":/);
    expect((await got(call(shop, path)))[1]).toMatch(/^\{"chart":/);
  });

  it("refuses other values", async () => {
    const shop = await newShop();
    for (const [kind, definition] of [
      ["figure", figure(shop)],
      ["chart", chart(shop)],
    ] as const) {
      const path = `/${kind}/${await create(shop, kind, definition)}/export`;
      const format = badRequest("format must be csv or json.");
      expect(await got(call(shop, `${path}?format=xml`))).toEqual(format);
      expect(await got(call(shop, path, { headers: { format: "CSV" } }))).toEqual(format);
      expect(await got(call(shop, `${path}?includeColumnHeaders=yes`))).toEqual(
        badRequest("includeColumnHeaders must be 1, true, 0 or false."),
      );
    }
  });

  it("reads what nodeChecker reads: a GET with the type of a form and no body", async () => {
    const shop = await newShop();
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const points = async (kind: string, id: number): Promise<unknown[]> => {
      const answer = await call(shop, `/${kind}/${id}/export`, { headers });
      const body = await answer.json<Record<string, unknown>>();
      expect(Object.keys(body)).toEqual(["chart", "series"]);
      const series = body["series"] as { name: string; data: [string, number][] }[];
      return series.flatMap(({ data }) => data.map(([first, second]) => [typeof first, second]));
    };
    const id = await create(shop, "chart", { ...chart(shop), cohorts: { chosen: ["2019-01-01"] } });
    expect((await points("chart", id)).slice(0, 4)).toEqual([
      ["string", 0.3],
      ["string", 0],
      ["string", 5],
      ["string", 0],
    ]);
    const month = await create(shop, "figure", figure(shop));
    const json = await (await call(shop, `/figure/${month}/export`, { headers })).text();
    expect(
      [...json.matchAll(/"(\d{4}-\d\d-\d\d)"/g)].map(([, date]) => Date.parse(date ?? "")),
    ).toEqual(
      ["2019-01-01", "2019-02-01", "2019-03-01", "2019-04-01"].map((date) => Date.parse(date)),
    );
    const scalar = { type: "scalar", metrics: [revenue(shop)], range: RANGE };
    const item = await create(shop, "figure", scalar);
    expect(await got(call(shop, `/figure/${item}/export`, { headers }))).toEqual([
      200,
      '{"item":[{"value":12.8}]}',
    ]);
  });

  it("answers a Rails controller that names the format in a header", async () => {
    const shop = await newShop();
    const id = await create(shop, "chart", { ...chart(shop), cohorts: 1 });
    const answer = await call(shop, `/chart/${id}/export`, { headers: { format: "json" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toMatchObject({
      chart: {},
      series: [{ name: expect.any(String) as unknown }],
    });
  });

  it("sees what was imported a moment ago", async () => {
    const shop = await newShop();
    const id = await create(shop, "figure", { type: "scalar", metrics: [count(shop)] });
    for (const orders of [6, 7]) {
      await push(shop, "orders", [`"id":${100 + orders},"at":"2019-01-01"`]);
      const [, text] = await got(call(shop, `/figure/${id}/export`));
      expect(text).toBe(`{"item":[{"value":${orders}}]}`);
    }
  });
});

describe("what is not the client's", () => {
  it("does not exist, whatever is asked of it", async () => {
    const [shop, other] = [await newShop(), await newShop()];
    const ids = {
      figure: await create(shop, "figure", figure(shop)),
      chart: await create(shop, "chart", chart(shop)),
    };
    const missing = [404, expect.stringContaining('"code":404') as unknown];
    for (const method of ["GET", "POST"]) {
      for (const what of ["info", "export", "export?format=xml"]) {
        for (const kind of ["figure", "chart"] as const) {
          expect(await got(call(other, `/${kind}/${ids[kind]}/${what}`, { method }))).toEqual(
            missing,
          );
        }
        // An id of the other kind is none.
        expect(await got(call(shop, `/chart/${ids.figure}/${what}`, { method }))).toEqual(missing);
        expect(await got(call(shop, `/figure/${ids.chart}/${what}`, { method }))).toEqual(missing);
        for (const id of ["0", "x", "1e3", "99999999999999999999"]) {
          expect(await got(call(shop, `/figure/${id}/${what}`, { method }))).toEqual(missing);
        }
      }
    }
    expect(await got(call(other, "/figure"))).toEqual([200, '{"figureExports":{}}']);
  });

  it("and other methods are no paths", async () => {
    const shop = await newShop();
    const id = await create(shop, "figure", figure(shop));
    for (const [method, path] of [
      ["POST", "/figure"],
      ["PUT", `/figure/${id}/export`],
      ["DELETE", `/figure/${id}/info`],
      ["GET", `/figure/${id}`],
    ] as const) {
      expect((await got(call(shop, path, { method })))[0], `${method} ${path}`).toBe(404);
    }
  });
});
