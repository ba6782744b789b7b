/** Instants as a clock on the wall of a client shows them. */

/** The longest name in the IANA database has 32 letters; what is longer is not looked up. */
const NAME = /^[A-Za-z][\w+/-]{0,63}$/;

/** Whether it is a name of the IANA database, in any letter case; an offset is none. */
export function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    wallClock(name);
    return true;
  } catch {
    return false;
  }
}

/** An instant in a time zone. */
export interface LocalTime {
  /** `2025-12-09 03:26:25`. */
  readonly text: string;
  /** What the zone is called at that instant: `EST`, `EDT`, or `GMT+1` where English has no name. */
  readonly zone: string;
}

/**
 * An instant as a clock in the time zone shows it.
 *
 * @param timeZone a name for which {@link isTimeZone} holds.
 * @param instant in ms since 1970; what is less than a second is dropped.
 */
export function localTime(timeZone: string, instant: number): LocalTime {
  const found: Record<string, string> = {};
  for (const { type, value } of wallClock(timeZone).formatToParts(instant)) found[type] = value;
  const { year, month, day, hour, minute, second, timeZoneName = "" } = found;
  return { text: `${year}-${month}-${day} ${hour}:${minute}:${second}`, zone: timeZoneName };
}

function wallClock(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", {
    timeZone,
    timeZoneName: "short",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}
