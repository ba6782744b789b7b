import { describe, expect, it } from "vitest";
import { testEnv } from "../support/env.ts";
import { newTenant, pushText, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import {
  anyNumber,
  anyText,
  call,
  expectProblem,
  expectRecent,
  member,
  NO_CLIENT,
} from "./call.ts";

interface Shop extends Tenant {
  readonly orders: number;
  readonly users: number;
}

/** A client with tables whose columns have had every type. */
async function shop(): Promise<Shop> {
  const tenant = await newTenant();
  const order =
    '"total":58.40,"status":"complete","created_at":"2019-08-01 14:22:32","paid":true,"lines":[1],"customer_id":1,"first_at":"2019-01-01","none":null';
  const record = (table: string, data: string): string =>
    `{"client_id":${tenant.clientId},"action":"upsert","table_name":"${table}","sequence":1,"key_names":["id"],"data":{"id":1,${data}}}`;
  const body = `[${record("orders", order)},${record("users", '"since":"2019-01-01","source":"web"')}]`;
  const answer = await pushText(tenant, body);
  expect(answer.status, await answer.text()).toBe(201);
  const [orders, users] = [await tableId(tenant, "orders"), await tableId(tenant, "users")];
  return { ...tenant, orders, users };
}

const figuresOf = ({ clientId }: Tenant): string => `/clients/${clientId}/figures`;
const chartsOf = ({ clientId }: Tenant): string => `/clients/${clientId}/charts`;

const revenue = (tenant: Shop, changes: object = {}): object => ({
  label: "Revenue",
  table_id: tenant.orders,
  operation: "sum",
  column: "total",
  date_column: "created_at",
  ...changes,
});

const figure = (tenant: Shop, changes: object = {}): object => ({
  name: "Revenue by month",
  type: "chart",
  metrics: [revenue(tenant)],
  interval: "month",
  range: { from: "2019-01-01", to: "2019-12-31" },
  ...changes,
});

const chart = (tenant: Shop, changes: object = {}): object => ({
  name: "Cohorts",
  metric: revenue(tenant),
  cohort_date: { first_event_of: "customer_id" },
  ...changes,
});

/** Everything that a figure can say (wire.md 5). */
const everything = (tenant: Shop): object => ({
  ...figure(tenant),
  chart_kind: "stacked_column",
  transposed: true,
  owner_email: "owner@shop.example",
  metrics: [
    revenue(tenant, {
      filters: [{ id: "A", column: "status", operator: "equal", value: "complete" }],
      filter_logic: "[A]",
      filter_set: "paid ones",
      perspective: "rolling_average",
      window: 3,
    }),
    revenue(tenant, {
      label: "Orders",
      operation: "count",
      column: undefined,
      hidden: true,
      range: { moving: "91 days ago to 1 day ago" },
      interval: "none",
      group_by: [],
    }),
    { label: "Users", table_id: tenant.users, operation: "count", group_by: ["source"] },
  ],
  filter_sets: {
    "paid ones": {
      filters: [
        { column: "paid", operator: "equal", value: true },
        { column: "none", operator: "is_null" },
      ],
      filter_logic: "[A] OR [B]",
    },
  },
  time_zone: "Europe/Berlin",
  week_start: "sunday",
  group_by: [{ column: "status", values: ["complete", null] }],
  top: { n: "all", by: "Average", order: "asc" },
  formulas: [{ label: "Average", expression: "A / (B / 4)", format: "currency" }],
  perspective: "percent_of_first",
  show_first: false,
});

const everythingOfCharts = (tenant: Shop): object => ({
  ...chart(tenant),
  owner_email: "owner@shop.example",
  metric: revenue(tenant, { filters: [{ column: "paid", operator: "equal", value: true }] }),
  cohort_date: { column: "first_at" },
  interval: "quarter",
  cohorts: { range: { moving: "last_full_year" } },
  periods: 4,
  min_periods: 0,
  member_column: "customer_id",
  count_members_in: { table_id: tenant.users, date_column: "since", member_column: "id" },
  perspective: "cumulative_average_per_member",
});

const withoutDates = (tenant: Shop): object => ({
  ...chart(tenant),
  cohort_by: { column: "status", values: ["complete"] },
  action_range: { from: "2019-01-01", to: "2019-06-30" },
  cohort_date: { first_event_of: "customer_id", date_column: "first_at" },
  perspective: "percent_of_first",
  show_first: true,
});

async function created(path: string, body: object): Promise<number> {
  const answer = await call("POST", path, body);
  expect(answer.status, answer.text).toBe(201);
  return Number(member(answer, "id"));
}

describe("figures", () => {
  it("are stored with what they do not say", async () => {
    const tenant = await shop();
    const answer = await call("POST", figuresOf(tenant), {
      name: "  Orders ",
      metrics: [{ label: "Orders", table_id: tenant.orders, operation: "count" }],
    });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json).toEqual({
      id: anyNumber,
      name: "Orders",
      type: "chart",
      metrics: [{ label: "Orders", table_id: tenant.orders, operation: "count" }],
      interval: "none",
      range: { moving: "all_time" },
      time_zone: "UTC",
      week_start: "monday",
      group_by: [],
      formulas: [],
      created_at: anyText,
      updated_at: anyText,
    });
    expectRecent(member(answer, "created_at"));
  });

  it("say everything, are shown, listed, changed and deleted", async () => {
    const tenant = await shop();
    const asked = everything(tenant);
    const id = await created(figuresOf(tenant), asked);
    const path = `${figuresOf(tenant)}/${id}`;
    const whole = JSON.parse(JSON.stringify({ id, ...asked })) as object;
    expect((await call("GET", path)).json).toEqual({
      ...whole,
      created_at: anyText,
      updated_at: anyText,
    });
    const list = await call("GET", figuresOf(tenant));
    expect(list.json).toEqual({
      figures: [
        {
          id,
          name: "Revenue by month",
          type: "chart",
          owner_email: "owner@shop.example",
          created_at: anyText,
          updated_at: anyText,
        },
      ],
    });
    const changed = await call("PUT", path, figure(tenant, { name: "Other", type: "table" }));
    expect(changed.status, changed.text).toBe(200);
    expect(changed.json).toMatchObject({ id, name: "Other", type: "table" });
    expect((await call("GET", path)).json).toEqual(changed.json);
    expect((await call("DELETE", path)).status).toBe(204);
    expectProblem(await call("GET", path), 404, "not_found");
    expectProblem(await call("DELETE", path), 404, "not_found");
    expectProblem(await call("PUT", path, figure(tenant)), 404, "not_found");
  });

  it("keep every digit of what they compare with", async () => {
    const tenant = await shop();
    const text = JSON.stringify(
      figure(tenant, {
        metrics: [
          revenue(tenant, { filters: [{ column: "total", operator: "greater", value: "@" }] }),
        ],
      }),
    ).replace('"@"', "9007199254740993.10");
    const answer = await call("POST", figuresOf(tenant), text);
    expect(answer.status, answer.text).toBe(201);
    expect(answer.text).toContain('"value":9007199254740993.10');
    const row = await testEnv.CATALOG.prepare("SELECT filters FROM reports WHERE id = ?1")
      .bind(member(answer, "id"))
      .first<string>("filters");
    expect(row).toContain('"value":9007199254740993.10,"kind":"number"');
  });

  const metric = (changes: object) => (tenant: Shop) =>
    figure(tenant, { metrics: [revenue(tenant, changes)] });
  const filters = (...list: object[]) => metric({ filters: list });

  it.each<[string, (tenant: Shop) => object]>([
    ["name: is missing", (t) => figure(t, { name: undefined })],
    ["name: must have 1 to 255 characters", (t) => figure(t, { name: " " })],
    ["type: must be one of chart, table, scalar", (t) => figure(t, { type: "pie" })],
    ["metrics: is missing", (t) => figure(t, { metrics: undefined })],
    ["metrics: must have a metric", (t) => figure(t, { metrics: [] })],
    ["metrics[0]: must be an object", (t) => figure(t, { metrics: [1] })],
    ["metrics[0].label: is missing", metric({ label: undefined })],
    ["metrics[0].operation: must be one of count, ", metric({ operation: "total" })],
    ["metrics[0].column: is missing: sum needs one", metric({ column: undefined })],
    ["metrics[0].column: count counts rows", metric({ operation: "count" })],
    ['metrics[0].column: the table has no column "x"', metric({ column: "x" })],
    ['metrics[0].column: sum needs numbers; the column "status"', metric({ column: "status" })],
    ["metrics[0].column: median needs", metric({ operation: "median", column: "paid" })],
    ['metrics[0].date_column: the table has no column "x"', metric({ date_column: "x" })],
    ['metrics[0].date_column: the column "paid" has had', metric({ date_column: "paid" })],
    ["metrics[0].date_column: the column", metric({ date_column: "lines" })],
    ["metrics[0].table_id: the client has no table with the id 999", metric({ table_id: 999 })],
    ["metrics[0].table_id: must be an integer", metric({ table_id: "orders" })],
    ["metrics[0].unknown: is not known here", metric({ unknown: 1 })],
    ["metrics[0].interval: must be none", metric({ date_column: undefined, interval: "day" })],
    [
      "metrics[0].range: needs a date_column",
      metric({ date_column: undefined, range: { moving: "today" } }),
    ],
    ["metrics[0].perspective: must be one of standard", metric({ perspective: "x" })],
    ["metrics[0].window: is missing", metric({ perspective: "rolling_average" })],
    ["metrics[0].window: goes with", metric({ window: 3 })],
    ["metrics[0].show_first: goes with", metric({ show_first: true })],
    ["metrics[0].filter_set: there is no set", metric({ filter_set: "x" })],
    ["metrics[0].filters: must be a list", metric({ filters: {} })],
    [
      "metrics[0].filters[1].value: is missing",
      filters({ column: "paid", operator: "is_null" }, { column: "paid", operator: "equal" }),
    ],
    ["metrics[0].filters[0].operator: ", filters({ column: "paid", operator: "near" })],
    [
      'metrics[0].filters[0].value: the column "total" has numbers',
      filters({ column: "total", operator: "equal", value: "1" }),
    ],
    ["metrics[0].filter_logic: at character 2", metric({ filter_logic: "[A]" })],
    ["metrics[1].label: is the label", (t) => figure(t, { metrics: [revenue(t), revenue(t)] })],
    ["metrics: must have one that is not hidden", metric({ hidden: true })],
    ["interval: must be one of none", (t) => figure(t, { interval: "decade" })],
    ["range: must have from and to", (t) => figure(t, { range: "2019" })],
    [
      "range: from must not be after to",
      (t) => figure(t, { range: { from: "2019-02-01", to: "2019-01-01" } }),
    ],
    [
      "range.from: must be a day",
      (t) => figure(t, { range: { from: "2019-02-30", to: "2019-03-01" } }),
    ],
    ["range.moving: must be a moving range", (t) => figure(t, { range: { moving: "soon" } })],
    ["time_zone: must be a time zone", (t) => figure(t, { time_zone: "Mars/Base" })],
    ["week_start: must be one of monday, sunday", (t) => figure(t, { week_start: "friday" })],
    [
      'group_by[0]: the table of metrics[0] has no column "x"',
      (t) => figure(t, { group_by: ["x"] }),
    ],
    ["group_by: must have each column once", (t) => figure(t, { group_by: ["status", "status"] })],
    ["metrics[0].group_by[0]: the table has no", metric({ group_by: ["x"] })],
    [
      "metrics[1].group_by: must be empty or have as many",
      (t) =>
        figure(t, {
          metrics: [revenue(t), revenue(t, { label: "B", group_by: ["status", "paid"] })],
          group_by: ["status"],
        }),
    ],
    ["top: needs group_by", (t) => figure(t, { top: { n: 1 } })],
    [
      "top.n: must be an integer of 1 or more",
      (t) => figure(t, { group_by: ["status"], top: { n: 0 } }),
    ],
    ["top.by: is no label", (t) => figure(t, { group_by: ["status"], top: { n: 1, by: "x" } })],
    [
      "formulas[0].expression: ",
      (t) => figure(t, { formulas: [{ label: "F", expression: "A / B" }] }),
    ],
    [
      "formulas[0].expression: ",
      (t) => figure(t, { formulas: [{ label: "F", expression: "A / (" }] }),
    ],
    [
      "formulas[0].format: must be one of",
      (t) => figure(t, { formulas: [{ label: "F", expression: "A", format: "euro" }] }),
    ],
    [
      "formulas[0].label: is the label",
      (t) => figure(t, { formulas: [{ label: "Revenue", expression: "A" }] }),
    ],
    ["filter_sets.s: is used by no metric", (t) => figure(t, { filter_sets: { s: {} } })],
    [
      "filter_sets.s.filters[0].column: the table has no",
      (t) =>
        figure(t, {
          metrics: [revenue(t, { filter_set: "s" })],
          filter_sets: { s: { filters: [{ column: "x", operator: "is_null" }] } },
        }),
    ],
    ["interval: must be none for a scalar", (t) => figure(t, { type: "scalar" })],
    [
      "group_by: a scalar has none",
      (t) => figure(t, { type: "scalar", interval: "none", group_by: ["status"] }),
    ],
    [
      "perspective: needs an interval",
      (t) => figure(t, { interval: "none", perspective: "cumulative" }),
    ],
    ["owner_email: must be an e-mail address", (t) => figure(t, { owner_email: "x" })],
    ["other: is not known here", (t) => figure(t, { other: 1 })],
  ])("are refused: %s", async (detail, body) => {
    const tenant = await shop();
    const answer = await call("POST", figuresOf(tenant), body(tenant));
    expectProblem(answer, 422, "admin_invalid");
    expect(String(member(answer, "detail"))).toContain(detail);
    expect((await call("GET", figuresOf(tenant))).json).toEqual({ figures: [] });
  });
});

describe("charts", () => {
  it.each([
    ["everything", everythingOfCharts],
    ["cohorts without dates", withoutDates],
  ])("say %s, are shown, listed, changed and deleted", async (_, make) => {
    const tenant = await shop();
    const asked = make(tenant);
    const id = await created(chartsOf(tenant), asked);
    const path = `${chartsOf(tenant)}/${id}`;
    const shown = await call("GET", path);
    expect(shown.json).toMatchObject(JSON.parse(JSON.stringify({ id, ...asked })) as object);
    expect((await call("GET", chartsOf(tenant))).json).toMatchObject({ charts: [{ id }] });
    const changed = await call("PUT", path, chart(tenant, { name: "Other" }));
    expect(changed.status, changed.text).toBe(200);
    expect((await call("GET", path)).json).toMatchObject({ id, name: "Other", periods: 12 });
    expect((await call("DELETE", path)).status).toBe(204);
    expectProblem(await call("GET", path), 404, "not_found");
  });

  it.each<[string, (tenant: Shop) => object]>([
    ["metric: must be an object", (t) => chart(t, { metric: 1 })],
    [
      "metric.date_column: is missing",
      (t) => chart(t, { metric: revenue(t, { date_column: undefined }) }),
    ],
    [
      "metric.filters[0].column: the table has no",
      (t) => chart(t, { metric: revenue(t, { filters: [{ column: "x", operator: "is_null" }] }) }),
    ],
    ["cohort_date: is missing", (t) => chart(t, { cohort_date: undefined })],
    [
      "cohort_date.column: must be another column",
      (t) => chart(t, { cohort_date: { column: "created_at" } }),
    ],
    [
      "cohort_date.column: the table has no column",
      (t) => chart(t, { cohort_date: { column: "x" } }),
    ],
    [
      "cohort_date.first_event_of: the table has no",
      (t) => chart(t, { cohort_date: { first_event_of: "x" } }),
    ],
    ["interval: must be one of week, month", (t) => chart(t, { interval: "day" })],
    ["cohorts: must be an integer from 1", (t) => chart(t, { cohorts: "some" })],
    ["periods: must be an integer from 1 to 400", (t) => chart(t, { periods: 401 })],
    [
      "min_periods: does not go with cohort_by",
      (t) => chart(t, { cohort_by: "status", min_periods: 1 }),
    ],
    ["cohort_by: the table has no column", (t) => chart(t, { cohort_by: "x" })],
    ["action_range: needs cohort_by", (t) => chart(t, { action_range: { moving: "today" } })],
    [
      "member_column: is missing: average_per_member",
      (t) => chart(t, { cohort_date: { column: "first_at" }, perspective: "average_per_member" }),
    ],
    [
      "count_members_in.table_id: the client has no",
      (t) => chart(t, { count_members_in: { table_id: 999, date_column: "since" } }),
    ],
    [
      "count_members_in.group_column: is missing",
      (t) => chart(t, { cohort_by: "status", count_members_in: { table_id: t.users } }),
    ],
    ["show_first: goes with", (t) => chart(t, { show_first: true })],
  ])("are refused: %s", async (detail, body) => {
    const tenant = await shop();
    const answer = await call("POST", chartsOf(tenant), body(tenant));
    expectProblem(answer, 422, "admin_invalid");
    expect(String(member(answer, "detail"))).toContain(detail);
    expect((await call("GET", chartsOf(tenant))).json).toEqual({ charts: [] });
  });
});

describe("reports of other clients", () => {
  it("do not exist", async () => {
    const [one, other] = [await shop(), await shop()];
    for (const [paths, body] of [
      [figuresOf, figure],
      [chartsOf, chart],
    ] as const) {
      const id = await created(paths(one), body(one));
      for (const method of ["GET", "PUT", "DELETE"]) {
        const sent = method === "PUT" ? body(other) : undefined;
        expectProblem(await call(method, `${paths(other)}/${id}`, sent), 404, "not_found");
      }
      expect((await call("GET", `${paths(one)}/${id}`)).status).toBe(200);
      const foreign = await call("POST", paths(other), body(one));
      expectProblem(foreign, 422, "admin_invalid", /table_id: the client has no table/);
    }
  });

  it("figures are no charts", async () => {
    const tenant = await shop();
    const id = await created(figuresOf(tenant), figure(tenant));
    expectProblem(await call("GET", `${chartsOf(tenant)}/${id}`), 404, "not_found");
    expectProblem(await call("DELETE", `${chartsOf(tenant)}/${id}`), 404, "not_found");
  });

  it("a client that is not there has none", async () => {
    const tenant = await shop();
    for (const path of [`/clients/${NO_CLIENT}/figures`, `/clients/${NO_CLIENT}/charts`]) {
      expectProblem(await call("GET", path), 404, "not_found");
      expectProblem(await call("POST", path, figure(tenant)), 404, "not_found");
    }
  });
});
