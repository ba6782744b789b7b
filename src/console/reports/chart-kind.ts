/** Cohort charts for the builder: a new one, and how it follows its table. */
import { ChartFields } from "./chart-fields.tsx";
import { type AskedChart, askedChart, chartDefinition, shownChartForm } from "./chart-form.ts";
import { CHART_WORDS, type ReportKind } from "./kinds.ts";
import { countOf, fittedMetric } from "./metric.ts";
import { ALL_TIME } from "./range.ts";
import { columnsOf, type FormTables, guessedMember, plainName } from "./tables.ts";

/** A chart that shows something at once: the rows of those who came first in the same month. */
function firstChart(table: string, tables: FormTables): AskedChart {
  return {
    name: `${plainName(tables, table)} by cohort`,
    metric: countOf("Rows", table, tables),
    beginning: "first_event",
    firstEventOf: guessedMember(columnsOf(tables, table)) ?? "",
    eventDate: "",
    dateColumn: "",
    by: "",
    actionRange: ALL_TIME,
    interval: "month",
    cohorts: "12",
    periods: "12",
    minPeriods: "",
    member: "",
    perspective: "standard",
    hidesFirst: false,
    timeZone: "UTC",
    weekStart: "monday",
    ownerEmail: "",
  };
}

function fittedChart(asked: AskedChart, tables: FormTables): AskedChart {
  const { table, columnsOf: shown } = asked.metric;
  if (table === shown) return asked;
  const columns = columnsOf(tables, table);
  const kept = (name: string): string => (columns.some((each) => each.name === name) ? name : "");
  return {
    ...asked,
    metric: fittedMetric(asked.metric, tables),
    firstEventOf: kept(asked.firstEventOf) || (guessedMember(columns) ?? ""),
    eventDate: kept(asked.eventDate),
    dateColumn: kept(asked.dateColumn),
    by: kept(asked.by),
    member: kept(asked.member),
  };
}

/** Cohort charts. */
export const CHART_KIND: ReportKind<AskedChart> = {
  words: CHART_WORDS,
  asked: askedChart,
  definition: chartDefinition,
  shown: shownChartForm,
  first: firstChart,
  step: (asked) => asked,
  metrics: ({ metric }) => [metric],
  fitted: fittedChart,
  Fields: ChartFields,
};
