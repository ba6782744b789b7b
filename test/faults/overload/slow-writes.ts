/** What each write takes besides its own time, in ms: about what a call of a remote D1 does. */
const WRITE_MS = 80;

/** Characters that one ms writes: little, so that the rest of the Worker hardly needs the CPU. */
const CHARACTERS_PER_MS = 1_000;

/** How late a transaction with so many characters of rows is, in ms. */
export function writeMs(characters: number): number {
  return WRITE_MS + characters / CHARACTERS_PER_MS;
}
