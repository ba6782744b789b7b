import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINES_MAX } from "../../../src/console/filters/filters-of.ts";
import type { Form } from "../../../src/console/session/form.ts";
import { formOf, onlyValue } from "../../../src/console/session/form.ts";
import { FORM_BYTES_MAX, FORM_FIELDS_MAX } from "../../../src/console/session/limits.ts";
import { TABLE_COLUMNS_MAX } from "../../../src/warehouse/limits.ts";

const TYPE = "application/x-www-form-urlencoded";

function contextOf(body: BodyInit | null, headers: Record<string, string> = {}) {
  const raw = new Request("https://headgate.example/console", {
    method: "POST",
    headers: { "Content-Type": TYPE, ...headers },
    body,
  });
  return { req: { raw } } as unknown as Parameters<typeof formOf>[0];
}

function read(body: BodyInit | null, headers?: Record<string, string>): Promise<Form> {
  return formOf(contextOf(body, headers));
}

describe("a form", () => {
  test("has the values of each field in their order", async () => {
    const form = await read("a=1&b=2+3&a=%C3%A9%26&c&=x&&__proto__=p&d=e=f");
    expect([...form]).toEqual([
      ["a", ["1", "é&"]],
      ["b", ["2 3"]],
      ["c", [""]],
      ["", ["x"]],
      ["__proto__", ["p"]],
      ["d", ["e=f"]],
    ]);
    expect(onlyValue(form, "b")).toBe("2 3");
    expect(onlyValue(form, "a")).toBeUndefined();
    expect(onlyValue(form, "z")).toBeUndefined();
  });

  test("is read once, by however many ask for it", async () => {
    const context = contextOf("a=1");
    const [one, two] = await Promise.all([formOf(context), formOf(context)]);
    expect(one).toBe(two);
    expect(await formOf(context)).toBe(one);
  });

  test("may be empty", async () => {
    expect((await read("")).size).toBe(0);
    expect((await read(null)).size).toBe(0);
  });

  test("is what URLSearchParams wrote", async () => {
    const pairs = fc.array(
      fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })),
    );
    await fc.assert(
      fc.asyncProperty(pairs, async (fields) => {
        const form = await read(new URLSearchParams(fields).toString());
        const expected = new Map<string, string[]>();
        for (const [name, value] of fields) {
          expected.set(name, [...(expected.get(name) ?? []), value]);
        }
        expect([...form]).toEqual([...expected]);
      }),
    );
  });

  test.each([TYPE, `${TYPE}; charset=UTF-8`, `${TYPE};charset="utf-8"`, TYPE.toUpperCase()])(
    "of the type %s",
    async (type) => {
      expect((await read("a=1", { "Content-Type": type })).get("a")).toEqual(["1"]);
    },
  );

  test.each([
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json",
    "",
    `${TYPE}; charset=latin1`,
  ])("not of the type %j", async (type) => {
    await expect(read("a=1", { "Content-Type": type })).rejects.toMatchObject({ status: 415 });
  });

  test("gzip is undone, another encoding refused", async () => {
    const form = await read(gzipSync("a=1"), { "Content-Encoding": "gzip" });
    expect(form.get("a")).toEqual(["1"]);
    await expect(read("a=1", { "Content-Encoding": "br" })).rejects.toMatchObject({ status: 415 });
  });

  test.each([new Uint8Array([0x61, 0x3d, 0xff]), "a=%FF", "a=%ED%A0%80", "a=%", "a=%zz", "%C3=1"])(
    "not with broken text: %j",
    async (body) => {
      await expect(read(body)).rejects.toMatchObject({ status: 400 });
    },
  );

  test("of FORM_BYTES_MAX and not a byte more", async () => {
    const value = "x".repeat(FORM_BYTES_MAX - 2);
    expect(onlyValue(await read(`a=${value}`), "a")).toBe(value);
    await expect(read(`a=${value}x`)).rejects.toMatchObject({ status: 413 });
    const stream = new Blob([`a=${value}x`]).stream();
    await expect(read(stream)).rejects.toMatchObject({ status: 413 });
  });

  test("of all columns of the widest table, and not without end", async () => {
    expect(FORM_FIELDS_MAX).toBeGreaterThan(TABLE_COLUMNS_MAX + 6 * LINES_MAX);
    const fields = Array.from({ length: FORM_FIELDS_MAX }, (_, index) => `f${index}=1`).join("&");
    expect((await read(fields)).size).toBe(FORM_FIELDS_MAX);
    await expect(read(`${fields}&g=1`)).rejects.toMatchObject({ status: 413 });
  });
});
