/** Every package has its reason in docs/dependencies.md, and only those run in production that do. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildHeadgate } from "../bench/build.ts";
import { ROOT } from "../e2e/constants.ts";

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Package;
const page = readFileSync(join(ROOT, "docs/dependencies.md"), "utf8");
const [, production = "", tools = ""] = page.split(/^## /m);

/** The packages that a table names, each with its reason. */
function reasonsOf(section: string): Map<string, string> {
  const rows = [...section.matchAll(/^\| (`[^|]*) \| ([^|]+) \|$/gm)];
  return new Map(
    rows.flatMap(([, names = "", reason = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]): [string, string] => [name, reason]),
    ),
  );
}

let folder = "";
let sources: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-dependencies-"));
  await buildHeadgate(folder);
  const map = readdirSync(folder).find((file) => file.endsWith(".js.map")) ?? "";
  ({ sources } = JSON.parse(readFileSync(join(folder, map), "utf8")) as { sources: string[] });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The package that a source of the bundle is of; undefined for a source of ours. */
function packageOf(source: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
}

test("the page names the packages of production, and no other, each with a reason", () => {
  const reasons = reasonsOf(production);
  expect([...reasons.keys()].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  for (const [name, reason] of reasons) expect(reason.length, name).toBeGreaterThan(20);
});

test("the page names the packages that build and test, and no other", () => {
  const reasons = reasonsOf(tools);
  expect([...reasons.keys()].sort()).toEqual(Object.keys(manifest.devDependencies).sort());
  for (const [name, reason] of reasons) expect(reason.length, name).toBeGreaterThan(5);
});

test("the bundle has the packages of production, and what the tools add to any Worker", () => {
  const packages = new Set(sources.map(packageOf).filter((name) => name !== undefined));
  expect(sources.some((source) => source.endsWith("src/worker.ts"))).toBe(true);
  for (const name of TOOLS_OWN) packages.delete(name);
  expect([...packages].sort()).toEqual(Object.keys(manifest.dependencies).sort());
});

/** What wrangler puts into a bundle by itself: stand-ins for modules of Node. */
const TOOLS_OWN = ["unenv", "@cloudflare/unenv-preset", "wrangler"] as const;

test("versions are exact, so that what was looked at is what runs", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(all)) {
    expect(version, name).toMatch(/^(?:npm:@[\w/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  }
});
