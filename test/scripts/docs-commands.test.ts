/**
 * Every command of the documentation: wrangler's and those of the deployment are run here, against
 * an account of a stand-in; requests by curl are in test/e2e/docs-commands.test.ts.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Place, ROOT, run } from "./account.ts";
import {
  blocksOf,
  inlineScripts,
  inlineWrangler,
  lastBlock,
  pages,
  scriptOf,
} from "./docs-blocks.ts";

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
  readonly repository?: { readonly url: string };
  readonly cloudflare?: { readonly bindings: Record<string, { readonly description: string }> };
}
const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Package;

const ADMIN_TOKEN = "an-admin-token-of-the-docs";

/** Scripts that other tests run: `npm start`, the tests themselves, and what talks to a service. */
const ELSEWHERE = /^(?:start|test\b.*|check|dev|bench|types|docs:.*|push|backup|restore)$/;

/** What stands in for a program: notes the call, and runs what is to be run here. */
const STUBS: Record<string, string> = {
  npx: `[ "$1" = wrangler ] || { echo "npx $1 is not known" >&2; exit 1; }
shift; exec node "$HEADGATE_WRANGLER" "$@"`,
  npm: `case "$1" in
install) exit 0 ;;
run) name=$2; shift 2; [ "\${1:-}" = -- ] && shift ;;
start | test) name=$1; shift ;;
*) echo "npm $1 is not known" >&2; exit 1 ;;
esac
if [ "$name" = deploy ]; then exec node "$DEPLOY" --config wrangler.toml "$@"; fi
echo "$name" >> "$SCRIPTS"`,
  git: `[ "$*" = pull ]`,
  curl: "[ -t 0 ] || cat >/dev/null",
  unzip: "exit 0",
};

/** Runs commands where only these programs, and those of every system, can be found. */
async function runScript(
  place: Place,
  text: string,
): Promise<{ code: number | null; words: string }> {
  const bin = join(place.folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, body] of Object.entries(STUBS)) {
    writeFileSync(join(bin, name), `#!/bin/bash\nset -eu\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const nodePath = join(bin, "node");
  writeFileSync(nodePath, `#!/bin/bash\nexec "${process.execPath}" "$@"\n`);
  chmodSync(nodePath, 0o755);
  const env = place.environment({
    PATH: `${bin}:/usr/bin:/bin`,
    DEPLOY: join(ROOT, "scripts/deploy.mjs"),
    SCRIPTS: join(place.folder, "scripts.txt"),
    // Nobody is there to be asked.
    ADMIN_TOKEN,
  });
  const script = `cd "${place.folder}"\n${text}\n`;
  const { code, stdout, stderr } = await run("bash", ["-c", script], env);
  return { code, words: `${stdout}\n${stderr}` };
}

/** What the pages take for granted: a deployment. It is made once, and each test has a copy. */
const model = new Place();
beforeAll(async () => {
  const { code, stderr } = await model.deploy([], { ADMIN_TOKEN });
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => model[Symbol.dispose]());

function deployed(): Place {
  const place = new Place(model.account);
  place.edit(place.toml, model.toml);
  return place;
}

/** The pages that have something of a kind; one without has nothing to be tested. */
function pagesWith(found: (file: string) => readonly unknown[]): string[] {
  return pages().filter((file) => found(file).length > 0);
}

it.each(pagesWith((file) => blocksOf(file)))("%s: every line of its blocks", async (file) => {
  using place = deployed();
  writeFileSync(join(place.folder, "scripts.txt"), "");
  const { code, words } = await runScript(place, scriptOf(blocksOf(file)));
  expect(code, `${lastBlock(words)}\n${words}`).toBe(0);
  const named = readFileSync(join(place.folder, "scripts.txt"), "utf8").trim().split("\n");
  for (const name of named.filter((text) => text !== "")) {
    expect(PACKAGE.scripts, `${file} names npm run ${name}`).toHaveProperty([name]);
    expect(name).toMatch(ELSEWHERE);
  }
});

it.each(pagesWith(inlineScripts))("%s: scripts that its text names", (file) => {
  for (const name of inlineScripts(file)) {
    expect(PACKAGE.scripts, `${file} names npm run ${name}`).toHaveProperty([name]);
  }
});

it.each(pagesWith(inlineWrangler))("%s: commands of wrangler in its text", async (file) => {
  using place = deployed();
  const lines = inlineWrangler(file).map((command) => `npx wrangler ${command} </dev/null`);
  const { code, words } = await runScript(place, `set -ex\n${lines.join("\n")}`);
  expect(code, words).toBe(0);
});

it("a command or a flag that wrangler does not have is found out", async () => {
  using place = new Place();
  for (const line of [
    "npx wrangler d1 lists",
    "npx wrangler d1 list --jsno",
    "npx wrangler d1 create",
    "npx wrangler d1 create one two",
    "npx wrangler d1 time-travel restore CATALOG --timestamp yesterday",
    "npx wrangler d1 info NO_SUCH_BINDING",
    "npm run deploy -- --dry",
    "npm deploy",
    "wrangler whoami",
  ]) {
    expect((await runScript(place, line)).code, line).not.toBe(0);
  }
});

describe("what the Deploy to Cloudflare button needs", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");

  it("a button for the repository that package.json names", () => {
    const url = PACKAGE.repository?.url;
    expect(url).toMatch(/^https:\/\/(?:github|gitlab)\.com\/[\w.-]+\/[\w.-]+$/);
    expect(readme).toContain(
      "[![Deploy to Cloudflare](https://deploy.workers.cloudflare.com/button)]" +
        `(https://deploy.workers.cloudflare.com/?url=${url})`,
    );
  });

  it("scripts that build and deploy", () => {
    expect(PACKAGE.scripts["deploy"]).toBe("node scripts/deploy.mjs");
    expect(PACKAGE.scripts["build"]).toContain("wrangler deploy --dry-run");
  });

  it("a name and an id for every binding, and a description for it and every setting", () => {
    const databases = toml.split(/^(?=\[)/m).filter((part) => part.startsWith("[[d1_databases]]"));
    expect(databases.length).toBeGreaterThan(1);
    for (const database of databases) {
      expect(database).toMatch(/^database_name = "headgate-/m);
      expect(database).toMatch(/^database_id = "0{8}-0{4}-0{4}-0{4}-\d{12}"$/m);
    }
    const bindings = [...toml.matchAll(/^binding = "(\w+)"/gm)].map(([, name]) => name);
    const objects = [...toml.matchAll(/^name = "([A-Z_\d]+)"/gm)].map(([, name]) => name);
    const settings = [...toml.matchAll(/^([A-Z][A-Z_\d]+) = "/gm)].map(([, name]) => name);
    const secrets = [...(/^required = \[(.*)\]/m.exec(toml)?.[1] ?? "").matchAll(/"(\w+)"/g)];
    const wanted = [...bindings, ...objects, ...settings, ...secrets.map(([, name]) => name)];
    const described = PACKAGE.cloudflare?.bindings ?? {};
    expect(new Set(Object.keys(described))).toEqual(new Set(wanted));
    for (const { description } of Object.values(described)) {
      expect(description).toMatch(/^[A-Z].{20,}\.$/);
    }
  });

  it("an example of every secret, and of nothing else", () => {
    const example = readFileSync(join(ROOT, ".dev.vars.example"), "utf8");
    const names = [...example.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(["ADMIN_TOKEN"]);
    expect(toml).toContain(`required = ["${names.join('", "')}"]`);
  });
});
