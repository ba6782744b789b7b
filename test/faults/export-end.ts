/** Waiting for an export by its info, as a client does. */
import { setTimeout as sleep } from "node:timers/promises";

/** Pause between two looks at an export, in ms. */
const POLL_MS = 10;

/** Whether an export of this status goes on (wire.md 4.2). */
export function isUnderWay(status: string): boolean {
  return status === "Pending" || status === "Running";
}

/**
 * Looks at an export until it has ended.
 *
 * @param look tells its info; where it rejects, this does.
 * @param msMax how long at most.
 * @param isEnough ends the wait of an export that goes on.
 * @returns the info of the last look, of an export that goes on where the time is over.
 */
export async function untilEnded<T extends { readonly status: string }>(
  look: () => Promise<T>,
  msMax: number,
  isEnough: (info: T) => boolean = () => false,
): Promise<T> {
  const deadline = Date.now() + msMax;
  for (;;) {
    const info = await look();
    if (!isUnderWay(info.status) || isEnough(info) || Date.now() > deadline) return info;
    await sleep(POLL_MS);
  }
}
