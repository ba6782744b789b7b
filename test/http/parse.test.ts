import { expect, test } from "vitest";
import { Admission } from "../../src/http/body.ts";
import { IN_FLIGHT_BYTES_MAX, PARSED_BYTES_MAX } from "../../src/http/limits.ts";
import { parseBody } from "../../src/http/parse.ts";
import { parseExact } from "../../src/json/exact.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a body that would become too much is refused before it is parsed", () => {
  const admission = new Admission();
  const bytes = bytesOf("[".repeat(Math.ceil(PARSED_BYTES_MAX / 85) + 1));
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
    // 52 MB of arrays: as much as 13.1 MB of a usual body.
    expect(() => second.take(IN_FLIGHT_BYTES_MAX - 12_000_000)).toThrow(
      expect.objectContaining({ code: "overloaded" }),
    );
    second.take(IN_FLIGHT_BYTES_MAX - 14_000_000);
  } finally {
    first.release();
    second.release();
  }
});

test("a usual body takes no more than its own bytes", () => {
  const [first, second] = [new Admission(), new Admission()];
  const record = { id: 1, name: "a name", total: 58.4, created_at: "2026-01-01T00:00:00Z" };
  const bytes = bytesOf(JSON.stringify(Array.from({ length: 1_000 }, () => record)));
  try {
    first.take(bytes.byteLength);
    parseBody(bytes, first, parseExact);
    second.take(IN_FLIGHT_BYTES_MAX - bytes.byteLength);
  } finally {
    first.release();
    second.release();
  }
});
