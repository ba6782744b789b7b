/** The fields of a figure's form. */
import type { FC } from "hono/jsx";
import { CHART_KINDS, FIGURE_TYPES } from "../../report/definition/figure.ts";
import { METRICS_MAX } from "../../report/definition/definition-limits.ts";
import { PERSPECTIVES } from "../../report/math/perspective.ts";
import { INTERVALS } from "../../report/time/calendar.ts";
import { letterOf } from "../filters/filters-of.ts";
import { CheckField, type Choice, TextField } from "../parts/forms.tsx";
import { wordChoices, wordLabel } from "./choices.ts";
import type { AskedFigure } from "./figure-form.ts";
import { Formulas, Groups } from "./figure-parts.tsx";
import type { FieldsProps } from "./kinds.ts";
import { MetricFields } from "./metric-fields.tsx";
import { FirstPeriodField, PlaceFields } from "./more-fields.tsx";
import { RangeFields } from "./range-fields.tsx";
import { WordField } from "./word-field.tsx";

type Props = FieldsProps<AskedFigure>;

/** Kinds that are drawn as lines (picture/options.ts); the others are drawn as bars. */
const AS_LINES: ReadonlySet<string> = new Set(["area", "scatter_plot"]);

const KIND_CHOICES: readonly Choice[] = CHART_KINDS.map((value) => {
  if (value === "line" || value === "bar") return { value, label: wordLabel(value) };
  const drawn = AS_LINES.has(value) ? "a line" : "bars";
  return { value, label: `${wordLabel(value)} (drawn here as ${drawn})` };
});

const INTERVAL_CHOICES: readonly Choice[] = INTERVALS.map((value) => ({
  value,
  label: value === "none" ? "None: one value" : wordLabel(value),
}));

/** Choices of a perspective, with that of nothing first. */
export function perspectiveChoices(words: readonly string[]): readonly Choice[] {
  return words.map((value) => ({
    value,
    label: value === "standard" ? "Standard: the values" : wordLabel(value),
  }));
}

/** All of them, in the order in which one thinks of a report. */
export const FigureFields: FC<Props> = (props) => (
  <>
    <Kind {...props} />
    <Metrics {...props} />
    <Times {...props} />
    <Groups {...props} />
    <Formulas {...props} />
    <More {...props} />
  </>
);

const Kind: FC<Props> = ({ asked }) => (
  <>
    <TextField label="Name" name="name" value={asked.name} autocomplete="off" />
    <div class="fields">
      <WordField label="Type" name="type" choices={wordChoices(FIGURE_TYPES)} value={asked.type} />
      <div class="only-chart">
        <WordField
          label="Drawn as"
          name="chart_kind"
          choices={KIND_CHOICES}
          value={asked.chartKind}
        />
      </div>
    </div>
  </>
);

const Metrics: FC<Props> = ({ asked: { metrics }, tables, choices }) => (
  <>
    <input type="hidden" name="metrics" value={String(metrics.length)} />
    {metrics.map((metric, index) => (
      <MetricFields
        index={index}
        legend={metrics.length === 1 ? "Metric" : `Metric ${letterOf(index)}`}
        metric={metric}
        tables={tables}
        choices={choices}
        canHide
      >
        {metrics.length === 1 ? null : (
          <div>
            <button type="submit" name="step" value={`remove-metric-${index}`} class="small">
              Remove metric {letterOf(index)}
            </button>
          </div>
        )}
      </MetricFields>
    ))}
    {metrics.length < METRICS_MAX ? (
      <div>
        <button type="submit" name="step" value="add-metric" class="small">
          Add a metric
        </button>
      </div>
    ) : null}
  </>
);

const Times: FC<Props> = ({ asked }) => (
  <fieldset>
    <legend>Time</legend>
    <div class="not-scalar">
      <WordField
        label="Interval"
        name="interval"
        choices={INTERVAL_CHOICES}
        value={asked.interval}
      />
    </div>
    <RangeFields prefix="" label="Range" asked={asked.range} />
  </fieldset>
);

const More: FC<Props> = ({ asked }) => (
  <details open={asked.perspective !== "standard"} class="part">
    <summary>More: perspective, time zone, owner</summary>
    <div class="stack details-body">
      <div class="not-scalar stack perspective">
        <WordField
          label="Perspective"
          name="perspective"
          choices={perspectiveChoices(PERSPECTIVES)}
          value={asked.perspective}
        />
        <div class="only-window">
          <TextField
            label="Periods of the rolling average"
            name="window"
            value={asked.window}
            inputmode="numeric"
            autocomplete="off"
            hint="2 to 366, the shown one included."
          />
        </div>
        <FirstPeriodField hidesFirst={asked.hidesFirst} />
      </div>
      <div class="only-table">
        <CheckField
          label="Groups as columns (transposed)"
          name="transposed"
          checked={asked.isTransposed}
        />
      </div>
      <PlaceFields asked={asked} />
    </div>
  </details>
);
