/**
 * Before each write of rows, in ms. Without it a Worker that acknowledges before it writes passes
 * every audit: the write is done before the signal has reached the process. On an idle machine
 * 30 ms are enough for that; on a busy one the client hears of the acknowledgement later, and the
 * negative control showed no loss in half of its rounds.
 */
export const WRITE_DELAY_MS = 100;
