/**
 * The names of an export's file: inside the zip and in the header of its download (wire.md
 * 4.2). An export's name is any text that its owner chose, often a table's name.
 */

const CSV_SUFFIX = ".csv";

/**
 * Bytes of UTF-8 of a member name, its suffix included: the longest table name (255 characters
 * of up to 4 bytes, wire.md 2.4) and the suffix, so that no table's name is cut. Many file
 * systems stop at 255 bytes; there a longer member can be read, but not unpacked under its name.
 */
const MEMBER_NAME_BYTES_MAX = 255 * 4 + CSV_SUFFIX.length;

/** What cannot be in a file name: slashes and control characters (C0, DEL and C1). */
const NOT_IN_FILE_NAMES = /[/\\\p{Cc}]/gu;

/**
 * The name of the zip's one member: `<export name>.csv`, with `_` for each `/`, `\` and control
 * character and U+FFFD for a lone surrogate. `a/b` → `a_b.csv`. A name of more than 1,020 bytes
 * is cut between two characters; the suffix stays.
 */
export function memberName(exportName: string): string {
  const stemBytesMax = MEMBER_NAME_BYTES_MAX - CSV_SUFFIX.length;
  return cutToBytes(toFileName(exportName), stemBytesMax) + CSV_SUFFIX;
}

/**
 * The value of a Content-Disposition header (RFC 6266) that names a download. Never an error
 * and never a line break, whatever the name: characters that cannot be in a file name become
 * `_`, as in {@link memberName}.
 *
 * It names the file twice. `filename` is for old readers: printable ASCII, with `_` for every
 * other character, for quotes, backslashes and for percent signs, which some readers decode.
 * `filename*` is the name itself (RFC 8187) and wins where it is understood. `é".zip` →
 * `attachment; filename="__.zip"; filename*=UTF-8''%C3%A9%22.zip`.
 */
export function contentDisposition(fileName: string): string {
  const name = toFileName(fileName);
  const ascii = name.replace(/[^ -~]|["\\%]/gu, "_");
  return `attachment; filename="${ascii}"; filename*=UTF-8''${percentEncode(name)}`;
}

function toFileName(text: string): string {
  return text.toWellFormed().replace(NOT_IN_FILE_NAMES, "_");
}

/** encodeURIComponent leaves four characters that RFC 8187 does not allow in a value. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The longest beginning of whole characters that fits; the text has no lone surrogates. */
function cutToBytes(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax));
  return text.slice(0, read);
}
