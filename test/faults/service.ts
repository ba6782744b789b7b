/** The service in a process group of its own, of which a SIGKILL leaves nothing running. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildHeadgate,
  type SettingsOptions,
  type WorkerSettings,
  workerSettings,
} from "../bench/build.ts";
import { ROOT, TOOL_ENVIRONMENT } from "../e2e/constants.ts";
import type { ServerOptions } from "./server.ts";

/** What is built and started; without it the Worker itself, as wrangler.toml has it. */
export interface BuildOptions extends SettingsOptions {
  /** The path of a variant, in place of the Worker's own. */
  readonly entry?: string;
}

/** A bundle of the Worker and a state folder; the service on it can be killed and started. */
export class Service {
  /** Where R2, D1, the objects and the Workflow keep their files. */
  readonly stateFolder: string;
  readonly #folder: string;
  readonly #bundle: string;
  readonly #settings: WorkerSettings;
  #child: ChildProcess | undefined;
  #closed: Promise<void> = Promise.resolve();
  #isPrepared = false;
  #base = "";
  #printed = "";

  private constructor(folder: string, bundle: string, settings: WorkerSettings) {
    this.#folder = folder;
    this.#bundle = bundle;
    this.#settings = settings;
    this.stateFolder = join(folder, "state");
  }

  /** Builds the Worker; nothing runs yet. */
  static async build(options: BuildOptions = {}): Promise<Service> {
    const folder = await mkdtemp(join(tmpdir(), "headgate-faults-"));
    const bundle = await buildHeadgate(join(folder, "bundle"), options.entry);
    return new Service(folder, bundle, workerSettings(options));
  }

  /** Where the service listens, for example `http://127.0.0.1:40123`. */
  get base(): string {
    return this.#base;
  }

  /** Starts the service and waits until it answers. */
  async start(): Promise<void> {
    const options: ServerOptions = {
      bundle: this.#bundle,
      stateFolder: this.stateFolder,
      isPrepared: this.#isPrepared,
      settings: this.#settings,
    };
    const args = ["--disable-warning=ExperimentalWarning", join(ROOT, "test/faults/server.ts")];
    const child = spawn(process.execPath, [...args, JSON.stringify(options)], {
      cwd: ROOT,
      env: { ...process.env, ...TOOL_ENVIRONMENT },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own: workerd is in it, and nothing else.
      detached: true,
    });
    this.#child = child;
    this.#closed = new Promise((resolve) => child.once("close", () => resolve()));
    this.#base = `http://127.0.0.1:${await this.#portOf(child)}`;
    this.#isPrepared = true;
  }

  /** Kills all processes of the service at once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined) return;
    // It may have ended by itself, but the others of its group need not have.
    if (groupLives(child.pid)) process.kill(-child.pid, "SIGKILL");
    // The pipes close when the last process of the group has ended.
    await this.#closed;
  }

  /** Kills the service and deletes its files. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #portOf(child: ChildProcess): Promise<number> {
    this.#printed = "";
    const port = new Promise<number>((resolve, reject) => {
      const take = (piece: Uint8Array): void => {
        this.#printed += new TextDecoder().decode(piece);
        const found = /\{"port":(\d+)\}/.exec(this.#printed);
        if (found !== null) resolve(Number(found[1]));
      };
      child.stdout?.on("data", take);
      child.stderr?.on("data", take);
      child.once("error", reject);
      child.once("close", () => reject(new Error(`the service ended:\n${this.#printed}`)));
    });
    return port;
  }
}

function groupLives(groupId: number): boolean {
  try {
    return process.kill(-groupId, 0);
  } catch {
    return false;
  }
}
