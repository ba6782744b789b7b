/** The error table in words, for docs/errors.md and for the page `/docs/errors`. */
import type { ErrorAnswer, ErrorRow, Retry } from "../http/errors.ts";
import { type Surface, SURFACE_NAMES } from "../http/surfaces.ts";

/** Whether to send the same request again. */
export const AGAIN: Readonly<Record<Retry, string>> = {
  "after repair": "Yes, once the cause is repaired.",
  "as it is": "Yes, as it is.",
  no: "No.",
};

/** An answer, and the names of all surfaces that give it, with commas. */
export interface NamedAnswer {
  readonly surfaces: string;
  readonly answer: ErrorAnswer;
}

/** The answers of a row, each once. */
export function namedAnswers(answers: ErrorRow["answers"]): readonly NamedAnswer[] {
  const all = new Map<string, NamedAnswer>();
  for (const [surface, answer] of Object.entries(answers)) {
    // The keys of a row are surfaces, which the type of entries does not say.
    const name = SURFACE_NAMES[surface as Surface];
    const key = JSON.stringify(answer);
    const equal = all.get(key);
    all.set(key, { surfaces: equal === undefined ? name : `${equal.surfaces}, ${name}`, answer });
  }
  return [...all.values()];
}
