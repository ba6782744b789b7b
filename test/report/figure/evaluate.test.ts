import { describe, expect, it } from "vitest";
import { call } from "../../support/export.ts";
import { tableId } from "../../support/worker.ts";
import { count, create, csvOf, jsonOf, newShop, push, RANGE, revenue } from "../shop.ts";

const monthly = { interval: "month", range: RANGE };

describe("a figure by month", () => {
  it("has all periods, exact sums, and metrics beside each other", async () => {
    const shop = await newShop();
    const metrics = [revenue(shop), count(shop)];
    expect(await csvOf(shop, "figure", { ...monthly, metrics })).toEqual([
      "Date,Revenue,Orders",
      "2019-01-01,0.3,2",
      "2019-02-01,0,0",
      "2019-03-01,12.5,2",
      "2019-04-01,0,1",
    ]);
    expect(await jsonOf(shop, "figure", { ...monthly, metrics })).toBe(
      '{"chart":{"name":"Report","type":"chart","kind":"line"},"series":[' +
        '{"name":"Revenue","data":[["2019-01-01",0.3],["2019-02-01",0],["2019-03-01",12.5],["2019-04-01",0]]},' +
        '{"name":"Orders","data":[["2019-01-01",2],["2019-02-01",0],["2019-03-01",2],["2019-04-01",1]]}]}',
    );
  });

  it("reckons in the time zone", async () => {
    const shop = await newShop();
    const figure = { ...monthly, metrics: [count(shop)], time_zone: "Europe/Berlin" };
    expect(await csvOf(shop, "figure", figure)).toEqual([
      "Date,Orders",
      "2019-01-01,1",
      "2019-02-01,1",
      "2019-03-01,1",
      "2019-04-01,2",
    ]);
  });

  it("goes from the first date to the last for all time", async () => {
    const shop = await newShop();
    const metrics = [
      count(shop),
      { label: "Users", table_id: shop.users, operation: "count", date_column: "joined" },
    ];
    expect(await csvOf(shop, "figure", { interval: "quarter", metrics })).toEqual([
      "Date,Orders,Users",
      "2019-01-01,4,4",
      "2019-04-01,1,0",
    ]);
  });

  it("is empty where there are no dates at all", async () => {
    const shop = await newShop();
    await push(shop, "empty", ['"id":1,"at":"never"']);
    const { tables } = await (
      await call(shop, `/client/${shop.clientId}/table`)
    ).json<{
      tables: { id: number; name: string }[];
    }>();
    const id = tables.find(({ name }) => name === "empty")?.id;
    const metric = { label: "N", table_id: id, operation: "count", date_column: "at" };
    const figure = { interval: "day", metrics: [metric] };
    expect(await csvOf(shop, "figure", figure)).toEqual(["Date,N"]);
    expect(await jsonOf(shop, "figure", figure)).toContain('"series":[{"name":"N","data":[]}]');
  });

  it("has a row for each period and group", async () => {
    const shop = await newShop();
    const figure = { ...monthly, metrics: [revenue(shop)], group_by: ["sku"] };
    expect(await csvOf(shop, "figure", figure)).toEqual([
      "Date,sku,Revenue",
      "2019-01-01,a,0.1",
      "2019-01-01,b,0.2",
      "2019-02-01,a,0",
      "2019-02-01,b,0",
      "2019-03-01,a,12.5",
      "2019-03-01,b,0",
      "2019-04-01,a,0",
      "2019-04-01,b,0",
    ]);
    const one = JSON.parse(await jsonOf(shop, "figure", figure)) as { series: { name: string }[] };
    expect(one.series.map(({ name }) => name)).toEqual(["a", "b"]);
    const two = { ...figure, metrics: [revenue(shop), count(shop)], group_by: ["sku", "paid"] };
    const json = JSON.parse(await jsonOf(shop, "figure", two)) as { series: { name: string }[] };
    expect(json.series.map(({ name }) => name)).toEqual([
      "Revenue - a - false",
      "Revenue - a - true",
      "Revenue - b - true",
      "Orders - a - false",
      "Orders - a - true",
      "Orders - b - true",
    ]);
  });

  it("keeps the first groups by their totals", async () => {
    const shop = await newShop();
    const top = { n: 1, by: "Revenue", order: "desc" };
    const figure = { ...monthly, metrics: [revenue(shop)], group_by: ["sku"], top };
    const lines = await csvOf(shop, "figure", figure);
    expect(lines.slice(1).map((line) => line.split(",")[1])).toEqual(["a", "a", "a", "a"]);
    const last = await csvOf(shop, "figure", { ...figure, top: { ...top, order: "asc" } });
    expect(last.slice(1).map((line) => line.split(",")[1])).toEqual(["b", "b", "b", "b"]);
  });
});

describe("a figure without periods", () => {
  const whole = { range: RANGE };

  it("has a row for each group, largest first", async () => {
    const shop = await newShop();
    const figure = { ...whole, type: "table", metrics: [revenue(shop)], group_by: ["customer"] };
    expect(await csvOf(shop, "figure", figure)).toEqual([
      "customer,Revenue",
      "3,7.5",
      "1,5.1",
      "2,0.2",
    ]);
    expect(await jsonOf(shop, "figure", figure)).toContain(
      '"series":[{"name":"Revenue","data":[["3",7.5],["1",5.1],["2",0.2]]}]',
    );
  });

  it("has its groups in order where there are several metrics", async () => {
    const shop = await newShop();
    const figure = { ...whole, metrics: [revenue(shop), count(shop)], group_by: ["customer"] };
    expect(await csvOf(shop, "figure", figure)).toEqual([
      "customer,Revenue,Orders",
      "1,5.1,3",
      "2,0.2,1",
      "3,7.5,1",
    ]);
    const top = { n: 2, by: "customer", order: "desc" };
    expect(await csvOf(shop, "figure", { ...figure, top })).toEqual([
      "customer,Revenue,Orders",
      "3,7.5,1",
      "2,0.2,1",
    ]);
  });

  it("shows chosen values only", async () => {
    const shop = await newShop();
    const group_by = [{ column: "customer", values: [1, 3, "2"] }];
    const figure = { ...whole, metrics: [count(shop)], group_by };
    expect(await csvOf(shop, "figure", figure)).toEqual(["customer,Orders", "1,3", "3,1"]);
  });

  it("takes rows without dates where the metric has no date column", async () => {
    const shop = await newShop();
    const metrics = [count(shop), count(shop, { label: "All", date_column: undefined })];
    expect(await csvOf(shop, "figure", { metrics })).toEqual(["Orders,All", "5,7"]);
  });

  it("is a list of values where it is a scalar", async () => {
    const shop = await newShop();
    const scalar = { ...whole, type: "scalar" };
    expect(await jsonOf(shop, "figure", { ...scalar, metrics: [revenue(shop)] })).toBe(
      '{"item":[{"value":12.8}]}',
    );
    const metrics = [revenue(shop), count(shop, { hidden: true })];
    const formulas = [{ label: "Average", expression: "A / B" }];
    const both = { ...scalar, metrics, formulas };
    expect(await jsonOf(shop, "figure", both)).toBe('{"item":[{"value":12.8},{"value":2.56}]}');
    expect(await csvOf(shop, "figure", both)).toEqual(["Revenue,Average", "12.8,2.56"]);
  });
});

describe("independent metrics", () => {
  it("have their own interval, range and grouping", async () => {
    const shop = await newShop();
    const metrics = [
      count(shop),
      count(shop, { label: "Whole", interval: "none" }),
      count(shop, { label: "Quarter", interval: "quarter" }),
      count(shop, { label: "March", range: { from: "2019-03-01", to: "2019-03-31" } }),
    ];
    expect(await csvOf(shop, "figure", { ...monthly, metrics })).toEqual([
      "Date,Orders,Whole,Quarter,March",
      "2019-01-01,2,5,4,",
      "2019-02-01,0,5,4,",
      "2019-03-01,2,5,4,2",
      "2019-04-01,1,5,1,",
    ]);
  });

  it("can have one value for all groups, or the same groups under another name", async () => {
    const shop = await newShop();
    const metrics = [
      count(shop),
      count(shop, { label: "All", group_by: [] }),
      { label: "Users", table_id: shop.users, operation: "count", group_by: ["id"] },
    ];
    const formulas = [{ label: "Share", expression: "A / B" }];
    const figure = { range: RANGE, metrics, formulas, group_by: ["customer"] };
    expect(await csvOf(shop, "figure", figure)).toEqual([
      "customer,Orders,All,Users,Share",
      "1,3,5,1,0.6",
      "2,1,5,1,0.2",
      "3,1,5,1,0.2",
      "4,0,5,1,0",
    ]);
  });
});

describe("filters and sets of them", () => {
  it("all apply", async () => {
    const shop = await newShop();
    const filters = [
      { id: "A", column: "sku", operator: "equal", value: "a" },
      { id: "B", column: "sku", operator: "equal", value: "b" },
    ];
    const filter_sets = {
      paid: { filters: [{ column: "paid", operator: "equal", value: true }] },
    };
    const metrics = [
      count(shop, { filters: filters.slice(0, 1), filter_set: "paid" }),
      count(shop, { label: "Both", filters, filter_logic: "[A] OR [B]" }),
      count(shop, { label: "Paid", filter_set: "paid" }),
    ];
    expect(await csvOf(shop, "figure", { range: RANGE, metrics, filter_sets })).toEqual([
      "Orders,Both,Paid",
      "2,5,4",
    ]);
  });
});

describe("perspectives", () => {
  it("are of the figure, or of the metric", async () => {
    const shop = await newShop();
    const metrics = [count(shop), count(shop, { label: "Plain", perspective: "standard" })];
    const figure = { ...monthly, metrics, perspective: "cumulative" };
    expect(await csvOf(shop, "figure", figure)).toEqual([
      "Date,Orders,Plain",
      "2019-01-01,2,2",
      "2019-02-01,2,0",
      "2019-03-01,4,2",
      "2019-04-01,5,1",
    ]);
  });

  it("look back to before the range", async () => {
    const shop = await newShop();
    const range = { from: "2019-03-01", to: "2019-04-30" };
    for (const [perspective, values] of [
      ["change_previous_period", ["2", "-1"]],
      ["rolling_average", ["1", "1.5"]],
    ] as const) {
      const window = perspective === "rolling_average" ? { window: 2 } : {};
      const metrics = [count(shop, { perspective, ...window })];
      const lines = await csvOf(shop, "figure", { interval: "month", range, metrics });
      expect(
        lines.slice(1).map((line) => line.split(",")[1]),
        perspective,
      ).toEqual(values);
    }
  });

  it("look back from a range that begins within a period, of which the rest counts for nothing", async () => {
    const shop = await newShop();
    const days = ["2019-01-05", "2019-02-03", "2019-02-15", "2019-03-10", "2019-03-25"];
    await push(
      shop,
      "points",
      days.map((day, id) => `"id":${id},"n":1,"day":"${day}","g":"${id === 0 ? "early" : "late"}"`),
    );
    const points = {
      table_id: await tableId(shop, "points"),
      ...{ operation: "sum", column: "n", date_column: "day" },
    };
    const range = { from: "2019-02-10", to: "2019-03-20" };
    const metrics = [
      { ...points, label: "Standard" },
      { ...points, label: "Change", perspective: "change_previous_period" },
      { ...points, label: "Average", perspective: "rolling_average", window: 2 },
    ];
    expect(await csvOf(shop, "figure", { interval: "month", range, metrics })).toEqual([
      "Date,Standard,Change,Average",
      "2019-02-01,1,0,1",
      "2019-03-01,1,0,1",
    ]);
    // The first metric has nothing of the group in the range, which the second one shows.
    const filters = [{ column: "day", operator: "less", value: "2019-02-01" }];
    const grouped = {
      interval: "month",
      range: { from: "2019-02-01", to: "2019-02-28" },
      group_by: ["g"],
      metrics: [
        { ...points, label: "Early", filters, perspective: "change_previous_period" },
        { ...points, label: "All", range: { from: "2019-01-01", to: "2019-02-28" } },
      ],
    };
    expect((await csvOf(shop, "figure", grouped)).slice(-2)).toEqual([
      "2019-02-01,early,-1,0",
      "2019-02-01,late,0,2",
    ]);
  });

  it("show the first value of percent_of_first, or do not", async () => {
    const shop = await newShop();
    const figure = { ...monthly, metrics: [count(shop)], perspective: "percent_of_first" };
    const shown = await csvOf(shop, "figure", figure);
    expect(shown.slice(1)).toEqual([
      "2019-01-01,100",
      "2019-02-01,0",
      "2019-03-01,100",
      "2019-04-01,50",
    ]);
    const hidden = await csvOf(shop, "figure", { ...figure, show_first: false });
    expect(hidden.slice(1)).toEqual(shown.slice(2));
  });
});

describe("intervals", () => {
  const datesOf = async (changes: object): Promise<readonly (string | undefined)[]> => {
    const shop = await newShop();
    const lines = await csvOf(shop, "figure", { metrics: [count(shop)], ...changes });
    return lines.slice(1).map((line) => line.split(",")[0]);
  };

  it("have the first day of each period, or its hour, also of periods that begin before", async () => {
    const range = { from: "2019-02-27", to: "2019-03-04" };
    expect(await datesOf({ interval: "week", range })).toEqual(["2019-02-25", "2019-03-04"]);
    const sunday = { interval: "week", range, week_start: "sunday" };
    expect(await datesOf(sunday)).toEqual(["2019-02-24", "2019-03-03"]);
    expect(await datesOf({ interval: "quarter", range })).toEqual(["2019-01-01"]);
    expect(await datesOf({ interval: "year", range })).toEqual(["2019-01-01"]);
    expect(await datesOf({ interval: "day", range })).toHaveLength(6);
    const day = { from: "2019-03-31", to: "2019-03-31" };
    const hours = await datesOf({ interval: "hour", range: day, time_zone: "Europe/Berlin" });
    expect(hours.slice(0, 3)).toEqual([
      "2019-03-31T00:00:00",
      "2019-03-31T01:00:00",
      "2019-03-31T03:00:00",
    ]);
    expect(hours).toHaveLength(23);
  });

  it("that differ have one form of dates", async () => {
    const shop = await newShop();
    const day = { from: "2019-01-05", to: "2019-01-05" };
    const metrics = [count(shop), count(shop, { label: "Hour", interval: "hour", range: day })];
    const range = { from: "2019-01-04", to: "2019-01-05" };
    const figure = { interval: "day", range, metrics };
    const lines = await csvOf(shop, "figure", figure);
    expect(lines).toHaveLength(26);
    expect(lines.slice(0, 3)).toEqual([
      "Date,Orders,Hour",
      "2019-01-04T00:00:00,0,",
      "2019-01-05T00:00:00,1,0",
    ]);
    expect(lines[12]).toBe("2019-01-05T10:00:00,1,1");
    const json = JSON.parse(await jsonOf(shop, "figure", figure)) as {
      series: { data: unknown[] }[];
    };
    // Each series has its own dates.
    expect(json.series.map(({ data }) => data.length)).toEqual([2, 24]);
  });

  it("of moving ranges follow the clock", async () => {
    const shop = await newShop();
    const now = new Date().toISOString();
    await push(shop, "orders", [`"id":50,"at":"${now}","total":1`]);
    const metrics = [count(shop)];
    const range = { moving: "1 days ago to 0 days ago" };
    const lines = await csvOf(shop, "figure", { interval: "day", range, metrics });
    expect(lines.slice(1).map((line) => line.split(",")[1])).toContain("1");
    expect(lines.length).toBeLessThanOrEqual(3);
  });
});

describe("chosen values", () => {
  it("are compared as what they are, null as no value", async () => {
    const shop = await newShop();
    await push(shop, "mixed", [
      '"id":1,"v":1',
      '"id":2,"v":"1"',
      '"id":3,"v":true',
      '"id":4,"v":"true"',
      '"id":5,"v":null',
      '"id":6',
      '"id":7,"v":""',
      '"id":8,"v":1.0',
    ]);
    const table_id = await tableId(shop, "mixed");
    const metrics = [{ label: "N", table_id, operation: "count" }];
    const rowsOf = async (values?: unknown[]) => {
      const group_by = [{ column: "v", values }];
      return (await csvOf(shop, "figure", { metrics, group_by })).slice(1);
    };
    expect(await rowsOf()).toEqual(["1,3", '"",3', "true,2"]);
    expect(await rowsOf([1])).toEqual(["1,2"]);
    expect(await rowsOf(["1", true])).toEqual(["1,1", "true,1"]);
    expect(await rowsOf([null])).toEqual(['"",2']);
    expect(await rowsOf([null, ""])).toEqual(['"",3']);
    expect(await rowsOf(["x"])).toEqual([]);
  });
});

describe("perspectives of a year", () => {
  it("read the year before", async () => {
    const shop = await newShop();
    await push(shop, "orders", ['"id":60,"at":"2018-03-05"', '"id":61,"at":"2018-04-01"']);
    const metrics = [
      count(shop, { perspective: "change_previous_year" }),
      count(shop, { label: "Percent", perspective: "percent_change_previous_year" }),
    ];
    expect(await csvOf(shop, "figure", { ...monthly, metrics })).toEqual([
      "Date,Orders,Percent",
      "2019-01-01,2,",
      "2019-02-01,0,",
      "2019-03-01,1,100",
      "2019-04-01,0,0",
    ]);
  });

  it("are those of the inputs of a formula", async () => {
    const shop = await newShop();
    const metrics = [
      count(shop, { perspective: "cumulative", hidden: true }),
      count(shop, { label: "Plain" }),
    ];
    const formulas = [{ label: "Both", expression: "A + B * 10", format: "number" }];
    expect(await csvOf(shop, "figure", { ...monthly, metrics, formulas })).toEqual([
      "Date,Plain,Both",
      "2019-01-01,2,22",
      "2019-02-01,0,2",
      "2019-03-01,2,24",
      "2019-04-01,1,15",
    ]);
  });
});

describe("too much", () => {
  it("is refused, never cut", async () => {
    const shop = await newShop();
    const refused = async (definition: object): Promise<string> => {
      const id = await create(shop, "figure", definition);
      const answer = await call(shop, `/figure/${id}/export`);
      expect(answer.status).toBe(400);
      const { reasons } = await answer.json<{ reasons: string[] }>();
      return reasons.join();
    };
    const hours = { from: "2019-01-01", to: "2019-05-30" };
    expect(await refused({ metrics: [count(shop)], interval: "hour", range: hours })).toContain(
      "3500",
    );
    const days = { from: "2010-01-01", to: "2016-12-31" };
    const metrics = [count(shop), { label: "U", table_id: shop.users, operation: "count" }];
    const grouped = { metrics: [count(shop)], interval: "day", group_by: ["customer"] };
    expect(
      await refused({ ...grouped, range: { from: "2015-01-01", to: "2019-12-31" } }),
    ).toContain("a report has at most 3500");
    const path = `/figure/${await create(shop, "figure", { metrics, interval: "day", range: days })}`;
    expect((await call(shop, `${path}/export`)).status).toBe(200);
  });
});
