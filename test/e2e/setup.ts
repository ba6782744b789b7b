/**
 * Builds the Worker and serves it for all end-to-end tests: the bundle of a deploy, in the
 * runtime without the development proxy, on a port of 127.0.0.1, with the demo client of
 * `npm start` (scripts/demo.sql). Its state goes with it.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { createTestHarness, unstable_splitSqlQuery, type WorkerHandle } from "wrangler";
import { LogSearch } from "../support/log-gate/search.ts";
import { ADMIN_TOKEN, ROOT, TOOL_ENVIRONMENT } from "./constants.ts";

/** Fewer lines of requests mean that the log is not there to be searched: each file makes more. */
const REQUEST_LINES_MIN = 5;

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the Worker listens, for example `http://127.0.0.1:40123`. */
    baseUrl: string;
  }
}

/** Runs before the first file; what it returns runs after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The harness runs in this process and reads its environment.
  Object.assign(process.env, TOOL_ENVIRONMENT);
  const bundle = await mkdtemp(join(tmpdir(), "headgate-e2e-"));
  await build(bundle);
  const harness = createTestHarness({
    root: ROOT,
    workers: [
      {
        configPath: "wrangler.toml",
        prebuiltWorkerDir: bundle,
        secrets: { ADMIN_TOKEN },
      },
    ],
  });
  const { url } = await harness.listen();
  await prepare(harness.getWorker<Env>());
  project.provide("baseUrl", url.origin);
  return async function teardown() {
    const search = new LogSearch();
    for (const { message } of harness.getLogs()) search.take(message, "the server");
    await harness.close();
    await rm(bundle, { recursive: true });
    search.check(REQUEST_LINES_MIN);
    console.log(search.summary);
  };
}

async function build(directory: string): Promise<void> {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--outdir", directory];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT });
}

/** What scripts/prepare.mjs does to a state folder. */
async function prepare(worker: WorkerHandle<Env>): Promise<void> {
  await worker.applyD1Migrations("CATALOG");
  await worker.applyD1Migrations("SHARD_0");
  const { CATALOG } = await worker.getEnv();
  const sql = await readFile(join(ROOT, "scripts/demo.sql"), "utf8");
  await CATALOG.batch(unstable_splitSqlQuery(sql).map((text) => CATALOG.prepare(text)));
}
