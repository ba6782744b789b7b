/** Exact sums of short decimals: one more is some 30 ns, where as a bigint it is 550 ns. */
import { add, type Amount } from "../math/amount.ts";

/** Characters of a number whose digits without their point are below 10^15. */
const SHORT_LENGTH_MAX = 15;

/** One more than the greatest scale. */
const SCALES = 16;

/** Below it one more short number can be added, and the sum is a whole number below 2^53. */
const UNITS_MAX = 2 ** 52;

const [POINT, MINUS, ZERO, NINE] = [0x2e, 0x2d, 0x30, 0x39];

/** The sums of cells, which are small integers from 0; few enough for 16 numbers each. */
export class ShortSums {
  /** By cell × SCALES + scale: what is not in {@link #large}; undefined where there is none. */
  readonly #units: (number | undefined)[] = [];
  /** In the same places, what became too great for a double. */
  readonly #large = new Map<number, bigint>();

  /**
   * Adds a value given as JSON.stringify writes it.
   *
   * @returns false where it is no number, or not a short one without exponent; nothing is added.
   */
  add(cell: number, json: string): boolean {
    const { length } = json;
    if (length > SHORT_LENGTH_MAX) return false;
    const isNegative = json.charCodeAt(0) === MINUS;
    let [units, scale] = [0, 0];
    for (let at = isNegative ? 1 : 0; at < length; at += 1) {
      const code = json.charCodeAt(at);
      if (code === POINT) scale = length - at - 1;
      else if (code < ZERO || code > NINE) return false;
      else units = units * 10 + code - ZERO;
    }
    this.#addUnits(cell * SCALES + scale, isNegative ? -units : units);
    return true;
  }

  #addUnits(place: number, units: number): void {
    while (this.#units.length <= place) this.#units.push(undefined);
    const known = this.#units[place] ?? 0;
    if (Math.abs(known) < UNITS_MAX) {
      this.#units[place] = known + units;
      return;
    }
    this.#large.set(place, (this.#large.get(place) ?? 0n) + BigInt(known));
    this.#units[place] = units;
  }

  /** The sum of a cell; undefined where nothing was added to it. */
  result(cell: number): Amount | undefined {
    let sum: Amount | undefined;
    for (let scale = 0; scale < SCALES; scale += 1) {
      const place = cell * SCALES + scale;
      const units = this.#units[place];
      if (units === undefined) continue;
      const amount = { units: BigInt(units) + (this.#large.get(place) ?? 0n), scale };
      sum = sum === undefined ? amount : add(sum, amount);
    }
    return sum;
  }
}
