import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Amount, amountOf } from "../../../src/report/math/amount.ts";
import { orderGroups } from "../../../src/report/figure/order.ts";

const amount = (value: number): Amount | undefined => amountOf(String(value));

describe("groups", () => {
  test("are in the order of their own values: numbers first, by value, then texts", () => {
    const groups = ["b", "10", "9", "", "a", "-1", "9.5"].map((text) => [text]);
    const ordered = orderGroups(groups, { order: "asc" }).map(([text]) => text);
    expect(ordered).toEqual(["-1", "9", "9.5", "10", "", "a", "b"]);
    expect(orderGroups(groups, { order: "desc" }).map(([text]) => text)).toEqual(ordered.reverse());
  });

  test("by one grouping, then by all in order", () => {
    const groups = [
      ["b", "1"],
      ["a", "2"],
      ["a", "1"],
    ];
    expect(orderGroups(groups, { dimension: 1, order: "desc" })).toEqual([
      ["a", "2"],
      ["a", "1"],
      ["b", "1"],
    ]);
  });

  test("by a value, those without one last, equal ones by their names", () => {
    const values = new Map([
      ["a", 1],
      ["b", 2],
      ["c", 2],
      ["e", -5],
    ]);
    const rank = ([text = ""]: readonly string[]) => {
      const value = values.get(text);
      return value === undefined ? undefined : amount(value);
    };
    const groups = ["d", "c", "a", "e", "b"].map((text) => [text]);
    const by = (order: "asc" | "desc") => orderGroups(groups, { rank, order }).flat().join("");
    expect(by("desc")).toBe("bcaed");
    expect(by("asc")).toBe("eabcd");
  });

  test("do not depend on the order in which they come", () => {
    const text = fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom("", "1", "1.0"));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.array(text, { minLength: 2, maxLength: 2 }), {
          selector: (group) => JSON.stringify(group),
        }),
        fc.func(fc.integer({ min: 0, max: 3 })),
        (groups, value) => {
          const rank = (group: readonly string[]) => amount(value(JSON.stringify(group)));
          for (const by of [{ order: "asc" }, { order: "desc", rank }] as const) {
            const ordered = orderGroups(groups, by);
            expect(orderGroups(groups.toReversed(), by)).toEqual(ordered);
            expect(ordered).toHaveLength(groups.length);
          }
        },
      ),
    );
  });
});

test("texts are in the order of their code points, as in SQL", () => {
  const texts = ["😀", "\uE000", "＝wide", "z", "10", "9", "-1.5", ""];
  const groups = texts.map((text) => [text]);
  expect(orderGroups(groups, { order: "asc" }).flat()).toEqual([
    ...["-1.5", "9", "10", "", "z", "\uE000", "＝wide", "😀"],
  ]);
});
