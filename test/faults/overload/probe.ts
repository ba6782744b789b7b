/** How long the machine lets the service's process wait: requests that need nothing, meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "../../bench/http.ts";

/** Between two scheduled requests, in ms. */
const STEP_MS = 50;

/** Sends a request at a time until it is stopped. */
export class Probe {
  readonly #ended: Promise<void>;
  #isStopped = false;
  #maxMs = 0;

  constructor(port: number) {
    this.#ended = this.#run(port);
    // Awaited by stop; it may fail before.
    this.#ended.catch(() => undefined);
  }

  /** The longest that an answer took from its scheduled instant, in ms. */
  async stop(): Promise<number> {
    this.#isStopped = true;
    await this.#ended;
    return this.#maxMs;
  }

  async #run(port: number): Promise<void> {
    const connection = await Connection.open(port);
    const head = `GET /v2/import/status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    while (!this.#isStopped) {
      const scheduled = performance.now() + STEP_MS;
      await sleep(STEP_MS);
      await connection.send(head, new Uint8Array(0));
      this.#maxMs = Math.max(this.#maxMs, performance.now() - scheduled);
    }
    connection.close();
  }
}
