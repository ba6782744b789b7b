/** A clock that stands still, for tests that are not about time. */
import { afterEach, beforeEach, vi } from "vitest";

/**
 * Lets no time pass in the tests of this file or block, as far as the service can see. It refuses
 * who comes to a commit that has been under way for a second, or waits for room for five: a busy
 * machine may take that long. Timers run as ever.
 */
export function stillClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}
