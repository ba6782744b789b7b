/**
 * The load generator, a process of its own. Open loop: requests are sent by a schedule, whether or
 * not others are answered, and their latency counts from the scheduled instant: what a slow
 * service, or a slow generator, does to those behind is in the figures (no coordinated omission).
 * Closed loop: so many clients, each with one request at a time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, Connection } from "../../bench/http.ts";
import { RequestSource, type SurfaceName } from "./requests.ts";

/** One stretch of load on a surface. */
export interface Lane {
  readonly surface: SurfaceName;
  /** Requests per second by schedule, or clients of a closed loop. */
  readonly perS?: number;
  readonly clients?: number;
}

/** What to send, for so long. The numbers of the requests begin at `first`. */
export interface Stretch {
  readonly port: number;
  readonly lanes: readonly Lane[];
  readonly ms: number;
  readonly first: number;
}

/** What became of a request; ms. `status` 0 is a broken connection. */
export interface Sent {
  readonly surface: SurfaceName;
  readonly request: number;
  /** Since the beginning of the stretch. */
  readonly atMs: number;
  /** From the scheduled instant to the answer. */
  readonly latencyMs: number;
  /** From the scheduled instant to the sending: the generator's own part. */
  readonly lateMs: number;
  readonly status: number;
  readonly retryAfter: string | null;
}

/** Most connections at a time: past it the schedule waits, and the figures show it. */
const CONNECTIONS_MAX = 1_000;

/** How long a client of the closed loop waits after a refusal: less than it is told, to push. */
const REFUSED_PAUSE_MS = 50;

/** What a surface says when it refuses for load. */
export function isRefused({ surface, status }: Sent): boolean {
  return status === (surface === "native" ? 429 : 503);
}

/** What a surface says when it has stored all. */
export function isAccepted({ surface, status }: Sent): boolean {
  return status === (surface === "native" ? 200 : 201);
}

/** How long an answer is waited for: longer than a commit may take. */
const ANSWER_MS_MAX = 25_000;

async function answerOf(connection: Connection, answering: Promise<Answer>): Promise<Answer> {
  const timer = setTimeout(() => connection.abort(), ANSWER_MS_MAX);
  try {
    return await answering;
  } finally {
    clearTimeout(timer);
  }
}

class Generator {
  readonly #stretch: Stretch;
  readonly #sent: Sent[] = [];
  readonly #idle: Connection[] = [];
  readonly #begin = performance.now();
  readonly #sources = new Map<SurfaceName, RequestSource>();
  #open = 0;
  #next: number;

  constructor(stretch: Stretch) {
    this.#stretch = stretch;
    this.#next = stretch.first;
    for (const { surface } of stretch.lanes) {
      this.#sources.set(surface, new RequestSource(surface, stretch.port));
    }
  }

  async run(): Promise<Sent[]> {
    await Promise.all(this.#stretch.lanes.map((lane) => this.#lane(lane)));
    for (const connection of this.#idle) connection.close();
    return this.#sent;
  }

  async #lane({ surface, perS, clients = 0 }: Lane): Promise<void> {
    if (perS !== undefined) return this.#openLoop(surface, 1_000 / perS);
    const loops = Array.from({ length: clients }, () => this.#closedLoop(surface));
    await Promise.all(loops);
  }

  async #openLoop(surface: SurfaceName, stepMs: number): Promise<void> {
    const answers: Promise<Sent>[] = [];
    // Not all lanes at once.
    for (let at = Math.random() * stepMs; at < this.#stretch.ms; at += stepMs) {
      const waitMs = at - this.#nowMs();
      if (waitMs > 0) await sleep(waitMs);
      answers.push(this.#send(surface, at));
    }
    await Promise.all(answers);
  }

  async #closedLoop(surface: SurfaceName): Promise<void> {
    while (this.#nowMs() < this.#stretch.ms) {
      const sent = await this.#send(surface, this.#nowMs());
      if (isRefused(sent)) await sleep(REFUSED_PAUSE_MS);
    }
  }

  async #send(surface: SurfaceName, atMs: number): Promise<Sent> {
    const request = this.#next++;
    const source = this.#sources.get(surface);
    if (source === undefined) throw new Error(`no requests for ${surface}`);
    const body = source.body(request);
    let lateMs = 0;
    let status = 0;
    let retryAfter: string | null = null;
    try {
      const connection = await this.#connection();
      lateMs = this.#nowMs() - atMs;
      const answer = await answerOf(connection, connection.send(source.head, body));
      this.#idle.push(connection);
      status = answer.status;
      retryAfter = /\r\nretry-after: *([^\r]*)/i.exec(answer.text)?.[1] ?? null;
    } catch {
      this.#open -= 1;
    }
    const sent = {
      ...{ surface, request, atMs, latencyMs: this.#nowMs() - atMs },
      ...{ lateMs, status, retryAfter },
    };
    this.#sent.push(sent);
    return sent;
  }

  async #connection(): Promise<Connection> {
    for (;;) {
      const idle = this.#idle.pop();
      if (idle?.isOpen === true) return idle;
      // The server may close a connection that waits for its next request.
      if (idle !== undefined) this.#open -= 1;
      if (this.#open < CONNECTIONS_MAX) {
        this.#open += 1;
        return Connection.open(this.#stretch.port);
      }
      await sleep(1);
    }
  }

  #nowMs(): number {
    return performance.now() - this.#begin;
  }
}

if (import.meta.main) {
  process.on("message", (stretch: Stretch) => {
    new Generator(stretch).run().then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
}
