/** Figures for the builder: a new one, and what the buttons of its form do. */
import {
  FORMULAS_MAX,
  GROUP_COLUMNS_MAX,
  METRICS_MAX,
} from "../../report/definition/definition-limits.ts";
import { NO_FILTERS } from "../filters/filters-of.ts";
import {
  type AskedFigure,
  type AskedFormula,
  askedFigure,
  figureDefinition,
  NO_FORMULA,
  shownFigureForm,
} from "./figure-form.ts";
import { FigureFields } from "./figure-fields.tsx";
import { FIGURE_WORDS, type ReportKind } from "./kinds.ts";
import { countOf, fittedMetric } from "./metric.ts";
import { ALL_TIME } from "./range.ts";
import { type FormTables, plainName } from "./tables.ts";

/** A figure that shows something at once: rows by month; all in one number where none has a date. */
function firstFigure(table: string, tables: FormTables): AskedFigure {
  const name = plainName(tables, table);
  const metric = countOf("Rows", table, tables);
  const isDated = metric.date !== "";
  return {
    name: isDated ? `${name} by month` : `Rows of ${name}`,
    type: isDated ? "chart" : "scalar",
    chartKind: "line",
    isTransposed: false,
    metrics: [metric],
    interval: isDated ? "month" : "none",
    range: ALL_TIME,
    groups: Array.from({ length: GROUP_COLUMNS_MAX }, () => ""),
    top: { n: "", by: "", order: "" },
    formulas: [],
    perspective: "standard",
    window: "",
    hidesFirst: false,
    timeZone: "UTC",
    weekStart: "monday",
    ownerEmail: "",
  };
}

const REMOVE = /^remove-metric-(\d{1,2})$/;

/** What a button does: one more metric or formula, or a metric less. */
function figureStep(asked: AskedFigure, step: string): AskedFigure {
  if (step === "add-metric") return withMetric(asked);
  if (step === "add-formula" && asked.formulas.length < FORMULAS_MAX) {
    return { ...asked, formulas: [...asked.formulas, NO_FORMULA] };
  }
  const [, removed] = REMOVE.exec(step) ?? [];
  return removed === undefined ? asked : withoutMetric(asked, Number(removed));
}

/** A further metric is like the last one, without its filters. */
function withMetric(asked: AskedFigure): AskedFigure {
  const { metrics } = asked;
  const last = metrics.at(-1);
  if (last === undefined || metrics.length >= METRICS_MAX) return asked;
  const taken = new Set([...metrics, ...asked.formulas].map(({ label }) => label));
  let number = metrics.length + 1;
  while (taken.has(`Metric ${number}`)) number += 1;
  const label = `Metric ${number}`;
  return {
    ...asked,
    metrics: [...metrics, { ...last, label, filters: NO_FILTERS, isHidden: false }],
  };
}

function withoutMetric(asked: AskedFigure, removed: number): AskedFigure {
  const metrics = asked.metrics.filter((_, index) => index !== removed);
  if (metrics.length === 0 || metrics.length === asked.metrics.length) return asked;
  const formulas = asked.formulas.map((formula) => withoutLetter(formula, removed));
  return { ...asked, metrics, formulas };
}

/**
 * The metrics behind a removed one have other letters. A formula that needs the removed one has a
 * `?` in its place, which is refused until it is changed.
 */
function withoutLetter(formula: AskedFormula, removed: number): AskedFormula {
  const expression = formula.expression.replaceAll(/[A-Za-z]+/g, (letter) => {
    if (letter.length > 1) return letter;
    const index = letter.toUpperCase().charCodeAt(0) - "A".charCodeAt(0);
    if (index === removed) return "?";
    return index < removed ? letter : String.fromCharCode("A".charCodeAt(0) + index - 1);
  });
  return { ...formula, expression };
}

/** Figures. */
export const FIGURE_KIND: ReportKind<AskedFigure> = {
  words: FIGURE_WORDS,
  asked: askedFigure,
  definition: figureDefinition,
  shown: shownFigureForm,
  first: firstFigure,
  step: figureStep,
  metrics: ({ metrics }) => metrics,
  fitted: (asked, tables) => ({
    ...asked,
    metrics: asked.metrics.map((metric) => fittedMetric(metric, tables)),
  }),
  Fields: FigureFields,
};
