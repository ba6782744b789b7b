/**
 * The search for credentials in the log lines of a whole test run (P4 of the design): none that
 * a test used or the service made may stand in any line, written as it is or encoded.
 */

/** The credentials that are no random ones: of the tests, of `npm start`, of the benchmark. */
export const FIXED_CREDENTIALS = [
  "test-admin-token",
  "local-admin-token",
  "bench-admin-token",
  "demo-import-token",
  "demo-export-key",
] as const;

/**
 * What a credential looks like: a token, key, session or form tag of ours (64 hex digits, which
 * nothing else in a line has), a token of Access, a header, a cookie, a parameter of the query.
 */
const FORMS: Readonly<Record<string, RegExp>> = {
  "64 hex digits": /[0-9a-f]{64}/i,
  "a JWT": /\beyJ[\w-]{8,}\.[\w-]{8,}\./,
  "an Authorization header": /\b(?:bearer|basic) +[\w.~+/=-]{16,}/i,
  "the console's cookie": /__Host-headgate=[^\s;"\\]/,
  "a parameter apikey": /[?&]apikey=[^&\s"\\]/i,
};

/** Decodings of a line that are looked at: a reader of the log could make them as well. */
const DECODINGS_MAX = 3;

/** What may be base64 of a credential; shorter ones hold none. */
const BASE64 = /[\w+/-]{20,}={0,2}/g;

/** What credentials a line has, by name; the texts themselves are not repeated. */
export function credentialsIn(line: string): string[] {
  const found = new Set<string>();
  for (const form of formsOf(line)) {
    for (const credential of FIXED_CREDENTIALS)
      if (form.includes(credential)) found.add(credential);
    for (const [name, pattern] of Object.entries(FORMS)) if (pattern.test(form)) found.add(name);
  }
  return [...found];
}

function formsOf(line: string): string[] {
  const forms = [line];
  for (let round = 0, text = line; round < DECODINGS_MAX && text.includes("%"); round += 1) {
    text = text.replaceAll(/(?:%[0-9a-f]{2})+/gi, decoded);
    forms.push(text);
  }
  for (const [run] of line.matchAll(BASE64)) {
    // A slash before it is of the alphabet, too: where it begins is not known.
    for (const start of [0, 1, 2, 3]) forms.push(fromBase64(run.slice(start)));
  }
  return forms;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function fromBase64(run: string): string {
  const text = run.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  return atob(text.slice(0, text.length - (text.length % 4 === 1 ? 1 : 0)));
}

/** What a local server prints of a request by itself. */
const LOCAL_LINE = /^\[wrangler:\w+\] [A-Z]+ \//;

/** Whether a line is of the service's log, and no other output of a test or a tool. */
export function isLogLine(line: string): boolean {
  return (line.includes('"level":"') && line.includes('"event":"')) || LOCAL_LINE.test(line);
}

/** What a search came to. */
export class LogSearch {
  /** Lines of the log that were searched. */
  lines = 0;
  /** Among them those of requests. */
  requests = 0;
  /** What was found: where, and what, with the beginning of the line. */
  readonly findings: string[] = [];

  /**
   * Searches a piece of output.
   *
   * @param where it was written, for whoever looks for the cause.
   */
  take(output: string, where: string): void {
    for (const line of output.split("\n").filter(isLogLine)) {
      this.lines += 1;
      if (line.includes('"event":"request"')) this.requests += 1;
      const found = credentialsIn(line);
      if (found.length > 0) this.findings.push(`${where}: ${found.join(", ")} in ${shown(line)}`);
    }
  }

  /**
   * That nothing was found, and that there was enough to search.
   *
   * @param requestsMin fewer lines of requests mean that the log was not written or not read.
   * @throws Error with all findings.
   */
  check(requestsMin: number): void {
    if (this.findings.length > 0) {
      const list = this.findings.slice(0, 20).join("\n");
      throw new Error(`${this.findings.length} log lines have a credential:\n${list}`);
    }
    if (this.requests < requestsMin) {
      throw new Error(`only ${this.requests} lines of requests to search, not ${requestsMin}`);
    }
  }

  /** One line for whoever reads the gate's output. */
  get summary(): string {
    return `Log: no credential in ${this.lines} lines, ${this.requests} of them of requests.`;
  }
}

/** What of a line may be printed: enough to find it, without what must not be there. */
function shown(line: string): string {
  const event = /"event":"[^"]*"/.exec(line)?.[0] ?? "";
  const id = /"id":"[^"]*"/.exec(line)?.[0] ?? "";
  const surface = /"surface":"[^"]*"/.exec(line)?.[0] ?? "";
  return [event, surface, id].join(" ");
}
