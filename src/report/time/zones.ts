/**
 * Instants and local times. A local time is what a clock on the wall shows, in ms as if the wall
 * were in UTC, so that it can be reckoned with by the functions of Date in UTC.
 */

/** A day of UTC, in ms. */
export const DAY_MS = 86_400_000;

/** Days whose offsets are remembered for one zone: some 55 years. */
const DAYS_REMEMBERED_MAX = 20_000;

/** A time zone, for reckoning with many instants. */
export class Zone {
  readonly #format: Intl.DateTimeFormat | undefined;
  /** Offsets at the beginnings of days in UTC. */
  readonly #offsets = new Map<number, number>();

  /** @param name a name of the IANA database (http/time-zones.ts isTimeZone). */
  constructor(name: string) {
    if (name === "UTC") return;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** The local time of an instant, in ms since 1970. */
  localOf(instant: number): number {
    return instant + this.#offsetAt(instant);
  }

  /**
   * The first instant at which the local time is this or later: where clocks are put back and
   * show it twice the first, where they are put forward and never show it the moment of that.
   */
  instantOf(local: number): number {
    const before = this.#offsetOfDay(local - DAY_MS);
    const after = this.#offsetOfDay(local + 2 * DAY_MS);
    if (before === after) return local - before;
    const [early, late] = [local - Math.max(before, after), local - Math.min(before, after)];
    if (this.localOf(early) === local) return early;
    if (this.localOf(late) === local) return late;
    return this.#firstAtLeast(local, early, late);
  }

  /** Halves the time between two instants until they are a second apart. */
  #firstAtLeast(local: number, early: number, late: number): number {
    let [low, high] = [Math.floor(early / 1000) - 1, Math.ceil(late / 1000) + 1];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.localOf(middle * 1000) >= local) high = middle;
      else low = middle;
    }
    return high * 1000;
  }

  /** Within a day that begins and ends with the same offset there is no other. */
  #offsetAt(instant: number): number {
    const offset = this.#offsetOfDay(instant);
    return offset === this.#offsetOfDay(instant + DAY_MS) ? offset : this.#lookUp(instant);
  }

  #offsetOfDay(instant: number): number {
    if (this.#format === undefined) return 0;
    const day = Math.floor(instant / DAY_MS);
    const known = this.#offsets.get(day);
    if (known !== undefined) return known;
    if (this.#offsets.size >= DAYS_REMEMBERED_MAX) this.#offsets.clear();
    const offset = this.#lookUp(day * DAY_MS);
    this.#offsets.set(day, offset);
    return offset;
  }

  /** Takes some 5 µs. */
  #lookUp(instant: number): number {
    if (this.#format === undefined) return 0;
    const second = Math.floor(instant / 1000) * 1000;
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(second)) parts[type] = value;
    const number = (name: string): number => Number(parts[name]);
    const year = parts["era"] === "BC" ? 1 - number("year") : number("year");
    const day = utcDay(year, number("month") - 1, number("day"));
    const time = (number("hour") * 60 + number("minute")) * 60 + number("second");
    return day + time * 1000 - second;
  }
}

/** The beginning of a day; Date.UTC takes the years 0 to 99 for others. Months may overflow. */
export function utcDay(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

const zones = new Map<string, Zone>();

/** Zones that are remembered: each has its map of offsets. */
const ZONES_REMEMBERED_MAX = 20;

/** A zone by its name. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= ZONES_REMEMBERED_MAX) zones.clear();
  const zone = new Zone(name);
  zones.set(name, zone);
  return zone;
}
