/** Names of members of the objects that Transit maps become. */
import { stringifyExact } from "../../json/exact.ts";
import type { Json } from "../../json/exact.ts";

/**
 * Longest name that a key which is no string may give, in UTF-16 units. Without a limit a short
 * body fills the memory: in the text of a map whose key is a map whose key is a map … every
 * quote has twice the backslashes at each level.
 */
const COMPOSITE_NAME_LENGTH_MAX = 1_024;

/**
 * The name that a decoded map key gives: a string itself, anything else its JSON text
 * (`[1, 2]` gives `[1,2]`; wire.md 2.7).
 *
 * @throws SyntaxError where that text is longer than 1,024 characters.
 */
export function memberName(key: Json): string {
  if (typeof key === "string") return key;
  const text = stringifyExact(key);
  if (text.length <= COMPOSITE_NAME_LENGTH_MAX) return text;
  throw new SyntaxError(
    `Transit: a map key that is no string has more than ${COMPOSITE_NAME_LENGTH_MAX} characters`,
  );
}
