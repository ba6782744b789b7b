import { describe, expect, it } from "vitest";
import { Chart } from "../../../src/report/definition/cohort.ts";
import { planDated } from "../../../src/report/chart/cohort-plan.ts";
import { nameOf } from "../../../src/report/chart/cohort-file.ts";
import { call } from "../../support/export.ts";
import { count, create, csvOf, jsonOf, newShop, push, revenue, type Shop } from "../shop.ts";

const FIRST = { first_event_of: "customer" };

/** The cohorts of the orders: customers 1 and 2 began in January, 3 in March. */
const chart = (shop: Shop, changes: object = {}): object => ({
  metric: revenue(shop),
  cohort_date: FIRST,
  cohorts: "all",
  periods: 4,
  ...changes,
});

/** The cohorts that a chart lists first, which are the ones with rows. */
const JANUARY_TO_MARCH = { cohorts: { range: { from: "2019-01-01", to: "2019-03-31" } } };

describe("a chart by first events", () => {
  it("has a line for each cohort and a field for each period since", async () => {
    const shop = await newShop();
    expect(await csvOf(shop, "chart", chart(shop, JANUARY_TO_MARCH))).toEqual([
      "Cohort,Month 1,Month 2,Month 3,Month 4",
      "Jan 2019,0.3,0,5,0",
      "Feb 2019,0,0,0,0",
      "Mar 2019,7.5,0,0,0",
    ]);
    expect(await jsonOf(shop, "chart", chart(shop, JANUARY_TO_MARCH))).toBe(
      '{"chart":{"name":"Report","type":"cohort","interval":"month"},"series":[' +
        '{"name":"Jan 2019","data":[["Month 1",0.3],["Month 2",0],["Month 3",5],["Month 4",0]]},' +
        '{"name":"Feb 2019","data":[["Month 1",0],["Month 2",0],["Month 3",0],["Month 4",0]]},' +
        '{"name":"Mar 2019","data":[["Month 1",7.5],["Month 2",0],["Month 3",0],["Month 4",0]]}]}',
    );
  });

  it("has all cohorts, or chosen ones", async () => {
    const shop = await newShop();
    const all = await csvOf(shop, "chart", chart(shop));
    expect(all.slice(1, 4).map((line) => line.split(",")[0])).toEqual([
      "Jan 2019",
      "Feb 2019",
      "Mar 2019",
    ]);
    const cohorts = { chosen: ["2019-03-17", "2019-01-01"] };
    const chosen = await csvOf(shop, "chart", chart(shop, { cohorts, interval: "quarter" }));
    expect(chosen).toEqual([
      "Cohort,Quarter 1,Quarter 2,Quarter 3,Quarter 4",
      "Q1 2019,12.8,0,0,0",
    ]);
  });

  it.each([
    ["average_per_member", ["0.15,0,2.5,0", ",,,", "7.5,0,0,0"]],
    ["cumulative", ["0.3,0.3,5.3,5.3", "0,0,0,0", "7.5,7.5,7.5,7.5"]],
    ["cumulative_average_per_member", ["0.15,0.15,2.65,2.65", ",,,", "7.5,7.5,7.5,7.5"]],
    ["percent_of_first", ["100,0,1666.66666666666666667,0", ",,,", "100,0,0,0"]],
  ])("in the perspective %s", async (perspective, lines) => {
    const shop = await newShop();
    const csv = await csvOf(shop, "chart", chart(shop, { ...JANUARY_TO_MARCH, perspective }));
    expect(csv.slice(1).map((line) => line.slice(line.indexOf(",") + 1))).toEqual(lines);
  });

  it("hides the first value of percent_of_first where it is asked to", async () => {
    const shop = await newShop();
    const hidden = { perspective: "percent_of_first", show_first: false, periods: 3 };
    const csv = await csvOf(shop, "chart", chart(shop, { ...JANUARY_TO_MARCH, ...hidden }));
    expect(csv[0]).toBe("Cohort,Month 2,Month 3");
    expect(csv[3]).toBe("Mar 2019,0,0");
  });

  it("applies the metric's filters to first events, too", async () => {
    const shop = await newShop();
    const filters = [{ column: "paid", operator: "equal", value: false }];
    const metric = revenue(shop, { filters });
    expect(await csvOf(shop, "chart", chart(shop, { ...JANUARY_TO_MARCH, metric }))).toEqual([
      "Cohort,Month 1,Month 2,Month 3,Month 4",
      "Jan 2019,0,0,0,0",
      "Feb 2019,0,0,0,0",
      "Mar 2019,5,0,0,0",
    ]);
  });

  it.each([
    ["count_distinct", "2,0,1,1"],
    ["average", "0.15,0,5,0"],
    ["min", "0.1,0,5,0"],
    ["max", "0.2,0,5,0"],
    ["median", "0.15,0,5,0"],
    ["percentile_90", "0.19,0,5,0"],
  ])("with the operation %s", async (operation, values) => {
    const shop = await newShop();
    const metric = revenue(shop, { operation });
    const csv = await csvOf(shop, "chart", chart(shop, { ...JANUARY_TO_MARCH, metric }));
    expect(csv[1]).toBe(`Jan 2019,${values}`);
  });

  it("notes what it left out", async () => {
    const shop = await newShop();
    const id = await create(shop, "chart", chart(shop));
    const info = async () => (await call(shop, `/chart/${id}/info`)).json();
    expect(await info()).toMatchObject({ lastExport: null });
    await (await call(shop, `/chart/${id}/export`)).text();
    expect(await info()).toMatchObject({ lastExport: { notDates: 1, notNumbers: 1 } });
  });
});

describe("a chart by a date of its rows", () => {
  const dated = (shop: Shop, changes: object = {}): object =>
    chart(shop, { cohort_date: { column: "since" }, ...JANUARY_TO_MARCH, ...changes });

  it("takes the cohort from there", async () => {
    const shop = await newShop();
    await push(shop, "orders", ['"id":8,"at":"2019-02-01","total":1,"since":"2019-03-01"']);
    expect(await csvOf(shop, "chart", dated(shop, { metric: count(shop) }))).toEqual([
      "Cohort,Month 1,Month 2,Month 3,Month 4",
      "Jan 2019,2,0,1,1",
      "Feb 2019,0,0,0,0",
      "Mar 2019,1,0,0,0",
    ]);
  });

  it("counts members in its rows, or in another table", async () => {
    const shop = await newShop();
    const perspective = "average_per_member";
    const own = { member_column: "customer", perspective, metric: count(shop) };
    expect((await csvOf(shop, "chart", dated(shop, own)))[1]).toBe("Jan 2019,1,0,0.5,0.5");
    const count_members_in = { table_id: shop.users, date_column: "joined" };
    const other = { count_members_in, perspective, metric: count(shop) };
    expect((await csvOf(shop, "chart", dated(shop, other))).slice(1)).toEqual([
      "Jan 2019,1,0,0.5,0.5",
      "Feb 2019,,,,",
      "Mar 2019,0.5,0,0,0",
    ]);
  });
});

describe("a chart without cohort dates", () => {
  it("has a line for each value of a column", async () => {
    const shop = await newShop();
    const undated = { metric: count(shop), cohort_date: FIRST, cohort_by: "sku", periods: 4 };
    expect(await csvOf(shop, "chart", undated)).toEqual([
      "Cohort,Month 1,Month 2,Month 3,Month 4",
      "a,2,0,1,0",
      "b,1,0,0,1",
    ]);
    const action_range = { from: "2019-03-01", to: "2019-03-31" };
    const chosen = { column: "sku", values: ["c", "a"] };
    expect(await csvOf(shop, "chart", { ...undated, action_range, cohort_by: chosen })).toEqual([
      "Cohort,Month 1,Month 2,Month 3,Month 4",
      "c,0,0,0,0",
      "a,1,0,0,0",
    ]);
  });

  it("counts members in another table", async () => {
    const shop = await newShop();
    const count_members_in = { table_id: shop.users, group_column: "channel" };
    const undated = {
      metric: count(shop),
      cohort_date: FIRST,
      cohort_by: { column: "channel", values: ["web"] },
      perspective: "average_per_member",
      periods: 1,
      count_members_in,
    };
    await push(shop, "orders", ['"id":9,"at":"2019-02-01","total":1,"customer":9,"channel":"web"']);
    expect(await csvOf(shop, "chart", undated)).toEqual([
      "Cohort,Month 1",
      "web,0.33333333333333333333",
    ]);
  });
});

describe("which cohorts there are", () => {
  const metric = { label: "N", table_id: 1, operation: "count", date_column: "at" };
  const now = Date.parse("2015-03-10T12:00:00Z");
  const namesOf = async (changes: object): Promise<readonly string[]> => {
    const asked = Chart.parse({ name: "C", metric, cohort_date: { column: "b" }, ...changes });
    const plan = await planDated(asked, now, () =>
      Promise.resolve({ from: Date.parse("2014-11-30T00:00:00Z"), to: now }),
    );
    return plan.cohorts.map((index) => nameOf(plan.labels[index] ?? "", asked.interval));
  };

  it("the last ones with complete periods, unless the running one is asked for", async () => {
    expect(await namesOf({ cohorts: 3 })).toEqual(["Dec 2014", "Jan 2015", "Feb 2015"]);
    expect(await namesOf({ cohorts: 3, min_periods: 0 })).toEqual([
      "Jan 2015",
      "Feb 2015",
      "Mar 2015",
    ]);
    expect(await namesOf({ cohorts: 2, min_periods: 3 })).toEqual(["Nov 2014", "Dec 2014"]);
    expect(await namesOf({})).toHaveLength(12);
  });

  it("all since the first, or those of a range", async () => {
    expect(await namesOf({ cohorts: "all" })).toEqual([
      "Nov 2014",
      "Dec 2014",
      "Jan 2015",
      "Feb 2015",
    ]);
    const range = { from: "2014-12-31", to: "2015-12-31" };
    expect(await namesOf({ cohorts: { range } })).toEqual(["Dec 2014", "Jan 2015", "Feb 2015"]);
  });

  it("by weeks, quarters and years", async () => {
    expect(await namesOf({ cohorts: 2, interval: "week" })).toEqual(["2015-02-23", "2015-03-02"]);
    expect(await namesOf({ cohorts: 2, interval: "week", week_start: "sunday" })).toEqual([
      "2015-02-22",
      "2015-03-01",
    ]);
    expect(await namesOf({ cohorts: 2, interval: "quarter" })).toEqual(["Q3 2014", "Q4 2014"]);
    expect(await namesOf({ cohorts: 2, interval: "year" })).toEqual(["2013", "2014"]);
  });
});
