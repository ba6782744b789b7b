/** One JSON object a line, as the platform's logs take them. No credential may be among the facts. */

/** Logs a failure. `event` names its kind, for whoever searches the logs. */
export function logError(event: string, facts: Readonly<Record<string, unknown>>): void {
  console.error(JSON.stringify({ level: "error", event, ...facts }));
}

/** What a thrown value says; not everything that is thrown is an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with where it was thrown, as far as that is known. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
