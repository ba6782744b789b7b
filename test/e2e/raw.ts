/**
 * HTTP/1.1 over a bare socket: old clients' requests byte for byte, and what a server does with
 * a connection. A well-behaved client library would hide both.
 */
import { connect, type Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { Buffer } from "../../src/buffer.ts";

type Bytes = ReturnType<typeof Buffer.concat>;

/** An answer as it came: header names in lower case, the body without chunks and gzip. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly text: string;
}

/** How long a test waits for bytes or for the end of a connection, in ms. */
const PATIENCE_MS = 40_000;

interface Head {
  readonly status: number;
  readonly headers: Map<string, string>;
  readonly length: number;
}

/** One connection. Close it, or declare it with `using`. */
export class Connection {
  readonly #socket: Socket;
  #received: Bytes = Buffer.alloc(0);
  #isEnded = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (piece: Bytes) => {
      this.#received = Buffer.concat([this.#received, piece]);
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#error = error;
      this.#wake();
    });
    socket.on("close", () => {
      this.#isEnded = true;
      this.#wake();
    });
  }

  /** @param base of the server, for example `http://127.0.0.1:8787/`. */
  static open(base: string): Promise<Connection> {
    const { hostname, port } = new URL(base);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        resolve(new Connection(socket));
      });
      socket.once("error", reject);
    });
  }

  /**
   * Sends bytes. A peer that hangs up meanwhile is no failure here: what it answered counts.
   *
   * @returns whether more can be sent at once; see {@link drained}.
   */
  send(bytes: string | Uint8Array): boolean {
    return this.isEnded || this.#socket.write(bytes);
  }

  /** Resolves when what was sent has left, or the connection is over. */
  async drained(): Promise<void> {
    await this.#until(() => this.#socket.writableLength === 0 || this.isEnded, "draining");
  }

  /** Whether the server has closed or reset the connection. */
  get isEnded(): boolean {
    return this.#isEnded || this.#error !== undefined;
  }

  /** Bytes that arrived and were not taken as an answer. */
  get leftover(): string {
    return this.#received.toString();
  }

  /**
   * The next answer; `100 Continue` is an answer, too.
   *
   * @param method of its request: the answer to HEAD has no body.
   */
  async answer(method = "GET"): Promise<RawAnswer> {
    const end = "\r\n\r\n";
    await this.#until(() => this.#received.includes(end) || this.isEnded, "the head of an answer");
    const at = this.#received.indexOf(end);
    if (at < 0) throw new Error(`no answer but: ${this.#describe()}`);
    const head = readHead(this.#received.subarray(0, at).toString("latin1"));
    this.#received = this.#received.subarray(at + end.length);
    const coded = await this.#body(head, method);
    const isGzip = head.headers.get("content-encoding") === "gzip" && coded.length > 0;
    const body = isGzip ? gunzipSync(coded) : coded;
    return { status: head.status, headers: head.headers, body, text: body.toString() };
  }

  /** Resolves when the server has closed the connection. */
  async ended(): Promise<void> {
    await this.#until(() => this.isEnded, "the end of the connection");
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #body({ status, headers, length }: Head, method: string): Promise<Bytes> {
    if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
      return Buffer.alloc(0);
    }
    if (headers.get("transfer-encoding") === "chunked") return this.#chunks();
    if (length >= 0) return this.#take(length);
    await this.ended();
    return this.#take(this.#received.length);
  }

  async #chunks(): Promise<Bytes> {
    const pieces: Bytes[] = [];
    for (;;) {
      await this.#until(() => this.#received.includes("\r\n") || this.isEnded, "a chunk");
      const at = this.#received.indexOf("\r\n");
      const size = Number.parseInt(this.#received.subarray(0, Math.max(at, 0)).toString(), 16);
      if (!Number.isSafeInteger(size)) throw new Error(`no chunk but: ${this.#describe()}`);
      await this.#take(at + 2);
      pieces.push(await this.#take(size));
      await this.#take(2);
      if (size === 0) return Buffer.concat(pieces);
    }
  }

  async #take(length: number): Promise<Bytes> {
    await this.#until(() => this.#received.length >= length || this.isEnded, `${length} bytes`);
    if (this.#received.length < length) throw new Error(`cut short: ${this.#describe()}`);
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`waited for ${what}; there is ${this.#describe()}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        // Writes that leave wake nobody, so look again shortly.
        setTimeout(resolve, 20);
      });
    }
  }

  #describe(): string {
    const state = this.isEnded ? `an ended connection (${this.#error?.message ?? "closed"})` : "";
    return `${state} ${JSON.stringify(this.leftover.slice(0, 300))}`;
  }
}

function readHead(text: string): Head {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (!Number.isSafeInteger(status)) throw new Error(`no status line: ${statusLine}`);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { status, headers, length: Number(headers.get("content-length") ?? -1) };
}

/** A request: its first line, its header lines as they are, and its body. */
export function rawRequest(
  line: string,
  headers: readonly string[],
  body: string | Uint8Array = "",
): Uint8Array {
  const head = [`${line} HTTP/1.1`, ...headers, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

/** Sends one request over a connection of its own and returns the answer. */
export async function exchange(
  base: string,
  line: string,
  headers: readonly string[],
  body: string | Uint8Array = "",
): Promise<RawAnswer> {
  using connection = await Connection.open(base);
  connection.send(rawRequest(line, headers, body));
  return await connection.answer(line.split(" ", 1)[0]);
}
