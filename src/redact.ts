/** Taking credentials out of texts that are kept: lines of the log, metrics, rejections. */

/** What stands in a credential's place. */
export const REDACTED = "[redacted]";

/** Our tokens and keys are 64 hex digits (secrets.ts), in whatever letters somebody wrote them. */
const SECRET = /[0-9a-f]{64,}/gi;

/**
 * A text without credentials: those given, and whatever looks like a token or key of ours. They
 * are found percent-encoded, too, as they stand in a path; the text then comes back decoded.
 *
 * Redact before cutting: the first half of a credential does not look like one.
 *
 * @param credentials as they were shown; undefined and empty ones are left out.
 */
export function redact(text: string, ...credentials: readonly (string | undefined)[]): string {
  let decoded = text;
  for (let round = 0; round < DECODINGS_MAX && decoded.includes("%"); round += 1) {
    decoded = decodePercents(decoded);
    const redacted = redactPlain(decoded, credentials);
    if (redacted !== decoded) return redacted;
  }
  return redactPlain(text, credentials);
}

/**
 * How often a text is decoded to find a credential in it: one may be encoded more than once
 * where programs build addresses of addresses.
 */
export const DECODINGS_MAX = 3;

function redactPlain(text: string, credentials: readonly (string | undefined)[]): string {
  let redacted = text;
  for (const credential of credentials) {
    if (credential !== undefined && credential !== "" && redacted.includes(credential)) {
      redacted = redacted.replaceAll(credential, REDACTED);
    }
  }
  // Most texts are shorter than any token.
  return redacted.length < 64 ? redacted : redacted.replaceAll(SECRET, REDACTED);
}

/** Undoes what can be undone: a path may hold percent signs that encode nothing. */
export function decodePercents(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
