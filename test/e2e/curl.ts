/** The command lines of the old documents, as curl puts them on the wire. */
import { Buffer } from "../../src/buffer.ts";
import { exchange, type RawAnswer } from "./raw.ts";
import { BASE } from "./service.ts";

/** One `curl -v|-i|-H …` line. */
export interface CurlLine {
  readonly path: string;
  /** The host that the line names; the server's own where it is left out. */
  readonly host?: string;
  /** `-X`; without it POST where there is data, else GET. */
  readonly method?: string;
  /** `-H`. */
  readonly headers?: readonly string[];
  /** `-d "…"`. */
  readonly data?: string;
  /** `-d @file`: the file's text, of which curl leaves out the line ends. */
  readonly file?: string;
}

/** Runs a line over a connection of its own. */
export function curl(line: CurlLine): Promise<RawAnswer> {
  const body = line.data ?? line.file?.replaceAll(/[\r\n]/g, "");
  const method = line.method ?? (body === undefined ? "GET" : "POST");
  const given = line.headers ?? [];
  const headers = [
    `Host: ${line.host ?? new URL(BASE).host}`,
    "User-Agent: curl/7.88.1",
    "Accept: */*",
    ...given,
  ];
  if (body !== undefined) {
    headers.push(`Content-Length: ${Buffer.byteLength(body)}`);
    const isTyped = given.some((header) => /^content-type:/i.test(header));
    if (!isTyped) headers.push("Content-Type: application/x-www-form-urlencoded");
  }
  return exchange(BASE, `${method} ${line.path}`, headers, body);
}
