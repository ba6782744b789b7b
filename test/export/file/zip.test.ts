import { Buffer } from "../../../src/buffer.ts";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { memberName } from "../../../src/export/file/file-name.ts";
import { END_BYTES_MAX } from "../../../src/export/limits.ts";
import {
  FILL_BYTES_MIN,
  beginZip,
  canFill,
  deflatePiece,
  endZip,
  fill,
  writtenBytes,
} from "../../../src/export/file/zip.ts";
import type { ZipState, ZipStep } from "../../../src/export/file/zip.ts";
import { readLocalHeader, readTail, readZip } from "../../support/read-zip.ts";

const GIB = 2 ** 30;
const MODIFIED = new Date("2026-11-21T13:37:59.900Z");

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Writes a zip; each entry of `script` is a piece of data or the length of a filling. */
function writeZip(
  name: string,
  script: readonly (Uint8Array | number)[],
  between: (state: ZipState) => ZipState = (state) => state,
): Uint8Array {
  let { state, bytes } = beginZip(name, MODIFIED);
  const written = [bytes];
  for (const item of script) {
    const from = between(state);
    const step: ZipStep = typeof item === "number" ? fill(from, item) : deflatePiece(from, item);
    ({ state, bytes } = step);
    written.push(bytes);
    expect(writtenBytes(state)).toBe(sum(written));
  }
  return Buffer.concat([...written, endZip(between(state))]);
}

const throughJson = (state: ZipState): ZipState => JSON.parse(JSON.stringify(state)) as ZipState;
const sum = (chunks: readonly Uint8Array[]) =>
  chunks.reduce((bytes, { length }) => bytes + length, 0);

describe("a zip file", () => {
  test("without data", () => {
    const zip = writeZip("orders.csv", []);
    expect(readZip(zip)).toEqual({ name: "orders.csv", data: new Uint8Array(0) });
  });

  test("of one piece", () => {
    const data = utf8("id,name\r\n1,Ada\r\n".repeat(1000));
    const zip = writeZip("orders.csv", [data]);
    expect(readZip(zip)).toEqual({ name: "orders.csv", data });
    expect(zip.length).toBeLessThan(data.length / 20);
  });

  test("a piece without data writes nothing", () => {
    const { state } = beginZip("a.csv", MODIFIED);
    expect(deflatePiece(state, new Uint8Array(0))).toEqual({ state, bytes: new Uint8Array(0) });
    expect(readZip(writeZip("a.csv", [utf8("x"), new Uint8Array(0), utf8("y")])).data).toEqual(
      utf8("xy"),
    );
  });

  test("a name of other letters is UTF-8 and says so", () => {
    const name = "Zoë 漢 😀.csv";
    const zip = writeZip(name, [utf8("x")]);
    expect(readZip(zip).name).toBe(name);
    expect(readLocalHeader(zip)).toMatchObject({
      signature: 0x04034b50,
      version: 20,
      flags: 0x0808,
      method: 8,
      crc: 0,
      compressed: 0,
      uncompressed: 0,
      nameBytes: utf8(name).length,
      extraBytes: 0,
    });
  });

  test("a name that is too long is refused", () => {
    expect(readZip(writeZip("é".repeat(32_767), [])).name).toHaveLength(32_767);
    expect(() => beginZip("é".repeat(32_768), MODIFIED)).toThrow(RangeError);
  });

  test("the member is a plain file with ordinary permissions", () => {
    const { state } = beginZip("a.csv", MODIFIED);
    const { entry } = readTail(endZip(state), { descriptor: false, end: false });
    expect(entry).toMatchObject({ madeBy: 0x0314, version: 20, flags: 0x0808, internal: 0 });
    expect((entry.external >>> 16).toString(8)).toBe("100644");
  });

  test("what endZip writes has the room that is kept for it, and not a byte more", () => {
    const name = memberName("n".repeat(1_000));
    const wide = { ...beginZip(name, MODIFIED).state, uncompressedBytes: 8 * GIB };
    expect(endZip({ ...wide, compressedBytes: 8 * GIB })).toHaveLength(END_BYTES_MAX);
  });
});

describe("the member's time", () => {
  test.each<[name: string, iso: string, date: [number, number, number], time: string]>([
    ["in UTC, odd seconds rounded down", "2026-11-21T13:37:59.900Z", [2026, 11, 21], "13:37:58"],
    ["the first moment", "1980-01-01T00:00:00Z", [1980, 1, 1], "0:0:0"],
    ["before it", "1969-07-20T20:17:40Z", [1980, 1, 1], "0:0:0"],
    ["the last moment", "2107-12-31T23:59:59.999Z", [2107, 12, 31], "23:59:58"],
    ["after it", "2108-01-01T00:00:00Z", [2107, 12, 31], "23:59:58"],
    ["a leap day", "2028-02-29T01:02:03Z", [2028, 2, 29], "1:2:2"],
  ])("%s", (_name, iso, day, clock) => {
    const { date, time } = readLocalHeader(beginZip("a.csv", new Date(iso)).bytes);
    expect([1980 + (date >> 9), (date >> 5) & 15, date & 31]).toEqual(day);
    expect(`${time >> 11}:${(time >> 5) & 63}:${(time & 31) * 2}`).toBe(clock);
  });

  test("no date is refused", () => {
    expect(() => beginZip("a.csv", new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe("fill", () => {
  const { state } = beginZip("a.csv", MODIFIED);

  test("every gap from the smallest on is filled exactly and holds no data", () => {
    const gaps = [0, ...Array.from({ length: 200 }, (_, i) => FILL_BYTES_MIN + i), 5_242_881];
    for (const gap of gaps) {
      expect(canFill(gap)).toBe(true);
      const step = fill(state, gap);
      expect(step.bytes.length).toBe(gap);
      expect(step.state).toEqual({ ...state, compressedBytes: gap });
      const stream = Buffer.concat([step.bytes, deflateRawSync(utf8("after"))]);
      expect(inflateRawSync(stream).toString()).toBe("after");
    }
  });

  test("smaller gaps are refused", () => {
    for (let gap = 1; gap < FILL_BYTES_MIN; gap++) {
      expect(canFill(gap)).toBe(false);
      expect(() => fill(state, gap)).toThrow(RangeError);
    }
    expect(() => fill(state, -20)).toThrow(RangeError);
  });
});

describe("pieces", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.string({ unit: "binary" }).map(utf8),
    fc
      .tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 3000 }))
      .map(([text, times]) => utf8(text.repeat(times))),
  );
  const gap = fc.oneof(fc.constant(0), fc.integer({ min: FILL_BYTES_MIN, max: 300 }));
  const script = fc.array(fc.oneof(piece, gap), { maxLength: 12 });

  test("any pieces and fillings are one stream of the data", () => {
    fc.assert(
      fc.property(script, (items) => {
        const data = items.filter((item) => typeof item !== "number");
        const zip = readZip(writeZip("a.csv", items));
        expect(zip.data).toEqual(new Uint8Array(Buffer.concat(data)));
      }),
    );
  });

  test("a state that went through JSON writes the same bytes", () => {
    fc.assert(
      fc.property(script, (items) => {
        expect(writeZip("é.csv", items, throughJson)).toEqual(writeZip("é.csv", items));
      }),
    );
  });

  test("steps do not change the state they start from", () => {
    const { state } = beginZip("a.csv", MODIFIED);
    const before = throughJson(state);
    const dropped = deflatePiece(state, utf8("dropped"));
    fill(state, 20);
    endZip(state);
    expect(state).toEqual(before);
    expect(deflatePiece(state, utf8("dropped"))).toEqual(dropped);
  });

  test("data that does not compress, of lengths around zlib's own buffers", () => {
    let seed = 1;
    const noise = Uint8Array.from({ length: 70_000 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 24;
    });
    for (const around of [16_384, 32_768, 65_535]) {
      for (let length = around - 20; length <= around + 6; length++) {
        const data = noise.subarray(0, length);
        const zip = readZip(writeZip("a.csv", [data, 20, data]));
        expect(Buffer.compare(zip.data, Buffer.concat([data, data]))).toBe(0);
      }
    }
  });

  test("parts of equal size: pieces while they fit, then a filling", () => {
    const partBytes = 20_000;
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},${(i * 7919) % 10_007}\r\n`);
    let { state, bytes } = beginZip("a.csv", MODIFIED);
    let part = [bytes];
    const parts: Uint8Array[] = [];
    for (let i = 0; i < rows.length; i += 500) {
      const data = utf8(rows.slice(i, i + 500).join(""));
      let step = deflatePiece(state, data);
      if (!canFill(partBytes - sum(part) - step.bytes.length)) {
        const filling = fill(state, partBytes - sum(part));
        parts.push(Buffer.concat([...part, filling.bytes]));
        part = [];
        step = deflatePiece(throughJson(filling.state), data);
      }
      ({ state, bytes } = step);
      part.push(bytes);
    }
    expect(parts.length).toBeGreaterThan(5);
    expect(new Set(parts.map(({ length }) => length))).toEqual(new Set([partBytes]));
    const zip = Buffer.concat([...parts, ...part, endZip(state)]);
    expect(Buffer.compare(readZip(zip).data, utf8(rows.join("")))).toBe(0);
  });
});

describe("zip64, from states as large as such files", () => {
  const name = "é.csv";
  const begun = beginZip(name, MODIFIED);
  const LIMIT = 2 ** 32 - 1;
  /** endZip adds two bytes to the deflate stream. */
  const FINAL_BYTES = 2;

  function tailOf(
    sizes: { uncompressed: number; compressed: number },
    wide: { descriptor: boolean; end: boolean },
  ) {
    const state: ZipState = {
      ...begun.state,
      crc32: 0xdeadbeef,
      uncompressedBytes: sizes.uncompressed,
      compressedBytes: sizes.compressed - FINAL_BYTES,
    };
    return { ...readTail(endZip(state), wide), writtenBefore: writtenBytes(state) };
  }

  test("below every limit there is none", () => {
    const sizes = { uncompressed: LIMIT - 1, compressed: 1000 };
    const tail = tailOf(sizes, { descriptor: false, end: false });
    expect([...tail.final]).toEqual([3, 0]);
    expect(tail.descriptor).toEqual({ signature: 0x08074b50, crc: 0xdeadbeef, ...sizes });
    expect(tail.entry).toMatchObject({ ...sizes, version: 20, madeBy: 0x0314, crc: 0xdeadbeef });
    expect(tail.entry.wide).toEqual([]);
    expect(tail.end.directoryOffset).toBe(tail.writtenBefore + tail.directoryAt);
  });

  test("much data that compresses well: the one size", () => {
    for (const uncompressed of [LIMIT, LIMIT + 1, 5 * GIB, 2 ** 52]) {
      const sizes = { uncompressed, compressed: 1000 };
      const tail = tailOf(sizes, { descriptor: true, end: false });
      expect(tail.descriptor).toMatchObject(sizes);
      expect(tail.entry).toMatchObject({ uncompressed: LIMIT, compressed: 1000, version: 45 });
      expect(tail.entry.extra).toEqual({ id: 1, bytes: 8 });
      expect(tail.entry.wide).toEqual([uncompressed]);
      expect(tail.end.directoryOffset).toBe(tail.writtenBefore + tail.directoryAt);
    }
  });

  test("fillings can make only the stream large", () => {
    const sizes = { uncompressed: 1000, compressed: 5 * GIB };
    const tail = tailOf(sizes, { descriptor: true, end: true });
    expect(tail.descriptor).toMatchObject(sizes);
    expect(tail.entry).toMatchObject({ uncompressed: 1000, compressed: LIMIT, version: 45 });
    expect(tail.entry.wide).toEqual([5 * GIB]);
  });

  test("a large file: both sizes, uncompressed first, and the directory's offset", () => {
    const sizes = { uncompressed: 9 * GIB, compressed: 5 * GIB };
    const tail = tailOf(sizes, { descriptor: true, end: true });
    const directoryOffset = tail.writtenBefore + tail.directoryAt;
    expect(tail.descriptor).toMatchObject(sizes);
    expect(tail.entry).toMatchObject({ uncompressed: LIMIT, compressed: LIMIT, version: 45 });
    expect(tail.entry.extra).toEqual({ id: 1, bytes: 16 });
    expect(tail.entry.wide).toEqual([9 * GIB, 5 * GIB]);
    expect(tail.zip64End).toEqual({
      signature: 0x06064b50,
      recordBytes: 44,
      madeBy: 0x032d,
      version: 45,
      disks: [0, 0],
      entries: [1, 1],
      directoryBytes: tail.zip64EndAt - tail.directoryAt,
      directoryOffset,
      locatorSignature: 0x07064b50,
      locatorDisk: 0,
      zip64EndOffset: tail.writtenBefore + tail.zip64EndAt,
      locatorDisks: 1,
    });
    expect(tail.end).toMatchObject({ directoryOffset: LIMIT, entries: [1, 1] });
    expect(tail.end.directoryBytes).toBe(tail.zip64EndAt - tail.directoryAt);
  });

  test("each of the three numbers only from the limit itself on, whatever the others are", () => {
    for (const uncompressed of [LIMIT - 2, LIMIT - 1, LIMIT, LIMIT + 1]) {
      for (let compressed = LIMIT - 200; compressed <= LIMIT + 1; compressed += 1) {
        const isWide = uncompressed >= LIMIT || compressed >= LIMIT;
        const directoryOffset = writtenBytes(begun.state) + compressed + (isWide ? 24 : 16);
        const wide = { descriptor: isWide, end: directoryOffset >= LIMIT };
        // Fails where there are more or fewer bytes than in these records.
        const { descriptor, entry, end } = tailOf({ uncompressed, compressed }, wide);
        expect(descriptor).toMatchObject({ uncompressed, compressed });
        expect(entry.version).toBe(isWide ? 45 : 20);
        expect(entry.wide).toEqual([uncompressed, compressed].filter((size) => size >= LIMIT));
        expect(end.directoryOffset).toBe(Math.min(directoryOffset, LIMIT));
      }
    }
  });

  test("only the directory's offset is too large", () => {
    const header = writtenBytes(begun.state);
    const atLimit = { uncompressed: 1000, compressed: LIMIT - header - 16 };
    const below = { uncompressed: 1000, compressed: atLimit.compressed - 1 };
    const tail = tailOf(atLimit, { descriptor: false, end: true });
    expect(tail.entry).toMatchObject({ ...atLimit, version: 20, wide: [] });
    expect(tail.zip64End).toMatchObject({ directoryOffset: LIMIT, version: 45 });
    expect(tail.end.directoryOffset).toBe(LIMIT);
    const tailBelow = tailOf(below, { descriptor: false, end: false });
    expect(tailBelow.end.directoryOffset).toBe(LIMIT - 1);
  });

  test("sizes and CRC go on counting past 4 GiB", () => {
    const data = utf8("past the limit");
    const far = { ...begun.state, crc32: crc32("before"), uncompressedBytes: 5 * GIB };
    const { state, bytes } = deflatePiece(throughJson(far), data);
    expect(state.uncompressedBytes).toBe(5 * GIB + data.length);
    expect(state.compressedBytes).toBe(bytes.length);
    expect(state.crc32).toBe(crc32("beforepast the limit"));
  });
});
