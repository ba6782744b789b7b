/**
 * Whether an Accept header names a media type (wire.md 1.1): the list contains exactly that
 * type, in any letter case, with any parameters, and its `q` is not 0. A wildcard
 * names nothing.
 *
 * @param type in lower case, for example `application/json`.
 */
export function names(accept: string | null | undefined, type: string): boolean {
  if (accept === null || accept === undefined) return false;
  return accept.split(",").some((range) => {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    return name === type && !parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
  });
}

/** The media type of a Content-Type header in lower case, without its parameters. */
export function mediaType(contentType: string | null | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
