import { expect, test } from "vitest";
import { parseExact, parsePlain } from "../../src/json/exact.ts";
import { Weight } from "../../src/json/weight.ts";

/** The weight of a text, which need not be well-formed: it is weighed before it is parsed. */
function weightOf(...texts: readonly string[]): number {
  let last = 0;
  const weight = new Weight((bytes) => {
    last = bytes;
  });
  for (const text of texts) {
    try {
      parseExact(text, weight);
    } catch {
      continue;
    }
  }
  return last;
}

const list = (value: string, count: number): string =>
  `[${Array.from({ length: count }, () => value).join(",")}]`;

/** What a text of one kind takes in workerd, in bytes for each of its values. */
const MEASURED: readonly [kind: string, text: string, bytes: number][] = [
  ["open arrays", "[".repeat(10_000), 48 * 10_000],
  ["open objects", '{"a":'.repeat(10_000), 84 * 10_000],
  ["empty arrays", list("[]", 10_000), 60 * 10_000],
  ["empty objects", list("{}", 10_000), 85 * 10_000],
  ["numbers", list("0", 10_000), 8 * 10_000],
  ["decimals", list("1.5", 10_000), 18 * 10_000],
  ["texts", list('""', 10_000), 19 * 10_000],
  ["negative zeros", list("-0", 10_000), 80 * 10_000],
  ["exponents", list("1e3", 10_000), 90 * 10_000],
  ["prices", list("1.50", 10_000), 90 * 10_000],
];

test.each(MEASURED)(
  "%s weigh at least what they take, and less than three times that",
  (_, text, bytes) => {
    expect(weightOf(text)).toBeGreaterThanOrEqual(bytes);
    expect(weightOf(text)).toBeLessThan(3 * bytes);
  },
);

test("names of members weigh where they differ, whatever stands between name and colon", () => {
  const members = (name: (i: number) => string): string =>
    `{${Array.from({ length: 100_000 }, (_, i) => `${name(i)}:1`).join(",")}}`;
  const few = weightOf(members((i) => `"a${i % 20}"`));
  const many = weightOf(members((i) => `"a${i}"`));
  const spaced = weightOf(members((i) => `"a${i}" \n`));
  expect(few).toBeLessThan(3_000_000);
  // Samples: a tenth more or less is chance.
  expect(many).toBeGreaterThan(15_000_000);
  expect(spaced).toBeGreaterThan(15_000_000);
});

test("what stands in a string weighs nothing", () => {
  const text = JSON.stringify("[{,:".repeat(10_000));
  expect(weightOf(text)).toBe(0);
  expect(weightOf(`${text.slice(0, -1)}\\"[[[["`)).toBe(0);
});

test("texts of one body weigh together, each before it is parsed", () => {
  expect(weightOf("[1,2]", "[1,2]")).toBe(2 * weightOf("[1,2]"));
  const refuse = new Weight(() => {
    throw new RangeError("too much");
  });
  expect(() => parseExact("[1,2]", refuse)).toThrow("too much");
  expect(() => parsePlain("[1,2]", refuse)).toThrow("too much");
  expect(() => parsePlain("no JSON", refuse)).toThrow("too much");
});

test("raw numbers are weighed while they are marked, not when all of them are there", () => {
  const seen: number[] = [];
  const weight = new Weight((bytes) => {
    seen.push(bytes);
  });
  parseExact(list("-0", 10_000), weight);
  expect(seen.length).toBeGreaterThan(5);
  expect(seen[0]).toBeLessThan(200_000);
});

test("numbers keep their digits where the text is weighed", () => {
  const weight = new Weight(() => undefined);
  expect(JSON.stringify(parseExact('{"a":58.40}', weight))).toBe('{"a":58.40}');
  expect(parsePlain('{"a":58.40}', weight)).toEqual({ a: 58.4 });
});
