/** A release in a checkout of its own: prepared by its own program, built, started and killed. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import type { WorkerSettings } from "../bench/build.ts";
import { ROOT, TOOL_ENVIRONMENT } from "../e2e/constants.ts";
import type { ServerOptions } from "../faults/server.ts";
import { databasesWith } from "../support/state-folder.ts";

const run = promisify(execFile);

/** The settings of a checkout's wrangler.toml, without its limits, and a sweep that can be asked for. */
export function releaseSettings(checkout: string): WorkerSettings {
  process.env["WRANGLER_LOG"] ??= "error";
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(checkout, "wrangler.toml"));
  return {
    ...workerOptions,
    ratelimits: undefined,
    assets: undefined,
    unsafeTriggerHandlers: true,
  };
}

/** The program of a checkout that brings a state folder to its migrations, as `npm start` does. */
export async function prepareState(checkout: string, stateFolder: string): Promise<string> {
  const args = [join(checkout, "scripts/prepare.mjs"), "--persist-to", stateFolder];
  const env = { ...process.env, ...TOOL_ENVIRONMENT };
  return (await run(process.execPath, args, { cwd: checkout, env })).stdout;
}

/** Bundles a checkout's Worker as its deploy would; returns the bundle's path. */
export async function buildRelease(checkout: string, folder: string): Promise<string> {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const config = join(checkout, "wrangler.toml");
  const args = [wrangler, "deploy", "--dry-run", "--config", config, "--outdir", folder];
  await run(process.execPath, args, {
    cwd: checkout,
    env: { ...process.env, ...TOOL_ENVIRONMENT },
  });
  return join(folder, "worker.js");
}

/** The files of a state folder's databases: `catalog` has the clients, `shard` the rows. */
export function databaseFiles(stateFolder: string): { catalog: string; shard: string } {
  const withTable = (name: string): string => {
    const [file] = databasesWith(stateFolder, name);
    if (file === undefined) throw new Error(`no database with ${name} below ${stateFolder}`);
    return file;
  };
  return { catalog: withTable("clients"), shard: withTable("rows") };
}

/** A bundle that is served on a state folder, in a process group of its own. */
export class ReleaseServer {
  readonly base: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;

  private constructor(child: ChildProcess, closed: Promise<void>, port: number) {
    this.#child = child;
    this.#closed = closed;
    this.base = `http://127.0.0.1:${port}`;
  }

  /** Starts it and waits until it listens. The folder must be prepared. */
  static async start(
    bundle: string,
    stateFolder: string,
    settings: WorkerSettings,
  ): Promise<ReleaseServer> {
    const folder = join(stateFolder, "v3");
    const options: ServerOptions = { bundle, stateFolder: folder, isPrepared: true, settings };
    const server = join(ROOT, "test/faults/server.ts");
    const args = ["--disable-warning=ExperimentalWarning", server, JSON.stringify(options)];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...TOOL_ENVIRONMENT },
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const port = await new Promise<number>((resolve, reject) => {
      let printed = "";
      child.stdout.on("data", (piece: Uint8Array) => {
        printed += new TextDecoder().decode(piece);
        const found = /\{"port":(\d+)\}/.exec(printed);
        if (found !== null) resolve(Number(found[1]));
      });
      child.once("close", () => reject(new Error(`the server ended:\n${printed}`)));
    });
    return new ReleaseServer(child, closed, port);
  }

  /** Kills all of its processes at once, as a power cut would. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined && this.#child.exitCode === null) process.kill(-pid, "SIGKILL");
    await this.#closed;
  }

  /** Runs the sweep, as the cron trigger would; its outcome. */
  async sweep(): Promise<string> {
    const answer = await fetch(`${this.base}/cdn-cgi/local/scheduled`);
    return `${answer.status} ${await answer.text()}`;
  }
}
