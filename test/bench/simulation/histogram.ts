/** Times by how often they were met, to within 2 %: a list of millions would not stay small. */

const STEP = Math.log(1.02);
/** Shorter times are taken for this, in ms. */
const MS_MIN = 0.01;

/** See the module's comment. */
export class Histogram {
  readonly #counts = new Float64Array(1_200);
  count = 0;
  sumMs = 0;

  add(ms: number): void {
    const place = Math.max(0, Math.ceil(Math.log(Math.max(ms, MS_MIN) / MS_MIN) / STEP));
    const last = Math.min(place, this.#counts.length - 1);
    this.#counts[last] = (this.#counts[last] ?? 0) + 1;
    this.count += 1;
    this.sumMs += ms;
  }

  /** The time below which this share of all times are, in ms; 0 where there are none. */
  quantile(share: number): number {
    let left = share * this.count;
    if (this.count === 0) return 0;
    for (const [place, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return MS_MIN * Math.exp(place * STEP);
    }
    return MS_MIN * Math.exp(this.#counts.length * STEP);
  }
}
