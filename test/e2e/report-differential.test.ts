/**
 * Figures and charts beside another engine on the same generated orders: every field of every
 * file is equal, and so is the order of the rows. The engine is PostgreSQL where it is installed,
 * else SQLite (report-differential-engines.ts).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCsv } from "../support/read-csv.ts";
import { CLIENT_ID, EXPORT_KEY } from "./constants.ts";
import { figureCases } from "./report-differential-cases.ts";
import { chartCases } from "./report-differential-chart-cases.ts";
import type { FigureCase } from "./report-differential-definitions.ts";
import { type Engine, startEngine } from "./report-differential-engines.ts";
import { makeOrders, type Order, orderJson } from "./report-differential-rows.ts";
import { BASE, created, exportCall, newSchema, type Schema, stitch, tableId } from "./service.ts";

const SEED = 20260801;

/** Orders of a push, of some 1.5 MB. */
const PUSH_RECORDS = 5_000;

/** Rows, and which part of the cases is asked of them: every case, and every eighth. */
const SIZES = [
  { count: 10_000, step: 1 },
  { count: 100_000, step: 8 },
];

async function push(schema: Schema, data: readonly string[]): Promise<void> {
  const head = `"client_id":${CLIENT_ID},"table_name":"orders","sequence":1,"action":"upsert"`;
  for (let start = 0; start < data.length; start += PUSH_RECORDS) {
    const records = data
      .slice(start, start + PUSH_RECORDS)
      .map((json) => `{${head},"key_names":["id"],"data":${json}}`);
    const answer = await stitch(schema, "push", `[${records.join(",")}]`);
    expect(answer.status, answer.text).toBe(201);
  }
}

type Kind = "figure" | "chart";

async function makeReport(kind: Kind, definition: object): Promise<number> {
  return (await created<{ id: number }>(`/clients/${CLIENT_ID}/${kind}s`, definition)).id;
}

/** Makes a report and downloads its CSV. */
async function reportCsv(kind: Kind, definition: object): Promise<string> {
  return download(kind, await makeReport(kind, definition));
}

async function download(kind: Kind, id: number): Promise<string> {
  const query = "format=csv&includeColumnHeaders=1";
  const response = await fetch(`${BASE}/0.1/${kind}/${id}/export?${query}`, {
    method: "POST",
    headers: { "X-RJM-API-Key": EXPORT_KEY },
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text;
}

/** What a sum of all time by month leaves out. */
function leftOut(orders: readonly Order[]): { notDates: number; notNumbers: number } {
  const isThere = (json: string | undefined): boolean => json !== undefined && json !== "null";
  const dated = orders.filter(({ created_at: date }) => isThere(date.json));
  const good = dated.filter(({ created_at: date }) => date.instant !== undefined);
  const texts = good.filter(({ value }) => isThere(value.json) && value.number === undefined);
  return { notDates: dated.length - good.length, notNumbers: texts.length };
}

/** `Date` where there is an interval, the groupings, the labels that are shown. */
function headerOf(figure: FigureCase): string[] {
  const { metrics, interval = "none", group_by: by = [], formulas = [] } = figure;
  const shown = [...metrics.filter(({ hidden }) => hidden !== true), ...formulas];
  const hasPeriods = metrics.some(
    (one) => one.date_column !== undefined && (one.interval ?? interval) !== "none",
  );
  return [...(hasPeriods ? ["Date"] : []), ...by, ...shown.map(({ label }) => label)];
}

describe.each(SIZES)("$count generated orders", ({ count, step }) => {
  let table_id: number;
  let engine: Engine;
  let orders: readonly Order[];

  beforeAll(async () => {
    orders = makeOrders(count, SEED + count);
    engine = await startEngine(orders);
    console.log(`${count} orders, seed ${SEED + count}, beside ${engine.name}`);
    const schema = await newSchema();
    await push(schema, orders.map(orderJson));
    table_id = await tableId(schema, "orders");
  }, 300_000);
  afterAll(async () => {
    await engine.close();
  });

  it("what is left out is counted", async () => {
    const base = { label: "Revenue", operation: "sum", column: "value", date_column: "created_at" };
    const metrics = [{ table_id, ...base }];
    const id = await makeReport("figure", { name: "Left out", interval: "month", metrics });
    await download("figure", id);
    const info = await exportCall("GET", `/figure/${id}/info`);
    expect(info.json).toMatchObject({ lastExport: leftOut(orders) });
  });

  const isAsked = (_: unknown, index: number): boolean => index % step === 0;

  it.each(figureCases().filter(isAsked))("$name", async (figure) => {
    const metrics = figure.metrics.map((metric) => ({ table_id, ...metric }));
    const csv = await reportCsv("figure", { ...figure, metrics });
    const [header, ...rows] = readCsv(csv, "\r\n");
    expect(header).toEqual(headerOf(figure));
    expect(rows).toEqual(await engine.figure(figure));
    expect(rows).not.toHaveLength(0);
  });

  it.each(chartCases().filter(isAsked))("$name", async (chart) => {
    const csv = await reportCsv("chart", { ...chart, metric: { table_id, ...chart.metric } });
    const [header, ...rows] = readCsv(csv, "\r\n");
    expect(header?.[0]).toBe("Cohort");
    expect(rows).toEqual(await engine.chart(chart));
    expect(rows).not.toHaveLength(0);
  });
});
