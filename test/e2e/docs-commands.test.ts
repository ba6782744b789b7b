/**
 * The requests of the documentation: each block with curl, or with `npm run backup`, `npm run
 * restore` and `npm run push`, is run by bash against the built Worker. A Worker of its own is served for
 * each page, so that the ids are those that the pages name.
 */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness, unstable_splitSqlQuery } from "wrangler";
import { run } from "../scripts/account.ts";
import { type Block, blocksOf, lastBlock, scriptOf } from "../scripts/docs-blocks.ts";
import { ADMIN_TOKEN, CLIENT_ID, IMPORT_TOKEN, ROOT } from "./constants.ts";

const folder = mkdtempSync(join(tmpdir(), "headgate-docs-"));
const bundle = join(folder, "bundle");

beforeAll(async () => {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--outdir", bundle];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A new service, with the demo client or with nothing in it. */
async function serve(isDemo: boolean): Promise<{ base: string } & AsyncDisposable> {
  const workers = [
    { configPath: "wrangler.toml", prebuiltWorkerDir: bundle, secrets: { ADMIN_TOKEN } },
  ];
  const harness = createTestHarness({ root: ROOT, workers });
  const { url } = await harness.listen();
  const worker = harness.getWorker<Env>();
  await worker.applyD1Migrations("CATALOG");
  await worker.applyD1Migrations("SHARD_0");
  const { CATALOG } = await worker.getEnv();
  const sql = isDemo ? readFileSync(join(ROOT, "scripts/demo.sql"), "utf8") : "SELECT 1";
  await CATALOG.batch(unstable_splitSqlQuery(sql).map((text) => CATALOG.prepare(text)));
  return { base: url.origin, [Symbol.asyncDispose]: () => harness.close() };
}

/**
 * What stands before the programs: curl fails where the answer is no success, or with STATUSES
 * adds the status in a line of its own, and goes to the service of the test; commands that other
 * tests run do nothing.
 */
const STUBS: Record<string, string> = {
  curl: `args=()
# What is asked of Cloudflare is no request to the service.
case "$*" in *https://api.cloudflare.com/*) exit 0 ;; esac
for arg in "$@"; do
  arg=\${arg//https:\\/\\/headgate.example.com/$BASE}
  args+=("\${arg//http:\\/\\/localhost:8787/$BASE}")
done
if [ -n "\${STATUSES:-}" ]; then exec /usr/bin/curl -w '\n%{http_code}\n' "\${args[@]}"; fi
exec /usr/bin/curl --fail-with-body "\${args[@]}"`,
  npm: `[ "$1" = run ] || exit 0
case "$2" in
backup | restore | push) script=$2 ;;
*) exit 0 ;;
esac
shift 3
exec node "$ROOT/scripts/$script.mjs" "\${@//https:\\/\\/headgate.example.com/$BASE}"`,
  npx: "exit 0",
  git: "exit 0",
};

/** Runs blocks as one script; returns its output. */
async function checkBlocks(
  base: string,
  blocks: readonly Block[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const programs = { ...STUBS, node: `exec "${process.execPath}" "$@"` };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/bash\nset -eu\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  // The pages name tokens by what they are.
  const script = scriptOf(blocks)
    .replaceAll("'the admin token'", ADMIN_TOKEN)
    .replaceAll("'the import token'", IMPORT_TOKEN)
    .replaceAll("HEADGATE_TOKEN=…", `HEADGATE_TOKEN=${IMPORT_TOKEN}`);
  const path = `${bin}:/usr/bin:/bin`;
  const env = { PATH: path, HOME: folder, BASE: base, ROOT, ADMIN_TOKEN, ...more };
  const { code, stdout, stderr } = await run("bash", ["-c", `cd "${folder}"\n${script}`], env);
  expect(code, `${lastBlock(stderr)}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** Whether a block asks something of the local server, or of a deployment. */
const isLocal = ({ text }: Block): boolean => text.includes("http://localhost:8787");
const isRemote = (block: Block): boolean => !isLocal(block);

describe("README.md", () => {
  it("the tour of the local server", async () => {
    await using service = await serve(true);
    const said = await checkBlocks(service.base, blocksOf("README.md").filter(isLocal));
    // What the page shows as answers.
    expect(said).toContain('{"status":"OK","message":"Batch Accepted!"}');
    expect(said).toContain('{"tables":[{"id":1,"name":"orders"}]}');
    expect(said).toContain("id,customer,total\r\n1,Ada,58.40\r\n2,Grace,9.90");
  });

  it("the first client of a deployment", async () => {
    await using service = await serve(false);
    await checkBlocks(service.base, blocksOf("README.md").filter(isRemote));
  });
});

it("docs/operations.md, on a deployment as the README leaves it", async () => {
  await using service = await serve(false);
  const blocks = blocksOf("docs/operations.md").filter(
    // It needs a token out of an answer; backup.test.ts does what it says.
    ({ text }) => !text.includes("npm run restore") && !text.includes("/cdn-cgi/"),
  );
  await checkBlocks(service.base, [...blocksOf("README.md").filter(isRemote), ...blocks]);
});

/** All rows of a table of the demo client. */
async function rowsOf(base: string, name: string): Promise<readonly unknown[]> {
  const ask = async (path: string): Promise<unknown> => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    return (await fetch(`${base}/admin/v1/clients/${CLIENT_ID}${path}`, { headers })).json();
  };
  const { tables } = (await ask("/tables")) as { tables: { id: number; name: string }[] };
  const id = tables.find((table) => table.name === name)?.id;
  return ((await ask(`/tables/${id}/rows`)) as { rows: unknown[] }).rows;
}

it("docs/native-import.md: each request, and the answers that stand below them", async () => {
  await using service = await serve(true);
  const blocks = blocksOf("docs/native-import.md");
  const said = await checkBlocks(service.base, blocks, { STATUSES: "1" });
  const answers = [...said.matchAll(/^(\{.*)\n(\d{3})$/gm)].map(([, body, status]) => ({
    body,
    status: Number(status),
  }));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 207, 200, 422]);
  const shown = blocksOf("docs/native-import.md", "json");
  expect(shown.length).toBeGreaterThan(2);
  for (const { line, text } of shown) {
    // One request a block; the answer is below its own.
    const index = blocks.findLastIndex((block) => block.line < line);
    expect(answers[index]?.body, `line ${line}`).toBe(text);
  }
  // "Send this one twice: the table has two rows, not four."
  const twice = blocks.filter(
    ({ text }) => text.includes("Idempotency-Key") || text.startsWith("url="),
  );
  await checkBlocks(service.base, twice);
  expect(await rowsOf(service.base, "native_events")).toHaveLength(2);
});

it("docs/push.md", async () => {
  await using service = await serve(true);
  writeFileSync(join(folder, "orders.csv"), "id,total\r\n1,58.40\r\n2,9.90\r\n");
  const said = await checkBlocks(service.base, blocksOf("docs/push.md"));
  expect(said).toMatch(/^orders\.csv: 2 received, 2 inserted, .*, \d+\.\d seconds$/m);
  expect(await rowsOf(service.base, "orders")).toHaveLength(2);
});
