/**
 * Chunks of the first release, whose labels have no version: `"<sequence> <key>":<data>`, with one
 * version beside them for all. While a deployment spreads, a Worker of that release may still send
 * them to an object of this one, where they would be taken for rows of another version.
 */

/** Texts, and what opens, closes and separates values, in compact JSON. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]/g;

/** The members with the version in each label, as chunkMember (chunks.ts) writes it. */
export function withVersion(members: string, version: string): string {
  const pieces: string[] = [];
  let from = 0;
  let depth = 0;
  let isLabel = true;
  for (const { 0: sign, index } of members.matchAll(TOKENS)) {
    if (isLabel) {
      const end = members.indexOf(" ", index);
      pieces.push(members.slice(from, end), `/${version}`);
      from = end;
      isLabel = false;
    } else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") depth -= 1;
    else if (sign === "," && depth === 0) isLabel = true;
  }
  pieces.push(members.slice(from));
  return pieces.join("");
}
