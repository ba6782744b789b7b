/** The part of a form that says which rows are wanted: conditions with a letter each, and logic. */
import type { FC } from "hono/jsx";
import { OPERATORS } from "../../filter/filter.ts";
import { type Choice, nameValue, SelectField, TextField } from "../parts/forms.tsx";
import { type AskedCondition, type AskedFilters, letterOf, LINES_MAX } from "./filters-of.ts";

/** The operators in the words of wire.md section 5. */
export const OPERATOR_LABELS: Readonly<Record<(typeof OPERATORS)[number], string>> = {
  equal: "equal to",
  not_equal: "not equal to",
  greater: "greater than",
  greater_or_equal: "greater than or equal to",
  less: "less than",
  less_or_equal: "less than or equal to",
  like: "like",
  not_like: "not like",
  is_null: "is null",
  is_not_null: "is not null",
  in: "in",
  not_in: "not in",
};

const OPERATOR_CHOICES: readonly Choice[] = OPERATORS.map((value) => ({
  value,
  label: OPERATOR_LABELS[value],
}));

/** Empty lines below those that are filled in. */
const SPARE_LINES = 2;

interface FilterFieldsProps {
  /** Before the names of the fields, where a form has several of these parts. */
  readonly prefix: string;
  readonly columns: readonly { readonly name: string }[];
  readonly asked: AskedFilters;
}

/** Lines of conditions; a line without a column is none. */
export const FilterFields: FC<FilterFieldsProps> = ({ prefix, columns, asked }) => {
  const choices = [
    { value: "", label: "no condition" },
    ...columns.map(({ name }) => ({ value: nameValue(name), label: name })),
  ];
  const lines = withSpare(asked.conditions);
  return (
    <fieldset id={`${prefix}filters`}>
      <legend>Filters</legend>
      {lines.map((line, index) => (
        <Line name={`${prefix}filter${index}_`} choices={choices} line={line} />
      ))}
      <TextField
        label="Logic"
        name={`${prefix}logic`}
        value={asked.logic}
        autocomplete="off"
        placeholder="[A] AND [B]"
        hint="How the conditions are joined, like ([A] AND [B]) OR [C]. Empty: all of them."
      />
    </fieldset>
  );
};

/** The lines with some empty ones, which have letters that are free. */
function withSpare(conditions: readonly AskedCondition[]): readonly AskedCondition[] {
  const taken = new Set(conditions.map(({ id }) => id));
  const free = Array.from({ length: LINES_MAX }, (_, index) => letterOf(index)).filter(
    (letter) => !taken.has(letter),
  );
  const room = Math.max(0, Math.min(SPARE_LINES, LINES_MAX - conditions.length));
  const spare = free.slice(0, room).map((id) => ({ id, column: "", operator: "equal", value: "" }));
  return [...conditions, ...spare];
}

interface LineProps {
  readonly name: string;
  readonly choices: readonly Choice[];
  readonly line: AskedCondition;
}

const Line: FC<LineProps> = ({ name, choices, line }) => (
  <div class="fields" role="group" aria-label={`Condition ${line.id}`}>
    <input type="hidden" name={`${name}id`} value={line.id} />
    <SelectField
      label={`${line.id}: column`}
      name={`${name}column`}
      choices={choices}
      value={nameValue(line.column)}
    />
    <SelectField
      label="Operator"
      name={`${name}operator`}
      choices={OPERATOR_CHOICES}
      value={line.operator}
    />
    <TextField
      label="Value"
      name={`${name}value`}
      value={line.value}
      autocomplete="off"
      placeholder="with “in”: a, b, c"
    />
  </div>
);
