/**
 * Numbers as pictures show them. All is done on their decimal texts, so that no digit is lost to
 * a double: 9007199254740993 is 9,007,199,254,740,993.
 */
import { parseDecimal } from "../../json/decimal.ts";
import { numberText } from "../../json/exact.ts";
import type { PictureNumber } from "./data.ts";

/**
 * How numbers are shown:
 * - number: `1,234.5`, with at most 4 decimals;
 * - currency: `1,234.50`, always with 2;
 * - percent: a share, 0.25 is `25 %`, as formulas have it;
 * - points: a number that is in percent already, 25 is `25 %`, as perspectives have it;
 * - time: seconds, as `1:02:03` or `3 d 04:00:00`.
 */
export type NumberFormat = "number" | "currency" | "percent" | "points" | "time";

const DECIMALS_MAX = 4;
/** Beyond so many digits before the point, a number is shown as 1.2345e+67. */
const WHOLE_DIGITS_MAX = 40n;
const MINUS = "−";
const NO_BREAK = "\u00A0";

/**
 * The text of a value: rounded for reading, half away from zero.
 *
 * @param decimalsMax of the format `number`: less where many stand side by side.
 */
export function formatNumber(
  value: PictureNumber,
  format: NumberFormat,
  decimalsMax = DECIMALS_MAX,
): string {
  const text = numberText(value);
  const plain = plainNumber(text, format, decimalsMax);
  if (plain !== undefined) return plain;
  const { negative, digits, exponent } = parseDecimal(text);
  const shift = format === "percent" ? 2n : 0n;
  const size = BigInt(digits.length) + exponent + shift;
  const unit = format === "percent" || format === "points" ? `${NO_BREAK}%` : "";
  const sign = negative ? MINUS : "";
  if (size > WHOLE_DIGITS_MAX) {
    const [first = "0", rest] = [digits[0], digits.slice(1, 5)];
    return `${sign}${first}${rest && "."}${rest}e+${size - 1n}${unit}`;
  }
  const decimals = { number: decimalsMax, currency: 2, percent: 2, points: 2, time: 0 }[format];
  const [whole, fraction] = rounded(digits, exponent + shift, decimals);
  // What rounds to nothing has no sign.
  const shownSign = /[1-9]/.test(whole + fraction) ? sign : "";
  if (format === "time") return shownSign + timeText(BigInt(whole));
  const shown = format === "currency" ? fraction : trimZeros(fraction);
  return `${shownSign}${grouped(whole)}${shown && "."}${shown}${unit}`;
}

/** Whether the text of a value has all of its digits. */
export function isShownWhole(
  value: PictureNumber,
  format: NumberFormat,
  decimalsMax = DECIMALS_MAX,
): boolean {
  if (format === "time") return false;
  if (plainNumber(numberText(value), format, decimalsMax) !== undefined) return true;
  const { digits, exponent } = parseDecimal(numberText(value));
  if (BigInt(digits.length) + exponent > WHOLE_DIGITS_MAX - 2n) return false;
  const decimals = format === "number" ? decimalsMax : format === "percent" ? DECIMALS_MAX : 2;
  return exponent >= -BigInt(decimals);
}

/** The short way for most numbers, which need no rounding: a table may have 182,000 of them. */
function plainNumber(text: string, format: NumberFormat, decimalsMax: number): string | undefined {
  if (format !== "number" && format !== "currency") return undefined;
  if (text.length > 15 || text.includes("e") || text.includes("E")) return undefined;
  const point = text.indexOf(".");
  const fraction = point === -1 ? "" : text.slice(point + 1);
  if (fraction.length > (format === "number" ? decimalsMax : 2)) return undefined;
  const start = text.startsWith("-") ? 1 : 0;
  const whole = text.slice(start, point === -1 ? undefined : point);
  const shown = format === "currency" ? fraction.padEnd(2, "0") : trimZeros(fraction);
  const sign = start === 1 && /[1-9]/.test(text) ? MINUS : "";
  return `${sign}${grouped(whole)}${shown && "."}${shown}`;
}

/** The digits before and after the point; `digits` times 10 to the power of `exponent`. */
function rounded(digits: string, exponent: bigint, decimals: number): readonly [string, string] {
  const scale = exponent + BigInt(decimals);
  let units: bigint;
  if (scale >= 0n) units = BigInt(digits || "0") * 10n ** scale;
  else {
    const kept = BigInt(digits.length) + scale;
    const end = kept < 0n ? 0 : Number(kept);
    const roundsUp = kept >= 0n && (digits[end] ?? "0") >= "5";
    units = BigInt(digits.slice(0, end) || "0") + (roundsUp ? 1n : 0n);
  }
  const text = units.toString().padStart(decimals + 1, "0");
  return [text.slice(0, text.length - decimals), text.slice(text.length - decimals)];
}

function trimZeros(fraction: string): string {
  let end = fraction.length;
  while (fraction[end - 1] === "0") end -= 1;
  return fraction.slice(0, end);
}

function grouped(whole: string): string {
  if (whole.length < 4) return whole;
  return whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

function timeText(seconds: bigint): string {
  const two = (value: bigint): string => value.toString().padStart(2, "0");
  const [days, hours] = [seconds / 86_400n, (seconds / 3_600n) % 24n];
  const rest = `${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  if (days === 0n) return `${hours}:${rest}`;
  return `${grouped(days.toString())}${NO_BREAK}d ${two(hours)}:${rest}`;
}

const SCALES = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/**
 * The text of a tick of an axis, short: `250k`, `−1.5M`, `40 %`, `1:30:00`, `1e+18`.
 *
 * @param step from one tick to the next, which says how many decimals are needed.
 * @param greatest size of any tick of the axis: all are in its thousands or millions.
 */
export function formatTick(
  value: number,
  { step, greatest }: { readonly step: number; readonly greatest: number },
  format: NumberFormat,
): string {
  if (format === "time" && greatest < 1e15) return formatNumber(value, "time");
  const unit = format === "percent" || format === "points" ? `${NO_BREAK}%` : "";
  const times = format === "percent" ? 100 : 1;
  const [shown, shownStep, most] = [Math.abs(value) * times, step * times, greatest * times];
  if (shown === 0) return `0${unit}`;
  const sign = value < 0 ? MINUS : "";
  if (most >= 1e15 || shownStep < 1e-6) {
    return `${sign}${Number(shown.toPrecision(6)).toExponential()}${unit}`;
  }
  const scale = most < 10_000 ? undefined : SCALES.find(([least]) => most >= least);
  const [divisor, letter] = scale ?? [1, ""];
  const decimals = Math.max(0, -Math.floor(Math.log10(shownStep / divisor) + 1e-9));
  const text = trimPoint((shown / divisor).toFixed(Math.min(20, decimals)));
  const [whole = "", fraction] = text.split(".");
  return `${sign}${grouped(whole)}${fraction === undefined ? "" : `.${fraction}`}${letter}${unit}`;
}

function trimPoint(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
