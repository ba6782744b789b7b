/**
 * One JSON object a line, as the platform's logs take them. What is written while a request is
 * answered has the request's id, wherever it is written; credentials are taken out.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { redact } from "./redact.ts";

/** `info`: as it should be. `warn`: a request was refused. `error`: look at it. */
export type LogLevel = "info" | "warn" | "error";

/** What is logged: texts, numbers and the like. What is undefined is left out. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** The request that lines belong to. */
export interface LogOrigin {
  readonly id: string;
  /** What must not be in a line, whatever it was taken from. */
  readonly credentials: readonly (string | undefined)[];
}

const origins = new AsyncLocalStorage<LogOrigin>();

/** Does work whose lines carry an id, those of what it leaves behind too. */
export function withLogOrigin<T>(origin: LogOrigin, work: () => T): T {
  return origins.run(origin, work);
}

/** The request whose work this is; undefined where nobody waits for an answer. */
export function currentOrigin(): LogOrigin | undefined {
  return origins.getStore();
}

/** Logs a failure. `event` names its kind, for whoever searches the logs. */
export function logError(event: string, facts: LogFacts): void {
  const origin = origins.getStore();
  const credentials = origin?.credentials ?? [];
  const clean = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === "string" ? redact(value, ...credentials) : value,
  ]);
  const line = { id: origin?.id, ...(Object.fromEntries(clean) as LogFacts) };
  logLine("error", event, line);
}

/**
 * What JSON may hold as it is and a reader of logs may obey: DEL and the controls of Latin-1, the
 * line ends of Unicode, and what turns the direction of a text around.
 */
const OBEYED = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Logs a line as it is: among its facts there is no credential, and nothing adds an id. It is one
 * line for every reader, whatever the texts of callers in it.
 */
export function logLine(level: LogLevel, event: string, facts: LogFacts): void {
  const json = JSON.stringify({ level, event, ...facts });
  const line = json.replaceAll(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}

/** What a thrown value says; not everything that is thrown is an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with where it was thrown, as far as that is known. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
