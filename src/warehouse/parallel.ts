/**
 * Runs an operation on each item, at most `atOnce` at a time, and waits for all of them even
 * where one fails: what is under way cannot be taken back, so it should not be left behind.
 * Then rethrows the first failure.
 */
export async function forEachParallel<T>(
  items: readonly T[],
  atOnce: number,
  operation: (item: T) => Promise<void>,
): Promise<void> {
  // Shared by the workers: each item is taken by one of them.
  const queue = items.values();
  let failure: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      try {
        await operation(item);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failure !== undefined) throw failure.error;
}

/** Lets at most so many calls be under way, whoever makes them; the others wait in order. */
export class CallLimit {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Makes the call as soon as there is room; settles as it does. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      // The place goes from hand to hand, so that nobody who comes later takes it.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
