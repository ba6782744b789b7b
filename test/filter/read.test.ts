import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type Filter, OPERATORS } from "../../src/filter/filter.ts";
import {
  FILTERS_MAX,
  IN_VALUES_MAX,
  LIKE_LENGTH_MAX,
  OPERAND_LENGTH_MAX,
} from "../../src/filter/limits.ts";
import { readFilter, readStoredFilter } from "../../src/filter/read.ts";
import { shownFilter, storedFilter } from "../../src/filter/stored.ts";
import { type Json, type JsonObject, parseExact, stringifyExact } from "../../src/json/exact.ts";
import { isObject } from "../../src/json/exact.ts";
import { column, COLUMNS, complaintOf, filterOf } from "./support.ts";

const one = (name: string, operator: string, value?: string): string =>
  `[{"column":"${name}","operator":"${operator}"${value === undefined ? "" : `,"value":${value}`}}]`;

describe("readFilter", () => {
  test("takes what the wire shows", () => {
    const filter = filterOf(
      `[{"id":"A","column":"status","operator":"equal","value":"complete"},
        {"id":"B","column":"total","operator":"greater","value":12345678901234567890.50},
        {"id":"C","column":"at","operator":"is_null"}]`,
      "([A] AND [B]) OR [C]",
    );
    const [a, b, c] = filter.conditions;
    expect(a).toEqual({
      id: "A",
      column: "status",
      operator: "equal",
      kind: "text",
      operands: ["complete"],
    });
    expect(stringifyExact([...(b?.operands ?? [])])).toBe("[12345678901234567890.50]");
    expect(c).toMatchObject({ kind: null, operands: [] });
    expect(filter.logic).toBe("([A] AND [B]) OR [C]");
    expect(filter.tree).toEqual({
      type: "or",
      nodes: [
        {
          type: "and",
          nodes: [
            { type: "leaf", leaf: a },
            { type: "leaf", leaf: b },
          ],
        },
        { type: "leaf", leaf: c },
      ],
    });
  });

  test("gives letters by position and joins by AND", () => {
    const { conditions, logic, tree } = filterOf(
      `[{"column":"empty","operator":"is_null"},{"id":"Z","column":"empty","operator":"is_null"},
        {"column":"empty","operator":"is_null"}]`,
    );
    expect(conditions.map(({ id }) => id)).toEqual(["A", "Z", "C"]);
    expect(logic).toBeNull();
    expect(tree).toMatchObject({ type: "and", nodes: conditions.map((leaf) => ({ leaf })) });
  });

  test("nothing, null and no filters at all want every record", () => {
    for (const filters of [undefined, null, []]) {
      for (const logic of [undefined, null]) {
        expect(readFilter(filters, logic, COLUMNS)).toBeUndefined();
      }
    }
  });

  test.each<[name: string, operator: string, value: string | undefined, kind: string | null]>([
    ["status", "equal", '"x"', "text"],
    ["status", "less", '""', "text"],
    ["status", "in", '["x","x"]', "text"],
    ["status", "like", '"a%\\\\%"', "text"],
    ["total", "equal", "1e400", "number"],
    ["total", "not_in", "[1,-0.0]", "number"],
    ["paid", "equal", "true", "boolean"],
    ["paid", "not_equal", "false", "boolean"],
    ["paid", "in", "[true,false]", "boolean"],
    ["at", "greater_or_equal", '"2019-08-01"', "time"],
    ["at", "in", '["2019-08-01","2019-08-01T00:00:00Z"]', "time"],
    ["at", "not_like", '"2019-%"', "text"],
    ["note", "greater", '"zebra"', "text"],
    ["mixed", "greater", '"a"', "text"],
    ["mixed", "greater", "1", "number"],
    ["empty", "equal", '"x"', "text"],
    ["empty", "equal", "true", "boolean"],
    ["empty", "less", "1", "number"],
    ["tree", "is_not_null", undefined, null],
    ["tree", "is_null", undefined, null],
  ])("%s %s %s is of kind %s", (name, operator, value, kind) => {
    expect(filterOf(one(name, operator, value)).conditions[0]?.kind).toBe(kind);
  });

  const long = JSON.stringify("x".repeat(OPERAND_LENGTH_MAX + 1));
  const operators = OPERATORS.join(", ");
  test.each<[filters: string, complaint: string]>([
    ['{"column":"status"}', "filters: must be a list"],
    ['"status"', "filters: must be a list"],
    ["[1.50]", "filters[0]: must be an object"],
    ["[[]]", "filters[0]: must be an object"],
    ["[{}]", "filters[0].column: is missing"],
    ['[{"column":1}]', "filters[0].column: must be a text"],
    ['[{"column":"near"}]', 'filters[0].column: the table has no column "near"'],
    ['[{"column":"toString"}]', 'filters[0].column: the table has no column "toString"'],
    ['[{"column":"status"}]', "filters[0].operator: is missing"],
    [one("status", "near"), `filters[0].operator: "near" is none of ${operators}`],
    [one("status", "EQUAL", '"x"'), `filters[0].operator: "EQUAL" is none of ${operators}`],
    [one("status", "equal"), "filters[0].value: is missing"],
    [one("status", "equal", "null"), "filters[0].value: is null; use is_null or is_not_null"],
    [one("status", "equal", "[]"), "filters[0].value: must be a text, a number or a boolean"],
    [one("status", "equal", "{}"), "filters[0].value: must be a text, a number or a boolean"],
    [one("status", "is_null", "null"), "filters[0].value: is_null takes no value"],
    [one("status", "in", '"x"'), "filters[0].value: in takes a list of 1 to 1000 values"],
    [one("status", "not_in", "[]"), "filters[0].value: not_in takes a list of 1 to 1000 values"],
    [one("status", "in", '["x",null]'), "filters[0].value[1]: is null; use is_null or is_not_null"],
    [
      one("mixed", "in", '["x",1]'),
      "filters[0].value[1]: must be of the same kind as the first value",
    ],
    [
      one("total", "equal", '"abc"'),
      'filters[0].value: the column "total" has numbers; "abc" is none',
    ],
    [
      one("total", "in", '["1"]'),
      'filters[0].value[0]: the column "total" has numbers; "1" is none',
    ],
    [
      one("status", "less", "1.50"),
      'filters[0].value: the column "status" has texts; 1.50 is none',
    ],
    [
      one("at", "less", "1564669352000"),
      'filters[0].value: the column "at" has texts; 1564669352000 is none',
    ],
    [
      one("mixed", "equal", "true"),
      'filters[0].value: the column "mixed" has texts and numbers; true is none',
    ],
    [
      one("tree", "equal", '"{}"'),
      'filters[0].value: the column "tree" has objects or lists; only is_null and is_not_null take it',
    ],
    [
      one("at", "less", '"2019-02-30"'),
      'filters[0].value: must be a date, as in "2019-08-01 14:22:32"; "2019-02-30" is none',
    ],
    [
      one("at", "in", '["2019-02-28","x"]'),
      'filters[0].value[1]: must be a date, as in "2019-08-01 14:22:32"; "x" is none',
    ],
    [one("paid", "less", "true"), "filters[0].operator: booleans have no order; use equal"],
    [one("empty", "less", "true"), "filters[0].operator: booleans have no order; use equal"],
    [one("status", "like", "1"), "filters[0].value: like takes a text"],
    [
      one("total", "like", '"1%"'),
      'filters[0].value: the column "total" has numbers; "1%" is none',
    ],
    [
      one("status", "like", '"a\\\\"'),
      "filters[0].value: ends in \\, which takes the next character as it is",
    ],
    [one("status", "equal", long), "filters[0].value: must have at most 10000 characters"],
    [
      one("total", "equal", "1".repeat(10_001)),
      "filters[0].value: must have at most 10000 characters",
    ],
    [
      one("status", "like", JSON.stringify("x".repeat(LIKE_LENGTH_MAX + 1))),
      "filters[0].value: must have at most 500 characters",
    ],
    ['[{"column":"status","kind":"text"}]', 'filters[0]: the member "kind" is not known here'],
    ['[{"id":"a"}]', "filters[0].id: must be a letter from A to Z"],
    ['[{"id":"AB"}]', "filters[0].id: must be a letter from A to Z"],
    ['[{"id":1}]', "filters[0].id: must be a letter from A to Z"],
    [
      '[{"id":"B","column":"empty","operator":"is_null"},{"column":"empty","operator":"is_null"}]',
      "filters[1].id: another filter has the id B",
    ],
  ])("%s is refused", (filters, complaint) => {
    expect(complaintOf(filters)).toBe(complaint);
  });

  test("the logic must be a text that fits the filters", () => {
    const filters = one("empty", "is_null");
    expect(complaintOf(filters, "1")).toBe("filter_logic: must be a text");
    expect(complaintOf(filters, '"[A] AND [B]"')).toBe(
      "filter_logic: at character 10: no filter has the id B",
    );
    expect(complaintOf("[]", '"[A]"')).toBe("filter_logic: at character 2: no filter has the id A");
    expect(complaintOf("null", '""')).toMatch(/^filter_logic: at character 1: /);
  });

  test("at each limit", () => {
    const test = `{"column":"empty","operator":"is_null"}`;
    const filters = (count: number): string =>
      `[${Array.from({ length: count }, () => test).join(",")}]`;
    expect(complaintOf(filters(FILTERS_MAX))).toBeUndefined();
    expect(complaintOf(filters(FILTERS_MAX + 1))).toBe("filters: must have at most 26 entries");
    const values = (count: number): string =>
      one("total", "in", JSON.stringify(Array.from({ length: count }, (_, n) => n)));
    expect(complaintOf(values(IN_VALUES_MAX))).toBeUndefined();
    expect(complaintOf(values(IN_VALUES_MAX + 1))).toBe(
      "filters[0].value: in takes a list of 1 to 1000 values",
    );
    const text = (length: number): string => JSON.stringify("x".repeat(length));
    expect(complaintOf(one("status", "equal", text(OPERAND_LENGTH_MAX)))).toBeUndefined();
    expect(complaintOf(one("status", "like", text(LIKE_LENGTH_MAX)))).toBeUndefined();
  });

  test("any JSON is taken or refused with a place, never with a defect", () => {
    const member = fc.oneof(
      fc.constantFrom<Json>("A", "status", "total", "equal", "in", "like", "at", 1, true, null),
      fc.jsonValue().map((value) => value as Json),
    );
    const filter = fc.record(
      { id: member, column: member, operator: member, value: member },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(filter, member), { maxLength: 3 }),
        member,
        (filters, logic) => {
          const complaint = complaintOf(stringifyExact(filters), stringifyExact(logic));
          expect(complaint ?? "filters: ").toMatch(/^(filters(\[\d+\][^:]*)?|filter_logic): /);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("the stored form", () => {
  const operand = fc.constantFrom(
    '"x"',
    '"2019-08-01"',
    '"a\\\\%_"',
    '"\\ud800\\u2028😀"',
    "12345678901234567890.50",
    "-0",
    "1e400",
    "7",
    "true",
  );
  const filter = fc
    .record({
      name: fc.constantFrom(...COLUMNS.map(({ name }) => name)),
      operator: fc.constantFrom(...OPERATORS),
      value: fc.oneof(
        operand,
        fc.array(operand, { minLength: 1, maxLength: 3 }).map((all) => `[${all.join(",")}]`),
        fc.constant(undefined),
      ),
    })
    .map(({ name, operator, value }) => one(name, operator, value).slice(1, -1))
    .filter((text) => complaintOf(`[${text}]`) === undefined);
  const filters = fc.array(filter, { minLength: 1, maxLength: 5 });

  /** Through text, as the catalogue keeps it. */
  function through(members: JsonObject): JsonObject {
    const read = parseExact(stringifyExact(members));
    if (!isObject(read)) throw new Error("no object");
    return read;
  }

  test("gives the same filter back", () => {
    fc.assert(
      fc.property(filters, fc.boolean(), (texts, isOr) => {
        const logic = texts.map((_, index) => `[${String.fromCharCode(65 + index)}]`).join(" or ");
        const made = filterOf(`[${texts.join(",")}]`, isOr ? logic : undefined);
        const stored = through(storedFilter(made));
        expect(readStoredFilter(stored["filters"], stored["filter_logic"])).toEqual(made);
        // Raw numbers are equal to each other in the eyes of toEqual.
        const again = readStoredFilter(stored["filters"], stored["filter_logic"]);
        expect(stringifyExact(storedFilter(again))).toBe(stringifyExact(stored));
        const shown = through(shownFilter(made));
        expect(readFilter(shown["filters"], shown["filter_logic"], COLUMNS)).toEqual(made);
      }),
      { numRuns: 500 },
    );
  });

  test("means the same when the column has got other types", () => {
    const made = filterOf(one("at", "less", '"2019-08-01"'));
    const stored = through(storedFilter(made));
    const [condition] = readStoredFilter(stored["filters"], null)?.conditions ?? [];
    expect(condition?.kind).toBe("time");
    const later = [column("at", "timestamp", "string")];
    const asked = readFilter(shownFilter(made).filters ?? [], null, later);
    expect(asked?.conditions[0]?.kind).toBe("text");
  });

  test("of no filter is two nulls", () => {
    expect(storedFilter(undefined)).toEqual({ filters: null, filter_logic: null });
    expect(readStoredFilter(null, null)).toBeUndefined();
  });

  test.each([
    '[{"column":"x","operator":"equal","value":1}]',
    '[{"column":"x","operator":"equal","kind":"text","value":1}]',
    '[{"column":"x","operator":"equal","kind":"time","value":"x"}]',
    '[{"column":"x","operator":"like","kind":"time","value":"2019-08-01"}]',
    '[{"column":"x","operator":"is_null","kind":"text"}]',
    '[{"column":"x","operator":"equal","kind":"near","value":1}]',
  ])("%s is none", (text) => {
    expect(() => readStoredFilter(parseExact(text), null)).toThrow(
      "filters[0].kind: does not go with the value",
    );
  });

  test("is made of plain data", () => {
    const made: Filter = filterOf(one("total", "in", "[1,2]"));
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });
});
