/** Local times as texts, `2019-08-01T14:22:32`, and periods by their first: without PostgreSQL. */
const HALF_HOUR_MS = 1_800_000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** The beginnings of half hours, in which no clock is changed, by zone and number. */
const halfHours = new Map<string, number>();

/** The local time of an instant, in ms since 1970. */
export function localTime(instantMs: number, zone: string): string {
  const at = Math.floor(instantMs / HALF_HOUR_MS);
  const key = `${zone} ${at}`;
  const local = halfHours.get(key) ?? lookUp(at * HALF_HOUR_MS, zone);
  halfHours.set(key, local);
  return textOf(local + instantMs - at * HALF_HOUR_MS);
}

/** Sweden writes dates as ISO does. */
function lookUp(instantMs: number, zone: string): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  formats.set(zone, format);
  return Date.parse(`${format.format(instantMs).replace(" ", "T")}Z`);
}

function textOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

/** The first local time of the period of a local time. */
export function periodOf(unit: string, local: string): string {
  const [day, year, month] = [local.slice(0, 10), local.slice(0, 4), Number(local.slice(5, 7))];
  switch (unit) {
    case "hour":
      return `${local.slice(0, 13)}:00:00`;
    case "day":
      return `${day}T00:00:00`;
    case "week":
    case "sunday": {
      const midnight = Date.parse(`${day}T00:00:00Z`);
      const days = new Date(midnight).getUTCDay() + (unit === "week" ? 6 : 0);
      return textOf(midnight - (days % 7) * DAY_MS);
    }
    case "month":
      return `${local.slice(0, 7)}-01T00:00:00`;
    case "quarter": {
      const first = month - ((month - 1) % 3);
      return `${year}-${String(first).padStart(2, "0")}-01T00:00:00`;
    }
    default:
      return `${year}-01-01T00:00:00`;
  }
}

/** All periods from that of one local time to that of another: those that any half hour is in. */
export function periodsBetween(unit: string, from: string, to: string, zone: string): string[] {
  const [first, last] = [periodOf(unit, from), periodOf(unit, to)];
  const step = unit === "hour" ? HALF_HOUR_MS : DAY_MS / 2;
  const end = Date.parse(`${last}Z`) + 2 * DAY_MS;
  const found = new Set<string>();
  for (let at = Date.parse(`${first}Z`) - 2 * DAY_MS; at < end; at += step) {
    const period = periodOf(unit, localTime(at, zone));
    if (period >= first && period <= last) found.add(period);
  }
  return [...found];
}

/** A local time so many days later. */
export function daysLater(local: string, days: number): string {
  return textOf(Date.parse(`${local}Z`) + days * DAY_MS);
}

/** How many periods one begins after another. */
export function periodsApart(unit: string, first: string, other: string): number {
  const [a, b] = [first, other].map((local) => new Date(`${local}Z`));
  if (a === undefined || b === undefined) return NaN;
  if (unit === "week" || unit === "sunday") return (b.getTime() - a.getTime()) / (7 * DAY_MS);
  const months = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
  return months / (unit === "year" ? 12 : unit === "quarter" ? 3 : 1);
}
