/** Key names as the query and a header carry them. */
import { KEY_NAMES_MAX } from "../../warehouse/limits.ts";

const FORM = "must be names with commas between them, or a JSON array of strings";

/** The names in the caller's order without repetitions, or what is wrong with them. */
export type KeyNames = { readonly names: readonly string[] } | { readonly problem: string };

/**
 * Reads key names: `id,lang`, several such texts, or `["a,b"]`, the form for names that have
 * commas, begin with a bracket or have white space at an end. One empty text is no key at all.
 */
export function readKeyNames(texts: readonly string[]): KeyNames {
  const [first = ""] = texts;
  if (texts.length === 1 && first.trim() === "") return { names: [] };
  const names = new Set<string>();
  for (const text of texts) {
    const some = text.trimStart().startsWith("[") ? jsonNames(text) : commaNames(text);
    if (some === undefined) return { problem: FORM };
    for (const name of some) names.add(name);
    if (names.size > KEY_NAMES_MAX) return { problem: `cannot be more than ${KEY_NAMES_MAX}` };
  }
  return { names: [...names] };
}

function commaNames(text: string): readonly string[] | undefined {
  const names = text.split(",").map((name) => name.trim());
  return names.includes("") ? undefined : names;
}

function jsonNames(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((name) => typeof name === "string")
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}
