/**
 * What a good engineer would write instead of Headgate: one Node HTTP server on PostgreSQL, with
 * the same authentication, the same checks of members, numbers as exact, the guard by sequence,
 * one upsert for a request, and 201 after the commit. A process of its own.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { InvalidBody, readPoints } from "./postgres-points.ts";
import { PostgresStore } from "./postgres-store.ts";

/** What the process is asked. */
export type ServerQuestion = { ask: "port" } | { ask: "rows" };

/** As Headgate's PUSH_BODY_BYTES_MAX. */
const BODY_BYTES_MAX = 4_194_304;
const PATH = "/v2/import/push";

/** A request that is refused. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function push(store: PostgresStore, request: IncomingMessage): Promise<void> {
  if (request.method !== "POST" || request.url !== PATH) throw new Refused(404, "Not found");
  const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
  const clientId = token === undefined ? undefined : await store.clientOf(token);
  if (clientId === undefined) throw new Refused(401, "Not authorized");
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw new Refused(415, "Not JSON");
  }
  await store.store(readPoints(await bodyOf(request), clientId));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Refused(413, "Too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const headers = { "Content-Type": "application/json", "Content-Length": text.length };
  response.writeHead(status, headers).end(text);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof Refused) return answer(response, error.status, { status: "ERROR" });
  if (error instanceof SyntaxError) return answer(response, 400, { status: "ERROR" });
  if (error instanceof InvalidBody) {
    return answer(response, 422, { status: "ERROR", error: "Request cannot be processed" });
  }
  process.stderr.write(`${String(error)}\n`);
  answer(response, 500, { status: "ERROR" });
}

async function listen(store: PostgresStore): Promise<number> {
  await store.prepare();
  const server = createServer((request, response) => {
    push(store, request).then(
      () => answer(response, 201, { status: "OK", message: "Batch Accepted!" }),
      (error: unknown) => refuse(response, error),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

if (import.meta.main) {
  const store = new PostgresStore(process.argv[2] ?? "");
  // Its parent is gone.
  process.once("disconnect", () => process.exit());
  process.on("message", ({ ask }: ServerQuestion) => {
    const answering = ask === "port" ? listen(store) : store.countRows();
    answering.then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
}
