import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isObject, type Json, type JsonObject, parseExact } from "../../src/json/exact.ts";
import { flatten, type NestedTable, subRows, unroller } from "../../src/warehouse/nested.ts";

const parse = (text: string): JsonObject => parseExact(text) as JsonObject;
const ORDERS = { name: "orders", keyNames: ["id"] };

function subtable(data: JsonObject, name: string, keyNames: string[] = ["id"]): JsonObject[] {
  return [...subRows({ key: "A1", data }, { name: "orders", keyNames }, name)];
}

describe("a root row", () => {
  test("has the members of its objects as columns, and no arrays", () => {
    const data = parse(
      '{"id":1,"a":{"b":1.0,"c":{"d":null,"e":[1]},"none":{}},"list":[1],"none":{},"t":"x"}',
    );
    expect(JSON.stringify(flatten(data))).toBe('{"id":1,"a__b":1.0,"a__c__d":null,"t":"x"}');
  });

  test("has any names", () => {
    const data = parse(
      '{"__proto__":1,"a":{"__proto__":2,"":3},"":{"proto__":4,"":5},"é":{"x":6}}',
    );
    expect(JSON.stringify(flatten(data))).toBe(
      '{"__proto__":1,"a____proto__":2,"a__":3,"__":5,"é__x":6}',
    );
    const hidden = flatten(parse('{"":{"proto__":4}}'));
    expect(JSON.stringify(hidden)).toBe('{"__proto__":4}');
    expect(Object.getPrototypeOf(hidden)).toBe(Object.prototype);
  });

  test("shows a field of the very name, and else the first of two places of one name", () => {
    expect(flatten({ a: { b: 1 }, a__b: 2 })).toEqual({ a__b: 2 });
    expect(flatten({ a__b: 2, a: { b: 1 } })).toEqual({ a__b: 2 });
    expect(flatten({ a: { b__c: 1, b: { c: 2 } }, a__b: { c: 3 } })).toEqual({ a__b__c: 1 });
  });

  const table = (more: Partial<NestedTable>): NestedTable => ({ ...ORDERS, nested: true, ...more });
  const row = { key: "+k", data: { id: 1, a: { b: 1 }, __sdc_primary_key: "own" } };

  test("is the row itself where nested values are JSON", () => {
    const [only, ...others] = unroller(table({ nested: false }))(row);
    expect(only).toBe(row.data);
    expect(others).toEqual([]);
  });

  test("has its internal key first where the table has no keys", () => {
    const records = [...unroller(table({ keyNames: [] }))(row)];
    expect(JSON.stringify(records)).toBe('[{"__sdc_primary_key":"+k","id":1,"a__b":1}]');
    expect([...unroller(table({}))(row)]).toEqual([flatten(row.data)]);
  });
});

describe("subtables", () => {
  const data = parse(
    `{"b":"x","a":7,"items":[{"sku":"A","taxes":[{"rate":0.10},{"rate":2}],"dim":{"w":1}},` +
      `{"sku":"B"},{},5,null,["in",["side"]],{"taxes":[]}],"obj":{"list":[true],"none":[]}}`,
  );

  test("have a row for each element, with the keys of the row and the index", () => {
    expect(subtable(data, "orders__items", ["b", "a"]).map((row) => JSON.stringify(row))).toEqual(
      [
        '"sku":"A","dim__w":1',
        '"sku":"B"',
        "",
        '"value":5',
        '"value":null',
        '"value":["in",["side"]]',
        "",
      ].map((fields, index) => {
        const labels = `"_sdc_source_key_a":7,"_sdc_source_key_b":"x","_sdc_level_0_id":${index}`;
        return `{${labels}${fields === "" ? "" : `,${fields}`}}`;
      }),
    );
  });

  test("of arrays in elements have an index for each array", () => {
    const labels = { _sdc_source_key_a: 7, _sdc_level_0_id: 0 };
    const [first, second, ...others] = subtable(data, "orders__items__taxes", ["a"]);
    expect(second).toEqual({ ...labels, _sdc_level_1_id: 1, rate: 2 });
    expect(JSON.stringify(first)).toContain('"_sdc_level_1_id":0,"rate":0.10}');
    expect(others).toEqual([]);
  });

  test("of arrays in objects have the object's name in theirs", () => {
    expect(subtable(data, "orders__obj__list", ["a"])).toEqual([
      { _sdc_source_key_a: 7, _sdc_level_0_id: 0, value: true },
    ]);
    for (const none of ["orders__obj__none", "orders__obj", "orders__dim", "orders__", "orders"]) {
      expect(subtable(data, none)).toEqual([]);
    }
  });

  test("have all rows of places that give the same name", () => {
    const both = { id: 1, a: { b: [1] }, a__b: [2], x: 3, a__: 4 };
    expect(subtable(both, "orders__a__b").map(({ value }) => value)).toEqual([1, 2]);
  });

  test("keep their own columns, whatever the elements' fields are called", () => {
    const element = { _sdc_source_key_id: 8, _sdc_level_0_id: 9, value: { value: 1 } };
    expect(subtable({ id: 1, list: [element] }, "orders__list")).toEqual([
      { _sdc_source_key_id: 1, _sdc_level_0_id: 0, value__value: 1 },
    ]);
  });

  test("of a table without keys have the row's internal key", () => {
    expect(subtable({ list: [1] }, "orders__list", [])).toEqual([
      { _sdc_source_key___sdc_primary_key: "A1", _sdc_level_0_id: 0, value: 1 },
    ]);
  });

  test("of any names", () => {
    const odd = parse('{"id":1,"__proto__":[{"__proto__":[{"__proto__":2}]}],"":[3],"c":{"":[4]}}');
    expect(JSON.stringify(subtable(odd, "orders____proto____" + "__proto__"))).toBe(
      '[{"_sdc_source_key_id":1,"_sdc_level_0_id":0,"_sdc_level_1_id":0,"__proto__":2}]',
    );
    expect(subtable(odd, "orders__").map(({ value }) => value)).toEqual([3]);
    expect(subtable(odd, "orders__c__").map(({ value }) => value)).toEqual([4]);
  });

  test("come lazily: a reader that stops pays for what it has read", () => {
    const list = Array.from({ length: 600_000 }, (_, index) => index);
    let sum = 0;
    for (const row of subRows({ key: "A1", data: { id: 1, list } }, ORDERS, "orders__list")) {
      sum += Number(row["value"]);
    }
    expect(sum).toBe((600_000 * 599_999) / 2);
    const get = (): never => {
      throw new Error("was read");
    };
    Object.defineProperty(list, 2, { get });
    const rows = subRows({ key: "A1", data: { id: 1, list } }, ORDERS, "orders__list");
    const [first, second] = rows;
    expect([first?.["value"], second?.["value"]]).toEqual([0, 1]);
    expect(() => [...subRows({ key: "", data: { list } }, ORDERS, "orders__list")]).toThrow("was");
  });
});

/** A plain walk over a record: what nested.ts must find, with paths for names. */
interface Found {
  readonly scalars: Map<string, Json>;
  /** Subtable name to the indexes of each row. */
  readonly elements: Map<string, { readonly levels: number[]; readonly element: Json }[]>;
}

function walk(value: JsonObject): Found {
  const found: Found = { scalars: new Map(), elements: new Map() };
  const array = (elements: Json[], table: string, levels: number[]): void => {
    elements.forEach((element, index) => {
      const row = { levels: [...levels, index], element };
      found.elements.set(table, [...(found.elements.get(table) ?? []), row]);
      if (isObject(element)) object(element, table, "", row.levels);
    });
  };
  const object = (members: JsonObject, table: string, prefix: string, levels: number[]): void => {
    for (const [name, member] of Object.entries(members)) {
      const path = prefix === "" ? name : `${prefix}__${name}`;
      if (Array.isArray(member)) array(member, `${table}__${path}`, levels);
      else if (isObject(member)) object(member, table, path, levels);
      else if (levels.length === 0) found.scalars.set(path, member);
    }
  };
  object(value, "orders", "", []);
  return found;
}

describe("random records", () => {
  // Names without the separator, so that no two places give one name.
  const { value } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(fc.constantFrom("a", "b", "c", "dd", "e1"), tie("value"), { maxKeys: 4 }),
  }));
  const records = fc.dictionary(fc.constantFrom("a", "b", "x", "y"), value, { maxKeys: 4 });

  test("have each scalar outside of arrays once in the root row", () => {
    fc.assert(
      fc.property(records, (data) => {
        expect(new Map(Object.entries(flatten(data)))).toEqual(walk(data).scalars);
      }),
    );
  });

  test("have each element of an array once, in order, with its indexes and its keys", () => {
    fc.assert(
      fc.property(records, fc.integer(), (fields, id) => {
        const data = { ...fields, id };
        for (const [name, elements] of walk(data).elements) {
          const rows = subtable(data, name);
          expect(rows.map((row) => row["_sdc_source_key_id"])).toEqual(elements.map(() => id));
          const levelsOf = (row: JsonObject) =>
            Object.keys(row).filter((column) => /^_sdc_level_\d+_id$/.test(column));
          expect(rows.map((row) => levelsOf(row).map((column) => row[column]))).toEqual(
            elements.map(({ levels }) => levels),
          );
          const fieldsOf = (element: Json) =>
            isObject(element) ? flatten(element) : { value: element };
          for (const [index, row] of rows.entries()) {
            expect(row).toMatchObject(fieldsOf(elements[index]?.element ?? null));
          }
        }
      }),
    );
  });
});
