/** `npm run push` as a process, and a service that fails as a test tells it to. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

const COMMAND = join(import.meta.dirname, "../../scripts/push.mjs");

/** The import token of the tests; nothing that the command writes may hold it. */
export const TOKEN = "hgi_the_token_of_the_test";

/** What the service does with one request; without one it stores the rows. */
export type Fault =
  /** Ends the connection and stores nothing. */
  | "drop"
  /** Stores the rows and ends the connection. */
  | "lose"
  /** Stores the rows and never answers. */
  | "hang"
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
      readonly text?: string;
    };

/** A request as it came. */
export interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly key: string;
  readonly body: string;
  readonly at: number;
}

/** A stand-in for the native import: applies each Idempotency-Key once. */
export class Service {
  readonly seen: Seen[] = [];
  /** The records that were stored, as they came, in order. */
  readonly stored: string[] = [];
  /** What to do with the requests to come; the first one is for the next. */
  faults: (Fault | undefined)[] = [];
  /** What to do with a request by its body, for requests that come in no set order. */
  faultOf: (body: string) => Fault | undefined = () => undefined;
  /** Which records are bad: the reason, or undefined. */
  badness: (record: string) => string | undefined = () => undefined;
  /** Called when a request has been read, before it has any effect. */
  onRequest: () => void | Promise<void> = () => undefined;
  #running = 0;
  /** The most requests that were there at one time. */
  runningMax = 0;
  readonly #answers = new Map<string, { body: string; status: number; answer: string }>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Service> {
    const server = createServer();
    const service = new Service(server);
    server.on("request", (request, response) => void service.#take(request, response));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const packed = await bytesOf(request);
    if (packed === undefined) return;
    const isGzip = request.headers["content-encoding"] === "gzip";
    const body = (isGzip ? gunzipSync(packed) : packed).toString();
    const key = String(request.headers["idempotency-key"]);
    const { url: path = "", headers } = request;
    this.seen.push({ path, headers, key, body, at: Date.now() });
    this.#running += 1;
    this.runningMax = Math.max(this.runningMax, this.#running);
    await this.onRequest();
    this.#running -= 1;
    this.#answer(key, body, request, response);
  }

  #answer(key: string, body: string, request: IncomingMessage, response: ServerResponse): void {
    const fault = this.faults.shift() ?? this.faultOf(body);
    if (fault === "drop") {
      request.socket.destroy();
    } else if (typeof fault === "object") {
      const { status, headers = {}, body: problem, text } = fault;
      response.writeHead(status, headers).end(text ?? JSON.stringify(problem ?? {}));
    } else {
      const { status, answer } = this.#store(key, body);
      if (fault === "lose") request.socket.destroy();
      else if (fault !== "hang") response.writeHead(status).end(answer);
    }
  }

  #store(key: string, body: string): { status: number; answer: string } {
    const before = this.#answers.get(key);
    if (before !== undefined) {
      if (before.body !== body) throw new Error("a key came again with other bytes");
      return before;
    }
    const records = body.split("\n").filter((line) => line !== "");
    const errors = records.flatMap((record, index) => {
      const reason = this.badness(record);
      return reason === undefined ? [] : [{ index, field: null, code: "record_bad", reason }];
    });
    const good = records.filter((record) => this.badness(record) === undefined);
    this.stored.push(...good);
    const [received, inserted, skipped] = [records.length, good.length, errors.length];
    const counts = { received, inserted, replaced: 0, stale: 0, skipped, dry_run: false };
    const status = errors.length === 0 ? 200 : 207;
    const answer = JSON.stringify(errors.length === 0 ? counts : { ...counts, errors });
    const stored = { body, status, answer };
    this.#answers.set(key, stored);
    return stored;
  }
}

/** The whole body; undefined where its sender was killed on the way. */
async function bytesOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  try {
    return await buffer(request);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return undefined;
    throw error;
  }
}

/** A folder of its own for the files of a test. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "headgate-push-"));

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** How the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command while it runs. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** What it has written to standard error so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Writes to standard input, and ends it. */
  input(text: string): void;
}

/** Starts the command with the token in its environment, unless another environment is given. */
export function start(
  args: readonly string[],
  environment: Record<string, string> = { HEADGATE_TOKEN: TOKEN },
): Running {
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  if (environment["HEADGATE_TOKEN"] === undefined) delete env["HEADGATE_TOKEN"];
  const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    ended,
    said: () => stderr,
    kill: (signal) => void child.kill(signal),
    input: (text) => void child.stdin.end(text),
  };
}

/** Runs the command to its end. */
export function push(
  args: readonly string[],
  environment?: Record<string, string>,
): Promise<Ended> {
  return start(args, environment).ended;
}
