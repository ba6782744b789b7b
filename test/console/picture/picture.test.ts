import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readReportData } from "../../../src/console/picture/data.ts";
import { days, months, type Picture, pictureOf, seriesText } from "./markup.ts";

const flat = (labels: readonly string[], of: (index: number) => number | string) =>
  labels.map((label, index) => [label, of(index)] as const);

/** The numbers of a path's points. */
const points = (path: string | undefined): number => (path ?? "").split(/[ML]/).length - 1;
const paths = (picture: Picture, name: string): string[] =>
  picture
    .of(name)
    .flatMap(({ attributes, parents }) => (parents.includes("li") ? [] : [attributes["d"] ?? ""]));

const REVENUE = seriesText({
  Revenue: flat(months(12), (index) => 100 + index * 10),
  Orders: flat(months(12), (index) => 5 - index),
});
const COHORTS = seriesText(
  {
    "Jan 2019": [
      ["Month 1", 100],
      ["Month 2", 40],
      ["Month 3", 20],
    ],
    "Feb 2019": [
      ["Month 1", 100],
      ["Month 2", 0],
    ],
    "Mar 2019": [["Month 1", 100]],
  },
  "cohort",
);

describe("any picture", () => {
  const kinds = ["line", "bar", "table", "heat", "scalar"] as const;
  const data = [REVENUE, COHORTS, '{"item":[{"value":1},{"value":2}]}', seriesText({})];
  const cases = kinds.flatMap((kind) => data.map((text, index) => [kind, index, text] as const));

  test.each(cases)("of kind %s (%d) needs neither styles nor scripts", (kind, _, text) => {
    const picture = pictureOf({ kind, data: text });
    const ids = picture.elements.flatMap(({ attributes }) => attributes["id"] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { tag, attributes } of picture.elements) {
      expect(["script", "style", "foreignObject", "image", "use", "a"]).not.toContain(tag);
      for (const [name, value] of Object.entries(attributes)) {
        expect(name).not.toMatch(/^(?:style|on.*|href|xlink:href|src)$/);
        for (const [, id = ""] of value.matchAll(/url\(#(.*?)\)/g)) expect(ids).toContain(id);
        if (/^aria-(?:labelledby|describedby)$/.test(name)) expect(ids).toContain(value);
      }
    }
    expect(picture.markup).not.toMatch(/NaN|Infinity|undefined/);
    expect(picture.tags("figure")).toHaveLength(1);
    expect(picture.tags("figcaption").map(({ text: title }) => title)).toEqual(["Title"]);
  });

  it("says in a sentence that there is nothing", () => {
    for (const kind of kinds) {
      for (const text of [seriesText({}), seriesText({ Revenue: [] }), '{"item":[]}']) {
        const picture = pictureOf({ kind, data: text });
        expect(picture.of("picture-empty").map((element) => element.text)).toEqual([
          "There are no values to show.",
        ]);
        expect(picture.tags("svg")).toEqual([]);
      }
    }
  });

  it("takes any name as text", () => {
    const names = fc.array(
      fc.oneof(
        fc.string(),
        fc.string({ unit: "grapheme" }),
        fc.constantFrom(
          "</svg><script>alert(1)</script>",
          '" onload="alert(1)',
          "' x='",
          "&lt;b&gt;",
          "<!--",
          "]]>",
          "\u202Egnp.exe",
          "مرحبا",
          "👩‍👩‍👧",
          "",
          "__proto__",
          "url(#x)",
        ),
      ),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(names, fc.constantFrom(...kinds), (given, kind) => {
        const [name = "", title = "t"] = given;
        const series = given.map((each) => ({
          name: each,
          data: given.map((label, at) => [label, at] as const),
        }));
        const picture = pictureOf({ kind, title, labels: given, data: { chart: {}, series } });
        expect(picture.tags("script")).toEqual([]);
        for (const { attributes } of picture.elements) {
          expect(Object.keys(attributes).filter((each) => /^(?:on|style|x=)/.test(each))).toEqual(
            [],
          );
        }
        expect(picture.tags("figcaption")[0]?.text).toBe(title);
        if (kind === "table") expect(picture.tags("th")[1]?.text).toBe(name || "(empty)");
      }),
      { numRuns: 300 },
    );
  });
});

describe("LinePicture", () => {
  it("has a line for each series in each of two sizes, with its name and its words", () => {
    const picture = pictureOf({ data: REVENUE });
    expect(paths(picture, "picture-line")).toHaveLength(4);
    for (const path of paths(picture, "picture-line")) expect(points(path)).toBe(12);
    const images = picture.tags("svg").filter(({ attributes }) => attributes["role"] === "img");
    expect(images.map(({ attributes }) => attributes["viewBox"])).toEqual([
      "0 0 880 350",
      "0 0 390 300",
    ]);
    for (const desc of picture.tags("desc")) {
      expect(desc.text).toBe(
        "Line chart of 2 series: Jan 2018 to Dec 2018, 12 in all. " +
          "Revenue: lowest 100 (Jan 2018), highest 210 (Dec 2018), last 210 (Dec 2018). " +
          "Orders: lowest −6 (Dec 2018), highest 5 (Jan 2018), last −6 (Dec 2018).",
      );
    }
  });

  it("has round ticks and a line at 0", () => {
    const picture = pictureOf({ data: REVENUE });
    const texts = picture.of("picture-label").map(({ text }) => text);
    expect(texts.slice(0, 6)).toEqual(["−50", "0", "50", "100", "150", "200"]);
    expect(picture.of("picture-zero")).toHaveLength(2);
    expect(texts).toContain("Jan2018");
  });

  it("has a legend as a list, and all values in a table", () => {
    const picture = pictureOf({ data: REVENUE });
    expect(picture.tags("li").map(({ text }) => text)).toEqual(["Revenue", "Orders"]);
    expect(picture.tags("details")).toHaveLength(1);
    expect(picture.tags("td").map(({ text }) => text)).toEqual(
      Array.from({ length: 12 }, (_, at) => [
        String(100 + at * 10),
        `${5 - at}`.replace("-", "−"),
      ]).flat(),
    );
  });

  it("has no point to focus: the table is there for that", () => {
    const stops = pictureOf({ data: REVENUE }).elements.filter(
      ({ tag, attributes }) => tag === "summary" || "tabindex" in attributes,
    );
    expect(stops.map(({ tag }) => tag)).toEqual(["summary", "div"]);
  });

  it("breaks at gaps, but not where a series has longer periods than others", () => {
    const labels = days(60);
    const daily = flat(labels, (index) => index).filter(([label]) => !/-01-1[0-9]/.test(label));
    const monthly = [labels[0] ?? "", labels[31] ?? "", labels[59] ?? ""];
    const data = seriesText({ Daily: daily, Monthly: flat(monthly, (index) => index) });
    const [first, second] = paths(pictureOf({ data }), "picture-line");
    expect(first?.split("M").length).toBe(3);
    expect(second?.split("M").length).toBe(2);
  });

  it("is drawn for one value, equal values, and values beyond all doubles", () => {
    for (const values of [
      [5],
      [5, 5],
      [0, 0],
      ["1e400", "-1e400"],
      ["1e-400", 0],
      [1e308, -1e308],
    ]) {
      const picture = pictureOf({
        data: seriesText({ N: flat(months(values.length), (i) => values[i] ?? 0) }),
      });
      expect(picture.markup).not.toMatch(/NaN|Infinity/);
      expect(paths(picture, "picture-line")).toHaveLength(2);
    }
  });

  it("draws the twelve largest series, and says how many more there are", () => {
    const names = Array.from({ length: 17 }, (_, index) => `SKU ${index + 1}`);
    const data = seriesText(
      Object.fromEntries(names.map((name, at) => [name, flat(months(3), () => (at * 7) % 17)])),
    );
    const picture = pictureOf({ data });
    const drawn = picture.tags("li").map(({ text }) => text);
    expect(drawn).toHaveLength(12);
    expect(drawn).toEqual(names.filter((_, at) => (at * 7) % 17 >= 5));
    expect(picture.of("picture-note").map(({ text }) => text)).toEqual([
      "The 12 largest by their sums are drawn, and 5 more in the table.",
    ]);
    expect(picture.tags("thead")[0]?.text).toContain("SKU 17");
    const styles = new Set(
      picture.tags("li").map((_, at) => picture.of(`picture-s${at + 1}`).length > 0),
    );
    expect(styles).toEqual(new Set([true]));
  });

  it("cuts long names in the legend, with the whole as their title", () => {
    const long = "A product ".repeat(20);
    const data = seriesText({ [long]: flat(months(2), () => 1), b: flat(months(2), () => 2) });
    const [item] = pictureOf({ data }).tags("li");
    expect(item?.text.length).toBeLessThanOrEqual(40);
    expect(item?.attributes["title"]).toBe(long);
  });

  it("stays small with 3,500 points of twelve series, and keeps their extremes", () => {
    const labels = days(3_500);
    const value = (series: number, index: number): number =>
      index === 1_234 ? 5_000 : ((index * 7_919 + series * 104_729) % 1_000) / 7;
    const data = seriesText(
      Object.fromEntries(
        Array.from({ length: 12 }, (_, s) => [`S${s}`, flat(labels, (index) => value(s, index))]),
      ),
    );
    const picture = pictureOf({ data });
    expect(picture.markup.indexOf("<details")).toBeLessThan(250_000);
    for (const path of paths(picture, "picture-line")) {
      const ys = path
        .split(/[ML]/)
        .slice(1)
        .map((point) => Number(point.split(" ")[1]));
      expect(Math.min(...ys)).toBe(14);
    }
    expect(picture.tags("tr")).toHaveLength(3_501);
  });
});

describe("BarPicture", () => {
  it("has upright bars over time, from 0", () => {
    const picture = pictureOf({ kind: "bar", data: REVENUE });
    const bars = paths(picture, "picture-bar");
    expect(bars).toHaveLength(4);
    for (const path of bars) expect(points(path)).toBe(12);
    expect(new Set(picture.tags("pattern").map(({ attributes }) => attributes["id"]))).toEqual(
      new Set(["p-hatch-1", "p-hatch-2"]),
    );
    const labels = picture.of("picture-label").map(({ text }) => text);
    expect(labels).toContain("0");
  });

  it("has lying bars for groups, with their names and amounts", () => {
    const long = "United Kingdom of Great Britain and Northern Ireland";
    const groups = [
      ["Germany", 1200],
      [long, 900],
      ["", -3],
    ] as const;
    const picture = pictureOf({ kind: "bar", data: seriesText({ Orders: groups }) });
    const labels = picture.of("picture-label").map(({ text }) => text);
    expect(labels).toEqual(expect.arrayContaining(["Germany", "(empty)", "1,200", "900", "−3"]));
    expect(labels.filter((text) => text.startsWith(long))).toHaveLength(2);
    expect(picture.tags("li")).toEqual([]);
  });

  it("is one of lines where periods are too many, and of the first groups where those are", () => {
    const many = pictureOf({ kind: "bar", data: seriesText({ N: flat(days(601), () => 1) }) });
    expect(many.of("picture-bar")).toEqual([]);
    expect(paths(many, "picture-line")).toHaveLength(2);
    expect(many.of("picture-note")[0]?.text).toBe(
      "There are too many periods for bars: 601. They are drawn as lines.",
    );
    const few = pictureOf({ kind: "bar", data: seriesText({ N: flat(days(600), () => 1) }) });
    expect(few.of("picture-note")).toEqual([]);
    const names = Array.from({ length: 51 }, (_, index) => `g${index}`);
    const groups = pictureOf({ kind: "bar", data: seriesText({ N: flat(names, () => 1) }) });
    expect(paths(groups, "picture-bar").map(points)).toEqual([50, 50]);
    expect(groups.of("picture-note")[0]?.text).toBe(
      "The first 50 of 51 groups are drawn; the table has all.",
    );
    expect(groups.tags("tr")).toHaveLength(52);
  });
});

describe("DataTable", () => {
  it("has a row for each period and a column for each series, with every digit", () => {
    const data = seriesText({
      Revenue: [
        ["2019-02-01", "9007199254740993.3"],
        ["2019-01-01", "33.333333333333333333"],
      ],
      Rate: [["2019-02-01", "0.25"]],
    });
    const picture = pictureOf({
      kind: "table",
      data,
      formats: { Revenue: "number", Rate: "percent" },
    });
    expect(picture.tags("th").map(({ text }) => text)).toEqual([
      "Period",
      "Revenue",
      "Rate",
      "Jan 2019",
      "Feb 2019",
    ]);
    expect(picture.tags("td").map(({ text, attributes }) => [text, attributes["title"]])).toEqual([
      ["33.3333", "33.333333333333333333"],
      ["", undefined],
      ["9,007,199,254,740,993.3", undefined],
      ["25\u00A0%", undefined],
    ]);
    for (const { attributes } of picture.tags("th")) expect(attributes["scope"]).toMatch(/row|col/);
  });

  it("has a row for each cohort", () => {
    const rows = pictureOf({ kind: "table", data: COHORTS })
      .tags("tr")
      .map(({ text }) => text);
    expect(rows).toEqual([
      "CohortMonth 1Month 2Month 3",
      "Jan 20191004020",
      "Feb 20191000",
      "Mar 2019100",
    ]);
  });
});

describe("HeatTable", () => {
  const shades = (text: string): (string | undefined)[] =>
    pictureOf({ kind: "heat", data: text })
      .tags("td")
      .map(({ attributes }) => attributes["class"]?.replace("picture-shade-", ""));

  it("is shaded by value, and by the later periods where the first is the same for all", () => {
    expect(shades(COHORTS)).toEqual([
      "p6",
      "p6",
      "p3",
      "p6",
      "0",
      undefined,
      "p6",
      undefined,
      undefined,
    ]);
    const picture = pictureOf({ kind: "heat", data: COHORTS, format: "points" });
    expect(picture.of("picture-shades")[0]?.text).toBe("0\u00A0%40\u00A0% and beyond");
    expect(picture.tags("td")[1]?.text).toBe("40\u00A0%");
  });

  it("has other shades below 0", () => {
    const data = seriesText(
      {
        a: [
          ["Month 1", -60],
          ["Month 2", 1],
        ],
        b: [["Month 1", 30]],
      },
      "cohort",
    );
    expect(shades(data)).toEqual(["n6", "p1", "p6", undefined]);
  });
});

describe("ScalarPicture", () => {
  it("has the names and the values of its items", () => {
    const picture = pictureOf({
      kind: "scalar",
      labels: ["Orders", "Share"],
      formats: { Orders: "number", Share: "percent" },
      data: '{"item":[{"value":9007199254740993},{"value":0.12345678901234567890}]}',
    });
    expect(picture.tags("dt").map(({ text }) => text)).toEqual(["Orders", "Share"]);
    expect(picture.tags("dd").map(({ text }) => text)).toEqual([
      "9,007,199,254,740,993",
      "12.35\u00A0%",
    ]);
    expect(picture.tags("data").map(({ attributes }) => attributes["value"])).toEqual([
      "9007199254740993",
      "0.12345678901234567890",
    ]);
  });
});

test("data in another shape are a defect", () => {
  for (const text of ["[]", "{}", '{"chart":{}}', '{"item":[{}]}', '{"chart":{},"series":[{}]}']) {
    expect(() => readReportData(text)).toThrow(/data of a report|item has|series/);
  }
  expect(() => readReportData('{"chart":{},"series":[{"name":"a","data":[["x","1"]]}]}')).toThrow(
    /no number/,
  );
});
