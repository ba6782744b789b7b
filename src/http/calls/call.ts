/**
 * What is learned about a request while it is answered: for its line in the log, its metrics
 * and, where it is refused, for the owner of the integration. Nothing decides by it.
 */
import type { Json } from "../../json/exact.ts";
import type { LogOrigin } from "../../log.ts";
import type { ErrorCode } from "../errors.ts";
import type { Importer } from "../credentials/import-tokens.ts";
import { SMALL_BODY_BYTES } from "../limits.ts";
import type { RateAnswer } from "../credentials/rate-limits.ts";
import type { Surface } from "../surfaces.ts";

/** What is kept of a large body, in bytes: more than its excerpt is made of (rejections/excerpt.ts). */
const BODY_KEPT_BYTES = 8_192;

/** One request. Handlers fill in what they learn; what they do not reach stays undefined. */
export class Call implements LogOrigin {
  /** In the header X-Request-Id of the answer and in every log line of the request. */
  readonly id: string = crypto.randomUUID();
  /** In ms since 1970. */
  readonly startedAt: number = Date.now();
  /** Whether it came from outside: what the service asks itself is in no log and no limit. */
  isFromOutside = false;
  surface: Surface | undefined;
  /** Whether it can store nothing whatever it says (wire.md 3.5). */
  isSandbox = false;
  /** Whether it asked that nothing be stored. */
  isDryRun = false;
  /** The integration of an import, as soon as its token is known. */
  importer: Importer | undefined;
  /** The credential that the request showed, to be left out of what is kept of it. */
  credential: string | undefined;
  /** The deployment's own secret, to be left out just so: somebody may send it anywhere. */
  adminToken: string | undefined;
  /** Whose data the request is about; of an import, the importer's. */
  clientId: number | undefined;
  /** The table of the request, where it is about one. */
  table: string | undefined;
  /** The body's first bytes, as soon as they are read. */
  body: Uint8Array | undefined;
  /** How many bytes the body had, after Content-Encoding was undone. */
  bytes: number | undefined;
  /** The records of the body, as soon as it is parsed: a refusal names one by its index. */
  records: readonly Json[] | undefined;
  /** How many records the body had. */
  recordCount: number | undefined;
  /** How many of them were taken, where that is neither all of them nor none. */
  acceptedCount: number | undefined;
  /** Why it was refused. */
  code: ErrorCode | undefined;
  /** What its rate limit said, where it was counted. */
  rate: RateAnswer | undefined;

  get credentials(): readonly (string | undefined)[] {
    return [this.credential, this.adminToken];
  }

  /** Notes a body that was read. */
  noteBody(body: Uint8Array): void {
    // A copy, so that the parser can free the body (http/parse.ts).
    const isLarge = body.byteLength > SMALL_BODY_BYTES;
    this.body = isLarge ? body.slice(0, BODY_KEPT_BYTES) : body;
    this.bytes = body.byteLength;
  }

  /** Notes the records of the body. */
  noteRecords(records: readonly Json[]): void {
    this.records = records;
    this.recordCount = records.length;
  }

  /**
   * Call it when the rows are made: a large body and its records would only take the room that
   * others need while the rows are written, and a commit hardly ever refuses a record.
   */
  dropLargeBody(): void {
    if ((this.bytes ?? 0) <= SMALL_BODY_BYTES) return;
    this.body = undefined;
    this.records = undefined;
  }
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
