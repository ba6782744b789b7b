/**
 * Hostile bodies on each surface that imports (style.md 4, fuzz lists): each has its answer, and
 * nothing of a refused one is written.
 */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { expectAnswer } from "./expect-answer.ts";
import { type Input, withHeader } from "./request.ts";
import { useTarget } from "./setup.ts";
import { bodyInput, bytesMaxOf, SHAPES, SURFACES } from "./shapes.ts";

type Surface = (typeof SURFACES)[number];

const target = useTarget();

/** What a surface answers to a refusal of this kind. */
const STATUS: Readonly<Record<string, Partial<Record<Surface, number>>>> = {
  body_too_complex: { rjmetrics: 400 },
  body_too_large: { rjmetrics: 400 },
  content_encoding: { rjmetrics: 400 },
  record_too_deep: { rjmetrics: 400, batch: 400 },
};
const USUAL: Readonly<Record<string, number>> = {
  body_malformed: 400,
  body_too_complex: 413,
  body_too_large: 413,
  content_encoding: 415,
  record_too_deep: 422,
};

async function expectRefusal(surface: Surface, input: Input, code: string): Promise<string> {
  const status = STATUS[code]?.[surface] ?? USUAL[code] ?? 0;
  return expectAnswer(target(), input, status, code);
}

/** A record of a surface with these members of its data. */
function recordOf(surface: Surface, members: string): string {
  const data = `{"id":1,${members}}`;
  switch (surface) {
    case "push":
    case "validate":
      return `[{"client_id":4231,"table_name":"hostile","sequence":1,"action":"upsert","key_names":["id"],"data":${data}}]`;
    case "batch":
      return `{"table_name":"hostile","schema":{"type":"object"},"key_names":["id"],"messages":[{"action":"upsert","sequence":1,"data":${data}}]}`;
    case "rjmetrics":
      return `{"keys":["id"],${data.slice(1)}`;
    case "native":
      return `[${data}]`;
  }
}

test.for(SURFACES)("%s: a body cut off at any byte", async (surface) => {
  const whole = recordOf(surface, '"a":[1.50,"\\u00e9é",null],"b":{"c":true}');
  for (let length = 0; length < Buffer.byteLength(whole) - 1; length += 3) {
    const body = Buffer.from(whole).subarray(0, length);
    await expectRefusal(surface, bodyInput(surface, body), "body_malformed");
  }
});

/** JSON that is none. */
const MALFORMED: Readonly<Record<string, string | Uint8Array>> = {
  "a leading zero": '[{"id":01}]',
  "a plus sign": '[{"id":+1}]',
  NaN: '[{"id":NaN}]',
  "a trailing comma": '[{"id":1,}]',
  "single quotes": "[{'id':1}]",
  "a comment": '[{"id":1}]//',
  "a NUL byte in a text": '[{"id":"\0"}]',
  "a NUL byte behind": '[{"id":1}]\0',
  "two values": "[{}][{}]",
  "half an escape": '[{"id":"\\u12"}]',
  "a wrong escape": '[{"id":"\\x41"}]',
  "UTF-16": Buffer.from('[{"id":1}]', "utf16le"),
  "UTF-16 with a mark": Buffer.from('\ufeff[{"id":1}]', "utf16le"),
  "a lone continuation byte": Buffer.from([0x5b, 0x22, 0x80, 0x22, 0x5d]),
  "an overlong slash": Buffer.from([0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d]),
  "a surrogate in UTF-8": Buffer.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]),
  "a code point above U+10FFFF": Buffer.from([0x5b, 0x22, 0xf4, 0x90, 0x80, 0x80, 0x22, 0x5d]),
  "100,000 opening brackets": "[".repeat(100_000),
  "100,000 opening braces": '{"a":'.repeat(100_000),
};

test.for(SURFACES)("%s: what is no JSON in UTF-8", async (surface) => {
  for (const body of Object.values(MALFORMED)) {
    await expectRefusal(surface, bodyInput(surface, body), "body_malformed");
  }
});

test.for(SURFACES)("%s: a record nested 100,000 deep", async (surface) => {
  const depth = 100_000;
  for (const value of [
    "[".repeat(depth) + "]".repeat(depth),
    '{"a":'.repeat(depth) + "1" + "}".repeat(depth),
  ]) {
    await expectRefusal(
      surface,
      bodyInput(surface, recordOf(surface, `"a":${value}`)),
      "record_too_deep",
    );
  }
});

test.for(SURFACES)("%s: values that every reader must take as they are", async (surface) => {
  const status = surface === "validate" || surface === "native" ? 200 : 201;
  for (const members of [
    '"__proto__":{"polluted":1}',
    '"constructor":{"prototype":{"polluted":1}}',
    '"toString":1,"valueOf":2,"hasOwnProperty":3',
    '"a":1,"a":2,"a":3',
    '"a":1e400,"b":-0,"c":1.0,"d":1e3,"e":9007199254740993,"f":5e-324',
    '"a":"\\ud800","b":"\\udc00\\ud800"',
    '"a":"\\u0000","\\u0000":1',
    '"":1," ":2',
    '"a":"=1+1","b":"<script>"',
  ]) {
    // The record stays one of the table's: keys and members of the wire are not touched.
    await expectAnswer(target(), bodyInput(surface, recordOf(surface, members)), status, "ok");
  }
});

/** More than any surface takes, in a few kilobytes. */
const BOMBS = [" ", "[", "\0"].map((filling) => gzipSync(Buffer.alloc(100_000_000, filling)));

test.for(SURFACES)("%s: gzip that is broken, and gzip that is a bomb", async (surface) => {
  const whole = recordOf(surface, '"a":1');
  const packed = gzipSync(whole);
  const gzip = (bytes: Uint8Array): Input =>
    withHeader(bodyInput(surface, bytes), "Content-Encoding", "gzip");
  for (const bytes of [
    Buffer.from(whole),
    packed.subarray(0, packed.length - 9),
    packed.subarray(0, 5),
    new Uint8Array(0),
    Buffer.concat([packed, Buffer.from("rest")]),
    Buffer.concat([packed.subarray(0, 12), packed.subarray(14)]),
    gzipSync(packed),
  ]) {
    await expectRefusal(surface, gzip(bytes), "body_malformed");
  }
  for (const bomb of BOMBS) await expectRefusal(surface, gzip(bomb), "body_too_large");
});

test.for(SURFACES)("%s: encodings that are not read", async (surface) => {
  for (const encoding of ["br", "deflate", "gzip, gzip", "x".repeat(4_000), "\u00ff"]) {
    const input = withHeader(bodyInput(surface, "[{}]"), "Content-Encoding", encoding);
    await expectRefusal(surface, input, "content_encoding");
  }
});

test.for(SURFACES)("%s: a byte more than the limit, told, chunked and packed", async (surface) => {
  const bytes = Buffer.alloc(bytesMaxOf(surface) + 1, " ");
  const input = bodyInput(surface, bytes);
  await expectRefusal(surface, input, "body_too_large");
  await expectRefusal(surface, { ...input, framing: "chunked" }, "body_too_large");
  const packed = { ...input, body: gzipSync(bytes) };
  await expectRefusal(surface, withHeader(packed, "Content-Encoding", "gzip"), "body_too_large");
});

/** Peak of resident memory that one body may cost, in bytes: an isolate has 128 MB. */
const PEAK_BYTES_MAX = 110_000_000;

/** The others read their bodies in the same way, of as many bytes or fewer. */
const MEASURED = ["push", "native"] as const;

test.for(MEASURED)("%s: the largest body of each shape stays within memory", async (surface) => {
  const over: string[] = [];
  for (const [name, shape] of Object.entries(SHAPES)) {
    const input = bodyInput(surface, shape(bytesMaxOf(surface) - 100));
    target().resetPeak();
    const { residentBytes } = target().memory();
    const before = target().written.digest();
    const { answer } = await target().send(input);
    const peak = target().memory().peakBytes - residentBytes;
    if (peak > PEAK_BYTES_MAX)
      over.push(`${name}: ${Math.round(peak / 1e6)} MB, ${answer?.status}`);
    expect(answer?.status, name).toBeLessThan(500);
    expect(target().written.digest(), name).toBe(before);
  }
  expect(over).toEqual([]);
});
