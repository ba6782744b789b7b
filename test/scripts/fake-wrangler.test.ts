/** The stand-in for wrangler against the real one: the commands, flags and arguments it knows. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { Place, ROOT, run } from "./account.ts";
import { COMMANDS } from "./fake/commands.ts";

const REAL = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

it.concurrent.each(Object.entries(COMMANDS))("%s", async (name, { positionals, flags, needs }) => {
  using place = new Place();
  const env = place.environment({ WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" });
  const { code, stdout } = await run(process.execPath, [REAL, ...name.split(" "), "--help"], env);
  expect(code).toBe(0);
  const usage = new RegExp(`^wrangler ${name}((?: [<\\[][\\w-]+[>\\]])*)$`, "m").exec(stdout);
  const words = usage?.[1]?.split(" ").filter((word) => word !== "") ?? [];
  expect(usage, stdout).not.toBeNull();
  const needed = words.filter((word) => word.startsWith("<")).length;
  expect(positionals).toEqual([needed, words.length]);
  for (const [flag, type] of Object.entries(flags)) {
    const lines = stdout.slice(stdout.search(new RegExp(`(?:^|[ ,])--${flag}(?:,| )`, "m")));
    // A long description puts the type some lines further down.
    const found = /\[(string|boolean|number|array)\]|\[choices:/.exec(lines);
    expect(lines, `--${flag} of ${name}`).toContain(`--${flag}`);
    const known = found?.[1] === undefined || found[1] === "array" ? "string" : found[1];
    expect(`${flag} ${known}`).toBe(`${flag} ${type}`);
  }
  for (const flag of needs ?? []) {
    expect(stdout).toMatch(new RegExp(`--${flag}\\b.*\\[required\\]`));
  }
});
