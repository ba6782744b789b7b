/** Local times by Intl alone, for the tests of zones and periods. */

/** Zones that change their clocks in unlike ways, or not at all. */
export const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Africa/Casablanca",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Antarctica/Troll",
] as const;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock shows, `2019-08-01T14:22:32`: Swedish is written so. Years from 1 on. */
export function wallText(timeZone: string, instant: number): string {
  const known = formats.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat("sv-SE", {
      timeZone,
      dateStyle: "short",
      timeStyle: "medium",
    });
  if (known === undefined) formats.set(timeZone, format);
  const [date = "", time = ""] = format.format(instant).split(" ");
  return `${date.padStart(10, "0")}T${time}`;
}
