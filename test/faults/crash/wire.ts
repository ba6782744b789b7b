/** Requests to a service that may die at any moment, and what became of them. */
import { setTimeout as sleep } from "node:timers/promises";

/** A request, with what it means to the models. It can be sent again as it is. */
export interface Sending {
  /** For reports. */
  readonly name: string;
  readonly method: "DELETE" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What a success answers; a repeat may answer another. */
  readonly statuses: readonly number[];
  /** Points that it imports. */
  readonly points: number;
  /** The tables that it imports into. */
  readonly tables: readonly string[];
  /** Before each time it is sent. */
  readonly send?: () => void;
  /** @param text the answer's body. */
  readonly acknowledge: (text: string) => void;
}

/** Longest wait for an answer while the service lives, in ms. */
const ANSWER_MS_MAX = 60_000;

/** Pause before a request is repeated that was refused as too much, in ms. */
const REFUSED_PAUSE_MS = 20;

/** What happened to requests. */
export interface Counts {
  /** Points whose request was acknowledged. */
  points: number;
  /** Requests that were acknowledged. */
  requests: number;
  /** Requests that got no answer. */
  unknown: number;
  /** Requests refused as too much, and sent again. */
  refused: number;
}

/** The name of an error, which may come from another realm than the test's. */
export function nameOf(error: unknown): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, "name") : undefined;
}

/** The client of all writers. */
export class Wire {
  /** Where the service listens now. */
  base = "";
  readonly counts: Counts = { points: 0, requests: 0, unknown: 0, refused: 0 };
  /** Answers that must not be. */
  readonly wrong: string[] = [];
  /** Requests without an answer, in the order in which they were sent. */
  readonly pending = new Set<Sending>();
  #waiting: (() => void)[] = [];

  /** Resolves when the next import is acknowledged. */
  acknowledgement(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Sends a request until it is answered; false where it is not, and it may have taken effect or
   * not.
   */
  async send(sending: Sending): Promise<boolean> {
    const { method, path, headers, body, statuses } = sending;
    for (;;) {
      sending.send?.();
      this.pending.add(sending);
      let answer: { status: number; text: string };
      try {
        answer = await this.call(path, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
        });
      } catch (error) {
        // A service that lives and does not answer is no crash.
        if (nameOf(error) === "TimeoutError") this.wrong.push(`${sending.name}: no answer`);
        this.counts.unknown += 1;
        return false;
      }
      if (answer.status !== 503 && answer.status !== 429) {
        this.pending.delete(sending);
        if (!statuses.includes(answer.status)) {
          this.wrong.push(`${sending.name}: ${answer.status} ${answer.text}`);
          return true;
        }
        this.#acknowledge(sending, answer.text);
        return true;
      }
      this.counts.refused += 1;
      await sleep(REFUSED_PAUSE_MS);
    }
  }

  #acknowledge(sending: Sending, text: string): void {
    this.counts.requests += 1;
    this.counts.points += sending.points;
    sending.acknowledge(text);
    if (sending.points === 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Sends all requests without an answer again, each as it was; false where one has none again. */
  async resend(): Promise<boolean> {
    const sent = await Promise.all([...this.pending].map((sending) => this.send(sending)));
    return sent.every(Boolean);
  }

  /** Sends a request once. Rejects where the service dies. */
  async call(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const answer = await fetch(`${this.base}${path}`, { ...init, signal });
    return { status: answer.status, text: await answer.text() };
  }
}
