/** What an asker can see of an answer, and what it cost the stores: both must tell nothing. */
import { tapEnv } from "../support/tap.ts";
import { callWorker, otherIsolate } from "../support/worker.ts";

/** One question, as an isolate that remembers nothing answers it. */
export interface Seen {
  readonly status: number;
  /** All but the request's id and the date, in the order of the names. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** The calls to the stores, in their order: `CATALOG first SELECT …`. */
  readonly calls: readonly string[];
}

/** Headers that differ between any two answers. */
const PER_REQUEST: ReadonlySet<string> = new Set(["x-request-id", "date"]);

/** Sends a request and notes all that an asker could compare, and the calls it took. */
export async function seen(path: string, init: RequestInit): Promise<Seen> {
  const calls: string[] = [];
  const env = tapEnv(otherIsolate(), (call, next) => {
    calls.push([call.binding, call.method, ...call.statements.map(({ sql }) => sql)].join(" "));
    return next();
  });
  const response = await callWorker(env, path, init);
  const headers = [...response.headers].filter(([name]) => !PER_REQUEST.has(name));
  return { status: response.status, headers, body: await response.text(), calls };
}
