/** The fields of a cohort chart's form. */
import type { FC } from "hono/jsx";
import { COHORT_INTERVALS, COHORT_PERSPECTIVES } from "../../report/definition/cohort.ts";
import { type Choice, SelectField, TextField } from "../parts/forms.tsx";
import type { AskedChart } from "./chart-form.ts";
import { wordChoices } from "./choices.ts";
import { perspectiveChoices } from "./figure-fields.tsx";
import type { FieldsProps } from "./kinds.ts";
import { columnChoices, MetricFields } from "./metric-fields.tsx";
import { FirstPeriodField, PlaceFields } from "./more-fields.tsx";
import { RangeFields } from "./range-fields.tsx";
import { columnsOf, type FormColumn } from "./tables.ts";
import { WordField } from "./word-field.tsx";

type Props = FieldsProps<AskedChart>;
interface PartProps {
  readonly asked: AskedChart;
  readonly columns: readonly FormColumn[];
}

const BEGINNINGS: readonly Choice[] = [
  { value: "first_event", label: "The first event of a member" },
  { value: "column", label: "A date in the row" },
];

/** All of them. */
export const ChartFields: FC<Props> = ({ asked, tables, choices }) => {
  const columns = columnsOf(tables, asked.metric.table);
  return (
    <>
      <TextField label="Name" name="name" value={asked.name} autocomplete="off" />
      <MetricFields
        index={0}
        legend="Metric"
        metric={asked.metric}
        tables={tables}
        choices={choices}
        canHide={false}
      />
      <Beginning asked={asked} columns={columns} />
      <Periods asked={asked} />
      <More asked={asked} columns={columns} />
    </>
  );
};

const Beginning: FC<PartProps> = ({ asked, columns }) => (
  <fieldset class="beginning">
    <legend>When a cohort begins</legend>
    <WordField
      label="It begins with"
      name="beginning"
      choices={BEGINNINGS}
      value={asked.beginning}
    />
    <div class="only-first-event stack">
      <SelectField
        label="Member"
        name="first_event_of"
        choices={columnChoices(columns, "choose a column", asked.firstEventOf)}
        value={asked.firstEventOf}
        hint="Who or what comes again, as a customer's id."
      />
      <SelectField
        label="Date of first events"
        name="event_date"
        choices={columnChoices(columns, "the metric's", asked.eventDate)}
        value={asked.eventDate}
      />
    </div>
    <div class="only-date">
      <SelectField
        label="Date column"
        name="date_column"
        choices={columnChoices(columns, "choose one", asked.dateColumn)}
        value={asked.dateColumn}
        hint="Another one than the metric's date, as when the customer signed up."
      />
    </div>
  </fieldset>
);

const Periods: FC<{ asked: AskedChart }> = ({ asked }) => (
  <fieldset>
    <legend>Periods</legend>
    <WordField
      label="Interval"
      name="interval"
      choices={wordChoices(COHORT_INTERVALS)}
      value={asked.interval}
    />
    <div class="fields">
      <TextField
        label="Cohorts"
        name="cohorts"
        value={asked.cohorts}
        autocomplete="off"
        placeholder="12"
        hint="The last ones, or all."
      />
      <TextField
        label="Periods of each"
        name="periods"
        value={asked.periods}
        inputmode="numeric"
        autocomplete="off"
        placeholder="12"
        hint="From its beginning on."
      />
    </div>
    <WordField
      label="Perspective"
      name="perspective"
      choices={perspectiveChoices(COHORT_PERSPECTIVES)}
      value={asked.perspective}
    />
    <FirstPeriodField hidesFirst={asked.hidesFirst} />
  </fieldset>
);

const More: FC<PartProps> = ({ asked, columns }) => (
  <details open={asked.by !== ""} class="part">
    <summary>More: cohorts without dates, members, time zone</summary>
    <div class="stack details-body">
      <TextField
        label="Complete periods that a cohort must have"
        name="min_periods"
        value={asked.minPeriods}
        inputmode="numeric"
        autocomplete="off"
        placeholder="1"
        hint="0 takes the running period in."
      />
      <SelectField
        label="Members of averages"
        name="member"
        choices={columnChoices(columns, "the member of the first event", asked.member)}
        value={asked.member}
      />
      <SelectField
        label="Cohorts without dates"
        name="cohort_by"
        choices={columnChoices(columns, "no: cohorts by period", asked.by)}
        value={asked.by}
        hint="What has one value of a column, whenever it began; all cohorts are shown."
      />
      <div class="only-by">
        <RangeFields prefix="action_" label="What began in" asked={asked.actionRange} />
      </div>
      <PlaceFields asked={asked} />
    </div>
  </details>
);
