/** scripts/audit.mjs with a stand-in for npm: what a registry may answer, and what comes of it. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../e2e/constants.ts";

const folder = mkdtempSync(join(tmpdir(), "headgate-audit-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script where npm says this of the packages of production, and that of all. */
function audited(runtime: string, all = runtime): { status: number | null; printed: string } {
  const npm = join(folder, "npm");
  const script = `#!/bin/sh\ncase "$*" in *omit=dev*) echo '${runtime}';; *) echo '${all}';; esac\n`;
  writeFileSync(npm, script);
  chmodSync(npm, 0o755);
  const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter) };
  const args = [join(ROOT, "scripts/audit.mjs")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  return { status, printed: stdout + stderr };
}

const NONE = '{"vulnerabilities":{}}';
const SOME = '{"vulnerabilities":{"hono":{"name":"hono","severity":"low","range":"<5"}}}';

test("a weakness of a package that runs in production fails, whatever its severity", () => {
  const { status, printed } = audited(SOME);
  expect(status).toBe(1);
  expect(printed).toContain("hono <5: low");
});

test("one of a tool is named and fails nothing", () => {
  const { status, printed } = audited(NONE, SOME);
  expect(status).toBe(0);
  expect(printed).toContain("No known weakness");
  expect(printed).toContain("hono <5: low");
});

test.each(['{"message":"405 Method Not Allowed"}', "", "no JSON"])(
  "a registry that answers %j has no list, and that is said",
  (answer) => {
    const { status, printed } = audited(answer);
    expect(status).toBe(0);
    expect(printed).toMatch(/^NOT DONE: /);
  },
);
