/**
 * Before each write of rows, in ms. Without it a Worker that acknowledges before it writes passes
 * every audit: the write is done before the signal has reached the process. On an idle machine
 * 30 ms are enough for that; on a busy one the client hears of the acknowledgement later, and the
 * negative control showed no loss in half of its rounds.
 */
export const WRITE_DELAY_MS = 100;

/**
 * The same for the negative control, whose clients do not wait for it: how late a client may hear
 * of an acknowledgement that a kill right then makes a lie. Less than a commit that is taken for
 * stuck (COMMIT_STALL_MS_MIN): its rows would be lost without a kill.
 */
export const EARLY_WRITE_DELAY_MS = 500;
