/**
 * Decimal numbers as written, of any size: for keys (is 1e0 the same as 1.0?) and for the
 * limits of a JSON Schema (is 0.3 a multiple of 0.1?).
 */

/**
 * A decimal number: (-1)^negative × digits × 10^exponent. `digits` has neither leading nor
 * trailing zeros and is empty for zero, which is never negative, so that equal numbers have
 * equal fields.
 */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: bigint;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Reads the text of a JSON number.
 *
 * @throws SyntaxError where the text is no number.
 */
export function parseDecimal(text: string): Decimal {
  const match = NUMBER.exec(text);
  if (match === null) throw new SyntaxError(`not a number: ${text.slice(0, 40)}`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const all = trimZerosBefore(whole + fraction);
  const digits = trimZerosAfter(all);
  if (digits === "") return { negative: false, digits, exponent: 0n };
  const shift = all.length - digits.length - fraction.length;
  return { negative: sign === "-", digits, exponent: BigInt(exponent) + BigInt(shift) };
}

// Loops, not /0+$/: that pattern is quadratic on a long run of zeros inside a number.
function trimZerosBefore(digits: string): string {
  let start = 0;
  while (digits[start] === "0") start += 1;
  return digits.slice(start);
}

function trimZerosAfter(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}

/** Longest integer that {@link canonicalNumber} writes out; JavaScript switches there, too. */
const PLAIN_DIGITS_MAX = 21;

/**
 * One text for all spellings of a number: `1`, `1.0` and `1e0` give `1`; `58.40` gives
 * `584e-1`; `1e400` gives `1e400`. Integers of up to 21 digits are written out, all others as
 * digits and exponent. Never change this: keys are stored in it (see warehouse/keys.ts).
 *
 * @throws SyntaxError where the text is no number.
 */
export function canonicalNumber(text: string): string {
  const { negative, digits, exponent } = parseDecimal(text);
  if (digits === "") return "0";
  const sign = negative ? "-" : "";
  if (exponent >= 0n && BigInt(digits.length) + exponent <= BigInt(PLAIN_DIGITS_MAX)) {
    return sign + digits + "0".repeat(Number(exponent));
  }
  return `${sign}${digits}e${exponent}`;
}

/** Whether the number has no fraction: `1.0` and `1e400` are integers, `1.5` and `1e-7` not. */
export function isIntegral(number: Decimal): boolean {
  return number.exponent >= 0n;
}

/**
 * The order of two numbers: negative where a < b, 0 where they are equal, positive where a > b.
 * Takes time in the length of their texts and not in the size of an exponent.
 */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? compareMagnitudes(b, a) : compareMagnitudes(a, b);
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.digits === "" || b.digits === "") return Math.sign(a.digits.length - b.digits.length);
  const aSize = BigInt(a.digits.length) + a.exponent;
  const bSize = BigInt(b.digits.length) + b.exponent;
  if (aSize !== bSize) return aSize < bSize ? -1 : 1;
  // Both start with a digit other than 0 at the same place, so texts compare like fractions.
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

/** Digits taken at a time from a long number: a BigInt of all of them costs more than linear. */
const CHUNK_DIGITS = 400;

/**
 * Whether value = n × divisor for an integer n, exactly: 0.3 is a multiple of 0.1, 0.35 not.
 * Takes time in the length of `value`, times the length of `divisor`, and not in the size of an
 * exponent, so a caller limits the length of its divisors.
 *
 * @throws RangeError where the divisor is 0.
 */
export function isMultipleOf(value: Decimal, divisor: Decimal): boolean {
  if (divisor.digits === "") throw new RangeError("0 is no divisor");
  if (value.digits === "") return true;
  const shift = value.exponent - divisor.exponent;
  // No digits end in 0, so no power of 10 divides them.
  if (shift < 0n) return false;
  if (divisor.digits === "1") return true;
  // What 10^shift can add are factors 2 and 5, and a divisor of n digits has fewer than 4n.
  const useful = BigInt(divisor.digits.length * 4);
  const modulus = BigInt(divisor.digits);
  const power = 10n ** (shift < useful ? shift : useful);
  return (remainder(value.digits, modulus) * power) % modulus === 0n;
}

function remainder(digits: string, modulus: bigint): bigint {
  let rest = 0n;
  for (let start = 0; start < digits.length; start += CHUNK_DIGITS) {
    const chunk = digits.slice(start, start + CHUNK_DIGITS);
    rest = (rest * 10n ** BigInt(chunk.length) + BigInt(chunk)) % modulus;
  }
  return rest;
}
