import fc from "fast-check";
import { expect, test } from "vitest";
import { nameOfValue, nameValue } from "../../../src/console/parts/forms.tsx";

/** What a browser makes of the value of a field (HTML, "constructing the entry list"). */
const sent = (value: string): string => value.replaceAll(/\r\n|\r|\n/g, "\r\n").toWellFormed();

test("every name comes back as it is from a browser's form", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", '"', "\\", "\n", "\r", "\ud800", "😀", "{"),
  });
  fc.assert(
    fc.property(name, (text) => {
      expect(nameOfValue(sent(nameValue(text)))).toBe(text);
    }),
  );
});

test("usual names are the value, and a value that is no name's stays", () => {
  expect(nameValue("total amount")).toBe("total amount");
  expect(nameOfValue('"broken')).toBe('"broken');
  expect(nameOfValue("{}")).toBe("{}");
});
