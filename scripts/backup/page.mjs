/** Pages of rows as text: their numbers may have more digits than JavaScript can keep. */

/**
 * The rows of a page, each as the text that the service sent, and where the next page begins.
 *
 * @param text `{"rows":[{"sequence":"1","data":{…}},…],"next":"…"}`
 * @returns `{ rows, next }`; `next` is null at the end of the table.
 */
export function readPage(text) {
  const { rows: parsed, next } = JSON.parse(text);
  const rows = elements(text, text.indexOf("[") + 1);
  // Both have read the same text; a page that is written in another way must not be cut wrongly.
  if (rows.length !== parsed.length) throw new Error("The page's rows could not be told apart.");
  return { rows, next };
}

/** The texts of an array's elements, from behind its bracket on. */
function elements(text, begin) {
  const found = [];
  let depth = 0;
  let from = begin;
  for (let at = begin; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "{" || character === "[") depth++;
    else if ((character === "," || character === "]") && depth === 0) {
      const element = text.slice(from, at).trim();
      // Between two tokens a line break is the same as a space; strings have none.
      if (element !== "") found.push(element.replaceAll(/[\r\n]/g, " "));
      if (character === "]") return found;
      from = at + 1;
    } else if (character === "}" || character === "]") depth--;
  }
  throw new Error("The page ends in the middle of its rows.");
}

/** The place of the quotation mark that ends the string which begins at a place. */
function endOfString(text, begin) {
  for (let at = text.indexOf('"', begin + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return at;
  }
  throw new Error("The page ends in the middle of a string.");
}

/** What JSON knows of a value: string, number, boolean, null, array or object. */
export function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
