/** Reads the lines of sql-lines.ts, without a list of them or of their fields. */
const [TAB, MINUS, ZERO] = [0x09, 0x2d, 0x30];

/** A cursor over lines. All fields of a line must be read in turn. */
export class Lines {
  readonly #text: string;
  #at = 0;

  /** @param text as in LinesRow; null has no lines. */
  constructor(text: string | null) {
    this.#text = text ?? "";
  }

  /** Whether there is a line to be read. */
  next(): boolean {
    return this.#at < this.#text.length;
  }

  /** The instant that a line begins with. */
  instant(): number {
    const text = this.#text;
    const isNegative = text.charCodeAt(this.#at) === MINUS;
    let at = isNegative ? this.#at + 1 : this.#at;
    let instant = 0;
    // A tab follows always, so that this ends.
    for (let code = text.charCodeAt(at); code !== TAB; code = text.charCodeAt(at)) {
      instant = instant * 10 + code - ZERO;
      at += 1;
    }
    this.#at = at + 1;
    return isNegative ? -instant : instant;
  }

  /** Goes past fields that another one follows. */
  skip(fields: number): void {
    for (let left = fields; left > 0; left -= 1) this.#at = this.#text.indexOf("\t", this.#at) + 1;
  }

  /** A field that another one follows. */
  text(): string {
    return this.#upTo("\t");
  }

  /** The last field of a line. */
  lastText(): string {
    return this.#upTo("\n");
  }

  #upTo(end: string): string {
    const found = this.#text.indexOf(end, this.#at);
    const at = found === -1 ? this.#text.length : found;
    const field = this.#text.slice(this.#at, at);
    this.#at = at + 1;
    return field;
  }
}
