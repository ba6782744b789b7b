import { Buffer } from "../../src/buffer.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../src/http/errors.ts";
import {
  type Chunk,
  ChunkBuilder,
  chunkMember,
  chunkText,
  freeChunks,
  joinChunks,
} from "../../src/warehouse/chunks.ts";
import { PARAMETER_BYTES_MAX } from "../../src/warehouse/limits.ts";

/** Text of one, two, three and four bytes a character. */
const UNITS = ["a", "é", "€", "😀"];

function build(members: readonly string[]): readonly Chunk[] {
  const builder = new ChunkBuilder();
  members.forEach((member, index) => {
    builder.add(member, index);
  });
  return builder.finish();
}

const bytesOf = (chunk: Chunk): number => Buffer.byteLength(chunkText(chunk));

describe("a member", () => {
  test("is label and data", () => {
    expect(chunkMember("5", "0", "A1", '{"id":1}')).toBe('"5/0 A1":{"id":1}');
    expect(chunkMember("-1", "7", "true,B10", "{}")).toBe('"-1/7 true,B10":{}');
    expect(chunkMember("5", "0", '"a\\"b"', "{}")).toBe(String.raw`"5/0 \"a\\\"b\"":{}`);
  });

  test("has the key in its label, whatever the key", () => {
    const text = fc.string({ unit: "binary" }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(text, (key) => {
        const parsed: unknown = JSON.parse(`{${chunkMember("12", "3", key, "[1]")}}`);
        expect(parsed).toEqual({ [`12/3 ${key}`]: [1] });
      }),
    );
  });
});

describe("chunks", () => {
  const member = fc
    .record({
      unit: fc.constantFrom(...UNITS),
      // Around what fits once, twice and often.
      length: fc.oneof(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 1, max: 3_000 })),
      id: fc.integer({ min: 0, max: 999 }),
    })
    .map(({ unit, length, id }) => {
      const text = unit.repeat(Math.ceil(length / Buffer.byteLength(unit)));
      return chunkMember("1", "0", `A${id}`, JSON.stringify(text));
    });

  test("never make a parameter that is too large, lose nothing and keep the order", () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 40 }), (members) => {
        const chunks = build(members);
        const parameters = joinChunks(chunks);
        for (const parameter of parameters) {
          expect(Buffer.byteLength(parameter)).toBeLessThanOrEqual(PARAMETER_BYTES_MAX);
        }
        expect(parameters.map((text) => text.slice(1, -1)).join(",")).toBe(members.join(","));
        for (const chunk of chunks) expect(chunk.bytes).toBe(bytesOf(chunk));
      }),
      { numRuns: 40 },
    );
  });

  test.each(UNITS)("are filled to the last byte with %s", (unit) => {
    const room = PARAMETER_BYTES_MAX - 2;
    const small = chunkMember("1", "0", "A1", "1");
    const rest = room - small.length - 1 - chunkMember("1", "0", "A2", '""').length;
    const spare = rest % Buffer.byteLength(unit);
    const text = unit.repeat((rest - spare) / Buffer.byteLength(unit)) + "a".repeat(spare);
    const filled = joinChunks(build([small, chunkMember("1", "0", "A2", `"${text}"`)]));
    expect(filled.map((parameter) => Buffer.byteLength(parameter))).toEqual([PARAMETER_BYTES_MAX]);
    const over = build([small, chunkMember("1", "0", "A2", `"${text}a"`)]);
    expect(over).toHaveLength(2);
    expect(joinChunks(over)).toHaveLength(2);
  });

  test("a record that does not fit one is refused with its index", () => {
    const data = (length: number): string =>
      `"${"a".repeat(length - chunkMember("1", "0", "A1", '""').length)}"`;
    const fits = chunkMember("1", "0", "A1", data(PARAMETER_BYTES_MAX - 2));
    expect(joinChunks(build([fits]))[0]).toHaveLength(PARAMETER_BYTES_MAX);
    const over = chunkMember("1", "0", "A1", data(PARAMETER_BYTES_MAX - 1));
    const run = (): unknown => build(["1", over]);
    expect(run).toThrow(Refusal);
    expect(run).toThrow(expect.objectContaining({ code: "record_too_large", record: 1 }));
  });

  test("are bytes where they are not ASCII, and read back the same", () => {
    const ascii = build(['"1/0 A1":"abc"']);
    expect(typeof ascii[0]?.members).toBe("string");
    for (const text of ["é", "ÿ", "€", "😀", "\u2028"]) {
      const [chunk] = build([`"1/0 A1":"${text}"`]);
      expect(chunk?.members).toBeInstanceOf(Uint8Array);
      expect(chunk === undefined ? "" : chunkText(chunk)).toBe(`"1/0 A1":"${text}"`);
    }
  });
});

describe("many members", () => {
  const members = Array.from({ length: 5_000 }, (_, n) => chunkMember("1", "0", `B${n}`, "[1]"));

  test("are bytes in a buffer of their own, which crosses RPC whole", () => {
    const [chunk, ...others] = build(members);
    expect(others).toEqual([]);
    const bytes = chunk?.members;
    if (!(bytes instanceof Uint8Array)) throw new Error("text");
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    expect(chunk?.rows).toBe(5_000);
  });

  test("join with those that are text, and with those of the first release", () => {
    const old: Chunk = { members: '"7 A1":{}', bytes: 9, version: "3" };
    const joined = joinChunks([...build(["1"]), ...build(members), old, ...build(['"é"'])]);
    expect(joined).toEqual([`{1,${members.join(",")},"7/3 A1":{},"é"}`]);
  });

  test("are gone when they are given back", () => {
    const chunks = build(members);
    freeChunks(chunks);
    expect(chunks.map((chunk) => chunk.members)).toEqual([new Uint8Array(0)]);
    const some = build(["1"]);
    freeChunks(some);
    expect(joinChunks(some)).toEqual(["{1}"]);
  });
});

describe("joining", () => {
  const chunk = (text: string): Chunk => ({ members: text, bytes: Buffer.byteLength(text) });

  test("nothing is no parameter", () => {
    expect(joinChunks([])).toEqual([]);
    expect(build([])).toEqual([]);
  });

  test("chunks of many requests share a parameter, in their order", () => {
    const requests = ['"1/0 A1":1', '"2/0 A1":2,"2/0 A2":2', '"0/0 A1":0'];
    expect(joinChunks(requests.map(chunk))).toEqual([`{${requests.join(",")}}`]);
  });

  test("as many as fit", () => {
    const half = `"1/0 A1":"${"a".repeat(PARAMETER_BYTES_MAX / 2 - 13)}"`;
    expect(half).toHaveLength(PARAMETER_BYTES_MAX / 2 - 2);
    // Two halves, their comma and the braces are one byte less than a parameter.
    expect(joinChunks([chunk(half), chunk(half)])).toHaveLength(1);
    expect(joinChunks([chunk(`${half} `), chunk(half)])).toHaveLength(1);
    expect(joinChunks([chunk(`${half} `), chunk(`${half} `)])).toHaveLength(2);
    expect(joinChunks([chunk(half), chunk(half), chunk(half)])).toHaveLength(2);
  });
});
