/** A PostgreSQL server for one test: a new cluster in a temporary folder, on a Unix socket only. */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";

/** Where Debian puts the programs of its packages, by version. */
const PACKAGES = "/usr/lib/postgresql";

/** The folder with initdb and postgres, of the newest version; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(PACKAGES)) return undefined;
  const folders = readdirSync(PACKAGES)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(PACKAGES, version, "bin"));
  return folders.find((folder) =>
    ["initdb", "postgres", "psql"].every((name) => existsSync(join(folder, name))),
  );
}

/** The server and one session in it. */
export class Postgres {
  readonly #folder: string;
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #psql: ChildProcessWithoutNullStreams;
  #output = "";
  #errors = "";
  #isEnded = false;
  #wake: () => void = () => undefined;
  #marks = 0;

  private constructor(
    folder: string,
    server: ChildProcessWithoutNullStreams,
    psql: ChildProcessWithoutNullStreams,
  ) {
    this.#folder = folder;
    this.#server = server;
    this.#psql = psql;
    psql.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#wake();
    });
    psql.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    // Where the tests end before close() they take the server with them.
    process.once("exit", () => server.kill("SIGINT"));
    psql.on("close", () => {
      this.#isEnded = true;
      this.#wake();
    });
  }

  /** Makes a cluster and starts it; throws where that fails. */
  static async start(programs: string): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "headgate-postgres-"));
    chmodSync(folder, 0o777);
    const data = join(folder, "data");
    const initdb = ["-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"];
    try {
      run(programs, "initdb", initdb);
      const settings = [
        "fsync=off",
        "full_page_writes=off",
        "listen_addresses=",
        "max_connections=5",
      ];
      const options = settings.flatMap((setting) => ["-c", setting]);
      const server = spawnAs(programs, "postgres", ["-D", data, "-k", folder, ...options]);
      await ready(server);
      const session = ["-h", folder, "-U", "test", "-d", "postgres", "-X", "-q", "-A", "-t"];
      const psql = spawn(join(programs, "psql"), [...session, "-v", "ON_ERROR_STOP=1"]);
      return new Postgres(folder, server, psql);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs statements, each with its semicolon; returns what they print. */
  async run(statements: string): Promise<string> {
    this.#marks += 1;
    const mark = `-- end of ${this.#marks}\n`;
    this.#psql.stdin.write(`${statements}\n\\echo '${mark.trimEnd()}'\n`);
    while (!this.#output.endsWith(mark)) {
      if (this.#isEnded)
        throw new Error(`psql ended: ${this.#errors}\nafter ${statements.slice(0, 5_000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const output = this.#output.slice(0, -mark.length);
    this.#output = "";
    return output;
  }

  /** Ends the session and the server, and removes the cluster. */
  async close(): Promise<void> {
    this.#psql.stdin.end();
    if (this.#server.exitCode === null) {
      const ended = once(this.#server, "exit");
      // Disconnects whoever is there and shuts down.
      this.#server.kill("SIGINT");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** PostgreSQL does not run as root: there it gets the user nobody. */
function asNobody(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];
  return ["setpriv", [...user, "--", program, ...args]];
}

function run(programs: string, name: string, args: readonly string[]): void {
  const [program, all] = asNobody(join(programs, name), args);
  execFileSync(program, all, { cwd: "/", stdio: "pipe" });
}

function spawnAs(
  programs: string,
  name: string,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const [program, all] = asNobody(join(programs, name), args);
  return spawn(program, all, { cwd: "/" });
}

/** Resolves when the server takes connections. */
async function ready(server: ChildProcessWithoutNullStreams): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("exit", () => {
      reject(new Error(`postgres ended: ${log}`));
    });
  });
}
