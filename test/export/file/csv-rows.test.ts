/** CsvRows copies bytes; what it writes must be what parseExact and csvRow make of a row. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Buffer } from "../../../src/buffer.ts";
import { csvRow, FORMULA_BYTES, safeCsvRow } from "../../../src/csv.ts";
import { CsvRows, type CsvRowOptions } from "../../../src/export/file/csv-rows.ts";
import { type JsonObject, parseExact } from "../../../src/json/exact.ts";

const WAYS: Record<string, { options: CsvRowOptions; write: typeof csvRow }> = {
  plain: { options: {}, write: csvRow },
  safe: { options: { write: safeCsvRow, leaveTo: FORMULA_BYTES }, write: safeCsvRow },
};

/** The CSV of rows as CsvRows makes it of lines, each with a key before it, as pages have them. */
function fast(columns: readonly string[], rows: readonly string[], options: CsvRowOptions): string {
  const csv = new CsvRows(columns, options);
  const lines = Buffer.from(rows.map((data, index) => `${index}\n${data}\n`).join(""));
  let at = 0;
  for (const data of rows) {
    const from = lines.indexOf("\n", at) + 1;
    const end = csv.addJson(lines, from);
    expect(end).toBe(from + Buffer.byteLength(data));
    at = end + 1;
  }
  expect(csv.length).toBe(csv.take().length);
  // What was taken stays readable until more is added.
  at = 0;
  for (const _ of rows) at = csv.addJson(lines, lines.indexOf("\n", at) + 1) + 1;
  return Buffer.from(csv.take()).toString("latin1");
}

function slow(columns: readonly string[], rows: readonly string[], write: typeof csvRow): string {
  const text = rows.map((data) => write(columns, parseExact(data) as JsonObject)).join("");
  return Buffer.from(text).toString("latin1");
}

function expectAlike(columns: readonly string[], rows: readonly string[]): void {
  for (const { options, write } of Object.values(WAYS)) {
    expect(fast(columns, rows, options)).toBe(slow(columns, rows, write));
  }
}

const NAMES = [
  ..."abc",
  ...["", "id", "ids", "a b", 'a"b', "a\\", "a\nb", "a,b", "é", "日本", "😀", "\ud800", "\u0001"],
  ...["__proto__", "constructor", "toString", "1", "01", "a:", '":', "null", "\uFEFFx", "\u2028"],
];

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(...'a,"\r\n\t\b\f\\/{}[]:=+-@ \ud800\udc00é€\u0000\u001f\u007f'),
  }),
  fc.constantFrom("", "null", "=1+1", "\t=1", "\r", "+", "-1", "@a", "'", "\uFEFF", "\u2028"),
);

const number = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((n) => JSON.stringify(n)),
  fc.constantFrom("0", "-0", "1.0", "58.40", "1e400", "1E+2", "-1e-7", "9007199254740993"),
  fc.bigInt().map(String),
);

/** How a text is written: as JSON.stringify does, or with escapes that it does not use. */
type Spelling = (value: string) => string;

const compact: Spelling = (value) => JSON.stringify(value);

const escaped: Spelling = (value) => {
  const units = Array.from(value, (unit, index) => {
    if (unit === "/") return "\\/";
    if (unit.length > 1 || index % 3 !== 0) return JSON.stringify(unit).slice(1, -1);
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${units.join("")}"`;
};

/** JSON text of values, with this text between its tokens. */
function valueOf(spell: Spelling, space: string): fc.Arbitrary<string> {
  const scalar = fc.oneof(number, text.map(spell), fc.constantFrom("null", "true", "false"));
  const { value } = fc.letrec<{ value: string; list: string; map: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, { arbitrary: scalar, weight: 4 }, tie("list"), tie("map")),
    list: fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${space}${items.join()}]`),
    // Names that are indexes come first, in ascending order, in all that JSON.stringify writes.
    map: fc
      .uniqueArray(
        fc.tuple(fc.constantFrom(...NAMES.filter((name) => name !== "1")), tie("value")),
        {
          selector: ([name]) => name,
          maxLength: 4,
        },
      )
      .map((members) => objectText(members, spell, space)),
  }));
  return value;
}

function objectText(
  members: readonly (readonly [string, string])[],
  spell: Spelling,
  space: string,
): string {
  const texts = members.map(([name, value]) => `${spell(name)}${space}:${space}${value}`);
  return `{${space}${texts.join(`${space},`)}${space}}`;
}

function rowOf(spell: Spelling, space: string): fc.Arbitrary<string> {
  const member = fc.tuple(fc.constantFrom(...NAMES), valueOf(spell, space));
  return fc
    .uniqueArray(member, { selector: ([name]) => name, maxLength: 8 })
    .map((members) => objectText(members, spell, space));
}

/** Rows of a few layouts, so that one often follows another that is like it, or is not. */
const compactRows = fc.array(rowOf(compact, ""), { maxLength: 8 });
const anyRows = fc.array(
  fc.oneof(
    rowOf(compact, ""),
    rowOf(escaped, ""),
    rowOf(compact, " "),
    rowOf(escaped, "\t "),
    rowOf(compact, "\r"),
  ),
  { maxLength: 8 },
);
const columns = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: NAMES.length });

describe("rows without objects are those of parseExact and csvRow", () => {
  test("for data as it is stored", () => {
    fc.assert(fc.property(columns, compactRows, expectAlike), { numRuns: 600 });
  });

  test("for any other JSON text", () => {
    fc.assert(fc.property(columns, anyRows, expectAlike), { numRuns: 400 });
  });

  test("for members in any order, missing ones and ones that are no column", () => {
    const some = fc.shuffledSubarray(NAMES.slice(0, 12));
    const rows = fc.array(
      some.map((names) =>
        objectText(
          names.map((name) => [name, compact(name)]),
          compact,
          "",
        ),
      ),
      { minLength: 2, maxLength: 20 },
    );
    fc.assert(fc.property(columns, rows, expectAlike), { numRuns: 300 });
  });
});

describe("rows that have the columns in their order", () => {
  /** Values of all these columns, and the rows that have them so; sometimes one is another. */
  const alike = fc
    .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 })
    .chain((names) => {
      const value = valueOf(compact, "");
      const row = fc
        .tuple(...names.map(() => value))
        .map((values) => objectText(zip(names, values), compact, ""));
      const other = fc.oneof(rowOf(compact, ""), rowOf(escaped, " "));
      const rows = fc.array(fc.oneof({ arbitrary: row, weight: 12 }, other), { maxLength: 40 });
      return fc.tuple(fc.constant(names), rows);
    });
  const zip = (names: readonly string[], values: readonly string[]): [string, string][] =>
    names.map((name, at) => [name, values[at] ?? ""]);

  test("whatever their values are, and rows of other layouts among them", () => {
    fc.assert(
      fc.property(alike, ([names, rows]) => expectAlike(names, rows)),
      { numRuns: 600 },
    );
  });

  test("are tried again after rows of another layout", () => {
    const rows = Array.from({ length: 200 }, (_, id) =>
      id % 70 === 3 ? `{"b":${id},"a":"x,y"}` : `{"a":${id},"b":"${id},"}`,
    );
    expectAlike(["a", "b"], rows);
  });

  test("have as much room as they need", () => {
    const sizes = [1, 16_000, 17_000, 100, 70_000, 65_000, 3, 200_000, 16_384, 5];
    for (const text of ["x", "x,", '\\"', "é", "\\n"]) {
      const rows = sizes.map(
        (size) => `{"a":"${text.repeat(size / text.length)}","b":[1,"${text}"]}`,
      );
      expectAlike(["a", "b"], rows);
    }
  });
});

test.each([
  ["no members", "{}", ",,"],
  ["numbers digit for digit", '{"a":58.40,"b":1e400,"c":-0}', "58.40,1e400,-0"],
  ["null, and a text of that word", '{"a":null,"b":"null","c":""}', ',null,""'],
  ["booleans", '{"a":true,"b":false}', "true,false,"],
  ["texts with commas and quotes", '{"a":"x,y","b":"\\"","c":"\\\\"}', '"x,y","""",\\'],
  ["line ends in texts", '{"a":"\\r\\n","b":"\\t","c":" "}', '"\r\n",\t, '],
  ["nested values", '{"a":[1],"b":{"x":"y"},"c":[]}', '[1],"{""x"":""y""}",[]'],
  ["escapes in nested values", '{"a":["\\n\\""],"b":["\\/"]}', '"[""\\n\\""""]","[""/""]",'],
  ["a name in another spelling", '{"\\u0061":1,"b":2}', "1,2,"],
  ["a lone surrogate", '{"a":"\\ud800","b":["\\ud800"]}', '\uFFFD,"[""\\ud800""]",'],
  ["names that begin like a column", '{"ab":1,"a":2,"":3}', "2,,"],
])("%s", (_, data, record) => {
  expectAlike(["a", "b", "c"], [data]);
  const csv = Buffer.from(fast(["a", "b", "c"], [data], {}), "latin1").toString();
  expect(csv).toBe(`${record}\r\n`);
});

test("rows larger than the room that is there at first", () => {
  const large = compact(`"${"x,".repeat(50_000)}\t`);
  const rows = [`{"a":${large}}`, '{"a":1}', `{"b":[${large}],"a":${large}}`, `{"a" : ${large}}`];
  expectAlike(["a", "b"], rows);
});

test("rows of many fields in orders of their own, some of them no columns", () => {
  const names = Array.from({ length: 60 }, (_, index) => `${"é".repeat(index % 3)}n${index}`);
  const columns = names.filter((_, index) => index % 4 !== 0).toReversed();
  const rows = [1, 7, 13, 49].map((step) => {
    const members = names.map((_, index) => [names[(index * step) % 60] ?? "", index] as const);
    return JSON.stringify(Object.fromEntries(members));
  });
  expectAlike(columns, rows);
  const [first = ""] = fast(columns, rows, {}).split("\r\n");
  expect(first.split(",")).toEqual(columns.map((name) => /\d+/.exec(name)?.[0]));
});

test("a text that looks like a formula is left to the writer that marks it", () => {
  const { options } = WAYS["safe"] ?? {};
  const rows = ['{"a":"=1","b":"\\t+","c":-1}', '{"a":"a=","b":"\\n=","c":["="]}'];
  const csv = fast(["a", "b", "c"], rows, options ?? {});
  expect(csv).toBe(`'=1,'\t+,-1\r\na=,"'\n=","[""=""]"\r\n`);
});

test("text that is no JSON is an error, not a wrong record", () => {
  for (const data of ['{"a":', '{"a":1', '{"a":1}}', '{"a":"x}', "[1", '{"a" "b"}', '{,"a":1}']) {
    expect(() => fast(["a"], [data], {}), data).toThrow(SyntaxError);
  }
});
