/** The labels under a picture: which are written, and how. */

/** A label that is written: where (its index), and in one line or two. */
export interface LabelTick {
  readonly index: number;
  readonly text: string;
  /** The year under a month or a day, the day under an hour; where it is new. */
  readonly under?: string;
  /** The whole text where `text` was cut. */
  readonly whole?: string;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DATE = /^(\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):\d\d:\d\d)?$/;

/** Whether all labels are dates or hours, as periods are (wire.md 4.4). */
export function areDates(labels: readonly string[]): boolean {
  return labels.length > 0 && labels.every((label) => DATE.test(label));
}

/** A date or an hour in ms since 1970, as if it were in UTC: to tell how far dates are apart. */
export function instantOf(label: string): number {
  const { year, month, day, hour = 0 } = dayOf(label);
  return Date.UTC(year, month, day, hour);
}

interface Day {
  readonly year: number;
  /** 0 to 11 */
  readonly month: number;
  readonly day: number;
  /** Undefined where the label has no hour. */
  readonly hour: number | undefined;
}

function dayOf(label: string): Day {
  const [, year = "0", month = "1", day = "1", hour] = DATE.exec(label) ?? [];
  return {
    year: Number(year),
    month: Number(month) - 1,
    day: Number(day),
    hour: hour === undefined ? undefined : Number(hour),
  };
}

/** What the periods are, as their first days tell. */
type Grain = "hour" | "day" | "month" | "quarter" | "year";

function grainOf(days: readonly Day[]): Grain {
  if (days.some(({ hour }) => hour !== undefined)) return "hour";
  // One day alone is any period; so is its name.
  if (days.length < 2 || days.some(({ day }) => day !== 1)) return "day";
  if (days.some(({ month }) => month % 3 !== 0)) return "month";
  if (days.some(({ month }) => month !== 0)) return areQuarters(days) ? "quarter" : "month";
  return "year";
}

/** January and April alone may be months that data begin and end with; they follow as quarters. */
function areQuarters(days: readonly Day[]): boolean {
  return days.every(({ year, month }, index) => {
    const before = days[index - 1];
    return before === undefined || (year - before.year) * 12 + month - before.month === 3;
  });
}

/** A period as text: `Jan 2019`, `Q1 2019`, `2019`, `3 Jan 2019`, `3 Jan 2019, 14:00`. */
export function dateNamer(labels: readonly string[]): (label: string) => string {
  if (!areDates(labels)) return (label) => label;
  const grain = grainOf(labels.map(dayOf));
  return (label) => {
    const day = dayOf(label);
    const [text, under] = partsOf(day, grain);
    if (grain === "hour") return `${day.day} ${monthOf(day)} ${day.year}, ${hourOf(day)}`;
    return under === undefined ? text : `${text} ${under}`;
  };
}

const monthOf = ({ month }: Day): string => MONTHS[month] ?? "";
const hourOf = ({ hour = 0 }: Day): string => `${String(hour).padStart(2, "0")}:00`;

function partsOf(day: Day, grain: Grain): readonly [text: string, under?: string] {
  const year = String(day.year);
  switch (grain) {
    case "hour":
      return [hourOf(day), `${day.day} ${monthOf(day)} ${year}`];
    case "day":
      return [`${day.day} ${monthOf(day)}`, year];
    case "month":
      return [monthOf(day), year];
    case "quarter":
      return [`Q${Math.floor(day.month / 3) + 1}`, year];
    case "year":
      return [year];
  }
}

/** Pixels that a character of an axis takes, on average: 13 px of a wide sans-serif. */
export const CHARACTER_PX = 7.5;
/** Room between two labels. */
const GAP_PX = 12;

/** Which of the periods are written, from all to few, and as what. */
const THINNINGS: readonly (readonly [
  Grain,
  Grain | "any",
  (day: Day, index: number) => boolean,
])[] = [
  ["hour", "hour", () => true],
  ...[2, 3, 6, 12].map(
    (step) => ["hour", "hour", ({ hour = 0 }: Day) => hour % step === 0] as const,
  ),
  ["day", "hour", ({ hour = 0 }) => hour === 0],
  ["day", "day", () => true],
  ...[2, 4].map((step) => ["day", "day", (_: Day, index: number) => index % step === 0] as const),
  ["month", "month", () => true],
  ["quarter", "quarter", () => true],
  ["year", "year", () => true],
];

/** Months between those that are written where periods are thinned to months. */
const MONTH_STEPS = [1, 2, 3, 6];
const YEAR_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/**
 * The labels that fit under a picture without touching each other. Dates are thinned to what a
 * calendar has (every third month, Januaries); others to every second, fifth, tenth and so on.
 *
 * @param places of the labels, in bands.
 * @param bandPx the width of a band.
 */
export function labelTicks(
  labels: readonly string[],
  places: readonly number[],
  bandPx: number,
): readonly LabelTick[] {
  if (!areDates(labels)) return textTicks(labels, bandPx);
  return dateTicks(
    labels,
    places.map((place) => place * bandPx),
  );
}

function dateTicks(labels: readonly string[], xs: readonly number[]): readonly LabelTick[] {
  const days = labels.map(dayOf);
  const grain = grainOf(days);
  const firsts = (of: (day: Day) => number) =>
    days.flatMap((day, index) => {
      const before = days[index - 1];
      const isNew = before === undefined ? day.day <= 7 : of(before) !== of(day);
      return isNew ? [index] : [];
    });
  const all = days.map((_, index) => index);
  const months = firsts(({ year, month }) => year * 12 + month);
  const years = firsts(({ year }) => year).filter((index) => (days[index]?.month ?? 1) === 0);
  const monthGrain = grain === "quarter" ? "quarter" : "month";
  const candidates: (readonly [Grain, readonly number[]])[] = [];
  for (const [as, of, isWritten] of THINNINGS) {
    if (of !== grain) continue;
    const chosen = all.filter((index) => {
      const day = days[index];
      return day !== undefined && isWritten(day, index);
    });
    candidates.push([as, chosen]);
  }
  if (grain !== "year") {
    for (const step of MONTH_STEPS) {
      const chosen = months.filter((index) => (days[index]?.month ?? 0) % step === 0);
      candidates.push([monthGrain, chosen]);
    }
  }
  for (const step of YEAR_STEPS) {
    const chosen = (grain === "year" ? all : years).filter(
      (index) => (days[index]?.year ?? 0) % step === 0,
    );
    candidates.push(["year", chosen]);
  }
  const fitting = candidates.find(([as, chosen]) => {
    const widest = Math.max(...chosen.map((i) => written(days[i], as).text.length));
    return chosen.length > 0 && fits(chosen, widest * CHARACTER_PX, xs);
  });
  // Periods may be too few and too close, as in a year of days without its January.
  const [as, chosen] = fitting ?? [grain === "hour" ? "day" : grain, [0]];
  return withUnder(chosen, days, as, xs);
}

function written(day: Day | undefined, as: Grain): { readonly text: string; under?: string } {
  if (day === undefined) return { text: "" };
  const [text, under] = partsOf(day, as);
  return under === undefined ? { text } : { text, under };
}

/** The second line is written where it is new, and there is room since the one before. */
function withUnder(
  chosen: readonly number[],
  days: readonly Day[],
  as: Grain,
  xs: readonly number[],
): readonly LabelTick[] {
  let last: { readonly index: number; readonly under: string } | undefined;
  return chosen.map((index) => {
    const { text, under } = written(days[index], as);
    if (under === undefined || under === last?.under) return { index, text };
    const room = last === undefined ? Infinity : (xs[index] ?? 0) - (xs[last.index] ?? 0);
    if (room < under.length * CHARACTER_PX + GAP_PX) return { index, text };
    last = { index, under };
    return { index, text, under };
  });
}

function fits(chosen: readonly number[], widthPx: number, xs: readonly number[]): boolean {
  return chosen.every((index, at) => {
    const before = chosen[at - 1];
    return before === undefined || (xs[index] ?? 0) - (xs[before] ?? 0) >= widthPx + GAP_PX;
  });
}

/** Labels are not cut shorter than this; before that, they are thinned. */
const TEXT_CHARACTERS_MIN = 9;

function textTicks(labels: readonly string[], bandPx: number): readonly LabelTick[] {
  const longest = Math.max(0, ...labels.map((label) => [...label].length));
  const least = Math.min(longest, TEXT_CHARACTERS_MIN) * CHARACTER_PX + GAP_PX;
  const step = [1, 2, 5]
    .flatMap((m) => [m, m * 10, m * 100, m * 1_000])
    .sort((a, b) => a - b)
    .find((each) => each * bandPx >= least);
  const every = step ?? labels.length;
  const charactersMax = Math.max(
    TEXT_CHARACTERS_MIN,
    Math.floor((every * bandPx - GAP_PX) / CHARACTER_PX),
  );
  return labels.flatMap((label, index) => {
    if (index % every !== 0) return [];
    const text = shortened(label, charactersMax);
    return [text === label ? { index, text } : { index, text, whole: label }];
  });
}

/** A text of at most so many characters, the last an ellipsis where it was cut. */
export function shortened(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  return `${characters
    .slice(0, charactersMax - 1)
    .join("")
    .trimEnd()}…`;
}
