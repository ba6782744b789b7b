/** Figures of all time: the same numbers whether it was guessed where the dates are or not. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INTERVALS } from "../../../src/report/time/calendar.ts";
import { OPERATIONS } from "../../../src/report/engine/question.ts";
import { reckonFigure } from "../../../src/report/figure/evaluate.ts";
import type { Reckoned } from "../../../src/report/run.ts";
import { findReport } from "../../../src/report/store.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { count, create, newShop, push, revenue, type Shop } from "../shop.ts";

const NOW = Date.UTC(2020, 5, 15);
/** So late that no guess has the dates of the shop. */
const LATE = Date.UTC(2900, 0, 1);

interface Passes {
  /** Statements that only look for the first and the last date. */
  extents: number;
  /** Statements that group. */
  values: number;
}

async function reckon(
  shop: Shop,
  id: number,
  now: number,
): Promise<Reckoned & { readonly passes: Passes }> {
  const row = await findReport(testEnv, shop.clientId, "figure", id);
  if (row === null) throw new Error("the figure is gone");
  const passes = { extents: 0, values: 0 };
  const env = tapEnv(testEnv, (call, next) => {
    const [{ sql } = { sql: "" }] = call.statements;
    if (/^SELECT sum\(.*min\(CASE/s.test(sql)) passes.extents += 1;
    else if (sql.includes("GROUP BY")) passes.values += 1;
    return next();
  });
  const run = { clientId: shop.clientId, row, now };
  const reckoned = await reckonFigure(env, run, { format: "csv", hasHeader: true });
  return { ...reckoned, passes };
}

const DATED = INTERVALS.filter((interval) => interval !== "hour" && interval !== "none");

const metric = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  range: fc.constantFrom(undefined, undefined, { moving: "all_time" }),
  interval: fc.constantFrom(undefined, undefined, ...DATED),
  isFiltered: fc.boolean(),
});

const definition = fc.record({
  metrics: fc.array(metric, { minLength: 1, maxLength: 3 }),
  interval: fc.constantFrom("day", "week", "month", "month", "quarter", "year"),
  time_zone: fc.constantFrom("UTC", "UTC", "America/New_York", "Asia/Kolkata"),
  week_start: fc.constantFrom("monday", "sunday"),
  group_by: fc.constantFrom([], [], ["sku"]),
  perspective: fc.constantFrom(
    "standard",
    "standard",
    "cumulative",
    "change_previous_period",
    "percent_change_previous_year",
    "percent_of_first",
  ),
});

type Made = typeof definition extends fc.Arbitrary<infer T> ? T : never;

function figureOf(shop: Shop, { metrics, ...rest }: Made): object {
  const filters = [{ id: "A", column: "sku", operator: "equal", value: "a" }];
  return {
    ...rest,
    metrics: metrics.map(({ operation, range, interval, isFiltered }, index) => {
      const changes = {
        label: `M${index}`,
        operation,
        range,
        interval,
        ...(operation === "count" ? { column: undefined } : {}),
        ...(isFiltered ? { filters } : {}),
      };
      return revenue(shop, changes);
    }),
  };
}

describe("a figure of all time", () => {
  test("is the same whether its dates were guessed or not", { timeout: 600_000 }, async () => {
    const shop = await newShop();
    let guessed = 0;
    await fc.assert(
      fc.asyncProperty(definition, async (made) => {
        const figure = figureOf(shop, made);
        const id = await create(shop, "figure", figure);
        const { passes, ...own } = await reckon(shop, id, NOW);
        const { passes: others, ...other } = await reckon(shop, id, LATE);
        expect(own).toEqual(other);
        if (passes.extents < others.extents) guessed += 1;
      }),
      { numRuns: 15 },
    );
    // Else both were reckoned alike. Some are in any case: four in five can be guessed.
    expect(guessed).toBeGreaterThan(2);
  });

  test("passes over the rows once", async () => {
    const shop = await newShop();
    const figure = { interval: "month", metrics: [revenue(shop), count(shop)] };
    const { text, passes } = await reckon(shop, await create(shop, "figure", figure), NOW);
    expect(text.split("\r\n").slice(0, 3)).toEqual([
      "Date,Revenue,Orders",
      "2019-01-01,0.3,2",
      "2019-02-01,0,0",
    ]);
    // One for each metric and shard with rows, of which there are two at most.
    expect(passes.extents).toBe(0);
    expect(passes.values).toBeLessThanOrEqual(4);
  });

  test("shows periods of dates whose values count for nothing", async () => {
    const shop = await newShop();
    await push(shop, "orders", [
      '"id":8,"at":"2018-12-31 23:59:59","total":null',
      '"id":9,"at":"2019-06-01","total":"none"',
    ]);
    const figure = { interval: "month", metrics: [revenue(shop)] };
    const { text, notNumbers, passes } = await reckon(
      shop,
      await create(shop, "figure", figure),
      NOW,
    );
    const lines = text.trimEnd().split("\r\n");
    expect([lines[1], lines.at(-1)]).toEqual(["2018-12-01,0", "2019-06-01,0"]);
    expect(notNumbers).toBe(2);
    expect(passes.extents).toBe(0);
  });

  test("has a date that nobody thinks of", async () => {
    const shop = await newShop();
    await push(shop, "orders", ['"id":8,"at":"1066-10-14","total":1']);
    const figure = { interval: "year", metrics: [revenue(shop)] };
    const { text, passes } = await reckon(shop, await create(shop, "figure", figure), NOW);
    const lines = text.trimEnd().split("\r\n");
    expect([lines[1], lines.at(-1)]).toEqual(["1066-01-01,1", "2019-01-01,12.8"]);
    expect(passes.extents).toBeGreaterThan(0);
  });

  test("begins with the first day of all, where another metric has months", async () => {
    const shop = await newShop();
    const metrics = [count(shop), count(shop, { label: "Months", interval: "month" })];
    const { text } = await reckon(
      shop,
      await create(shop, "figure", { interval: "day", metrics }),
      NOW,
    );
    expect(text.split("\r\n").slice(1, 4)).toEqual([
      "2019-01-01,,2",
      "2019-01-05,1,2",
      "2019-01-06,0,2",
    ]);
  });
});
