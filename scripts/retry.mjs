/** When a request is sent again, and how long to wait before: back-off with full jitter. */

/** The wait before the first repeat is random up to this; it doubles each time. */
const BASE_MS = 500;

/** The most that the random wait can grow to. */
const WAIT_MS_MAX = 30_000;

/** The longest wait that a Retry-After can ask for; a service asks for minutes, not hours. */
const RETRY_AFTER_MS_MAX = 300_000;

/**
 * How long to wait before the repeat number `repeat` (from 1), in ms. A Retry-After is the least
 * wait; the random part on top keeps clients that were turned away together apart.
 * @param {number} repeat
 * @param {string | null} [retryAfter] the header: seconds or a date
 * @param {number} [random] from 0 to below 1
 * @param {number} [now] ms since 1970
 */
export function waitMs(repeat, retryAfter = null, random = Math.random(), now = Date.now()) {
  const jitter = random * Math.min(WAIT_MS_MAX, BASE_MS * 2 ** (repeat - 1));
  return Math.round(retryAfterMs(retryAfter, now) + jitter);
}

/**
 * @param {string | null} header
 * @param {number} now
 */
function retryAfterMs(header, now) {
  if (header === null) return 0;
  const asked = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), RETRY_AFTER_MS_MAX);
}

/**
 * Whether the same request may be answered otherwise later.
 * @param {number} status
 */
export function isRepeatable(status) {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Codes of connections that no repeat repairs: the certificate is not trusted. */
const LASTING = /^(?:CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;

/**
 * The cause of a request without an answer, in words, and whether it may pass.
 * @param {unknown} error what fetch threw
 */
export function causeOf(error) {
  const outer = /** @type {Error & { cause?: unknown }} */ (error);
  const inner = /** @type {{ code?: unknown, message?: string }} */ (outer.cause ?? outer);
  const code = typeof inner.code === "string" ? inner.code : "";
  if (outer.name === "TimeoutError") return { text: "no answer in time", isPassing: true };
  const text = [inner.message ?? "", code].find((part) => part !== "") ?? outer.message;
  return {
    text: code === "" || text.includes(code) ? text : `${text} (${code})`,
    isPassing: !LASTING.test(code),
  };
}
