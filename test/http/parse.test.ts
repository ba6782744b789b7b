import { expect, test } from "vitest";
import { Admission } from "../../src/http/admission.ts";
import { BODY_MEMORY_BYTES_MAX, IN_FLIGHT_BYTES_MAX } from "../../src/http/limits.ts";
import { parseBody } from "../../src/http/parse.ts";
import { parseExact } from "../../src/json/exact.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a body that would become too much is refused before it is parsed", () => {
  const admission = new Admission();
  const bytes = bytesOf("[".repeat(Math.ceil(BODY_MEMORY_BYTES_MAX / 60)));
  expect(() => parseBody(bytes, admission, parseExact)).toThrow(
    expect.objectContaining({ code: "body_too_complex" }),
  );
});

test("a body that becomes more than usual keeps others out", () => {
  const [first, second] = [new Admission(), new Admission()];
  const bytes = bytesOf(`[${"[],".repeat(500_000)}[]]`);
  try {
    first.take(bytes.byteLength);
    parseBody(bytes, first, parseExact);
    // 40 MB of arrays and 4.5 MB of text: as much as 8.1 MB of a usual body.
    expect(() => second.take(IN_FLIGHT_BYTES_MAX - 7_500_000)).toThrow(
      expect.objectContaining({ code: "overloaded" }),
    );
    second.take(IN_FLIGHT_BYTES_MAX - 8_500_000);
  } finally {
    first.release();
    second.release();
  }
});

test("a usual body takes no more than its own bytes", () => {
  const [first, second] = [new Admission(), new Admission()];
  const record = { id: 1, name: "a name", total: 58.4, created_at: "2026-01-01T00:00:00Z" };
  const bytes = bytesOf(JSON.stringify(Array.from({ length: 1_000 }, () => record)));
  const { byteLength } = bytes;
  try {
    first.take(byteLength);
    parseBody(bytes, first, parseExact);
    expect(() => second.take(IN_FLIGHT_BYTES_MAX - byteLength)).not.toThrow();
  } finally {
    first.release();
    second.release();
  }
});

/** The largest batches of real programs: 20,000 records in less than 20 MB. */
const BATCHES: readonly [kind: string, data: (i: number) => string][] = [
  [
    "twenty prices each",
    () =>
      `{${Array.from({ length: 20 }, (_, n) => `"price_${n}":58.40`).join(",")},"note":"${"x".repeat(380)}"}`,
  ],
  [
    "fourteen line items each",
    (i) =>
      `{"id":${i},"items":[${Array.from({ length: 14 }, (_, n) => `{"sku":"sku-${n}","count":${n},"name":"a thing"}`).join(",")}]}`,
  ],
  [
    "eight line items with taxes each",
    (i) =>
      `{"id":${i},"items":[${Array.from({ length: 8 }, (_, n) => `{"sku":"sku-${n}","count":${n},"taxes":[{"rate":19,"amount":3}]}`).join(",")}]}`,
  ],
  [
    "forty members each",
    (i) =>
      `{${Array.from({ length: 40 }, (_, n) => `"column_${n}":"value ${n}"`).join(",")},"id":${i}}`,
  ],
];

test.each(BATCHES)("a batch of 20,000 records with %s is no too complex one", (_, data) => {
  const messages = Array.from(
    { length: 20_000 },
    (_unused, i) => `{"action":"upsert","sequence":${i},"data":${data(i)}}`,
  );
  const text = `{"messages":[${messages.join(",")}]}`;
  expect(text.length).toBeLessThan(20_000_000);
  const bytes = bytesOf(text);
  const admission = new Admission();
  admission.take(bytes.byteLength);
  try {
    expect(() => parseBody(bytes, admission, parseExact)).not.toThrow();
  } finally {
    admission.release();
  }
});

test("a push of a hundred tables with a hundred columns of their own takes its usual room", () => {
  const record = (i: number): string =>
    `{"table_name":"t${i % 100}","data":{${Array.from({ length: 100 }, (_, n) => `"c${i % 100}_${n}":1`).join(",")}}}`;
  const bytes = bytesOf(`[${Array.from({ length: 3_000 }, (_, i) => record(i)).join(",")}]`);
  const { byteLength } = bytes;
  const [first, second] = [new Admission(), new Admission()];
  try {
    first.take(byteLength);
    parseBody(bytes, first, parseExact);
    expect(() => second.take(IN_FLIGHT_BYTES_MAX - 3 * byteLength)).not.toThrow();
  } finally {
    first.release();
    second.release();
  }
});
