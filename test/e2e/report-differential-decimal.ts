/** Exact decimals for the differential test without PostgreSQL: units / 10^scale. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { units: 0n, scale: 0 };
export const HUNDRED: Decimal = { units: 100n, scale: 0 };

/** Reads the text of a JSON number. */
export function decimal(text: string): Decimal {
  const [digits = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = digits.split(".");
  const scale = fraction.length - Number(exponent);
  const units = BigInt(`${whole}${fraction}`.replace(/^(-?)0+(?=\d)/, "$1"));
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
}

/** The units at a larger scale. */
function at(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: at(a, scale) + at(b, scale), scale };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, scale: b.scale });
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** Negative, 0 or positive. */
export function order(a: Decimal, b: Decimal): number {
  const { units } = minus(a, b);
  return units < 0n ? -1 : Number(units > 0n);
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);

/** Digits before the point; 0 and below for numbers less than 1. */
const magnitude = ({ units, scale }: Decimal): number => String(size(units)).length - scale;

/** The quotient to 20 significant digits, half away from zero; undefined by 0. */
export function quotient(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.units === 0n) return undefined;
  const scale = Math.max(0, 20 - magnitude(a) + magnitude(b));
  const common = Math.max(a.scale, b.scale);
  const [dividend, divisor] = [size(at(a, common)) * 10n ** BigInt(scale), size(at(b, common))];
  const units = (2n * dividend + divisor) / (2n * divisor);
  return { units: a.units < 0n === b.units < 0n ? units : -units, scale };
}

/** Without an exponent and without zeros at the end behind the point. */
export function plainText(value: Decimal): string {
  const digits = String(size(value.units)).padStart(value.scale + 1, "0");
  const end = digits.length - value.scale;
  const fraction = digits.slice(end).replace(/0+$/, "");
  const sign = value.units < 0n ? "-" : "";
  return `${sign}${digits.slice(0, end)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** On a straight line between two neighbours of the ascending numbers, as percentile_cont. */
export function quantile(values: readonly Decimal[], share: string): Decimal {
  const sorted = values.toSorted(order);
  const place = times(decimal(share), { units: BigInt(sorted.length - 1), scale: 0 });
  const low = Number(place.units / 10n ** BigInt(place.scale));
  const rest = minus(place, { units: BigInt(low), scale: 0 });
  const first = sorted[low] ?? ZERO;
  return plus(first, times(minus(sorted[low + 1] ?? first, first), rest));
}
