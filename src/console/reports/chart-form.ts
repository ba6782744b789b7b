/** The form of a cohort chart: from its fields to a definition (docs/reports.md), and back. */
import { isObject, type JsonObject } from "../../json/exact.ts";
import type { Form } from "../session/form.ts";
import { perspectiveMembers } from "./figure-form.ts";
import {
  fieldText,
  memberOf,
  numberMember,
  objectOf,
  shownText,
  textMember,
  typedNumber,
} from "./members.ts";
import { type AskedMetric, askedMetric, metricMembers, shownMetric } from "./metric.ts";
import { type AskedRange, askedRange, rangeMember, shownRange } from "./range.ts";
import type { FormTables } from "./tables.ts";

/** A chart as it was typed; what does not go with the rest stands there and has no effect. */
export interface AskedChart {
  readonly name: string;
  readonly metric: AskedMetric;
  /** What a cohort's date is: `first_event` of a member, or a date in a `column` of the row. */
  readonly beginning: string;
  readonly firstEventOf: string;
  /** The date of first events; empty for the metric's. */
  readonly eventDate: string;
  readonly dateColumn: string;
  /** The column of cohorts without dates; empty for cohorts by period. */
  readonly by: string;
  readonly actionRange: AskedRange;
  readonly interval: string;
  readonly cohorts: string;
  readonly periods: string;
  readonly minPeriods: string;
  readonly member: string;
  readonly perspective: string;
  readonly hidesFirst: boolean;
  readonly timeZone: string;
  readonly weekStart: string;
  readonly ownerEmail: string;
}

/** The chart of a form. */
export function askedChart(form: Form): AskedChart {
  const text = (name: string): string => fieldText(form, name);
  return {
    name: text("name"),
    metric: askedMetric(form, 0),
    beginning: text("beginning"),
    firstEventOf: text("first_event_of"),
    eventDate: text("event_date"),
    dateColumn: text("date_column"),
    by: text("cohort_by"),
    actionRange: askedRange(form, "action_"),
    interval: text("interval"),
    cohorts: text("cohorts"),
    periods: text("periods"),
    minPeriods: text("min_periods"),
    member: text("member"),
    perspective: text("perspective"),
    hidesFirst: form.has("hides_first"),
    timeZone: text("time_zone"),
    weekStart: text("week_start"),
    ownerEmail: text("owner_email"),
  };
}

/** The definition that a form asks for. */
export function chartDefinition(asked: AskedChart, tables: FormTables): Record<string, unknown> {
  return {
    name: asked.name,
    ...textMember("owner_email", asked.ownerEmail.trim()),
    metric: metricMembers(asked.metric, tables),
    cohort_date: cohortDate(asked),
    ...(asked.by === "" ? periodMembers(asked) : byMembers(asked)),
    interval: asked.interval,
    ...numberMember("periods", asked.periods),
    ...textMember("member_column", asked.member),
    ...perspectiveMembers(asked),
    time_zone: asked.timeZone,
    week_start: asked.weekStart,
  };
}

function cohortDate({ beginning, firstEventOf, eventDate, dateColumn }: AskedChart): unknown {
  if (beginning === "column") return { column: dateColumn };
  return { first_event_of: firstEventOf, ...textMember("date_column", eventDate) };
}

function periodMembers({ cohorts, minPeriods }: AskedChart): Record<string, unknown> {
  const text = cohorts.trim().toLowerCase();
  return {
    ...(text === "" ? {} : { cohorts: text === "all" ? "all" : typedNumber(cohorts) }),
    ...numberMember("min_periods", minPeriods),
  };
}

function byMembers({ by, actionRange }: AskedChart): Record<string, unknown> {
  if (actionRange.kind === "all_time") return { cohort_by: by };
  return { cohort_by: by, action_range: rangeMember(actionRange) };
}

/** The chart of a definition, for a form. It may be less: compare.ts says whether it is. */
export function shownChartForm(definition: JsonObject): AskedChart {
  const text = (name: string, absent = ""): string => shownText(definition, name) || absent;
  const date = objectOf(memberOf(definition, "cohort_date"));
  const by = memberOf(definition, "cohort_by");
  return {
    name: text("name"),
    metric: shownMetric(objectOf(memberOf(definition, "metric"))),
    beginning: Object.hasOwn(date, "column") ? "column" : "first_event",
    firstEventOf: shownText(date, "first_event_of"),
    eventDate: shownText(date, "date_column"),
    dateColumn: shownText(date, "column"),
    by: isObject(by) ? shownText(by, "column") : text("cohort_by"),
    actionRange: shownRange(memberOf(definition, "action_range")),
    interval: text("interval", "month"),
    cohorts: text("cohorts"),
    periods: text("periods"),
    minPeriods: text("min_periods"),
    member: text("member_column"),
    perspective: text("perspective", "standard"),
    hidesFirst: memberOf(definition, "show_first") === false,
    timeZone: text("time_zone", "UTC"),
    weekStart: text("week_start", "monday"),
    ownerEmail: text("owner_email"),
  };
}
