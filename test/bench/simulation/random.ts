/** What happens by chance in a simulation: the same for the same seed, on every machine. */

import { Random } from "../../support/random.ts";

/** Random numbers with those that loads have. */
export class SimulationRandom extends Random {
  /** The time to the next of events that come by chance, `mean` apart in the mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}

/**
 * Chooses among `weights.length` things, each as often as its weight says, in constant time
 * (Walker's alias method).
 */
export class Choice {
  readonly #limits: Float64Array;
  readonly #others: Int32Array;

  constructor(weights: readonly number[]) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#limits = Float64Array.from(weights, (weight) => (weight * weights.length) / sum);
    this.#others = Int32Array.from(weights, (_, index) => index);
    const small = this.#indexes((limit) => limit < 1);
    const large = this.#indexes((limit) => limit >= 1);
    for (let less = small.pop(); less !== undefined; less = small.pop()) {
      const more = large.pop();
      if (more === undefined) break;
      const left = (this.#limits[more] ?? 0) + (this.#limits[less] ?? 0) - 1;
      this.#others[less] = more;
      this.#limits[more] = left;
      (left < 1 ? small : large).push(more);
    }
  }

  /** The index of one of them. */
  next(random: Random): number {
    const index = random.below(this.#limits.length);
    return random.next() < (this.#limits[index] ?? 0) ? index : (this.#others[index] ?? index);
  }

  #indexes(test: (limit: number) => boolean): number[] {
    return [...this.#limits.keys()].filter((index) => test(this.#limits[index] ?? 0));
  }
}

/** The weights of Zipf's law: the n-th of `count` things is met `1 / n ** exponent` as often. */
export function zipfWeights(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent);
}
