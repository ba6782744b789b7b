/** What a refusal says, in words for the owner of the integration whose request it was. */
import type { Surface } from "../surfaces.ts";
import { shortened } from "./excerpt.ts";
import { ERRORS, type ErrorAnswer, type ErrorParams, type Refusal } from "../errors.ts";
import { scrub } from "./scrub.ts";

/** Longest reason, in UTF-16 units: a cause and what the answer said, both of a sentence or two. */
const REASON_LENGTH_MAX = 500;

/** What is read of a reason before credentials are taken out of it, in UTF-16 units. */
const WORDS_LENGTH_MAX = 8 * REASON_LENGTH_MAX;

/**
 * What a parser quotes of the body. It may be a piece of a secret which nothing tells to be one;
 * the excerpt has what is quoted where it is near the body's beginning.
 */
const QUOTED = /, (?:\.\.\.)?"[^]*"(?:\.\.\.)?(?= is not valid JSON)/;

/** Where a record stands, which is told beside the reason: refusals that differ in it are equal. */
const PLACE = /^(?:Record <RECORD>|Line <LINE>): |[ /]<RECORD>/g;

/**
 * The cause of a refusal and what its answer said, without credentials: some answers have fixed
 * texts that tell a stranger nothing (wire.md 2.2), and the cause alone names no field.
 */
export function reasonOf(
  surface: Surface,
  refusal: Refusal,
  credentials: readonly (string | undefined)[],
): string {
  const { cause, answers } = ERRORS[refusal.code] satisfies { readonly cause: string };
  const said = wordsOfAnswer(answers[surface], refusal.params);
  const words = `${cause} ${said}`.trim().replace(QUOTED, "");
  const isCut = words.length > WORDS_LENGTH_MAX;
  const read = words.slice(0, WORDS_LENGTH_MAX);
  return shortened(scrub(read, { credentials, isCut, isReason: true }), REASON_LENGTH_MAX, isCut);
}

/** What an answer says of this request, apart from what says the same of each. */
function wordsOfAnswer(answer: ErrorAnswer | undefined, params: ErrorParams): string {
  if (answer === undefined) return "";
  if (answer.text === true) return filled(answer.body, params);
  const body = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
  const { errors, reasons, detail, message, error } = body;
  const told = errors ?? reasons ?? detail ?? [message, error].filter((part) => part !== undefined);
  return wordsOf(told, params);
}

/** The texts of a part of an answer: `sequence: should be an integer`. */
function wordsOf(value: unknown, params: ErrorParams): string {
  if (typeof value === "string") return filled(value, params);
  if (Array.isArray(value)) return value.map((part) => wordsOf(part, params)).join(" ");
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).map(([name, part]) => {
    const words = wordsOf(part, params);
    return name === "reason" || name === "error" ? words : `${name}: ${words}`;
  });
  return parts.join("; ");
}

function filled(template: string, params: ErrorParams): string {
  return template.replaceAll(PLACE, "").replaceAll(/<([A-Z]+)>/g, (place, name: string) =>
    // A parameter may be text, a number, or the problems of a record by its members.
    name in params ? wordsOf(params[name], {}) : place,
  );
}
