/**
 * What is learned about a request while it is answered: for its line in the log, its metrics
 * and, where it is refused, for the owner of the integration. Nothing decides by it.
 */
import type { Json } from "../json/exact.ts";
import type { Surface } from "./errors.ts";
import type { Importer } from "./import-tokens.ts";

/** One request. Handlers fill in what they learn; what they do not reach stays undefined. */
export class Call {
  /** In the header X-Request-Id of the answer and in every log line of the request. */
  readonly id: string = crypto.randomUUID();
  /** In ms since 1970. */
  readonly startedAt: number = Date.now();
  surface: Surface | undefined;
  /** The integration of an import, as soon as its token is known. */
  importer: Importer | undefined;
  /** The credential that the request showed, to be left out of what is kept of it. */
  credential: string | undefined;
  /** Whose data the request is about; of an import, the importer's. */
  clientId: number | undefined;
  /** The table of the request, where it is about one. */
  table: string | undefined;
  /** The body's bytes, as soon as they are read. */
  body: Uint8Array | undefined;
  /** The records of the body, as soon as it is parsed: a refusal names one by its index. */
  records: readonly Json[] | undefined;
}

const calls = new WeakMap<Request, Call>();

/** The call of a request; begins with the first question for it. */
export function callOf(request: Request): Call {
  let call = calls.get(request);
  if (call === undefined) {
    call = new Call();
    calls.set(request, call);
  }
  return call;
}
