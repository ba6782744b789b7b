/**
 * Taking credentials out of what callers sent before it is shown to an owner: our own tokens
 * (redact.ts), pieces of the one that the request showed, and what stands where secrets of other
 * systems stand. Rather too much is taken out than too little.
 */
import { decodePercents, DECODINGS_MAX, REDACTED, redact } from "../../redact.ts";

/** What is known of a text that is scrubbed. */
export interface Scrubbing {
  /** What must not be in it, whatever it looks like (Call.credentials). */
  readonly credentials: readonly (string | undefined)[];
  /** Whether the text goes on where it was cut: its end may be the beginning of a secret. */
  readonly isCut: boolean;
  /**
   * Whether the text is a sentence of ours with a caller's texts in it. There a bare word after
   * `password:` is ours; in what callers sent it is the password.
   */
  readonly isReason?: boolean;
}

/** Shortest piece of a credential that is taken out, in characters: 32 bits of a token's 256. */
const PIECE_LENGTH = 8;

/** `https://user:password@host`, with the slashes of JSON as they are or escaped. */
const USER_INFO = /((?:\\?\/){2})[^\s/?#"'\\]*@/g;

/** What is left of it where the text ends before the `@`. */
const CUT_USER_INFO = /((?:\\?\/){2})[^\s/?#"'\\]*$/;

/** A credential as the header Authorization has it. */
const AUTHORIZATION = /\b(bearer|basic)( +)[\w.~+/=-]{16,}/gi;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*-----|$)/g;

/** Credentials that are known by their form: of AWS, GitHub, GitLab, Google, Slack and Stripe; JWT. */
const WELL_KNOWN =
  /\b(?:eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?|A[KS]IA[0-9A-Z]{16}|gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|AIza[\w-]{30,}|xox[abeprs]-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,})/g;

/** A token that was shortened (`…`), which is then no whole one any more. */
const SHORTENED = /[\da-f]{8,}(?=…)/gi;

/** The beginning of a token at the end of a text that was cut. */
const CUT_TOKEN = /[\da-f]{4,}$/i;

/**
 * The text without credentials; percent-decoded where only that shows one. Takes time in
 * proportion to its length: cut it before.
 */
export function scrub(text: string, scrubbing: Scrubbing): string {
  let scrubbed = scrubPlain(text, scrubbing);
  let decoded = scrubbed;
  for (let round = 0; round < DECODINGS_MAX && decoded.includes("%"); round += 1) {
    decoded = decodePercents(decoded);
    const again = scrubPlain(decoded, scrubbing);
    // What is taken out already must not come apart when more is decoded.
    if (again !== decoded) decoded = scrubbed = again;
  }
  return scrubbed;
}

function scrubPlain(text: string, { credentials, isCut, isReason = false }: Scrubbing): string {
  let scrubbed = withoutEncoded(withoutTokens(text, credentials), credentials)
    .replaceAll(PRIVATE_KEY, REDACTED)
    .replaceAll(AUTHORIZATION, `$1$2${REDACTED}`)
    .replaceAll(WELL_KNOWN, REDACTED)
    .replaceAll(USER_INFO, `$1${REDACTED}@`)
    .replaceAll(SHORTENED, REDACTED);
  scrubbed = withoutSecretValues(scrubbed, isReason);
  if (!isCut) return scrubbed;
  return scrubbed.replace(CUT_TOKEN, "").replace(CUT_USER_INFO, `$1${REDACTED}`);
}

/** The text without our tokens, and without pieces of those that are known. */
function withoutTokens(text: string, credentials: Scrubbing["credentials"]): string {
  return withoutPieces(redact(text, ...credentials), credentials);
}

/** What may be base64, with either of its alphabets, of a token or of `user:token`. */
const BASE64 = /[\w+/-]{16,}={0,2}/g;

function withoutEncoded(text: string, credentials: Scrubbing["credentials"]): string {
  return text.replaceAll(BASE64, (run) =>
    // What stands before it, a slash say, is of the alphabet, too: it may begin anywhere.
    [0, 1, 2, 3].some((start) => {
      const plain = fromBase64(run.slice(start));
      return withoutTokens(plain, credentials) !== plain;
    })
      ? REDACTED
      : run,
  );
}

/** The bytes as Latin-1, as far as they are whole. */
function fromBase64(run: string): string {
  const text = run.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  return atob(text.slice(0, text.length - (text.length % 4 === 1 ? 1 : 0)));
}

/** The text without pieces of the credentials: a parser quotes some characters of a body. */
function withoutPieces(text: string, credentials: Scrubbing["credentials"]): string {
  const pieces = piecesOf(credentials);
  let kept = "";
  let copied = 0;
  for (let at = 0; at + PIECE_LENGTH <= text.length; at += 1) {
    if (!pieces.has(text.slice(at, at + PIECE_LENGTH))) continue;
    kept += `${text.slice(copied, at)}${REDACTED}`;
    while (pieces.has(text.slice(at + 1, at + 1 + PIECE_LENGTH))) at += 1;
    copied = at + PIECE_LENGTH;
    at = copied - 1;
  }
  return kept + text.slice(copied);
}

function piecesOf(credentials: Scrubbing["credentials"]): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const credential of credentials) {
    if (credential === undefined) continue;
    for (let at = 0; at + PIECE_LENGTH <= credential.length; at += 1) {
      pieces.add(credential.slice(at, at + PIECE_LENGTH));
    }
  }
  return pieces;
}

/**
 * The end of a name that a secret has, and what stands between it and its value: `"` and `:` of
 * JSON (escaped, too, in a text inside a text), `=` of a form, `=>` of Ruby and PHP, `>` of XML,
 * with attributes or without, or `,` of Transit, whose names begin with `~:`, and of a header as
 * a pair. `{"name":"password","value":"…"}` is one as well. The beginning of the name does not
 * matter: `x-api-key`, `db_password`; nor what is often behind it: `password2`, `secret_value`.
 */
const SECRET_NAME =
  /(?:(?:api|access|private|secret|shared)[ _-]?keys?(?:[_-]?id)?|tokens?|passw(?:or)?ds?|passwd|passphrase|pwd|(?<![a-z])(?:user)?pass|secrets?|(?<![a-z])auth|authorization|credentials?|cookies?|jwt|signature)(?:[_-]?(?:confirm(?:ation)?|hash|live|new|old|plain|prod|test|text|value|\d{1,3}))?(\\*["']?)(\s*)(=>|,\s*\\*["']value\\*["']\s*:|[:=,>]|(?<=\s)[\w.:-]+\s*=[^<>]{0,100}>)(\s*)/gi;

/** Names that headers have: as a column's name, which a comma may follow too, they are rare. */
const HEADER_NAME = /^(?:(?:set-)?cookie|authorization|[^_]*-[^_]*)$/i;

/** The quote with which a value begins, behind the `u` or `b` that Python may write before it. */
const OPENING = /^([bru]{0,2})(\\*["'])/i;

/** Characters before a name in which a mark of Transit is looked for. */
const NAME_LENGTH_MAX = 100;

function withoutSecretValues(text: string, isReason: boolean): string {
  let kept = "";
  let copied = 0;
  for (const match of text.matchAll(SECRET_NAME)) {
    const start = match.index + match[0].length;
    if (match.index < copied || start >= text.length) continue;
    const isBare = match[1] === "" && match[3] === ":";
    if (!isNamed(text, match)) continue;
    if (isReason && isBare && !/[-\d["']/.test(text.charAt(start))) continue;
    const end = isReason ? shownEnd(text, start) : valueEnd(text, start, match[3] === "=");
    if (end === start) continue;
    kept += `${text.slice(copied, start)}${redactedAs(text.slice(start, end), match[1] ?? "")}`;
    copied = end;
  }
  return kept + text.slice(copied);
}

/** What stands for a value: in the value's quotes, or in those of its name. */
function redactedAs(value: string, nameQuote: string): string {
  const [, prefix = "", quote] = OPENING.exec(value) ?? [];
  if (quote === undefined) return `${nameQuote}${REDACTED}${nameQuote}`;
  return `${prefix}${quote}${REDACTED}${value.endsWith(quote) ? quote : ""}`;
}

/** Whether what stands behind the end of a name says that its value comes. */
function isNamed(
  text: string,
  { 0: name, 1: quote = "", 3: mark = "", index }: RegExpExecArray,
): boolean {
  const before = text.slice(Math.max(0, index - NAME_LENGTH_MAX), index);
  if (mark === ",") {
    const end = /^[\w -]*/.exec(name)?.[0] ?? "";
    const beginning = /[\w-]*$/.exec(before)?.[0] ?? "";
    if (before.endsWith(`"~:${beginning}`)) return true;
    return quote !== "" && HEADER_NAME.test(`${beginning}${end}`);
  }
  // Attributes of an element, and no sentence.
  return mark.length <= 2 || !mark.endsWith(">") || /<[\w.:-]*$/.test(before);
}

/** The same in a reason, where a string stands in brackets and may have some itself. */
function shownEnd(text: string, start: number): number {
  return text.charAt(start) === "["
    ? text.lastIndexOf("]") + 1 || text.length
    : valueEnd(text, start);
}

/** The place after the value that begins at `start`; the text's end where it does not end. */
function valueEnd(text: string, start: number, isForm = false): number {
  const opening = OPENING.exec(text.slice(start, start + NAME_LENGTH_MAX));
  if (opening !== null) return stringEnd(text, start + opening[0].length, opening[2] ?? "");
  if ("[{".includes(text.charAt(start))) return nestedEnd(text, start);
  // `Bearer abc` is one value, as is what has a space in it otherwise.
  const bare = isForm ? /[&,;<}\]"'\\\r\n]/g : /[,;<}\]"'\\\r\n]/g;
  bare.lastIndex = start;
  return bare.exec(text)?.index ?? text.length;
}

/**
 * The place after a string. The quotes of a text inside a text have backslashes before them, and
 * those inside it have more.
 */
function stringEnd(text: string, from: number, opening: string): number {
  const mark = opening.slice(-1);
  const depth = opening.length - 1;
  for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at + 1)) {
    let before = at;
    while (before > from && text.charAt(before - 1) === "\\") before -= 1;
    const backslashes = at - before;
    if (depth === 0 ? backslashes % 2 === 0 : backslashes <= depth) return at + 1;
  }
  return text.length;
}

/** The place after an object or an array. */
function nestedEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') at = stringEnd(text, at + 1, '"') - 1;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
