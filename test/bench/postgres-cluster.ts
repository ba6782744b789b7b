/**
 * A PostgreSQL server for one run: Debian's package, a new cluster in a temporary folder, on a
 * Unix socket only. All settings are the package's, so each commit is synced (fsync on).
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresPrograms } from "../e2e/report-differential-postgres.ts";
import { cpuMsOfTree } from "./cpu.ts";

/** The database and its owner. */
export const POSTGRES_USER = "bench";
export const POSTGRES_DATABASE = "postgres";

/** Says why there is no PostgreSQL to compare with, or undefined where it is installed. */
export function missingPostgres(): string | undefined {
  if (postgresPrograms() !== undefined) return undefined;
  return "PostgreSQL is not installed: left out. On Debian: apt-get install -y postgresql-15";
}

/** A running server. */
export class PostgresCluster {
  /** The folder of its socket, which is what a client calls its host. */
  readonly host: string;
  /** As the server tells it: `15.14 (Debian 15.14-0+deb12u1)`. */
  readonly version: string;
  readonly #programs: string;
  readonly #server: ChildProcess;
  readonly #onExit: () => void;

  private constructor(programs: string, host: string, server: ChildProcess) {
    this.#programs = programs;
    this.host = host;
    this.#server = server;
    // Where the run is broken off: at once, since nothing of it is needed any more.
    this.#onExit = () => {
      server.kill("SIGQUIT");
      // The server writes its last files meanwhile.
      rmSync(host, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    };
    process.once("exit", this.#onExit);
    this.version = this.psql("SHOW server_version").trim();
  }

  /** Makes a cluster and starts it. Throws where it is not installed, or where that fails. */
  static async start(): Promise<PostgresCluster> {
    const programs = postgresPrograms();
    if (programs === undefined) throw new Error(missingPostgres());
    const folder = mkdtempSync(join(tmpdir(), "headgate-bench-postgres-"));
    // Its owner is not the one that starts the run where that is root.
    chmodSync(folder, 0o777);
    const data = join(folder, "data");
    const initdb = ["-D", data, "-U", POSTGRES_USER, "-A", "trust", "-E", "UTF8", "--locale=C"];
    try {
      const [program, args] = asServer(join(programs, "initdb"), initdb);
      execFileSync(program, args, { cwd: "/", stdio: "pipe" });
      return new PostgresCluster(programs, folder, await startServer(programs, data, folder));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** CPU time of the server with all its processes so far, in ms. */
  cpuMs(): number | undefined {
    return cpuMsOfTree(this.#server.pid);
  }

  /** The command line of a session that runs one statement, for a shell. */
  psqlArgs(statement: string): string[] {
    const session = ["-h", this.host, "-U", POSTGRES_USER, "-d", POSTGRES_DATABASE];
    return [join(this.#programs, "psql"), ...session, "-X", "-q", "-A", "-t", "-c", statement];
  }

  /** Runs a statement; returns what psql prints. Throws its error. */
  psql(statement: string): string {
    const [program = "", ...args] = this.psqlArgs(statement);
    const all = ["-v", "ON_ERROR_STOP=1", ...args];
    return execFileSync(program, all, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Shuts the server down and removes the cluster. */
  async close(): Promise<void> {
    process.removeListener("exit", this.#onExit);
    if (this.#server.exitCode === null) {
      const ended = once(this.#server, "exit");
      this.#server.kill("SIGINT");
      await ended;
    }
    rmSync(this.host, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function startServer(programs: string, data: string, socket: string): Promise<ChildProcess> {
  const settings = ["-D", data, "-k", socket, "-c", "listen_addresses="];
  const [program, args] = asServer(join(programs, "postgres"), settings);
  const server = spawn(program, args, { cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (log.length < 10_000) log += text;
    if (log.includes("ready to accept connections")) resolve();
  });
  server.once("error", reject);
  server.once("exit", () => reject(new Error(`postgres ended: ${log}`)));
  await promise;
  return server;
}

/** PostgreSQL does not run as root: there it gets the user nobody, and ends with this process. */
function asServer(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=INT"];
  return ["setpriv", [...user, "--", program, ...args]];
}
