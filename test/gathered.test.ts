import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { Buffer, freeBytes } from "../src/buffer.ts";
import { Gathered } from "../src/gathered.ts";

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 50 }),
  fc.constantFrom("é".repeat(40_000), new Uint8Array(70_000).fill(65), "€😀".repeat(20_000)),
);

test("what was added comes out, in its order and no larger than it is", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const expected = Buffer.concat(
        pieces.map((one) => (typeof one === "string" ? Buffer.from(one) : one)),
      );
      const gathered = new Gathered(expected.byteLength);
      for (const one of pieces) {
        if (typeof one === "string") gathered.addText(one);
        else gathered.add(one);
      }
      expect(gathered.length).toBe(expected.byteLength);
      const bytes = gathered.bytes();
      expect(expected.equals(bytes)).toBe(true);
      expect(bytes.buffer.byteLength).toBe(expected.byteLength);
    }),
  );
});

test("as text", () => {
  const gathered = new Gathered(100);
  for (const text of ["{", '"é":"😀"', "}"]) gathered.addText(text);
  expect(gathered.text()).toBe('{"é":"😀"}');
});

test("more than there may be is a defect, and none is lost unseen", () => {
  const gathered = new Gathered(3);
  gathered.addText("ab");
  expect(() => {
    gathered.addText("é");
  }).toThrow("more bytes");
  expect(() => {
    gathered.add(new Uint8Array(2));
  }).toThrow(RangeError);
});

test("one who only begins takes no more than his first piece", () => {
  const gathered = new Gathered(20_000_000);
  gathered.add(new Uint8Array(10));
  const transfer = vi.spyOn(ArrayBuffer.prototype, "transfer");
  expect(gathered.bytes().buffer.byteLength).toBe(10);
  // There was no more room to give back.
  expect(transfer).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

test("freed bytes are empty, and may be freed again", () => {
  const bytes = new Uint8Array(100_000);
  freeBytes(bytes);
  freeBytes(bytes);
  expect([bytes.byteLength, bytes.buffer.byteLength]).toEqual([0, 0]);
});
