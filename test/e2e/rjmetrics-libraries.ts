/**
 * The five client libraries of the Data Import API: the header lines that each sends, as they
 * were seen on the wire, and what each makes of an answer (wire.md 6). What a library does with
 * an answer is written down as its own code does it, so that a test fails where it would.
 */
import type { RawAnswer } from "./raw.ts";

/** A data point before a library adds anything. */
export type Point = Readonly<Record<string, unknown>>;

/** What a library tells its caller. */
export interface Outcome {
  readonly isSuccess: boolean;
  /** The texts of `reasons` that it shows, where it reads any. */
  readonly reasons?: readonly string[];
}

/** A library, as far as the network sees it. */
export interface Library {
  readonly name: string;
  /** Header lines of GET …/authenticate, without Host. */
  readonly authenticateHeaders: readonly string[];
  /** Header lines of POST …/data, without Host and Content-Length. */
  readonly pushHeaders: readonly string[];
  /** The body for one data point. */
  readonly body: (point: Point) => string;
  readonly authenticated: (answer: RawAnswer) => boolean;
  readonly pushed: (answer: RawAnswer) => Outcome;
  /** Whether it asks the server to close the connection, and fails where that stays open. */
  readonly closes: boolean;
}

interface ErrorBody {
  readonly code: number;
  readonly message: string;
  readonly reasons: readonly string[];
}

const isJson = (answer: RawAnswer): boolean =>
  (answer.headers.get("content-type") ?? "").startsWith("application/json");

/** The fields of a failure, joined as PHP joins them: fails where `reasons` is no array. */
function reasonsOf(answer: RawAnswer): readonly string[] {
  const { code, message, reasons } = JSON.parse(answer.text) as ErrorBody;
  if (code !== answer.status || message === "") throw new Error(`no error body: ${answer.text}`);
  return [reasons.join(", ")];
}

/**
 * RJMetrics-js parses a body typed as JSON and then parses the object's text again, so that
 * only another type comes through. A push counts from exactly 201 on.
 */
function pushedJs(answer: RawAnswer): Outcome {
  const body: unknown = isJson(answer) ? JSON.parse(answer.text) : answer.text;
  const parsed = JSON.parse(String(body)) as Partial<ErrorBody>;
  return { isSuccess: answer.status === 201, reasons: parsed.reasons ?? [] };
}

/** RJMetrics-php reads an answer's body by its type, and fields of an object on failure. */
function pushedPhp(answer: RawAnswer): Outcome {
  if (!isJson(answer)) throw new Error("not typed as JSON: message of a string");
  if (answer.status >= 400) return { isSuccess: false, reasons: reasonsOf(answer) };
  return { isSuccess: answer.status === 201 };
}

/** RJMetrics-ruby takes any 2xx; its examples look for the text "code" in the body. */
function pushedRuby(answer: RawAnswer): Outcome {
  if (answer.status < 200 || answer.status > 299) {
    return { isSuccess: false, reasons: reasonsOf(answer) };
  }
  return { isSuccess: answer.text.includes("code") };
}

/** RJMetrics-py gives its caller the response, whose `ok` is any status below 400. */
function pushedPython(answer: RawAnswer): Outcome {
  return { isSuccess: answer.status < 400 };
}

/** RJMetrics-clj parses every body; its examples compare the status with 201. */
function pushedClojure(answer: RawAnswer): Outcome {
  const { reasons } = JSON.parse(answer.text) as Partial<ErrorBody>;
  return { isSuccess: answer.status === 201, reasons: reasons ?? [] };
}

const PHP_HEADERS = [
  "User-Agent: Httpful/0.2.10 (cURL/7.88.1 PHP/8.2.35 (Linux))",
  "Content-Type: application/json",
  "Accept: */*; q=0.5, text/plain; q=0.8, text/html;level=3;q=0.9, application/json",
] as const;

const CLOJURE_HEADERS = [
  "Connection: close",
  "content-type: application/json",
  "accept-encoding: gzip, deflate",
  "User-Agent: Apache-HttpClient/4.5.14 (Java/17.0.15)",
] as const;

const PYTHON_HEADERS = [
  "User-Agent: python-requests/2.28.2",
  "Accept-Encoding: gzip, deflate",
  "Accept: */*",
  "Connection: keep-alive",
  "Content-Type: application/json",
] as const;

const RUBY_ENCODINGS = "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3";
const RUBY_AGENT = "User-Agent: rest-client/2.1.0 (linux-gnu x86_64) ruby/3.1.2p20";
const JS_HEADERS = ["Accept: */*", "Connection: close", "User-Agent: Needle/0.6.3"] as const;

const isOk = (answer: RawAnswer): boolean => answer.status === 200;

/** JSON as Python writes it: spaces, and everything outside of ASCII escaped. */
function pythonJson(value: Point): string {
  const spaced = JSON.stringify(value, undefined, 1)
    .replaceAll(/\n +/g, " ")
    .replaceAll(/\n|(?<=[{[]) /g, "");
  return spaced.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** All of them, in the order of the documents. */
export const LIBRARIES: readonly Library[] = [
  {
    name: "RJMetrics-js",
    authenticateHeaders: JS_HEADERS,
    pushHeaders: [...JS_HEADERS, "Content-Type: application/json"],
    body: (point) => JSON.stringify([{ keys: ["id"], ...point }]),
    // The promise is resolved for any status; the caller reads the code.
    authenticated: isOk,
    pushed: pushedJs,
    closes: true,
  },
  {
    name: "RJMetrics-php",
    authenticateHeaders: [...PHP_HEADERS, "Content-Length: 0"],
    pushHeaders: PHP_HEADERS,
    body: (point) => JSON.stringify([{ ...point, keys: ["id"] }]),
    authenticated: (answer) => answer.status < 400,
    pushed: pushedPhp,
    closes: false,
  },
  {
    name: "RJMetrics-clj",
    authenticateHeaders: CLOJURE_HEADERS,
    pushHeaders: CLOJURE_HEADERS,
    // A map goes out as it is, without an array around it.
    body: (point) => JSON.stringify({ ...point, keys: ["id"] }),
    authenticated: isOk,
    pushed: pushedClojure,
    closes: true,
  },
  {
    name: "RJMetrics-ruby",
    authenticateHeaders: ["Accept: */*", RUBY_AGENT, RUBY_ENCODINGS],
    pushHeaders: [
      "Accept: application/json",
      RUBY_AGENT,
      "Content-Type: application/json",
      "Timeout: 10",
      RUBY_ENCODINGS,
    ],
    body: (point) => JSON.stringify([{ ...point, keys: ["id"] }]),
    authenticated: (answer) => pushedRuby(answer).isSuccess,
    pushed: pushedRuby,
    closes: false,
  },
  {
    name: "RJMetrics-py",
    authenticateHeaders: PYTHON_HEADERS,
    pushHeaders: PYTHON_HEADERS,
    body: (point) => `[${pythonJson({ ...point, keys: ["id"] })}]`,
    authenticated: isOk,
    pushed: pushedPython,
    closes: false,
  },
];
