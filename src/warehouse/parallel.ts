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
  const queue = [...items];
  let failure: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await operation(item);
      } catch (error) {
        failure ??= { error };
        queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failure !== undefined) throw failure.error;
}
