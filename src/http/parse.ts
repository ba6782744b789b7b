/** From the bytes of a body to its values: text, then JSON or Transit, weighed before it is parsed. */
import { isUtf8 } from "node:buffer";
import { Buffer, freeBytes, utf8Text } from "../buffer.ts";
import type { Json } from "../json/exact.ts";
import { Weight } from "../json/weight.ts";
import type { Admission } from "./admission.ts";
import { Refusal } from "./errors.ts";
import {
  BODY_COPIES,
  BODY_GROWTH,
  BODY_MEMORY_BYTES_MAX,
  QUOTED_LENGTH_MAX,
  SMALL_BODY_BYTES,
} from "./limits.ts";

/**
 * Parses a body, and frees its bytes where they are many: they are empty afterwards.
 *
 * @param admission takes more for a body that becomes much larger than usual.
 * @param parse reads JSON, or another format that is written in it.
 * @throws Refusal body_malformed, body_too_complex or overloaded.
 */
export function parseBody<T = Json>(
  bytes: Uint8Array,
  admission: Admission,
  parse: (text: string, weight: Weight) => T,
): T {
  const { byteLength } = bytes;
  return parseOrRefuse(() => {
    const text = decodeText(bytes);
    if (byteLength > SMALL_BODY_BYTES) freeBytes(bytes);
    return parse(text, weightOf(byteLength, admission));
  });
}

/**
 * The weight of a body's values, which refuses what is too much (promise P7).
 *
 * @param bodyBytes that the admission has taken.
 */
export function weightOf(bodyBytes: number, admission: Admission): Weight {
  let taken = bodyBytes;
  return new Weight((valueBytes) => {
    const bytes = BODY_COPIES * bodyBytes + valueBytes;
    if (bytes > BODY_MEMORY_BYTES_MAX) {
      throw new Refusal("body_too_complex", { BYTES: bytes, LIMIT: BODY_MEMORY_BYTES_MAX });
    }
    const more = Math.ceil(bytes / BODY_GROWTH) - taken;
    if (more <= 0) return;
    admission.take(more);
    taken += more;
  });
}

/** The byte order mark in UTF-8. */
const BOM = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * The text of a body; a byte order mark at its start is dropped.
 *
 * @throws Refusal body_malformed where it is not UTF-8.
 */
export function decodeText(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) {
    throw new Refusal("body_malformed", { PARSER: "The body is not valid UTF-8." });
  }
  return utf8Text(bytes, BOM.equals(bytes.subarray(0, BOM.length)) ? BOM.length : 0);
}

/**
 * Runs a parser and turns its complaint into a refusal.
 *
 * @throws Refusal body_malformed with the parser's words.
 */
export function parseOrRefuse<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Refusal("body_malformed", { PARSER: "The body is nested too deeply." });
    }
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal("body_malformed", { PARSER: error.message.slice(0, QUOTED_LENGTH_MAX) });
  }
}
