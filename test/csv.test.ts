import * as fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";

import { Buffer } from "../src/buffer.ts";
import {
  csvField,
  csvHeader,
  csvRecord,
  csvRow,
  FORMULA_BYTES,
  safeCsvField,
  safeCsvRow,
} from "../src/csv.ts";
import { isObject, parseExact } from "../src/json/exact.ts";
import type { Json, JsonObject } from "../src/json/exact.ts";

/** A data point's data, from its JSON text. */
function dataOf(text: string): JsonObject {
  const data = parseExact(text);
  if (!isObject(data)) throw new Error(`no object: ${text}`);
  return data;
}

/** Records of RFC 4180 text: null for a field of nothing, "" for a quoted empty one. */
function readRecords(csv: string): (string | null)[][] {
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  const records: (string | null)[][] = [];
  const record: (string | null)[] = [];
  while (field.lastIndex < csv.length) {
    const at = field.lastIndex;
    const [, text = "", end] = field.exec(csv) ?? [];
    if (end === undefined) throw new Error(`not RFC 4180 from character ${at}: ${csv.slice(at)}`);
    const isQuoted = text.startsWith('"');
    record.push(isQuoted ? text.slice(1, -1).replaceAll('""', '"') : text || null);
    if (end === "\r\n") records.push(record.splice(0));
  }
  return records;
}

describe("csvField", () => {
  test.each<[name: string, json: string, field: string]>([
    ["null is nothing", "null", ""],
    ["an empty string is quoted", '""', '""'],
    ["a plain string stays as it is", '"shipped"', "shipped"],
    ["the word null is a string", '"null"', "null"],
    ["a comma needs quotes", '"a,b"', '"a,b"'],
    ["a quote is doubled", '"a \\"b\\""', '"a ""b"""'],
    ["a lone quote", '"\\""', '""""'],
    ["CR needs quotes", '"a\\rb"', '"a\rb"'],
    ["LF needs quotes", '"a\\nb"', '"a\nb"'],
    ["CRLF stays inside quotes", '"a\\r\\nb"', '"a\r\nb"'],
    ["spaces around need no quotes", '"  a "', "  a "],
    ["a single space", '" "', " "],
    ["a tab needs no quotes", '"a\\tb"', "a\tb"],
    ["a semicolon needs no quotes", '"a;b"', "a;b"],
    ["other line separators need no quotes", '"a\\u2028b\\u0085c"', "a\u2028b\u0085c"],
    ["a formula is not altered", '"=1+1"', "=1+1"],
    ["a link formula is only quoted", '"=HYPERLINK(\\"a\\")"', '"=HYPERLINK(""a"")"'],
    ["+, - and @ are not altered", '"+-@"', "+-@"],
    ["characters outside the BMP", '"é 漢 😀"', "é 漢 😀"],
    ["true", "true", "true"],
    ["false", "false", "false"],
    ["zero", "0", "0"],
    ["an integer beyond a double", "9007199254740993", "9007199254740993"],
    ["a trailing zero", "58.40", "58.40"],
    [
      "a long decimal",
      "-9999999999999999.9999999999999999999999",
      "-9999999999999999.9999999999999999999999",
    ],
    ["a negative zero", "-0", "-0"],
    ["1.0 stays 1.0", "1.0", "1.0"],
    ["an exponent", "1e400", "1e400"],
    ["an exponent that a double keeps", "1e21", "1e21"],
    ["an empty object", "{}", "{}"],
    ["an empty array", "[]", "[]"],
    ["an array of one number", "[ 58.40 ]", "[58.40]"],
    ["an array with commas", "[1, 2.50]", '"[1,2.50]"'],
    ["an object", '{"a": 1.0, "b": ["x", null]}', '"{""a"":1.0,""b"":[""x"",null]}"'],
    ["text inside an object", '{"a":"1\\n2"}', '"{""a"":""1\\n2""}"'],
  ])("%s", (_name, json, field) => {
    expect(csvField(parseExact(json))).toBe(field);
  });

  test("absent is nothing", () => {
    expect(csvField(undefined)).toBe("");
  });
});

describe("csvHeader", () => {
  test("names in the order given, with CRLF", () => {
    expect(csvHeader(["id", "name", "total"])).toBe("id,name,total\r\n");
  });

  test("names are quoted as values are", () => {
    expect(csvHeader(["a,b", 'say "hi"', "", "é"])).toBe('"a,b","say ""hi""","",é\r\n');
  });

  test("a name cannot become a byte order mark", () => {
    const name = "\uFEFFid";
    expect(csvHeader([name, name])).toBe(`"${name}",${name}\r\n`);
    expect(csvHeader([`${name}"`])).toBe(`"${name}"""\r\n`);
    const bytes = new TextEncoder().encode(csvHeader([name]));
    expect([...bytes.subarray(0, 3)]).not.toEqual([0xef, 0xbb, 0xbf]);
  });
});

describe("csvRow", () => {
  test("the columns' order, absent members empty, other members left out", () => {
    const data = dataOf('{"b":"","z":1,"a":null,"id":7}');
    expect(csvRow(["id", "a", "b", "c"], data)).toBe('7,,"",\r\n');
  });

  test("inherited names are absent", () => {
    const columns = ["constructor", "toString", "__proto__", "hasOwnProperty"];
    expect(csvRow(columns, dataOf("{}"))).toBe(",,,\r\n");
  });

  test("own members of such names are values", () => {
    const data = dataOf('{"constructor":1,"__proto__":"p","hasOwnProperty":true,"toString":null}');
    expect(csvRow(["constructor", "toString", "__proto__", "hasOwnProperty"], data)).toBe(
      "1,,p,true\r\n",
    );
  });

  test("one column that is null is an empty line, one that is empty is not", () => {
    expect(csvRow(["a"], dataOf('{"a":null}'))).toBe("\r\n");
    expect(csvRow(["a"], dataOf('{"a":""}'))).toBe('""\r\n');
  });

  test("a lone surrogate becomes U+FFFD once encoded", () => {
    const row = csvRow(["a", "b"], dataOf('{"a":"x\\ud800y","b":["\\ud800"]}'));
    const decoded = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      new TextEncoder().encode(row),
    );
    expect(decoded).toBe('x\uFFFDy,"[""\\ud800""]"\r\n');
  });

  test("a row does not depend on the rows before it", () => {
    const data = dataOf('{"a":"x,y","b":"z"}');
    const rows = Array.from({ length: 3 }, () => csvRow(["a", "b"], data));
    expect(new Set(rows)).toEqual(new Set(['"x,y",z\r\n']));
  });
});

describe("safeCsvField", () => {
  test.each<[name: string, json: string, field: string]>([
    ["a formula", '"=1+1"', "'=1+1"],
    ["a link formula", '"=HYPERLINK(\\"a\\")"', '"\'=HYPERLINK(""a"")"'],
    ["a plus", '"+1"', "'+1"],
    ["a minus", '"-1"', "'-1"],
    ["an at sign", '"@SUM(A1)"', "'@SUM(A1)"],
    ["a tab", '"\\t=1"', "'\t=1"],
    ["a carriage return", '"\\r=1"', '"\'\r=1"'],
    ["a line feed", '"\\n=1"', '"\'\n=1"'],
    ["a full-width sign", '"＝1"', "'＝1"],
    ["a full-width at sign", '"＠1"', "'＠1"],
    ["a comma besides", '"=1,2"', '"\'=1,2"'],
    ["only the sign", '"="', "'="],
    ["an apostrophe stays", '"\'=1"', "'=1"],
    ["a sign further on", '"a=1"', "a=1"],
    ["a space before it", '" =1"', " =1"],
    ["an empty string", '""', '""'],
    ["a negative number", "-5", "-5"],
    ["a negative number of many digits", "-9007199254740993", "-9007199254740993"],
    ["a boolean", "true", "true"],
    ["null", "null", ""],
    ["an array", '["=1"]', '"[""=1""]"'],
    ["an object", '{"=1":2}', '"{""=1"":2}"'],
  ])("%s", (_name, json, field) => {
    expect(safeCsvField(parseExact(json))).toBe(field);
  });

  test("is used in rows and headers where it is asked for", () => {
    const columns = ["=a", "b", "constructor"];
    const data = dataOf('{"=a":"-x","b":-1,"z":1}');
    expect(csvHeader(columns, safeCsvField) + safeCsvRow(columns, data)).toBe(
      "'=a,b,constructor\r\n'-x,-1,\r\n",
    );
    expect(csvHeader(columns) + csvRow(columns, data)).toBe("=a,b,constructor\r\n-x,-1,\r\n");
  });

  test("no string begins a formula, and all others are as they were", () => {
    const text = fc.string({ unit: fc.constantFrom(..."=+-@\t\r\n＝＋－＠,\"' aé") });
    fc.assert(
      fc.property(text, (item) => {
        const [[read] = []] = readRecords(`${safeCsvField(item)}\r\n`);
        expect(read).toBe(/^[=+\-@\t\r\n＝＋－＠]/.test(item) ? `'${item}` : item);
        // Who writes CSV from JSON text must see these by their first byte.
        const isMarked = safeCsvField(item) !== csvField(item);
        const byte = Buffer.from(JSON.stringify(item))[1] ?? 0;
        if (isMarked) expect(FORMULA_BYTES.has(byte)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("round trip", () => {
  /** Texts full of what CSV readers stumble over. */
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", " ", "\t", "a", "é", "😀", "=") }),
  );
  const value: fc.Arbitrary<Json> = fc.oneof(
    text,
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom("58.40", "9007199254740993", "1e400", "-0").map(parseExact),
    fc.array(fc.oneof(fc.integer(), text), { maxLength: 3 }),
  );
  const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
    fc.record({
      columns: fc.array(text, { minLength: width, maxLength: width }),
      rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 6 }),
    }),
  );

  /** What a reader should get: null where the wire says that nothing is written. */
  function expected(values: readonly Json[]): (string | null)[] {
    return values.map((item) => {
      if (item === null || typeof item === "string") return item;
      return JSON.stringify(item);
    });
  }

  test("RFC 4180 text that tells null from empty", () => {
    fc.assert(
      fc.property(table, ({ columns, rows }) => {
        const csv = csvHeader(columns) + rows.map(csvRecord).join("");
        expect(readRecords(csv)).toEqual([columns, ...rows.map(expected)]);
      }),
      { numRuns: 500 },
    );
  });

  test("papaparse reads every value back", () => {
    fc.assert(
      fc.property(table, ({ columns, rows }) => {
        const csv = csvHeader(columns) + rows.map(csvRecord).join("");
        const { data, errors } = Papa.parse(csv, { delimiter: ",", newline: "\r\n" });
        const texts = rows.map((row) => expected(row).map((field) => field ?? ""));
        // The empty text after the last CRLF counts as a record here.
        expect(data).toEqual([columns, ...texts, [""]]);
        expect(errors).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("quotes appear only where RFC 4180 needs them, and for the empty string", () => {
    fc.assert(
      fc.property(text, (item) => {
        const isQuoted = csvField(item) !== item;
        expect(isQuoted).toBe(item === "" || /[",\r\n]/.test(item));
      }),
      { numRuns: 500 },
    );
  });

  test("rows and records are the same text", () => {
    fc.assert(
      fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 6 }), (data) => {
        const columns = Object.keys(data);
        expect(csvRow(columns, data)).toBe(csvRecord(Object.values(data)));
      }),
    );
  });
});
