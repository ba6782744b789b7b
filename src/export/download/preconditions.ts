/** The conditions that a request puts on its answer: RFC 9110, section 13. */
import { parseHttpDate } from "./http-date.ts";

/** What a file is known by. Both are strong: a file never changes once it is there. */
export interface Validators {
  /** With its quotes. */
  readonly etag: string;
  /** In ms since 1970, whole seconds, as Last-Modified has it; undefined where it has none. */
  readonly modifiedAt: number | undefined;
}

/**
 * Weighs the conditions of a GET or HEAD in the order of section 13.2.2: `failed` is a 412,
 * `not_modified` a 304. A date that is none, or a list without a tag of the right form, is no
 * error: the one is ignored, the other names no file.
 */
export function checkPreconditions(
  headers: Headers,
  { etag, modifiedAt }: Validators,
): "met" | "failed" | "not_modified" {
  const ifMatch = headers.get("If-Match");
  if (ifMatch !== null) {
    if (!names(ifMatch, etag, false)) return "failed";
  } else {
    const since = dateOf(headers, "If-Unmodified-Since");
    if (since !== undefined && modifiedAt !== undefined && modifiedAt > since) return "failed";
  }
  const ifNoneMatch = headers.get("If-None-Match");
  if (ifNoneMatch !== null) return names(ifNoneMatch, etag, true) ? "not_modified" : "met";
  const since = dateOf(headers, "If-Modified-Since");
  if (since === undefined || modifiedAt === undefined) return "met";
  return modifiedAt <= since ? "not_modified" : "met";
}

/**
 * Whether If-Range, if there is one, lets Range count (section 13.1.5): it names this very file,
 * by its tag or by its date to the second. Else the whole file is what the caller needs.
 */
export function allowsRange(headers: Headers, { etag, modifiedAt }: Validators): boolean {
  const value = headers.get("If-Range");
  if (value === null || value === etag) return true;
  const date = parseHttpDate(value, Date.now());
  return date !== undefined && date === modifiedAt;
}

/** A tag of a list, with the mark of a weak one; section 8.8.3. */
const TAGS = /(?<=^|[ \t,])(W\/)?("[^"]*")(?=[ \t,]|$)/g;

/** Whether a list of tags, or `*`, names a file. A weak tag does where that is enough. */
function names(list: string, etag: string, weakIsEnough: boolean): boolean {
  if (list === "*") return true;
  for (const [, weak, tag] of list.matchAll(TAGS)) {
    if (tag === etag && (weak === undefined || weakIsEnough)) return true;
  }
  return false;
}

function dateOf(headers: Headers, name: string): number | undefined {
  const value = headers.get(name);
  return value === null ? undefined : parseHttpDate(value, Date.now());
}
