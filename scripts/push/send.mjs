/** One batch to the service: the same bytes under the same key until there is an answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { SendError } from "./errors.mjs";
import { causeOf, isRepeatable, waitMs } from "../retry.mjs";

/** Rows change size most at the first level; the time goes into the network after that. */
const GZIP = { level: constants.Z_BEST_SPEED };

/** How much of an answer that is no JSON is shown, in characters. */
const SHOWN_CHARACTERS = 200;

/**
 * Where and how batches are sent.
 * @typedef {object} Target
 * @property {URL} address of the request, with its query
 * @property {string} token
 * @property {boolean} isGzip
 * @property {number} retries how often a batch is sent again at most
 * @property {number} retryMs how long after the first attempt the last repeat may begin
 * @property {number} timeoutMs for one attempt
 * @property {AbortSignal} stop ends the waiting between attempts
 * @property {(reason: string, ms: number, repeat: number) => void} onRetry
 */

/**
 * What the service did with a batch.
 * @typedef {object} Answer
 * @property {number} received
 * @property {number} inserted
 * @property {number} replaced
 * @property {number} stale
 * @property {number} skipped
 * @property {{ index: number, field?: string, code?: string, reason?: string }[]} errors
 */

/**
 * Sends a batch, again if need be. Throws a SendError where it is refused (with the line of the
 * record at fault) or the attempts are used up; then it may be stored or not.
 * @param {import("./batches.mjs").Batch} batch
 * @param {string} key the Idempotency-Key
 * @param {Target} target
 * @returns {Promise<Answer>}
 */
export async function sendBatch(batch, key, target) {
  const body = await bodyOf(batch.records, target.isGzip);
  const started = Date.now();
  for (let repeat = 1; ; repeat++) {
    const { answer, reason, retryAfter } = await attempt(batch, body, key, target);
    if (answer !== undefined) return answer;
    const wait = waitMs(repeat, retryAfter);
    if (repeat > target.retries || Date.now() + wait - started > target.retryMs) {
      throw new SendError(`${reason}; sent ${times(repeat)}, given up`);
    }
    target.onRetry(reason, wait, repeat);
    try {
      await sleep(wait, undefined, { signal: target.stop });
    } catch {
      throw new SendError(`${reason}; stopped before the next attempt`);
    }
  }
}

/** @param {number} count */
function times(count) {
  return count === 1 ? "once" : `${count} times`;
}

/**
 * @param {readonly string[]} records
 * @param {boolean} isGzip
 */
async function bodyOf(records, isGzip) {
  const body = Buffer.from(`${records.join("\n")}\n`);
  return isGzip ? promisify(gzip)(body, GZIP) : body;
}

/**
 * @typedef {object} Outcome
 * @property {Answer} [answer] absent where the request is to be repeated
 * @property {string} reason
 * @property {string | null} retryAfter
 */

/**
 * @param {import("./batches.mjs").Batch} batch
 * @param {Buffer} body
 * @param {string} key
 * @param {Target} target
 * @returns {Promise<Outcome>}
 */
async function attempt(batch, body, key, target) {
  let response;
  let text;
  try {
    response = await request(body, key, target);
    text = await response.text();
  } catch (error) {
    const { text: cause, isPassing } = causeOf(error);
    const reason = `no answer from ${target.address.origin}: ${cause}`;
    if (!isPassing) throw new SendError(reason);
    return { reason, retryAfter: null };
  }
  if (response.status === 200 || response.status === 207) {
    return { answer: answerOf(text, response.status), reason: "", retryAfter: null };
  }
  const reason = refusalOf(response, text, batch);
  if (!isRepeatable(response.status)) throw new SendError(reason);
  return { reason, retryAfter: response.headers.get("Retry-After") };
}

/**
 * @param {Buffer} body
 * @param {string} key
 * @param {Target} target
 */
function request(body, key, { address, token, isGzip, timeoutMs }) {
  return fetch(address, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/x-ndjson",
      Accept: "application/json",
      "Idempotency-Key": key,
      ...(isGzip ? { "Content-Encoding": "gzip" } : {}),
    },
    body: new Uint8Array(body),
    // The token goes to the host that was named, and to no other.
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
}

/**
 * @param {string} text
 * @param {number} status
 * @returns {Answer}
 */
function answerOf(text, status) {
  const value = membersOf(text);
  if (value === undefined || typeof value.received !== "number") {
    throw new SendError(
      `${status} without the counts of a Headgate; is the URL right? ${shown(text)}`,
    );
  }
  /** @param {unknown} count */
  const number = (count) => (typeof count === "number" ? count : 0);
  return {
    received: number(value.received),
    inserted: number(value.inserted),
    replaced: number(value.replaced),
    stale: number(value.stale),
    skipped: number(value.skipped),
    errors: Array.isArray(value.errors) ? value.errors : [],
  };
}

/** What a refusal asks for in the words of the command line. */
const HINTS = new Map([
  ["keys_missing", "; here it is --keys"],
  ["body_too_large", "; lower --batch-bytes"],
  ["records_too_many", "; lower --batch-rows"],
]);

/**
 * A refusal in the service's words (RFC 9457), with the line of the record that it names.
 * @param {Response} response
 * @param {string} text
 * @param {import("./batches.mjs").Batch} batch
 */
function refusalOf(response, text, batch) {
  const { status } = response;
  if (status >= 300 && status < 400) {
    const to = response.headers.get("Location") ?? "another address";
    return `${status}: the service is at ${to}; give that as --url`;
  }
  const problem = membersOf(text);
  if (problem === undefined) return `${status} ${response.statusText} ${shown(text)}`.trimEnd();
  const line = typeof problem.index === "number" ? batch.lines[problem.index] : undefined;
  const place = line === undefined ? "" : `line ${line}: `;
  const words = [problem.title, problem.detail].filter((word) => typeof word === "string");
  const marks = [
    typeof problem.code === "string" ? problem.code : undefined,
    typeof problem.field === "string" ? `field ${JSON.stringify(problem.field)}` : undefined,
  ].filter((mark) => mark !== undefined);
  const tail = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
  const hint = HINTS.get(String(problem.code)) ?? "";
  return `${place}${status} ${[...new Set(words)].join(": ")}${tail}${hint}`;
}

/**
 * @param {string} text
 * @returns {Record<string, unknown> | undefined} undefined where it is no JSON object
 */
function membersOf(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} text */
function shown(text) {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN_CHARACTERS);
}
