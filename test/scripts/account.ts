/** An account that the stand-in for wrangler keeps, and a copy of the project that is deployed. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheEnvironment } from "../support/compile-cache.ts";

/** The project's folder. */
export const ROOT = join(import.meta.dirname, "../..");

/** The state of a stand-in's account (fake-wrangler.ts). */
export interface Account {
  loggedIn: boolean;
  accounts: { id: string; name: string }[];
  databases: { name: string; uuid: string; migrations: string[] }[];
  buckets: Record<string, Rule[]>;
  workers: Record<string, { secrets: Record<string, string>; versions: number }>;
  /** Commands with their positional arguments that fail, and with which words. */
  broken?: Record<string, string>;
  r2Enabled?: boolean;
  /** The address that a deploy gets. */
  address: string;
  /** The arguments of every call, in order. */
  calls: string[];
}

/** A lifecycle rule of a bucket. */
export interface Rule {
  id: string;
  enabled: boolean;
  prefix: string;
  expireDays?: number;
  uploadDays?: number;
}

/** How a program ended, and its words. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new account and a project with the placeholders of the repository. */
export class Place implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "headgate-scripts-"));
  readonly config = join(this.folder, "wrangler.toml");
  readonly #state = join(this.folder, "account.json");

  constructor(account: Partial<Account> = {}) {
    for (const name of ["wrangler.toml", "migrations"]) {
      cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
    }
    this.account = {
      loggedIn: true,
      accounts: [{ id: "account-1", name: "Ada" }],
      databases: [],
      buckets: {},
      workers: {},
      // Nothing listens there.
      address: "http://127.0.0.1:9",
      calls: [],
      ...account,
    };
  }

  get account(): Account {
    return JSON.parse(readFileSync(this.#state, "utf8")) as Account;
  }

  set account(account: Account) {
    writeFileSync(this.#state, JSON.stringify(account));
  }

  /** The calls since the last time that this was asked. */
  takeCalls(): string[] {
    const { calls, ...rest } = this.account;
    this.account = { ...rest, calls: [] };
    return calls.map((call) => call.replace(` --config ${this.config}`, ""));
  }

  get toml(): string {
    return readFileSync(this.config, "utf8");
  }

  /** Replaces a part of wrangler.toml, which must be there. */
  edit(from: string, to: string): void {
    if (!this.toml.includes(from)) throw new Error(`no ${from} in wrangler.toml`);
    writeFileSync(
      this.config,
      this.toml.replace(from, () => to),
    );
  }

  /** The environment of a process that meets this account, and nothing of our own. */
  environment(more: Record<string, string> = {}): Record<string, string> {
    const path = [join(ROOT, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);
    return {
      PATH: path,
      HOME: this.folder,
      FAKE_ACCOUNT: this.#state,
      HEADGATE_WRANGLER: join(import.meta.dirname, "fake-wrangler.ts"),
      HEADGATE_ANSWER_MS: "0",
      ...cacheEnvironment(),
      ...more,
    };
  }

  /** Runs `npm run deploy` without a terminal. */
  async deploy(args: string[] = [], more: Record<string, string> = {}): Promise<Ended> {
    const script = join(ROOT, "scripts/deploy.mjs");
    return run(
      process.execPath,
      [script, "--config", this.config, ...args],
      this.environment(more),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Runs a program in the project's folder to its end; `input` is what it reads. */
export async function run(
  program: string,
  args: string[],
  env: Record<string, string>,
  input?: string,
): Promise<Ended> {
  // The generated type demands the Worker's settings of every environment.
  const options = { cwd: ROOT, env: env as NodeJS.ProcessEnv };
  const child = spawn(program, args, options);
  const out = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (out.stderr += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...out }));
  });
}
