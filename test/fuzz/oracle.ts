/** Whether an answer is one that the service may give, and which one it is. */
import { ERRORS, type ErrorCode } from "../../src/http/errors.ts";
import type { Surface } from "../../src/http/surfaces.ts";
import type { RawAnswer } from "../e2e/raw.ts";
import { headerOf, type Input, isWellFormed } from "./request.ts";
import type { Outcome } from "./target.ts";

/** How long an answer may take, in ms. */
export const ANSWER_MS_MAX = 5_000;

/** What was seen of an input. */
export interface Verdict {
  /** What is wrong with the answer; undefined where nothing is. */
  readonly fault: string | undefined;
  /** The row of the error table, `ok`, `page`, or `http` where the runtime itself refused. */
  readonly code: string;
  /** The answer without what differs from request to request: new ones are worth keeping. */
  readonly shape: string;
}

/** Judges what became of an input. */
export function judge(input: Input, outcome: Outcome): Verdict {
  const { answer, elapsedMs, trouble } = outcome;
  if (answer === undefined) {
    const isOwnFault = !isWellFormed(input);
    const fault = isOwnFault ? undefined : `no answer: ${trouble ?? "?"}`;
    return { fault, code: "http", shape: isOwnFault ? "closed" : "nothing" };
  }
  const code = codeOf(input, answer);
  const shape = `${answer.status} ${code ?? "?"} ${shapeOf(answer)}`;
  const fault = faultOf(input, answer, code, elapsedMs);
  return { fault, code: code ?? "unknown", shape };
}

function faultOf(
  input: Input,
  answer: RawAnswer,
  code: string | undefined,
  elapsedMs: number,
): string | undefined {
  const said = `${answer.status} ${answer.text.slice(0, 300)}`;
  if (code === "http" && isWellFormed(input)) return `the runtime refused it: ${said}`;
  if (answer.status >= 500 && code !== "http") return `a failure of the service: ${said}`;
  if (code === undefined)
    return `no answer of the surface ${surfacesOf(input).join(", ")}: ${said}`;
  if (elapsedMs > ANSWER_MS_MAX) return `it took ${Math.round(elapsedMs)} ms: ${said}`;
  return undefined;
}

function codeOf(input: Input, answer: RawAnswer): string | undefined {
  // Each answer of the Worker has one; what the runtime refuses by itself never reaches it.
  if (!answer.headers.has("x-request-id")) return "http";
  if (answer.status < 400) return "ok";
  const type = answer.headers.get("content-type") ?? "";
  const path = pathOf(input);
  const isPage = /^\/(?:console|docs)(?:\/|$)/.test(path) || path.startsWith("/assets/");
  if (isPage && (type.startsWith("text/html") || !type.includes("json")))
    return `page ${answer.status}`;
  if (input.method === "HEAD") return "head";
  return surfacesOf(input)
    .map((surface) => rowOf(surface, answer))
    .find((row) => row !== undefined);
}

/** The path without dots, encoded ones too. The router takes it as it is, others may not. */
function pathOf({ target }: Input): string {
  try {
    return new URL(`http://127.0.0.1${target}`).pathname;
  } catch {
    return target;
  }
}

/** The surfaces that may answer a request. */
function surfacesOf(input: Input): readonly Surface[] {
  // There is nothing but the RJMetrics import there, and each surface says so in its way.
  const sandbox = /^sandbox/i.test(headerOf(input, "host") ?? "");
  const others: readonly Surface[] = sandbox ? ["rjmetrics", "export", "stitch", "native"] : [];
  const [raw = ""] = input.target.split("?");
  return [surfaceOf(pathOf(input)), surfaceOf(raw), ...others];
}

function surfaceOf(path: string): Surface {
  const stitch = /^\/v2\/import\/(push|validate|batch)$/.exec(path)?.[1] as Surface | undefined;
  if (stitch !== undefined) return stitch;
  if (path.startsWith("/v2/import/")) return "stitch";
  if (path.startsWith("/api/v1/")) return "native";
  if (path.startsWith("/0.1/")) return "export";
  return /^\/admin\/v1(?:\/|$)/.test(path) ? "admin" : "rjmetrics";
}

/** The row of the error table whose answer this is; of several the one that says most. */
function rowOf(surface: Surface, { status, text }: RawAnswer): ErrorCode | undefined {
  let best: { readonly code: ErrorCode; readonly weight: number } | undefined;
  for (const [code, { answers }] of Object.entries(ERRORS) as [
    ErrorCode,
    (typeof ERRORS)[ErrorCode],
  ][]) {
    const answer = answers[surface];
    if (answer === undefined || answer.status !== status) continue;
    if (answer.text === true ? text !== answer.body : !isLike(answer.body, text)) continue;
    const weight = answer.body.replaceAll(/<[A-Z]+>/g, "").length;
    if (best === undefined || weight > best.weight) best = { code, weight };
  }
  return best?.code;
}

const WHOLE = /^<[A-Z]+>$/;

/** Members that an answer has beside its row's (http/answer.ts). */
const ADDED: ReadonlySet<string> = new Set(["record", "index", "field"]);

function isLike(template: string, text: string): boolean {
  try {
    return fits(JSON.parse(template), JSON.parse(text), true);
  } catch {
    return false;
  }
}

function fits(template: unknown, value: unknown, isTop = false): boolean {
  if (typeof template === "string") {
    if (WHOLE.test(template)) return true;
    return typeof value === "string" && patternOf(template).test(value);
  }
  if (typeof template !== "object" || template === null) return template === value;
  if (typeof value !== "object" || value === null) return false;
  const names = Object.keys(template);
  const own = value as Record<string, unknown>;
  const extra = Object.keys(own).filter((name) => !names.includes(name));
  if (extra.some((name) => !isTop || !ADDED.has(name))) return false;
  return Object.entries(template).every(([name, part]) => name in own && fits(part, own[name]));
}

const patterns = new Map<string, RegExp>();

function patternOf(template: string): RegExp {
  let pattern = patterns.get(template);
  if (pattern === undefined) {
    const parts = template
      .split(/<[A-Z]+>/)
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
    pattern = new RegExp(`^${parts.join("[^]*")}$`);
    patterns.set(template, pattern);
  }
  return pattern;
}

const SHAPE_LENGTH_MAX = 160;

function shapeOf({ text, headers }: RawAnswer): string {
  if ((headers.get("content-type") ?? "").includes("html")) {
    const notice = /<(?:p class="[^"]*error|title)[^>]*>([^<]*)/.exec(text)?.[1] ?? "";
    return notice.replaceAll(/\d+/g, "0").slice(0, SHAPE_LENGTH_MAX);
  }
  return text
    .slice(0, 4 * SHAPE_LENGTH_MAX)
    .replaceAll(/\\"(?:[^"\\]|\\[^"])*\\"/g, "Q")
    .replaceAll(/\d+/g, "0")
    .slice(0, SHAPE_LENGTH_MAX);
}
