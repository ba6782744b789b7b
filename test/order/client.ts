/** Connections to a service that may be killed and started again at any time. */
import { Connection } from "../bench/http.ts";
import type { OrderAnswer, Send } from "./driver.ts";
import type { OrderRequest } from "./surfaces.ts";

const UTF8 = new TextEncoder();

/** How long an answer may take, in ms: a commit gives up after 15 s. */
const ANSWER_MS_MAX = 60_000;

/** Most requests in a row without an answer: each kill costs one or two. */
const FAILURES_MAX = 20;

/** Where the service listens now. */
export interface Place {
  /** How often it was killed. */
  readonly kills: number;
  /** Of the service that runs; waits while none does. */
  port(): Promise<number>;
}

/** One kept-alive connection, opened anew where it broke. */
export class Lane {
  readonly #place: Place;
  #connection: Connection | undefined;
  #kills = 0;
  #failures = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Rejects where the connection breaks before the answer has come. */
  readonly send: Send = async (request) => {
    const port = await this.#place.port();
    if (this.#place.kills !== this.#kills) this.close();
    this.#kills = this.#place.kills;
    const body = UTF8.encode(request.body);
    // What waits for the answer is told that the connection was closed.
    const timer = setTimeout(() => this.#connection?.abort(), ANSWER_MS_MAX);
    try {
      this.#connection ??= await Connection.open(port);
      const { status, text } = await this.#connection.send(headOf(request, body.length), body);
      this.#failures = 0;
      return { status, text: bodyOf(text) } satisfies OrderAnswer;
    } catch (error) {
      this.#failures += 1;
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  /** @throws Error where the service does not answer, though nobody has killed it. */
  checkService(): void {
    if (this.#failures > FAILURES_MAX) throw new Error("the service has ended");
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

function headOf({ method, path, headers }: OrderRequest, bytes: number): string {
  const all = { Host: "127.0.0.1", "User-Agent": "headgate-order", ...headers };
  const length = method === "GET" ? {} : { "Content-Length": String(bytes) };
  const lines = Object.entries({ ...all, ...length }).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, "\r\n"].join("\r\n");
}

/** The body of an answer, its chunks put together. What is read is ASCII. */
function bodyOf(answer: string): string {
  const end = answer.indexOf("\r\n\r\n") + 4;
  const body = answer.slice(end);
  if (!/\r\ntransfer-encoding: *chunked\r\n/i.test(answer.slice(0, end))) return body;
  let text = "";
  for (let at = 0; at < body.length;) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.slice(at, lineEnd), 16);
    text += body.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
  return text;
}
