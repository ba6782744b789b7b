/**
 * The names of an export's file: inside the zip and in the header of its download (wire.md
 * 4.2). An export's name is any text that its owner chose, often a table's name.
 */

const CSV_SUFFIX = ".csv";
const ZIP_SUFFIX = ".zip";

/**
 * Bytes of UTF-8 of a file name, its suffix included: what the common file systems take. A
 * member with a longer name could be read, but not unpacked; unzip and Python stop there.
 */
export const FILE_NAME_BYTES_MAX = 255;

/** What cannot be in a file name: slashes and control characters (C0, DEL and C1). */
const NOT_IN_FILE_NAMES = /[/\\\p{Cc}]/gu;

/**
 * The name of the zip's one member: `<export name>.csv`, with `_` for each `/`, `\` and control
 * character and U+FFFD for a lone surrogate. `a/b` → `a_b.csv`. A name of more than 251 bytes is
 * cut between two characters; the suffix stays.
 *
 * Every other name is exact, since programs open the member by the name that they gave: also
 * names that begin with a dot, and those that only Windows refuses (`CON`, `a:b`; bsdtar takes
 * one letter and a colon for a drive and leaves them out). The suffix keeps `.` and `..` from
 * being folders, and dots and spaces from being the last characters.
 */
export function memberName(exportName: string): string {
  return withSuffix(exportName, CSV_SUFFIX);
}

/** The name under which the zip is saved: as {@link memberName}, with `.zip`. */
export function downloadName(exportName: string): string {
  return withSuffix(exportName, ZIP_SUFFIX);
}

function withSuffix(exportName: string, suffix: string): string {
  return cutToBytes(toFileName(exportName), FILE_NAME_BYTES_MAX - suffix.length) + suffix;
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
