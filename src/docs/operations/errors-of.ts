/** Which rows of the error table an operation can answer with, from what it does. */
import { type ErrorCode, ERRORS } from "../../http/errors.ts";
import type { Surface } from "../../http/surfaces.ts";

/** What any operation of a surface can meet. */
const ALWAYS: readonly ErrorCode[] = [
  "method_not_allowed",
  "overloaded",
  "rate_limited",
  "unavailable",
  "internal",
];

/** What refuses a credential. */
const CREDENTIALS: readonly ErrorCode[] = [
  "unauthorized",
  "export_forbidden",
  "admin_unconfigured",
];

/** What a body can be wrong with, whatever it is. */
export const BODY: readonly ErrorCode[] = ["content_encoding", "body_too_large", "body_malformed"];

/** The rows of these codes that the surface has, with what any operation can meet. */
export function errorsOf(surface: Surface, ...more: readonly ErrorCode[]): readonly ErrorCode[] {
  const asked = new Set([...CREDENTIALS, ...more, ...ALWAYS]);
  return allOf(surface).filter((code) => asked.has(code));
}

/** All rows of a surface, but a path that nothing is at. */
export function allErrorsOf(surface: Surface): readonly ErrorCode[] {
  return allOf(surface).filter((code) => code !== "not_found");
}

function allOf(surface: Surface): readonly ErrorCode[] {
  // The keys of the table are its codes, which the type of keys does not say.
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return codes.filter((code) => ERRORS[code].answers[surface] !== undefined);
}
