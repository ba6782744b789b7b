/**
 * The built Worker on a state folder, as a program that the fault tests kill: see service.ts. It
 * prints its port, and ends with its parent, whose end closes the input.
 *
 *   node test/faults/server.ts '{"bundle":"…/worker.js","stateFolder":"…","isPrepared":false,"settings":{…}}'
 */
import { flushCompileCache } from "node:module";
import type { WorkerSettings } from "../bench/build.ts";
import { bundleModules, startWorker } from "../bench/workers.ts";

/** What the first argument says, as JSON. */
export interface ServerOptions {
  /** The bundle that wrangler wrote. */
  readonly bundle: string;
  readonly stateFolder: string;
  /** Whether the folder has been served before. */
  readonly isPrepared: boolean;
  /** Of the Worker. Handed in: reading wrangler.toml would load wrangler, a second of each start. */
  readonly settings: WorkerSettings;
}

const { bundle, stateFolder, isPrepared, settings } = JSON.parse(
  process.argv[2] ?? "",
) as ServerOptions;
const { port } = await startWorker({
  name: "headgate",
  modules: bundleModules(bundle),
  settings,
  stateFolder,
  isPrepared,
  direct: false,
});
console.log(JSON.stringify({ port }));
// At its end, as others do, it would not come to it.
flushCompileCache();
process.stdin.on("end", () => process.exit());
process.stdin.resume();
