/**
 * The load generator, a process of its own: so that its CPU time can be told, and so that it
 * shares no event loop with Miniflare. It takes a {@link LoadWindow} per message and answers
 * with a {@link WindowResult}.
 */
import { CLIENT_ID, IMPORT_TOKEN, KeySource, PushBody, type Keys, type Shape } from "./bodies.ts";
import { Connection } from "./http.ts";

/** One stretch of load on one contestant. */
export interface LoadWindow {
  /** Where to push to on 127.0.0.1. Contestants without a port are no servers. */
  port: number;
  shape: Shape;
  keys: Keys;
  /** The first sequence; the points of the window take one each. */
  sequence: number;
  /** Send sequence 0, which loses against all that is stored. */
  stale: boolean;
  concurrency: number;
  /** No request starts after this many ms; those under way are waited for. */
  windowMs: number;
  /** Most requests; where it is reached, the window ends early. */
  requestsMax: number;
  /** Whether 503 is no failure: a server may say that it is overloaded. */
  mayBeOverloaded?: boolean;
}

/** What came of a window. */
export interface WindowResult {
  requests: number;
  /** How many were answered with 503; they are not among the requests. */
  overloaded?: number;
  bytes: number;
  /** From the first request to the last answer. */
  elapsedMs: number;
  /** Latency of each request. */
  latenciesMs: number[];
  /** CPU time that the contestant's client side took: how near the generator is to its limit. */
  clientCpuMs: number;
  /** Keys and sequences given out; the next window goes on behind them. */
  keysUsed: number;
}

const STATUS_CREATED = 201;
const STATUS_OVERLOADED = 503;

/** Runs one window. Throws at the first answer that is not 201. */
export async function runWindow(window: LoadWindow): Promise<WindowResult> {
  const connections = await Promise.all(
    Array.from({ length: window.concurrency }, () => Connection.open(window.port)),
  );
  try {
    return await drive(window, connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function drive(window: LoadWindow, connections: Connection[]): Promise<WindowResult> {
  const source = new KeySource(window.keys, window.sequence, window.stale);
  const lanes = connections.map((connection) => new Lane(connection, window, source));
  const latenciesMs: number[] = [];
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let left = window.requestsMax;
  const mayStart = () => left-- > 0 && performance.now() - startedAt < window.windowMs;
  await Promise.all(lanes.map((lane) => lane.run(mayStart, latenciesMs)));
  const elapsedMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    requests: latenciesMs.length,
    overloaded: lanes.reduce((sum, lane) => sum + lane.overloaded, 0),
    elapsedMs,
    latenciesMs,
    bytes: latenciesMs.length * (lanes[0]?.bodyBytes ?? 0),
    clientCpuMs: (cpu.user + cpu.system) / 1000,
    keysUsed: source.used,
  };
}

/** One connection with two bodies: while one is on its way, the next is made. */
class Lane {
  readonly bodyBytes: number;
  overloaded = 0;
  private readonly mayBeOverloaded: boolean;
  private readonly connection: Connection;
  private readonly source: KeySource;
  private readonly head: string;
  private ready: PushBody;
  private spare: PushBody;

  constructor(connection: Connection, window: LoadWindow, source: KeySource) {
    this.connection = connection;
    this.source = source;
    this.mayBeOverloaded = window.mayBeOverloaded === true;
    this.ready = new PushBody(window.shape);
    this.spare = new PushBody(window.shape);
    this.bodyBytes = this.ready.bytes.length;
    this.head = requestHead(window, this.bodyBytes);
    this.ready.fill(source);
  }

  async run(mayStart: () => boolean, latenciesMs: number[]): Promise<void> {
    while (mayStart()) {
      const startedAt = performance.now();
      const answering = this.connection.send(this.head, this.ready.bytes);
      this.spare.fill(this.source);
      const answer = await answering;
      if (answer.status === STATUS_OVERLOADED && this.mayBeOverloaded) {
        this.overloaded += 1;
      } else {
        latenciesMs.push(performance.now() - startedAt);
        if (answer.status !== STATUS_CREATED) throw new Error(`Not a 201: ${answer.text}`);
      }
      [this.ready, this.spare] = [this.spare, this.ready];
    }
  }
}

/** The head of a push as clients of the Stitch API send it (wire.md 2.1, 2.2). */
export function requestHead(window: LoadWindow, bodyBytes: number): string {
  const subtype = window.shape.encoding === "json" ? "json" : "transit+json";
  return [
    "POST /v2/import/push HTTP/1.1",
    `Host: 127.0.0.1:${window.port}`,
    `Authorization: Bearer ${IMPORT_TOKEN}`,
    `Content-Type: application/${subtype}`,
    "Accept: application/json",
    `User-Agent: headgate-bench (client ${CLIENT_ID})`,
    `Content-Length: ${bodyBytes}`,
    "\r\n",
  ].join("\r\n");
}

if (import.meta.main) {
  process.on("message", (window: LoadWindow) => {
    runWindow(window).then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
}
