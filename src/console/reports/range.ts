/** Time ranges as forms have them (wire.md 5, time). */
import type { Json } from "../../json/exact.ts";
import type { Form } from "../session/form.ts";
import { fieldText, objectOf, shownText } from "./members.ts";

/** How far back a range begins or ends. */
export interface AskedAgo {
  readonly count: string;
  readonly unit: string;
}

/** A range; what does not go with its kind stands in the form and has no effect. */
export interface AskedRange {
  /** The words of a moving range, `dates` or `ago`. */
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly begins: AskedAgo;
  readonly ends: AskedAgo;
}

/** All that there is. */
export const ALL_TIME: AskedRange = {
  kind: "all_time",
  from: "",
  to: "",
  begins: { count: "30", unit: "day" },
  ends: { count: "1", unit: "day" },
};

/** Units of a range that is so long ago. */
export const AGO_UNITS = ["day", "week", "month", "quarter", "year"] as const;

const PERIODS = ["week", "month", "quarter", "year"] as const;

/** The words of moving ranges, in the order of the form. */
export const MOVING_RANGES: readonly string[] = [
  "all_time",
  "today",
  "yesterday",
  ...["this", "last", "last_full"].flatMap((kind) => PERIODS.map((unit) => `${kind}_${unit}`)),
];

const AGO =
  /^(\d{1,5}) (day|week|month|quarter|year)s? ago to (\d{1,5}) (day|week|month|quarter|year)s? ago$/i;

/** The range of a form; `prefix` stands before the names of its fields. */
export function askedRange(form: Form, prefix: string): AskedRange {
  const text = (name: string): string => fieldText(form, `${prefix}${name}`);
  return {
    kind: text("range"),
    from: text("from"),
    to: text("to"),
    begins: { count: text("begins"), unit: text("begins_unit") },
    ends: { count: text("ends"), unit: text("ends_unit") },
  };
}

/** The member `range`. */
export function rangeMember({ kind, from, to, begins, ends }: AskedRange): Json {
  if (kind === "dates") return { from, to };
  return { moving: kind === "ago" ? `${agoText(begins)} to ${agoText(ends)}` : kind };
}

function agoText({ count, unit }: AskedAgo): string {
  const text = count.trim();
  return `${text} ${unit}${text === "1" ? "" : "s"} ago`;
}

/** The range of a definition, for a form; all time where there is none. */
export function shownRange(range: Json | undefined): AskedRange {
  const object = objectOf(range);
  const [from, to, moving] = ["from", "to", "moving"].map((name) => shownText(object, name));
  if (from !== undefined && from !== "") return { ...ALL_TIME, kind: "dates", from, to: to ?? "" };
  const [, first = "", firstUnit = "", last = "", lastUnit = ""] = AGO.exec(moving ?? "") ?? [];
  if (first === "") return { ...ALL_TIME, kind: moving === "" ? "all_time" : (moving ?? "") };
  return {
    ...ALL_TIME,
    kind: "ago",
    begins: { count: first, unit: firstUnit.toLowerCase() },
    ends: { count: last, unit: lastUnit.toLowerCase() },
  };
}
