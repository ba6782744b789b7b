/**
 * Exact decimal numbers, for sums of money: 0.1 and 0.2 are 0.3. Every number of a report is
 * one, from the rows to the file.
 */

/** A number: units / 10^scale. The scale is never negative; equal numbers may differ in it. */
export interface Amount {
  readonly units: bigint;
  readonly scale: number;
}

/** Most digits that a number may need, written out: 1e400 is one, 1e1000000 is not. */
const DIGITS_MAX = 1_000;

/** Significant digits of a quotient that does not end before, at least. */
const QUOTIENT_DIGITS = 20;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The number that the text of a JSON number means; undefined for one of too many digits. */
export function amountOf(text: string): Amount | undefined {
  // Most numbers by far; BigInt reads them with their sign.
  if (text.length < 16 && /^-?\d+$/.test(text)) return { units: BigInt(text), scale: 0 };
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const all = whole + fraction;
  const end = endOf(all);
  if (end === 0) return { units: 0n, scale: 0 };
  const digits = all.slice(startOf(all), end);
  const scale = end - whole.length - Number(exponent);
  if (Math.max(digits.length - Math.min(scale, 0), scale) > DIGITS_MAX) return undefined;
  const units = BigInt(sign + digits) * power(Math.max(-scale, 0));
  return { units, scale: Math.max(scale, 0) };
}

// Loops, since a pattern for zeros is slow on long runs of them.
function startOf(digits: string): number {
  let start = 0;
  while (digits[start] === "0") start += 1;
  return start;
}

function endOf(digits: string): number {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return end;
}

/** Powers that are remembered: those of two numbers of the most digits. */
const POWERS_MAX = 2 * DIGITS_MAX;

const POWERS: bigint[] = [1n];

function power(exponent: number): bigint {
  if (exponent > POWERS_MAX) return 10n ** BigInt(exponent);
  return (POWERS[exponent] ??= 10n ** BigInt(exponent));
}

/** Both units at the larger scale. */
function aligned(a: Amount, b: Amount): readonly [bigint, bigint, number] {
  if (a.scale === b.scale) return [a.units, b.units, a.scale];
  if (a.scale < b.scale) return [a.units * power(b.scale - a.scale), b.units, b.scale];
  return [a.units, b.units * power(a.scale - b.scale), a.scale];
}

const UNITS_END = 10n ** BigInt(DIGITS_MAX);

/** Whether a number has more digits than one that is read may have. */
export function isTooLong({ units, scale }: Amount): boolean {
  return scale > DIGITS_MAX || units >= UNITS_END || units <= -UNITS_END;
}

/** The exact sum. */
export function add(a: Amount, b: Amount): Amount {
  const [x, y, scale] = aligned(a, b);
  return { units: x + y, scale };
}

/** The exact difference. */
export function subtract(a: Amount, b: Amount): Amount {
  const [x, y, scale] = aligned(a, b);
  return { units: x - y, scale };
}

/** The exact product. */
export function multiply(a: Amount, b: Amount): Amount {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** Below zero, zero or above, as a is less than b, equal or greater. */
export function compare(a: Amount, b: Amount): number {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : Number(x > y);
}

/**
 * The quotient: all digits before the point, and places behind it up to 20 significant digits
 * or one more, rounded half away from zero. Undefined where b is zero.
 */
export function divide(a: Amount, b: Amount): Amount | undefined {
  if (b.units === 0n) return undefined;
  const isNegative = a.units < 0n !== b.units < 0n;
  const [x, y] = [absolute(a.units), absolute(b.units)];
  const wholeDigits = digitsOf(x) - a.scale - (digitsOf(y) - b.scale);
  const places = Math.max(0, QUOTIENT_DIGITS - wholeDigits);
  const shift = places + b.scale - a.scale;
  const dividend = x * power(Math.max(shift, 0));
  const divisor = y * power(Math.max(-shift, 0));
  const rounded = (2n * dividend + divisor) / (2n * divisor);
  return shortest({ units: isNegative ? -rounded : rounded, scale: places });
}

/** No zeros at the end that are behind the point. */
function shortest({ units, scale }: Amount): Amount {
  let [value, places] = [units, scale];
  while (places > 0 && value % 10n === 0n) {
    value /= 10n;
    places -= 1;
  }
  return { units: value, scale: places };
}

function absolute(units: bigint): bigint {
  return units < 0n ? -units : units;
}

function digitsOf(units: bigint): number {
  return String(units).length;
}

/** The plain decimal: no exponent, no zeros at the end behind the point, `0` for zero. */
export function amountText({ units, scale }: Amount): string {
  const digits = String(absolute(units)).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  let end = digits.length;
  while (end > whole.length && digits[end - 1] === "0") end -= 1;
  const fraction = digits.slice(whole.length, end);
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
