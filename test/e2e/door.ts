/**
 * A door before the service: each request passes it as a test says, so that what is to happen
 * between a request and its answer happens there, on a slow machine too.
 */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { BASE } from "./service.ts";

/** An answer, whole. */
export interface Passed {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/**
 * What becomes of a request: `forward` sends it to the service, and resolves when that has
 * answered. A promise that never resolves holds whoever asks.
 */
export type Pass = (path: string, forward: () => Promise<Passed>) => Promise<Passed>;

/** Headers of one connection, which are not those of the other. */
const OF_A_CONNECTION = ["connection", "keep-alive", "transfer-encoding"];

/** A server of its own; declare it with `using`. */
export class Door implements Disposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(pass: Pass): Promise<Door> {
    const server = createServer((asked, response) => void answer(asked, response, pass));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Door(server);
  }

  /** Where it is, for example `http://127.0.0.1:40123`. */
  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Closes it; whoever is held hears no more. */
  [Symbol.dispose](): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function answer(asked: IncomingMessage, response: ServerResponse, pass: Pass): Promise<void> {
  try {
    const body = await buffer(asked);
    const passed = await pass(asked.url ?? "/", () => forwarded(asked, body));
    response.writeHead(passed.status, ofTheMessage(passed.headers)).end(passed.body);
  } catch {
    // Who asked was killed on the way, or the service hung up.
    response.destroy();
  }
}

function forwarded(asked: IncomingMessage, body: Uint8Array): Promise<Passed> {
  const options = { agent: false, method: asked.method, headers: ofTheMessage(asked.headers) };
  return new Promise((resolve, reject) => {
    const sent = request(`${BASE}${asked.url}`, options, (came) => {
      const { statusCode: status = 0, headers } = came;
      buffer(came).then((bytes) => resolve({ status, headers, body: bytes }), reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

function ofTheMessage(headers: IncomingHttpHeaders = {}): IncomingHttpHeaders {
  const own = Object.entries(headers).filter(([name]) => !OF_A_CONNECTION.includes(name));
  return Object.fromEntries(own);
}
