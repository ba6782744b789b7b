import { describe, expect, it, test } from "vitest";
import {
  commonFormat,
  formatOf,
  shownChart,
  shownFigure,
} from "../../../src/console/picture/options.ts";
import { Chart } from "../../../src/report/definition/cohort.ts";
import { Figure } from "../../../src/report/definition/figure.ts";

const metric = {
  label: "Revenue",
  table_id: 1,
  operation: "sum",
  column: "total",
  date_column: "at",
};
const figure = (changes: object = {}): Figure =>
  Figure.parse({ name: "Report", metrics: [metric], interval: "month", ...changes });

describe("shownFigure", () => {
  test.each([
    [{}, "line"],
    [{ chart_kind: "area" }, "line"],
    [{ chart_kind: "stacked_column" }, "bar"],
    [{ chart_kind: "pie" }, "bar"],
    [{ type: "table" }, "table"],
    [{ type: "scalar", interval: "none" }, "scalar"],
  ])("of %j is a %s", (changes, kind) => {
    expect(shownFigure(figure(changes)).kind).toBe(kind);
  });

  it("names what is shown, with the formats of formulas and perspectives", () => {
    const shown = shownFigure(
      figure({
        metrics: [
          { ...metric, hidden: true },
          { ...metric, label: "Growth", perspective: "percent_change_previous_period" },
          { ...metric, label: "Orders", operation: "count", column: undefined },
        ],
        formulas: [
          { label: "Average", expression: "A / C", format: "currency" },
          { label: "Share", expression: "A / C", format: "percent" },
        ],
      }),
    );
    expect(shown).toEqual({
      kind: "line",
      title: "Report",
      labels: ["Growth", "Orders", "Average", "Share"],
      formats: { Growth: "points", Orders: "number", Average: "currency", Share: "percent" },
    });
  });
});

test("shownChart is a heat table, in percent where its perspective is", () => {
  const chart = { name: "Cohorts", metric, cohort_date: { column: "since" } };
  expect(shownChart(Chart.parse(chart))).toEqual({
    kind: "heat",
    title: "Cohorts",
    format: "number",
  });
  const percent = Chart.parse({ ...chart, perspective: "percent_of_first" });
  expect(shownChart(percent).format).toBe("points");
});

describe("formats", () => {
  const formats = { Revenue: "currency", Share: "percent" } as const;

  it("are those of the label that a series' name begins with", () => {
    expect(formatOf("Revenue", { formats })).toBe("currency");
    expect(formatOf("Share - sku 1", { formats })).toBe("percent");
    expect(formatOf("sku 1 - red", { formats: { Revenue: "currency" } })).toBe("currency");
    expect(formatOf("constructor", { formats })).toBe("number");
    expect(formatOf("Dec 2019", { format: "points" })).toBe("points");
  });

  it("are common to an axis only where all series have the same", () => {
    expect(commonFormat(["Revenue", "Revenue - a"], { formats })).toBe("currency");
    expect(commonFormat(["Revenue", "Share"], { formats })).toBe("number");
  });
});
