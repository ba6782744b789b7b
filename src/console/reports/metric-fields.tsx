/** The fields of a metric: its table, what is made of a column, its date, its filters. */
import type { Child, FC } from "hono/jsx";
import { OPERATIONS } from "../../report/engine/question.ts";
import { FilterFields } from "../filters/filter-fields.tsx";
import { CheckField, type Choice, SelectField, TextField } from "../parts/forms.tsx";
import { type AskedMetric, metricPrefix } from "./metric.ts";
import { columnsOf, type FormColumn, type FormTables } from "./tables.ts";
import { withChosen } from "./choices.ts";
import { WordField } from "./word-field.tsx";

/** The operations in the words of wire.md section 5. */
const OPERATION_LABELS: Readonly<Record<(typeof OPERATIONS)[number], string>> = {
  count: "Count of rows",
  count_distinct: "Count of distinct values",
  sum: "Sum",
  average: "Average",
  min: "Least value",
  max: "Greatest value",
  median: "Median",
  first_quartile: "First quartile",
  third_quartile: "Third quartile",
  percentile_10: "Tenth percentile",
  percentile_90: "Ninetieth percentile",
};

const OPERATION_CHOICES: readonly Choice[] = OPERATIONS.map((value) => ({
  value,
  label: OPERATION_LABELS[value],
}));

/**
 * Columns as choices, with their types where there is room; one that the table does not have is
 * there if it is chosen.
 *
 * @param none what stands for no column.
 */
export function columnChoices(
  columns: readonly FormColumn[],
  none: string,
  chosen: string,
  hasTypes = false,
): readonly Choice[] {
  const all = columns.map(({ name, type }) => ({
    value: name,
    label: hasTypes ? `${name} (${type})` : name,
  }));
  return withChosen([{ value: "", label: none }, ...all], chosen, "not in this table");
}

interface MetricFieldsProps {
  readonly index: number;
  readonly legend: string;
  readonly metric: AskedMetric;
  readonly tables: FormTables;
  readonly choices: readonly Choice[];
  /** Whether it may be an input of formulas only. */
  readonly canHide: boolean;
  /** Buttons below its fields. */
  readonly children?: Child;
}

/** A metric. The button for another table works without script, too. */
export const MetricFields: FC<MetricFieldsProps> = (props) => {
  const { index, legend, metric, tables, choices, canHide, children } = props;
  const prefix = metricPrefix(index);
  const columns = columnsOf(tables, metric.table);
  return (
    <fieldset class="metric">
      <legend>{legend}</legend>
      <input type="hidden" name={`${prefix}columns_of`} value={metric.columnsOf} />
      <div class="fields">
        <TextField label="Label" name={`${prefix}label`} value={metric.label} autocomplete="off" />
        <WordField
          label="Operation"
          name={`${prefix}operation`}
          choices={OPERATION_CHOICES}
          value={metric.operation}
        />
        <div class="metric-column">
          <SelectField
            label="Column"
            name={`${prefix}column`}
            choices={columnChoices(columns, "choose one", metric.column, true)}
            value={metric.column}
          />
        </div>
        <SelectField
          label="Date column"
          name={`${prefix}date`}
          choices={columnChoices(columns, "none: no periods, no range", metric.date)}
          value={metric.date}
        />
        <SelectField
          label="Table"
          name={`${prefix}table`}
          choices={withChosen(choices, metric.table, "no table")}
          value={metric.table}
        />
        <button type="submit" name="step" value="table" class="small">
          Use this table
        </button>
      </div>
      <Conditions prefix={prefix} metric={metric} columns={columns} />
      {canHide ? (
        <CheckField
          label="Hidden: only an input of formulas"
          name={`${prefix}hidden`}
          checked={metric.isHidden}
        />
      ) : null}
      {children}
    </fieldset>
  );
};

const Conditions: FC<{
  prefix: string;
  metric: AskedMetric;
  columns: readonly FormColumn[];
}> = ({ prefix, metric: { filters }, columns }) => {
  const { conditions, logic } = filters;
  const count = conditions.length;
  const known = new Set(columns.map(({ name }) => name));
  // Conditions on columns of another table stay in sight, to be changed or taken out.
  const others = new Set(conditions.map(({ column }) => column).filter((name) => !known.has(name)));
  const all = [...columns, ...[...others].map((name) => ({ name }))];
  return (
    <details open={count > 0 || logic !== ""}>
      <summary>{count === 0 ? "Filters" : `Filters (${count})`}</summary>
      <FilterFields prefix={prefix} columns={all} asked={filters} />
    </details>
  );
};
