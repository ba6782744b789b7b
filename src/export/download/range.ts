/** Which bytes of a file a request asks for: the header Range of RFC 9110, section 14. */

/** Neighbouring bytes of a file; `length` is at least 1. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** One range, or one among empty list elements, which a list may have (section 5.6.1). */
const ONE_RANGE = /^bytes=[ \t,]*(\d*)-(\d*)[ \t,]*$/i;

/**
 * What a Range header asks of a file of this many bytes.
 *
 * | header, of 1,000 bytes | answer |
 * |---|---|
 * | `bytes=0-99` | the first 100 bytes |
 * | `bytes=900-`, `bytes=900-5000` | all from byte 900 on |
 * | `bytes=-50` | the last 50 bytes; all of a shorter file |
 * | `bytes=1000-`, `bytes=-0` | `unsatisfiable`: no byte of the file |
 * | none; malformed; another unit; several ranges | `whole` |
 *
 * That a Range which is malformed or has several ranges is ignored is what section 14.2 allows:
 * a zip is resumed by one range, and many small ones would be an attack or a mistake.
 */
export function rangeOf(
  header: string | null,
  fileBytes: number,
): ByteRange | "whole" | "unsatisfiable" {
  const [, first = "", last = ""] = ONE_RANGE.exec(header ?? "") ?? [];
  // Digits beyond what a number holds are rounded, or Infinity: beyond any file either way.
  if (first === "") return last === "" ? "whole" : lastBytes(Number(last), fileBytes);
  const offset = Number(first);
  const end = last === "" ? Infinity : Number(last);
  if (end < offset) return "whole";
  if (offset >= fileBytes) return "unsatisfiable";
  return { offset, length: Math.min(end, fileBytes - 1) - offset + 1 };
}

function lastBytes(wanted: number, fileBytes: number): ByteRange | "unsatisfiable" {
  const length = Math.min(wanted, fileBytes);
  return length === 0 ? "unsatisfiable" : { offset: fileBytes - length, length };
}

/** The header Content-Range of a part: the first 100 of 1,000 bytes → `bytes 0-99/1000`. */
export function contentRange({ offset, length }: ByteRange, fileBytes: number): string {
  return `bytes ${offset}-${offset + length - 1}/${fileBytes}`;
}
