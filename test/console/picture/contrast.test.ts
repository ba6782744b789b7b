import { describe, expect, it } from "vitest";
import { testEnv } from "../../support/env.ts";

type Colours = Readonly<Record<string, string>>;

/** The colours of picture.css, light and dark. */
async function schemes(): Promise<readonly (readonly [name: string, colours: Colours])[]> {
  const answer = await testEnv.ASSETS.fetch("https://headgate.example/picture.css");
  expect(answer.status).toBe(200);
  const css = await answer.text();
  const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");
  const read = (text: string): Colours =>
    Object.fromEntries(
      [...text.matchAll(/--picture-([\w-]+): (#[\da-f]{6});/g)].map(([, name = "", value = ""]) => [
        name,
        value,
      ]),
    );
  return [
    ["light", read(light)],
    ["dark", { ...read(light), ...read(dark) }],
  ];
}

/** The relative luminance of WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(colours: Colours, one: string, other: string): number {
  const [a = 0, b = 0] = [one, other].map((name) => {
    const colour = colours[name];
    if (colour === undefined) throw new Error(`no colour ${name}`);
    return luminance(colour);
  });
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const STEPS = [1, 2, 3, 4, 5, 6];

describe("colours", () => {
  it("stand out: texts by 4.5 to 1, lines by 3 to 1", async () => {
    for (const [scheme, colours] of await schemes()) {
      const texts: [string, string][] = [
        ["text", "sheet"],
        ["soft", "sheet"],
        ["text", "head"],
        ...STEPS.flatMap((step): [string, string][] =>
          ["p", "n"].map((sign) => [step < 5 ? "on-pale" : "on-deep", `${sign}${step}`]),
        ),
      ];
      for (const [text, ground] of texts) {
        const where = `${scheme}: ${text} on ${ground}`;
        expect(contrast(colours, text, ground), where).toBeGreaterThanOrEqual(4.5);
      }
      const lines = ["zero", "focus", ...Array.from({ length: 12 }, (_, index) => `${index + 1}`)];
      for (const line of lines) {
        const where = `${scheme}: ${line}`;
        expect(contrast(colours, line, "sheet"), where).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it("have shades that grow with their values, away from the sheet", async () => {
    for (const [scheme, colours] of await schemes()) {
      for (const sign of ["p", "n"]) {
        const all = STEPS.map((step) => contrast(colours, `${sign}${step}`, "sheet"));
        expect(all, scheme).toEqual(all.toSorted((a, b) => a - b));
      }
      const all = Array.from({ length: 12 }, (_, index) => colours[`${index + 1}`]);
      expect(new Set(all).size).toBe(12);
    }
  });

  it("are given by the same names in both", async () => {
    const answer = await testEnv.ASSETS.fetch("https://headgate.example/picture.css");
    const css = await answer.text();
    const names = [...css.matchAll(/(--picture-[\w-]+): #/g)].map(([, name]) => name);
    const counts = new Map<string | undefined, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect([...counts.values()].every((count) => count === 2)).toBe(true);
    // No style may be in the page: all colours are in this file.
    expect(css.match(/#[\da-f]{6}/g)?.length).toBe(names.length);
  });
});
