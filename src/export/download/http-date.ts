/** The times of HTTP headers: RFC 9110, section 5.6.7. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<time>\\d\\d:\\d\\d:\\d\\d)";
const DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY_NAME = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

/** The form of today, and the two old ones that a reader must know. */
const FORMS = [
  `${DAY_NAME}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT`,
  `${LONG_DAY_NAME}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT`,
  `${DAY_NAME} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/** A year of two digits that seems to be more than so many years ahead is of the last century. */
const YEARS_AHEAD_MAX = 50;

/** The time as a header has it, its milliseconds dropped: `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(time: number): string {
  return new Date(time).toUTCString();
}

/**
 * The time of a header in ms since 1970, from any of the three forms; undefined where it is
 * none of them. The name of the day may be a wrong one.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  if (parts === undefined) return undefined;
  const { day = "", month = "", year = "", time = "" } = parts;
  const fullYear = year.length === 4 ? year : fullYearOf(Number(year), now);
  const monthNumber = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
  const date = `${fullYear}-${monthNumber}-${day.replace(" ", "0")}`;
  const at = Date.parse(`${date}T${time}Z`);
  // The 31st of February is taken for a day in March.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date) ? at : undefined;
}

function fullYearOf(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + YEARS_AHEAD_MAX ? year - 100 : year;
}
