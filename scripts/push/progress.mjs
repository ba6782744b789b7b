/** What the user sees: one line that is rewritten on a terminal, a line now and then elsewhere. */

/** How often the line is rewritten at most, in ms. */
const REDRAW_MS = 100;

/** How often a line is written where there is no terminal, in ms. */
const LINE_MS = 5_000;

const BAR_CHARACTERS = 20;

/**
 * How far a load has come.
 * @typedef {object} Progress
 * @property {number} bytes of the file that are stored
 * @property {number | undefined} total bytes of the file; undefined for standard input
 * @property {number} rows that are stored or left out
 */

/** Writes to standard error; `--quiet` leaves only errors. */
export class Display {
  #lastAt = 0;
  #isDrawn = false;

  /**
   * @param {{ isQuiet: boolean, token: string, stream?: NodeJS.WriteStream }} options
   */
  constructor({ isQuiet, token, stream = process.stderr }) {
    this.isQuiet = isQuiet;
    this.token = token;
    this.stream = stream;
    this.startedAt = performance.now();
    /** @type {Progress | undefined} */
    this.first = undefined;
    /** @type {Progress | undefined} */
    this.latest = undefined;
  }

  /**
   * @param {Progress} progress the first one is where this run begins
   */
  show(progress) {
    this.first ??= progress;
    this.latest = progress;
    if (this.isQuiet) return;
    const now = performance.now();
    if (now - this.#lastAt < (this.stream.isTTY ? REDRAW_MS : LINE_MS)) return;
    this.#lastAt = now;
    this.#write(progress);
  }

  /**
   * A line of its own, also between two of the bar.
   * @param {string} text
   */
  note(text) {
    if (!this.isQuiet) this.#line(text);
  }

  /**
   * A line that --quiet does not leave out.
   * @param {string} text
   */
  error(text) {
    this.#line(text);
  }

  /** Leaves the bar as it was last, and the cursor below it. */
  end() {
    if (this.isQuiet || this.latest === undefined || !this.stream.isTTY) return;
    this.#write(this.latest);
    this.stream.write("\n");
    this.#isDrawn = false;
  }

  /**
   * What can be shown of a text that others wrote: no control characters, and never the token.
   * @param {string} text
   */
  safe(text) {
    const hidden = this.token === "" ? text : text.replaceAll(this.token, "<token>");
    return [...hidden].map((character) => (isControl(character) ? "\uFFFD" : character)).join("");
  }

  /** @param {string} text */
  #line(text) {
    const clear = this.#isDrawn ? "\r\u001B[K" : "";
    this.#isDrawn = false;
    this.stream.write(`${clear}${this.safe(text)}\n`);
  }

  /** @param {Progress} progress */
  #write(progress) {
    const seconds = (performance.now() - this.startedAt) / 1_000;
    const width = this.stream.isTTY ? (this.stream.columns || 80) - 1 : Number.POSITIVE_INFINITY;
    const text = statusOf(progress, this.first ?? progress, seconds, this.stream.isTTY, width);
    if (this.stream.isTTY) {
      this.stream.write(`\r\u001B[K${text}`);
      this.#isDrawn = true;
    } else {
      this.stream.write(`${text}\n`);
    }
  }
}

/**
 * `[#####---------------]  25.0%  1.2 MB of 4.8 MB  12,000 rows  4,000 rows/s  0:12 left`
 * @param {Progress} progress
 * @param {Progress} first where this run began
 * @param {number} seconds since then
 * @param {boolean} hasBar
 * @param {number} [width] most characters: what is least missed is left out for it
 */
export function statusOf(
  { bytes, total, rows },
  first,
  seconds,
  hasBar,
  width = Number.POSITIVE_INFINITY,
) {
  const rate = seconds > 0 ? (rows - first.rows) / seconds : 0;
  const parts = new Map([
    ["size", total === undefined ? mega(bytes) : `${mega(bytes)} of ${mega(total)}`],
    ["rows", `${whole(rows)} rows`],
    ["rate", `${whole(rate)} rows/s`],
  ]);
  if (total !== undefined) {
    const share = total === 0 ? 1 : Math.min(1, bytes / total);
    const full = Math.floor(share * BAR_CHARACTERS);
    if (hasBar) parts.set("bar", `[${"#".repeat(full)}${"-".repeat(BAR_CHARACTERS - full)}]`);
    parts.set("share", `${(share * 100).toFixed(1)}%`);
    const left = ((total - bytes) * seconds) / (bytes - first.bytes);
    if (bytes > first.bytes) parts.set("left", `${clock(left)} left`);
  }
  const line = () => ORDER.flatMap((name) => parts.get(name) ?? []).join("  ");
  for (const name of LEAST_MISSED) {
    if (line().length <= width) break;
    parts.delete(name);
  }
  return line().slice(0, width);
}

/** The parts of the line from left to right. */
const ORDER = ["bar", "share", "size", "rows", "rate", "left"];

/** What goes first where a terminal is too narrow for all of it. */
const LEAST_MISSED = ["size", "rate", "bar", "rows"];

/** @param {number} bytes */
function mega(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} count */
function whole(count) {
  return Math.round(count).toLocaleString("en");
}

/** @param {number} seconds */
function clock(seconds) {
  const all = Math.max(0, Math.round(seconds));
  const pad = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const minutes = Math.floor(all / 60);
  return minutes < 60
    ? `${minutes}:${pad(all % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(all % 60)}`;
}

/** @param {string} character */
function isControl(character) {
  const point = character.codePointAt(0) ?? 0;
  return (point < 0x20 && point !== 0x0a) || (point >= 0x7f && point < 0xa0);
}
