/**
 * The least HTTP client that can load a server: one kept-alive connection, one request at a
 * time, answers of which only the status matters.
 */
import { connect, type Socket } from "node:net";

/** What a server answered: the status, and the whole answer as text for an error message. */
export interface Answer {
  status: number;
  text: string;
}

/** One connection to 127.0.0.1. */
export class Connection {
  private readonly socket: Socket;
  private received = "";
  private waiting: PromiseWithResolvers<Answer> | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => this.take(chunk));
    socket.on("error", (error) => this.waiting?.reject(error));
    socket.on("close", () => this.waiting?.reject(new Error("The connection was closed.")));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, "127.0.0.1");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("connect", resolve);
    socket.once("error", reject);
    await promise;
    return new Connection(socket);
  }

  /** Sends a request; `head` ends with its empty line. The last answer must have come. */
  send(head: string, body: Uint8Array): Promise<Answer> {
    this.waiting = Promise.withResolvers<Answer>();
    this.received = "";
    this.socket.cork();
    this.socket.write(head, "latin1");
    this.socket.write(body);
    this.socket.uncork();
    return this.waiting.promise;
  }

  /** Whether the server has not closed it. */
  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.readyState === "open";
  }

  /** Ends the connection under whoever waits for an answer: that is rejected. */
  abort(): void {
    this.socket.destroy();
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.received += chunk;
    if (!isComplete(this.received)) return;
    const waiting = this.waiting;
    this.waiting = undefined;
    waiting?.resolve({ status: Number(this.received.slice(9, 12)), text: this.received });
  }
}

function isComplete(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const head = text.slice(0, headEnd + 2);
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) return text.length >= headEnd + 4 + Number(length);
  if (/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return text.endsWith("\r\n0\r\n\r\n");
  return true;
}
