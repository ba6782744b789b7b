/** What a page says, without its tags. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** The text that a person reads, runs of white space as one space. */
export function plainText(html: string): string {
  return unescaped(html.replaceAll(/<[^>]*>/g, " ")).replaceAll(/\s+/g, " ");
}

/** A text as it is, out of the text of a document. */
export function unescaped(html: string): string {
  return html.replaceAll(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** The cells of the page's tables, row by row, without their headings. */
export function rowsOf(html: string): string[][] {
  const rows = [...html.matchAll(/<tr(?: role="row")?>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = ""]) => plainText(cell).trim()),
  );
  return rows.filter((cells) => cells.length > 0);
}
