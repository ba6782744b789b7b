import { describe, expect, it } from "vitest";
import { ReportAnswer } from "../../src/admin/report-data.ts";
import { call as callExport } from "../support/export.ts";
import { testEnv } from "../support/env.ts";
import { newTenant } from "../support/tenant.ts";
import { count, create, newShop, push, RANGE, revenue, type Shop } from "../report/shop.ts";
import { type Answer, anyText, call, expectProblem } from "./call.ts";

const KINDS = ["figure", "chart"] as const;

const figure = (shop: Shop, changes: object = {}): object => ({
  name: "Revenue",
  metrics: [revenue(shop)],
  range: RANGE,
  interval: "month",
  ...changes,
});
const chart = (shop: Shop, changes: object = {}): object => ({
  name: "Cohorts",
  metric: revenue(shop),
  cohort_date: { column: "since" },
  cohorts: { range: RANGE },
  periods: 4,
  ...changes,
});

const definitionOf = (kind: (typeof KINDS)[number], shop: Shop): object =>
  kind === "figure" ? figure(shop) : chart(shop);

const preview = (shop: Shop, kind: string, body: unknown): Promise<Answer> =>
  call("POST", `/clients/${shop.clientId}/${kind}s/preview`, body);

/** Checks an answer and its shape. */
function good(answer: Answer): string {
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  ReportAnswer.parse(answer.json);
  return answer.text;
}

describe.each(KINDS)("the data of a %s", (kind) => {
  it("is the same before and after it is stored, and what an export has", async () => {
    const shop = await newShop();
    const definition = definitionOf(kind, shop);
    const before = good(await preview(shop, kind, definition));
    const id = await create(shop, kind, definition);
    const after = good(await call("GET", `/clients/${shop.clientId}/${kind}s/${id}/data`));
    expect(after).toBe(before);
    const file = await (await callExport(shop, `/${kind}/${id}/export`)).text();
    expect(after).toBe(`{"data":${file},"left_out":{"not_dates":1,"not_numbers":1}}`);
  });

  it("stores nothing and is no export", async () => {
    const shop = await newShop();
    good(await preview(shop, kind, definitionOf(kind, shop)));
    const list = await call("GET", `/clients/${shop.clientId}/${kind}s`);
    expect(list.json).toEqual({ [`${kind}s`]: [] });
    const id = await create(shop, kind, definitionOf(kind, shop));
    good(await call("GET", `/clients/${shop.clientId}/${kind}s/${id}/data`));
    const info = await callExport(shop, `/${kind}/${id}/info`);
    expect(await info.json()).toMatchObject({ lastExport: null });
  });

  it("is only the client's own, of its own kind", async () => {
    const [shop, other] = [await newShop(), await newTenant()];
    const id = await create(shop, kind, definitionOf(kind, shop));
    const another = kind === "figure" ? "chart" : "figure";
    for (const path of [
      `/clients/${other.clientId}/${kind}s/${id}/data`,
      `/clients/${shop.clientId}/${another}s/${id}/data`,
      `/clients/${shop.clientId}/${kind}s/${id + 1_000_000}/data`,
      `/clients/${shop.clientId}/${kind}s/preview/data`,
    ]) {
      expectProblem(await call("GET", path), 404, "not_found");
    }
    const foreign = await call(
      "POST",
      `/clients/${other.clientId}/${kind}s/preview`,
      definitionOf(kind, shop),
    );
    expectProblem(foreign, 422, "admin_invalid", /table_id: the client has no table/);
    const nobody = await call("POST", `/clients/999999999999/${kind}s/preview`, "{}");
    expectProblem(nobody, 404, "not_found");
  });

  it("has methods", async () => {
    const { clientId } = await newTenant();
    const got = await call("GET", `/clients/${clientId}/${kind}s/preview`);
    expectProblem(got, 405, "method_not_allowed", "This path takes POST.");
    const posted = await call("POST", `/clients/${clientId}/${kind}s/1/data`, "{}");
    expectProblem(posted, 405, "method_not_allowed", "This path takes GET, HEAD.");
  });

  it("is refused as creating is", async () => {
    const shop = await newShop();
    const wrong = { ...definitionOf(kind, shop), interval: "minute" };
    for (const body of [wrong, "{", "[]", "", { name: "x" }, { ...wrong, extra: 1 }]) {
      const made = await call("POST", `/clients/${shop.clientId}/${kind}s`, body);
      const previewed = await preview(shop, kind, body);
      expect(made.status).toBeGreaterThan(399);
      expect([previewed.status, previewed.json]).toEqual([made.status, made.json]);
    }
  });
});

describe("numbers", () => {
  it("keep every digit", async () => {
    const shop = await newShop();
    const data = ['"id":11,"n":9007199254740993', '"id":12,"n":0.1', '"id":13,"n":0.2'];
    await push(shop, "orders", data);
    const metric = { label: "N", table_id: shop.orders, operation: "sum", column: "n" };
    const scalar = { name: "N", type: "scalar", metrics: [metric] };
    expect(good(await preview(shop, "figure", scalar))).toBe(
      '{"data":{"item":[{"value":9007199254740993.3}]},"left_out":{"not_dates":0,"not_numbers":0}}',
    );
  });

  it("are in a point for each period, 0 where there are no rows", async () => {
    const shop = await newShop();
    const body = figure(shop, { metrics: [count(shop)], range: RANGE, chart_kind: "bar" });
    const answer = await preview(shop, "figure", body);
    good(answer);
    expect(answer.json).toMatchObject({
      data: {
        chart: { name: "Revenue", type: "chart", kind: "bar" },
        series: [{ name: anyText, data: expect.arrayContaining([["2019-02-01", 0]]) as unknown }],
      },
    });
  });
});

describe("refusals", () => {
  it("name what makes a report too large", async () => {
    const shop = await newShop();
    const range = { from: "2019-01-01", to: "2019-12-31" };
    const body = figure(shop, { interval: "hour", range });
    const previewed = await preview(shop, "figure", body);
    const reason = /The report has \d+ periods or more; a report has at most 3500 rows\./;
    expectProblem(previewed, 400, "report_too_large", reason);
    const id = await create(shop, "figure", body);
    const stored = await call("GET", `/clients/${shop.clientId}/figures/${id}/data`);
    expectProblem(stored, 400, "report_too_large", reason);
  });

  it("name a table that is gone", async () => {
    const shop = await newShop();
    const id = await create(shop, "figure", figure(shop));
    const moved = "UPDATE reports SET definition = replace(definition, ?2, ?3) WHERE id = ?1";
    await testEnv.CATALOG.prepare(moved)
      .bind(id, `"table_id":${shop.orders}`, '"table_id":999999999')
      .run();
    const answer = await call("GET", `/clients/${shop.clientId}/figures/${id}/data`);
    const detail = "metrics[0].table_id: the client has no table with the id 999999999.";
    expectProblem(answer, 422, "admin_invalid", detail);
  });
});

it.each(["none", "month"])("counts what is no date where no row has one: %s", async (interval) => {
  const shop = await newShop();
  // Each of the seven orders has a text there, and none is a date.
  const metrics = [count(shop, { date_column: "sku" })];
  const definition = figure(shop, { metrics, interval, range: { moving: "all_time" } });
  const text = good(await preview(shop, "figure", definition));
  expect(text).toContain('"left_out":{"not_dates":7,"not_numbers":0}');
});
