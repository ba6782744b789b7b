/**
 * Benchmarks of the built Worker in workerd: `npm run bench`. In one run, in turn, beside an
 * empty Worker, a program that uses SQLite without any Worker, and a Node server on PostgreSQL.
 * All on one machine, so only the ratios mean something; nothing here says how fast D1 is in
 * production.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import type { Bench } from "./bench.ts";
import { buildEmpty, buildHeadgate, workerSettings } from "./build.ts";
import { WindowRunner } from "./child.ts";
import { benchExports } from "./export.ts";
import { benchGrown } from "./grown.ts";
import { readOptions } from "./options.ts";
import { missingPostgres, PostgresCluster } from "./postgres-cluster.ts";
import { profilePushes } from "./profile-pushes.ts";
import { benchPushes } from "./push.ts";
import { isReached, type Reading } from "./readings.ts";
import { record, recordedPart } from "./recorded.ts";
import { benchReports } from "./report-bench.ts";
import { machineText } from "./report.ts";
import { summaryText } from "./summary.ts";
import { bundleModules, startWorker, withoutBindings } from "./workers.ts";

const options = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const cleanups: (() => unknown)[] = [];
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);
const settings = workerSettings();
const bench = makeBench();

// Also where Miniflare's own signal handler ends the process first.
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
process.once("SIGINT", () => process.exit(130));
try {
  await main();
} finally {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

async function main(): Promise<void> {
  say(`before: ${machineText()}`);
  if (options.profile !== "" && options.command === "push") return profilePushes(bench);
  const readings = await run();
  if (readings === undefined) return;
  say(`\nafter: ${machineText()}\n\n${summaryText(readings, recordedPart(options.command))}`);
  if (options.json) process.stdout.write(`${JSON.stringify(readings, null, 2)}\n`);
  if (options.record) record(options.command, readings, await versions());
  if (options.check && !readings.every(isReached)) process.exitCode = 1;
}

async function versions(): Promise<string> {
  const cluster = options.postgres ? await bench.postgres() : undefined;
  const postgres = cluster === undefined ? "" : `, PostgreSQL ${cluster.version}`;
  return `Node ${process.versions.node}${postgres}`;
}

/** Undefined where nothing was measured, because a program is missing or it is a profile. */
function run(): Promise<Reading[] | undefined> {
  switch (options.command) {
    case "push":
      return benchPushes(bench);
    case "grown":
      return benchGrown(bench);
    case "export":
      return benchExports(bench);
    case "report":
      return benchReports(bench);
  }
}

function makeBench(): Bench {
  let bundle: Promise<string> | undefined;
  let cluster: Promise<PostgresCluster | undefined> | undefined;
  const atEnd = (cleanup: () => unknown) => void cleanups.push(cleanup);
  const buildOnce = () => {
    bundle ??=
      options.bundle === "" ? buildHeadgate(join(folder, "dist")) : Promise.resolve(options.bundle);
    return bundle;
  };
  return {
    ...{ options, folder, say, atEnd, freePort },
    bundle: buildOnce,
    emptyBundle: () => buildEmpty(join(folder, "empty"), settings),
    start: async ({ folder: stateFolder, isPrepared, inspectorPort, modules, isBare }) => {
      const worker = await startWorker({
        ...{ name: "headgate", direct: options.direct, stateFolder, isPrepared, inspectorPort },
        modules: modules ?? bundleModules(await buildOnce()),
        settings: isBare === true ? withoutBindings(settings) : settings,
      });
      atEnd(() => worker.close());
      return worker;
    },
    startLoad: () => {
      const runner = new WindowRunner("load.ts", []);
      atEnd(() => runner.close());
      return runner;
    },
    postgres: () => (cluster ??= startPostgres(atEnd)),
  };
}

async function startPostgres(atEnd: Bench["atEnd"]): Promise<PostgresCluster | undefined> {
  const missing = options.postgres ? missingPostgres() : "without PostgreSQL";
  if (missing !== undefined) {
    say(missing);
    return undefined;
  }
  const cluster = await PostgresCluster.start();
  atEnd(() => cluster.close());
  say(`PostgreSQL ${cluster.version}`);
  return cluster;
}
