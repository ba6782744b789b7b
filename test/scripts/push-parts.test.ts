/** How `npm run push` cuts files into records and writes them, without a process around it. */
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { recordWriter } from "../../scripts/push/columns.mjs";
import { CsvSplitter, fieldsOf } from "../../scripts/push/csv.mjs";
import { framesOf, LineSplitter } from "../../scripts/push/frames.mjs";
import { JsonArraySplitter } from "../../scripts/push/json-array.mjs";
import { statusOf } from "../../scripts/push/progress.mjs";
import { waitMs } from "../../scripts/retry.mjs";
import { Buffer } from "../../src/buffer.ts";

/** Bytes in pieces that end at the given places. */
async function* cut(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const place of [...places.map((at) => at % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  )) {
    if (place > from) yield bytes.subarray(from, place);
    from = place;
  }
}

async function frames(
  bytes: Uint8Array,
  splitter: Parameters<typeof framesOf>[1],
  places: readonly number[],
  offset = 0,
): Promise<Awaited<ReturnType<typeof collect>>> {
  return collect(framesOf(cut(bytes.subarray(offset), places), splitter, offset));
}

async function collect(
  source: ReturnType<typeof framesOf>,
): Promise<{ text: string; line: number; end: number; nextLine: number }[]> {
  const all = [];
  for await (const some of source) all.push(...some);
  return all;
}

/** Texts of what is special in CSV and JSON, and of characters with several bytes. */
const text = fc.string({
  unit: fc.constantFrom(..."\",;\n'a1 {}[]\\:é€😀\t\u2028", "\r\n", '""'),
  maxLength: 12,
});
const places = fc.array(fc.nat(400), { maxLength: 12 });

function quoted(field: string, always: boolean): string {
  const needs = /[",;\r\n]/.test(field) || field === "";
  return needs || always ? `"${field.replaceAll('"', '""')}"` : field;
}

describe("CSV", () => {
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) =>
      fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 8 }),
    );

  it("is cut and read as by another reader, however it comes in pieces", async () => {
    const property = fc.asyncProperty(
      ...([table, fc.boolean(), fc.constantFrom("\n", "\r\n"), fc.boolean(), places] as const),
      async (rows, always, newline, endsWithIt, where) => {
        const lines = rows.map((row) => row.map((field) => quoted(field, always)).join(","));
        const csv = lines.join(newline) + (endsWithIt && rows.length > 0 ? newline : "");
        const found = await frames(Buffer.from(csv), new CsvSplitter(","), where);
        const fields = found.map((frame) => fieldsOf(frame.text, ",", frame.line));
        expect(fields).toEqual(rows);
        const other = Papa.parse(csv, { delimiter: ",", newline }).data;
        expect(fields).toEqual(endsWithIt || rows.length === 0 ? other.slice(0, -1) : other);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it("goes on behind each row with the rest, at the right line", async () => {
    const property = fc.asyncProperty(table, places, async (rows, where) => {
      const csv = Buffer.from(
        rows.map((row) => `${row.map((field) => quoted(field, false)).join(";")}\n`).join(""),
      );
      const all = await frames(csv, new CsvSplitter(";"), where);
      for (const [index, { end, nextLine }] of all.entries()) {
        const rest = await frames(csv, new CsvSplitter(";", nextLine), where, end);
        expect(rest).toEqual(all.slice(index + 1));
      }
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it("tells an empty field from an empty text, and takes quotes within a field as they are", () => {
    expect(fieldsOf('a,"",', ",", 1)).toEqual(["a", "", null]);
    expect(fieldsOf('5" pipe,"5"" pipe"', ",", 1)).toEqual(['5" pipe', '5" pipe']);
    expect(fieldsOf('""""', ",", 1)).toEqual(['"']);
  });

  it("takes a mark of byte order in any pieces", async () => {
    for (const file of ["\uFEFF", "\uFEFFa", "\uFEFFab\n", "a", "", "ab\n\n"]) {
      for (let place = 0; place <= 5; place += 1) {
        const found = await frames(Buffer.from(file), new CsvSplitter(","), [place, 1, 2]);
        expect(found.map((frame) => frame.text).join("")).toBe(
          file.replace(/[\uFEFF\n]/g, "").trim(),
        );
      }
    }
  });
});

describe("JSON", () => {
  const objects = fc.array(fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 2 }))), {
    maxLength: 8,
  });

  it("is cut into the elements of the array, wherever the pieces and a new start are", async () => {
    const property = fc.asyncProperty(
      ...([objects, fc.constantFrom(undefined, 1), places] as const),
      async (values, indent, where) => {
        const bytes = Buffer.from(JSON.stringify(values, undefined, indent));
        const all = await frames(bytes, new JsonArraySplitter(), where);
        const parsed = all.map((frame): unknown => JSON.parse(frame.text));
        expect(parsed).toEqual(JSON.parse(JSON.stringify(values)));
        for (const [index, { end, nextLine }] of all.slice(0, -1).entries()) {
          const splitter = new JsonArraySplitter(nextLine, true);
          expect(await frames(bytes, splitter, where, end)).toEqual(all.slice(index + 1));
        }
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it("is cut into lines, without the empty ones", async () => {
    const bytes = Buffer.from('\n{"a":1}\r\n\n \n{"b":"é"}');
    for (let place = 0; place < bytes.length; place += 1) {
      const found = await frames(bytes, new LineSplitter(), [place]);
      expect(found).toMatchObject([
        { text: '{"a":1}', line: 2 },
        { text: '{"b":"é"}', line: 5, end: bytes.length },
      ]);
    }
  });
});

describe("a row", () => {
  const write = (type: string, field: string | null, empty = "null"): string =>
    recordWriter(["c"], () => type, empty)([field]);

  it.each([
    ["text", "007", '{"c":"007"}'],
    ["integer", "-12345678901234567890", '{"c":-12345678901234567890}'],
    ["decimal", "1.50E+3", '{"c":1.50E+3}'],
    ["boolean", "false", '{"c":false}'],
    ["json", '{"a":\n[1.0]}', '{"c":{"a": [1.0]}}'],
    ["auto", "10.00", '{"c":10.00}'],
    ["auto", "1e5", '{"c":"1e5"}'],
    ["auto", "", '{"c":""}'],
    ["integer", "", '{"c":null}'],
    ["text", "", '{"c":""}'],
  ])("has a field of the type %s with %j as %s", (type, field, record) => {
    expect(write(type, field)).toBe(record);
  });

  it.each([
    ["integer", "1.0"],
    ["integer", "007"],
    ["decimal", ".5"],
    ["decimal", "0x1"],
    ["decimal", "NaN"],
    ["boolean", "TRUE"],
    ["json", "{"],
  ])("has no field of the type %s with %j", (type, field) => {
    expect(() => write(type, field)).toThrow(`is not of the type ${type}`);
  });

  it("has an empty field as it is told to", () => {
    expect(write("text", null)).toBe('{"c":null}');
    expect(write("text", null, "text")).toBe('{"c":""}');
    expect(write("text", null, "omit")).toBe("{}");
    expect(write("integer", null, "text")).toBe('{"c":null}');
  });

  it("has names that are no members of objects", () => {
    const row = recordWriter(["__proto__", 'a"'], () => "text", "null")(["1", "2"]);
    expect(row).toBe('{"__proto__":"1","a\\"":"2"}');
  });
});

describe("the wait before a repeat", () => {
  it("is random up to a bound that doubles to 30 s", () => {
    const bounds = [1, 2, 3, 7, 60].map((repeat) => waitMs(repeat, null, 1));
    expect(bounds).toEqual([500, 1_000, 2_000, 30_000, 30_000]);
    expect(waitMs(60, null, 0)).toBe(0);
  });

  it("is what Retry-After says and the random part, to 5 minutes", () => {
    expect(waitMs(1, "7", 0.5)).toBe(7_250);
    expect(waitMs(1, "Thu, 01 Jan 1970 00:00:09 GMT", 0, 4_000)).toBe(5_000);
    expect(waitMs(1, "Thu, 01 Jan 1970 00:00:01 GMT", 0, 4_000)).toBe(0);
    expect(waitMs(1, "86400", 0)).toBe(300_000);
    expect(waitMs(1, "soon", 0)).toBe(0);
  });
});

it("shows how far it is", () => {
  const first = { bytes: 1e6, total: 5e6, rows: 1_000 };
  const status = statusOf({ bytes: 2e6, total: 5e6, rows: 3_000 }, first, 10, true);
  expect(status).toBe(
    "[########------------]  40.0%  2.0 MB of 5.0 MB  3,000 rows  200 rows/s  0:30 left",
  );
  const unknown = { bytes: 2e6, total: undefined, rows: 3_000 };
  expect(statusOf(unknown, { ...unknown, bytes: 0, rows: 0 }, 10, true)).toBe(
    "2.0 MB  3,000 rows  300 rows/s",
  );
});

it.each([
  [79, "[########------------]  41.2%  1,236,000 rows  9,810 rows/s  3:00 left"],
  [69, "[########------------]  41.2%  1,236,000 rows  3:00 left"],
  [40, "41.2%  1,236,000 rows  3:00 left"],
  [20, "41.2%  3:00 left"],
  [3, "41."],
])("says the time that is left on a terminal of %d columns", (width, line) => {
  const done = { bytes: 160e6, total: 388.1e6, rows: 1_236_000 };
  const first = { bytes: 0, total: 388.1e6, rows: 0 };
  expect(statusOf(done, first, 126, true, width)).toBe(line);
});
