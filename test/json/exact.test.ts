import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  depthOf,
  integerText,
  isNumber,
  isObject,
  type Json,
  numberFromText,
  numberText,
  parseExact,
  stringifyExact,
} from "../../src/json/exact.ts";

const SPELLINGS = [
  ...["0", "-0", "-0.0", "0.0", "1", "-1", "10", "1.0", "58.40", "-58.4", "0.1", "0.10"],
  ...["1e0", "1E0", "1e+5", "1e-5", "1.5e300", "1e400", "-1e400", "1e-400", "0e0", "1e21", "1e+21"],
  ...["0.000001", "0.0000001", "1e-7", "0.00000012", "123456789012345", "999999999999999"],
  ...["1234567890123456", "9007199254740991", "9007199254740992", "9007199254740993"],
  ...["9223372036854775807", "100000000000000000000", "1000000000000000000000"],
  ...["0.1234567890123", "0.12345678901234", "0.123456789012345", "0.1234567890123456"],
  ...["0.12345678901234567", "12345678.901234567", "-9999999999999999.9999999999999999999999"],
  ...["4503599627370497.5", "1.7976931348623157e308", "5e-324", "1.7976931348623157e+308"],
];

const someDigits = fc
  .array(fc.constantFrom(..."00123456789"), { minLength: 1, maxLength: 20 })
  .map((all) => all.join(""));
const spelling = fc.oneof(
  fc.constantFrom(...SPELLINGS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .tuple(
      fc.constantFrom("", "-"),
      someDigits.map((text) => text.replace(/^0+(?=\d)/, "")),
      fc.oneof(
        fc.constant(""),
        someDigits.map((text) => `.${text}`),
      ),
      fc.oneof({ arbitrary: fc.constant(""), weight: 3 }, fc.constantFrom("e5", "E+05", "e-7")),
    )
    .map((parts) => parts.join("")),
);

/** Texts that look like numbers, marks and escapes inside of strings. */
const characters = fc.array(
  fc.constantFrom(
    "1.0",
    "58.40",
    " ",
    ":",
    ",",
    "[",
    '"',
    "\\",
    "\u0001",
    "\\u0001",
    "é",
    "\ud83d",
  ),
  { maxLength: 6 },
);
const stringText = characters.map((all) => JSON.stringify(all.join("")));
// Without the name `\`: after an object that has it, V8 14.6 reads the name `"` or a line break
// at the same place of the next object as `\` (JSON.parse itself, numbers or not).
const names = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('"__proto__"', '"constructor"', '"1.0"', '"a"'),
    stringText.filter((text) => text !== String.raw`"\\"`),
  ),
  { maxLength: 4, selector: (text) => JSON.parse(text) as unknown },
);
const space = fc.constantFrom("", "", " ", "\n", "\t\r\n  ");

/** JSON texts as the pieces that whitespace may stand between. */
const { pieces } = fc.letrec<{ pieces: string[] }>((tie) => ({
  pieces: fc.oneof(
    { depthSize: "small" },
    { arbitrary: spelling.map((text) => [text]), weight: 4 },
    { arbitrary: stringText.map((text) => [text]), weight: 1 },
    { arbitrary: fc.constantFrom("null", "true", "false").map((text) => [text]), weight: 1 },
    {
      arbitrary: fc
        .array(tie("pieces"), { maxLength: 4 })
        .map((all) => ["[", ...all.flatMap((one, at) => (at === 0 ? one : [",", ...one])), "]"]),
      weight: 2,
    },
    {
      arbitrary: names.chain((all) =>
        fc
          .tuple(...all.map(() => tie("pieces")))
          .map((values) => [
            "{",
            ...values.flatMap((value, at) => [
              ...(at === 0 ? [] : [","]),
              all[at] ?? "",
              ":",
              ...value,
            ]),
            "}",
          ]),
      ),
      weight: 2,
    },
  ),
}));

describe("parseExact and stringifyExact", () => {
  it.each(SPELLINGS)("keep %s", (text) => {
    for (const around of ["#", "[#]", "[1,#,2]", '{"a":#}', '{"a":#,"b":"#"}', '["1.0",#]']) {
      const document = around.replaceAll("#", text);
      expect(stringifyExact(parseExact(document))).toBe(document);
    }
  });

  it("keep every text but its whitespace", () => {
    fc.assert(
      fc.property(pieces, fc.array(space, { minLength: 1 }), (all, spaces) => {
        const text = all
          .map((piece, at) => (spaces[at % spaces.length] ?? "") + piece)
          .concat(spaces[0] ?? "")
          .join("");
        expect(stringifyExact(parseExact(text))).toBe(all.join(""));
      }),
      { numRuns: 3_000 },
    );
  });

  it("find the same values as JSON.parse", () => {
    fc.assert(
      fc.property(pieces, (all) => {
        const text = all.join("");
        expect(toDoubles(parseExact(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 1_000 },
    );
  });

  const large = fc.array(pieces, { minLength: 1, maxLength: 5 }).chain((some) =>
    fc.record({
      // Together several runs, which are cut at about 32,768 characters.
      elements: fc.constant(
        Array.from({ length: 6_000 }, (_, at) =>
          at % 50 === 0 ? (some[at % some.length] ?? []).join("") : `{"n":${at},"p":58.40}`,
        ),
      ),
      around: fc.constantFrom("", " ", "\n"),
    }),
  );

  it("keep every element of a long array", () => {
    fc.assert(
      fc.property(large, ({ elements, around }) => {
        const text = `${around}[${elements.join(",")}]${around}`;
        expect(stringifyExact(parseExact(text))).toBe(text.trim());
      }),
      { numRuns: 30 },
    );
  });

  it("refuse a long array where JSON.parse does, in its words", () => {
    const damage = fc.constantFrom(
      ...[
        "",
        ",",
        "]",
        "[",
        "}",
        "{",
        '"',
        "1.0",
        "01",
        ",,",
        "],[",
        "]]",
        "\u00a0",
        "\ufeff",
        ":",
      ],
      ...["x", " ".repeat(70_000), `,${" ".repeat(70_000)},`, "\\", "null"],
    );
    fc.assert(
      fc.property(large, fc.double({ min: 0, max: 1, noNaN: true }), damage, (given, at, sign) => {
        const whole = `[${given.elements.join(",")}]`;
        const place = Math.floor(at * (whole.length + 1));
        for (const [from, to] of [
          [place, place],
          [whole.length, whole.length],
          [0, 0],
          [place, place + 1],
        ] as const) {
          const text = whole.slice(0, from) + sign + whole.slice(to);
          const complaint = complaintOf(() => JSON.parse(text));
          expect(complaintOf(() => parseExact(text))).toBe(complaint);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("refuse what JSON.parse refuses, in its words", () => {
    const piece = fc.oneof(
      spelling,
      fc.constantFrom(
        ...'{}[]:,-.+eE"\\ 0',
        "1.0",
        '"a"',
        "null",
        "\u0001",
        "\\u0001",
        "01",
        "1.",
        ".5",
      ),
    );
    const broken = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((all) => all.join("")),
      fc
        .tuple(pieces, fc.nat(), piece)
        .map(([all, at, one]) => all.with(at % all.length, one).join("")),
    );
    fc.assert(
      fc.property(broken, (text) => {
        expect(outcome(() => parseExact(text) !== undefined, text)).toBe(
          outcome(() => JSON.parse(text) !== undefined, text),
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    "{1.0:2}",
    "{58.40 :2}",
    "[1.0 2.0]",
    '["a"1.0]',
    "01.0",
    "1.0.0",
    "-",
    "1.50e",
    "",
    "[1.0",
  ])("refuse %s", (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  it("keep plain numbers of up to 15 digits where a double keeps the text", () => {
    expect(parseExact("[1,0.1,-58.4,0.000001,999999999999999]")).toEqual([
      1, 0.1, -58.4, 0.000001, 999999999999999,
    ]);
    for (const text of ["1.0", "-0", "1e5", "1e-7", "9007199254740993", "1e400"]) {
      expect(parseExact(text)).toEqual(JSON.rawJSON(text));
    }
  });

  it("make __proto__ an own member", () => {
    for (const text of [
      '{"__proto__":1}',
      '{"__proto__":1.0}',
      '{"__proto__":{"a":1.0},"b":2.50}',
    ]) {
      const value = parseExact(text);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(isObject(value) && Object.hasOwn(value, "__proto__")).toBe(true);
      expect(stringifyExact(value)).toBe(text);
    }
  });

  it("take the last of equal names", () => {
    expect(stringifyExact(parseExact('{"a":1.0,"a":2.50}'))).toBe('{"a":2.50}');
    expect(stringifyExact(parseExact('{"a":[1.0],"a":2}'))).toBe('{"a":2}');
    expect(stringifyExact(parseExact('{"a":1.0,"a":"x"}'))).toBe('{"a":"x"}');
  });

  it("take strings that look like what the parser might use for itself", () => {
    for (const text of ['["\\u00011.0",1.0]', '["\\\\u00011.0",1.0]', '{"\\u00011.0":1.0}']) {
      expect(stringifyExact(parseExact(text))).toBe(text);
    }
  });

  it("answer in bounded time and without crashing to deep texts", () => {
    const deep = `${"[".repeat(100_000)}1.0${"]".repeat(100_000)}`;
    expect(() => stringifyExact(parseExact(deep))).toThrow(RangeError);
    const backslashes = `["${"\\\\".repeat(500_000)}",1.0]`;
    expect(stringifyExact(parseExact(backslashes))).toBe(backslashes);
    const spaced = `[${"1.0 ".repeat(200_000)}]`;
    expect(() => parseExact(spaced)).toThrow(SyntaxError);
  });
});

function toDoubles(value: Json): unknown {
  if (isNumber(value)) return Number(numberText(value));
  if (Array.isArray(value)) return value.map(toDoubles);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toDoubles(one)]));
}

function outcome(parse: () => boolean, text: string): string {
  try {
    return String(parse());
  } catch (error) {
    return error instanceof SyntaxError ? `${text}: ${error.message}` : String(error);
  }
}

describe("numberFromText and numberText", () => {
  it.each(SPELLINGS)("keep %s", (text) => {
    const value = numberFromText(text);
    expect(numberText(value)).toBe(text);
    expect(typeof value === "number").toBe(String(Number(text)) === text);
  });

  it.each([
    ...["", " ", " 1", "1 ", "+1", ".5", "5.", "01", "-", "1e", "0x10", "1_000", "1,0"],
    ...["NaN", "Infinity", "-Infinity", "true", "null", '"1"', "[]", "1n"],
  ])("refuse %j", (text) => {
    expect(() => numberFromText(text)).toThrow(SyntaxError);
  });
});

describe("isNumber and isObject", () => {
  it.each([
    ["1", true, false],
    ["1.0", true, false],
    ["{}", false, true],
    ['{"rawJSON":"1"}', false, true],
    ["[]", false, false],
    ["null", false, false],
    ['"1"', false, false],
    ["true", false, false],
  ])("%s", (text, number, object) => {
    expect(isNumber(parseExact(text))).toBe(number);
    expect(isObject(parseExact(text))).toBe(object);
  });
});

describe("integerText", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["-12", "-12"],
    ["9007199254740993", "9007199254740993"],
    ["9223372036854775808", "9223372036854775808"],
    ["100000000000000000000", "100000000000000000000"],
    ["1000000000000000000000", "1000000000000000000000"],
  ])("%s is %s", (text, expected) => {
    expect(integerText(parseExact(text))).toBe(expected);
  });

  it.each([
    "1.0",
    "1e2",
    "1E2",
    "0e0",
    "1e+21",
    "1e+300",
    "1.5",
    "1e-7",
    '"1"',
    "true",
    "null",
    "[1]",
  ])("%s is none", (text) => {
    expect(integerText(parseExact(text))).toBeUndefined();
  });
});

describe("depthOf", () => {
  it.each([
    ["1.0", 0],
    ['"[[]]"', 0],
    ["null", 0],
    ["{}", 1],
    ["[1.0]", 1],
    ['{"a":[]}', 2],
    ['[1,{"a":2,"b":[3.50]},[]]', 3],
  ])("%s has %i levels", (text, expected) => {
    expect(depthOf(parseExact(text), 10)).toBe(expected);
    for (let limit = 0; limit <= 4; limit += 1) {
      expect(depthOf(parseExact(text), limit)).toBe(Math.min(expected, limit + 1));
    }
  });

  it("ends early", () => {
    let deep: Json = [];
    for (let level = 1; level < 100_000; level += 1) deep = [deep];
    expect(depthOf(deep, 100)).toBe(101);
  });
});

/** What a parser says; undefined where it takes the text. */
function complaintOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
