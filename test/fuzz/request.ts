/** One input of the fuzzer: a request byte for byte, as a client without manners sends it. */
import { gunzipSync } from "node:zlib";
import { Buffer } from "../../src/buffer.ts";

/** How the body's end is told. */
export type Framing =
  /** Content-Length, and as many bytes. */
  | "length"
  /** Transfer-Encoding: chunked, in pieces of 1,000 bytes. */
  | "chunked"
  /** No word of a body, and none. */
  | "none";

/** A request that can be sent again. */
export interface Input {
  /** The operation or family that it came from; answers are counted by it. */
  readonly route: string;
  readonly method: string;
  /** What stands behind the method: path and query as they are, never normalised. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly framing: Framing;
}

const CHUNK_BYTES = 1_000;

/** The bytes of a request. Text of the head is taken as Latin-1: one byte a character. */
export function bytesOf(input: Input): Uint8Array {
  const lines = [`${input.method} ${input.target} HTTP/1.1`];
  if (headerOf(input, "host") === undefined) lines.push("Host: 127.0.0.1");
  for (const [name, value] of input.headers) lines.push(`${name}: ${value}`);
  if (input.framing === "length") lines.push(`Content-Length: ${input.body.length}`);
  if (input.framing === "chunked") lines.push("Transfer-Encoding: chunked");
  const head = Buffer.from([...lines, "", ""].join("\r\n"), "latin1");
  if (input.framing === "none") return head;
  return Buffer.concat([head, input.framing === "chunked" ? chunked(input.body) : input.body]);
}

function chunked(body: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const piece = body.subarray(at, at + CHUNK_BYTES);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...pieces, Buffer.from("0\r\n\r\n")]);
}

/** Longest target and headers that every runtime takes: workerd's own are larger. */
const HEAD_LENGTH_MAX = 8_000;

/** The characters of a path and a query (RFC 3986, section 3.3). */
const TARGET = /^\/[\w\-.~!$&'()*+,;=:@%/?]*$/;

/** Whether HTTP allows the request, so that the Worker must be what answers it. */
export function isWellFormed({ target, headers, method }: Input): boolean {
  const length = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const isUsual = target.length + length <= HEAD_LENGTH_MAX && TARGET.test(target);
  return isUsual && /^[A-Z]+$/.test(method) && headers.every(isOrdinary);
}

/** Whether a header has a meaning for nobody but the Worker, and a value that may be sent. */
function isOrdinary([name, value]: readonly [string, string]): boolean {
  return !/^(?:host|expect|upgrade|transfer-encoding)$/i.test(name) && isValue(value);
}

/** A visible character, a space, a tab, or one beyond ASCII. */
function isValue(value: string): boolean {
  return /^[\t -~\u0080-\u00ff]*$/.test(value);
}

/** The value of a header, whatever the case of its name; the first where there are several. */
export function headerOf(input: Input, name: string): string | undefined {
  return input.headers.find(([own]) => own.toLowerCase() === name.toLowerCase())?.[1];
}

/** The input with another value of a header, or without it. */
export function withHeader(input: Input, name: string, value: string | undefined): Input {
  const others = input.headers.filter(([own]) => own.toLowerCase() !== name.toLowerCase());
  return { ...input, headers: value === undefined ? others : [...others, [name, value]] };
}

/** The input as JSON that {@link loadInput} reads. */
export function saveInput(input: Input): string {
  const body = Buffer.from(input.body).toString("base64");
  return `${JSON.stringify({ ...input, body }, undefined, 1)}\n`;
}

/** The input that {@link saveInput} wrote. */
export function loadInput(json: string): Input {
  const saved = JSON.parse(json) as Omit<Input, "body"> & { readonly body: string };
  return { ...saved, body: Buffer.from(saved.body, "base64") };
}

/** A shell line that sends about the same with curl, the body from a file. */
export function curlLine(input: Input, file: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const headers = input.headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  if (input.framing === "chunked") headers.push("-H 'Transfer-Encoding: chunked'");
  const body = input.framing === "none" ? [] : [`--data-binary @${quote(file)}`];
  const url = quote(`http://127.0.0.1:8787${input.target}`);
  return ["curl -i --path-as-is -X", input.method, ...headers, ...body, url].join(" ");
}

const SHOWN_LENGTH_MAX = 300;

/** What the input says, cut short, for a report. */
export function shownInput(input: Input): string {
  const head = `${input.method} ${input.target.slice(0, SHOWN_LENGTH_MAX)}`;
  const headers = input.headers.map(([name, value]) => `${name}: ${value}`.slice(0, 100));
  return [
    head,
    ...headers,
    shownBody(input),
    `(${input.body.length} bytes, ${input.framing})`,
  ].join("\n");
}

function shownBody(input: Input): string {
  let { body } = input;
  if (headerOf(input, "content-encoding") === "gzip") {
    try {
      body = gunzipSync(body, { maxOutputLength: 1_000_000 });
    } catch {
      // Shown as it is.
    }
  }
  return JSON.stringify(Buffer.from(body.subarray(0, SHOWN_LENGTH_MAX)).toString());
}
