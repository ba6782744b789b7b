/** What V8's inspector of the Worker's isolate can do: collect garbage, and tell the heap's size. */
import { createServer } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

interface Described {
  readonly title: string;
  readonly webSocketDebuggerUrl: string;
}

/** The inspector of one isolate. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id !== undefined) this.#waiting.get(id)?.(result);
    });
  }

  /** The inspector of the Worker, where it listens. */
  static async open(port: number): Promise<Inspector> {
    const answer = await fetch(`http://127.0.0.1:${port}/json`);
    const all = await answer.json<readonly Described[]>();
    const own = all.find(({ title }) => title.includes("headgate")) ?? all[0];
    if (own === undefined) throw new Error("nothing to inspect");
    const socket = new WebSocket(own.webSocketDebuggerUrl);
    await once(socket, "open");
    return new Inspector(socket);
  }

  /**
   * Throws away what nobody refers to.
   *
   * @param poke sends the Worker any request: it collects when it next runs, not before.
   */
  async collectGarbage(poke: () => Promise<unknown>): Promise<void> {
    await this.#call("HeapProfiler.enable");
    const collected = this.#call("HeapProfiler.collectGarbage").then(() => true);
    while (!(await Promise.race([collected, poke().then(() => sleep(10, false))])));
  }

  /** Bytes of values on the heap, and of buffers beside it. */
  async heapBytes(): Promise<number> {
    const usage = (await this.#call("Runtime.getHeapUsage")) as {
      readonly usedSize: number;
      readonly backingStorageSize?: number;
    };
    return usage.usedSize + (usage.backingStorageSize ?? 0);
  }

  close(): void {
    this.#socket.close();
  }

  async #call(method: string): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method }));
    return promise;
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
