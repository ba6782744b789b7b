/** The parts of a figure's form that are lists: groups with their order, and formulas. */
import type { FC } from "hono/jsx";
import { FORMULAS_MAX } from "../../report/definition/definition-limits.ts";
import { letterOf } from "../filters/filters-of.ts";
import { type Choice, SelectField, TextField } from "../parts/forms.tsx";
import { wordChoices } from "./choices.ts";
import { type AskedFigure, type AskedFormula, isFormula, NO_FORMULA } from "./figure-form.ts";
import type { FieldsProps } from "./kinds.ts";
import { columnChoices } from "./metric-fields.tsx";
import { columnsOf } from "./tables.ts";
import { WordField } from "./word-field.tsx";

type Props = FieldsProps<AskedFigure>;

const FORMATS = wordChoices(["number", "currency", "percent", "time"]);

const GROUPS_SHOWN = 2;

/** The columns of the grouping, and which of the groups are shown. */
export const Groups: FC<Props> = ({ asked, tables }) => {
  const { groups, top, metrics } = asked;
  const columns = columnsOf(tables, metrics[0]?.table ?? "");
  const fields = groups.map((group, index) => (
    <SelectField
      label={index === 0 ? "Group by" : `Then by (${index + 1})`}
      name={`group${index}`}
      choices={columnChoices(columns, "nothing", group)}
      value={group}
    />
  ));
  return (
    <fieldset class="not-scalar">
      <legend>Groups</legend>
      <div class="fields">{fields.slice(0, GROUPS_SHOWN)}</div>
      <details open={groups.slice(GROUPS_SHOWN).some((name) => name !== "") || top.n !== ""}>
        <summary>More columns, top or bottom</summary>
        <div class="stack details-body">
          <div class="fields">{fields.slice(GROUPS_SHOWN)}</div>
          <TopFields asked={asked} />
        </div>
      </details>
    </fieldset>
  );
};

const TopFields: FC<{ asked: AskedFigure }> = ({ asked: { top, metrics, formulas, groups } }) => {
  const names = [...metrics, ...formulas].map(({ label }) => label);
  return (
    <>
      <div class="fields">
        <TextField
          label="Show only"
          name="top_n"
          value={top.n}
          autocomplete="off"
          placeholder="all groups"
          hint="How many groups, or all."
        />
        <TextField
          label="Ordered by"
          name="top_by"
          value={top.by}
          autocomplete="off"
          list="top-names"
          hint="A label or a column."
        />
        <SelectField label="Order" name="top_order" choices={TOP_ORDERS} value={top.order} />
      </div>
      <datalist id="top-names">
        {[...names, ...groups]
          .filter((name) => name !== "")
          .map((name) => (
            <option value={name} />
          ))}
      </datalist>
    </>
  );
};

const TOP_ORDERS: readonly Choice[] = [
  { value: "", label: "As usual" },
  { value: "desc", label: "Top: greatest first" },
  { value: "asc", label: "Bottom: least first" },
];

/** Formulas; a line that is empty is none. */
export const Formulas: FC<Props> = ({ asked: { metrics, formulas } }) => {
  const hasRoom = formulas.length < FORMULAS_MAX;
  const count = formulas.filter(isFormula).length;
  const lines = formulas.length > 0 ? formulas : [NO_FORMULA];
  const letters = metrics.map(({ label }, index) => `${letterOf(index)} is “${label}”`).join(", ");
  return (
    <details open={count > 0 || lines.length > 1} class="part">
      <summary>{count > 0 ? `Formulas (${count})` : "Formulas"}</summary>
      <div class="stack details-body">
        <p class="hint">
          Arithmetic over the metrics, as in A / B. {letters}. A line that is empty is none.
        </p>
        <input type="hidden" name="formulas" value={String(lines.length)} />
        {lines.map((formula, index) => (
          <FormulaLine formula={formula} index={index} />
        ))}
        {hasRoom ? (
          <div>
            <button type="submit" name="step" value="add-formula" class="small">
              Add a formula
            </button>
          </div>
        ) : null}
      </div>
    </details>
  );
};

const FormulaLine: FC<{ formula: AskedFormula; index: number }> = ({ formula, index }) => (
  <div class="fields" role="group" aria-label={`Formula ${index + 1}`}>
    <TextField label="Label" name={`f${index}_label`} value={formula.label} autocomplete="off" />
    <TextField
      label="Formula"
      name={`f${index}_expression`}
      value={formula.expression}
      autocomplete="off"
      placeholder="A / B"
    />
    <WordField
      label="Shown as"
      name={`f${index}_format`}
      choices={FORMATS}
      value={formula.format}
    />
  </div>
);
