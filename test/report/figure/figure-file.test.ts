import { describe, expect, it } from "vitest";
import { type Amount, amountOf } from "../../../src/report/math/amount.ts";
import type { Grid, GridColumn } from "../../../src/report/figure/evaluate.ts";
import { Figure } from "../../../src/report/definition/figure.ts";
import { figureFile } from "../../../src/report/figure/figure-file.ts";
import { groupKey } from "../../../src/report/figure/figure-series.ts";

const CSV = { format: "csv", hasHeader: true } as const;
const JSON_OPTIONS = { format: "json", hasHeader: false } as const;

function figure(members: object = {}): Figure {
  const metric = { label: "A", table_id: 1, operation: "count", date_column: "at" };
  return Figure.parse({ name: "Sales", metrics: [metric], ...members });
}

/** A column whose values are by instant and group, `0 ["a"]`; it has none where none is given. */
function column(
  label: string,
  values: Readonly<Record<string, string>>,
  members: Partial<GridColumn> = {},
): GridColumn {
  const valueAt = (at: number, key: string): Amount | undefined => {
    const text = values[`${at} ${key}`];
    return text === undefined ? undefined : amountOf(text);
  };
  return { label, periods: undefined, isGrouped: false, valueAt, ...members };
}

const JANUARY = { at: 0, label: "1970-01-01" };
const FEBRUARY = { at: 31, label: "1970-02-01" };

const plain: Grid = {
  figure: figure(),
  dates: [JANUARY, FEBRUARY],
  dimensions: [],
  groups: [[]],
  columns: [column("Revenue", { "0 []": "0.30", "31 []": "-12345678901234567890.125" })],
};

const grouped: Grid = {
  ...plain,
  dimensions: ["sku", "colour"],
  groups: [
    ["a", "red"],
    ['b "2", new', ""],
  ],
  columns: [
    column(
      "Revenue",
      {
        [`0 ${groupKey(["a", "red"])}`]: "1",
        [`0 ${groupKey(['b "2", new', ""])}`]: "2",
        [`31 ${groupKey(["a", "red"])}`]: "3",
      },
      { isGrouped: true },
    ),
  ],
};

type Parsed = {
  chart?: object;
  item?: object;
  series: { name: string; data: [string, number][] }[];
};

function parsed(grid: Grid): Parsed {
  return JSON.parse(figureFile(grid, JSON_OPTIONS)) as Parsed;
}

describe("csv", () => {
  it("has a row for each period, with every digit", () => {
    expect(figureFile(plain, CSV)).toBe(
      "Date,Revenue\r\n1970-01-01,0.3\r\n1970-02-01,-12345678901234567890.125\r\n",
    );
  });

  it("has no header where none is wanted", () => {
    expect(figureFile(plain, { ...CSV, hasHeader: false })).toBe(
      "1970-01-01,0.3\r\n1970-02-01,-12345678901234567890.125\r\n",
    );
  });

  it("has a row for each period and group, quoted where needed, nothing for no value", () => {
    expect(figureFile(grouped, CSV)).toBe(
      "Date,sku,colour,Revenue\r\n" +
        "1970-01-01,a,red,1\r\n" +
        '1970-01-01,"b ""2"", new","",2\r\n' +
        "1970-02-01,a,red,3\r\n" +
        '1970-02-01,"b ""2"", new","",\r\n',
    );
  });

  it("has no date without an interval, and quotes labels", () => {
    const columns = [column('Big, "bad"', { "0 []": "7" }), column("Other", {})];
    const grid = { ...plain, dates: undefined, columns };
    expect(figureFile(grid, CSV)).toBe('"Big, ""bad""",Other\r\n7,\r\n');
  });

  it("is the header alone where there are no groups, or no periods", () => {
    expect(figureFile({ ...grouped, groups: [] }, CSV)).toBe("Date,sku,colour,Revenue\r\n");
    expect(figureFile({ ...plain, dates: [] }, CSV)).toBe("Date,Revenue\r\n");
  });
});

describe("json", () => {
  it("has a series with a point for each period, with every digit", () => {
    expect(figureFile(plain, JSON_OPTIONS)).toBe(
      '{"chart":{"name":"Sales","type":"chart","kind":"line"},"series":[{"name":"Revenue","data":' +
        '[["1970-01-01",0.3],["1970-02-01",-12345678901234567890.125]]}]}',
    );
  });

  it("has a series for each group, named by its values, 0 for no value", () => {
    expect(parsed(grouped).series).toEqual([
      {
        name: "a - red",
        data: [
          ["1970-01-01", 1],
          ["1970-02-01", 3],
        ],
      },
      {
        name: 'b "2", new - ',
        data: [
          ["1970-01-01", 2],
          ["1970-02-01", 0],
        ],
      },
    ]);
  });

  it("names the metric before the group where there are several, and has one series for all", () => {
    const columns = [...grouped.columns, column("Total", { "0 []": "3", "31 []": "4" })];
    const grid = { ...grouped, columns };
    expect(parsed(grid).series.map(({ name }) => name)).toEqual([
      "Revenue - a - red",
      'Revenue - b "2", new - ',
      "Total",
    ]);
    expect(parsed(grid).series[2]?.data).toEqual([
      ["1970-01-01", 3],
      ["1970-02-01", 4],
    ]);
  });

  it("has only the points of a metric's own periods", () => {
    const periods = { interval: "quarter", bounds: [0, 90], labels: ["1970-01-01"] } as const;
    const columns = [
      column("Month", { "0 []": "1", "31 []": "2" }),
      column("Quarter", { "0 []": "9", "31 []": "9" }, { periods }),
    ];
    expect(parsed({ ...plain, columns }).series).toEqual([
      {
        name: "Month",
        data: [
          ["1970-01-01", 1],
          ["1970-02-01", 2],
        ],
      },
      { name: "Quarter", data: [["1970-01-01", 9]] },
    ]);
  });

  it("has the groups as points without an interval, or the metric where there are none", () => {
    const { series } = parsed({ ...grouped, dates: undefined });
    expect(series).toEqual([
      {
        name: "Revenue",
        data: [
          ["a - red", 1],
          ['b "2", new - ', 2],
        ],
      },
    ]);
    const one = parsed({ ...plain, dates: undefined });
    expect(one.series).toEqual([{ name: "Revenue", data: [["Revenue", 0.3]] }]);
  });

  it("has the items of a scalar and nothing else, and only a scalar has any", () => {
    const columns = [column("A", { "0 []": "12.50" }), column("None", {})];
    const scalar = { ...plain, dates: undefined, figure: figure({ type: "scalar" }), columns };
    expect(figureFile(scalar, JSON_OPTIONS)).toBe('{"item":[{"value":12.5},{"value":0}]}');
    expect(figureFile(scalar, CSV)).toBe("A,None\r\n12.5,\r\n");
    for (const grid of [plain, grouped, { ...plain, dates: [] }]) {
      expect(Object.keys(parsed(grid))).toEqual(["chart", "series"]);
    }
  });

  it("says what is drawn", () => {
    const pie = figure({ name: "Ring \u{1F369}", chart_kind: "pie" });
    expect(parsed({ ...plain, figure: pie }).chart).toEqual({
      name: "Ring \u{1F369}",
      type: "chart",
      kind: "pie",
    });
  });
});
