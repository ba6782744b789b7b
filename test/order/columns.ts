/** Columns of numbers that grow: a history has millions of operations, each a few bytes. */

const FIRST_LENGTH = 1024;

interface Values<T> {
  readonly length: number;
  [index: number]: T;
  set(other: Values<T>): void;
}

/** A list of numbers in one typed array, which doubles when it is full. */
export class Column<T extends number | bigint> {
  readonly #make: (length: number) => Values<T>;
  #values: Values<T>;
  #length = 0;

  /** @param make an array of zeros, of a length. */
  constructor(make: (length: number) => Values<T>) {
    this.#make = make;
    this.#values = make(FIRST_LENGTH);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a value at the end; answers its index. */
  push(value: T): number {
    if (this.#length === this.#values.length) {
      const larger = this.#make(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
    return this.#length - 1;
  }

  /** @throws RangeError where there is no such value. */
  at(index: number): T {
    const value = index < this.#length ? this.#values[index] : undefined;
    if (value === undefined) throw new RangeError(`no value ${index} of ${this.#length}`);
    return value;
  }

  /** Changes a value that is there. */
  set(index: number, value: T): void {
    if (index >= this.#length) throw new RangeError(`no value ${index} of ${this.#length}`);
    this.#values[index] = value;
  }
}

/** Integers from 0 to 2^32 - 1. */
export const uint32Column = (): Column<number> => new Column((length) => new Uint32Array(length));

/** Integers from 0 to 255. */
export const uint8Column = (): Column<number> => new Column((length) => new Uint8Array(length));

/** int64, exact. */
export const int64Column = (): Column<bigint> => new Column((length) => new BigInt64Array(length));
