/** The fields of a time range. Those that do not go with the chosen kind are not shown (css). */
import type { FC } from "hono/jsx";
import { type Choice, TextField } from "../parts/forms.tsx";
import { wordChoices } from "./choices.ts";
import { AGO_UNITS, type AskedAgo, type AskedRange, MOVING_RANGES } from "./range.ts";
import { WordField } from "./word-field.tsx";

const KINDS: readonly Choice[] = [
  ...wordChoices(MOVING_RANGES),
  { value: "dates", label: "From one day to another" },
  { value: "ago", label: "So long ago to so long ago" },
];

const UNITS: readonly Choice[] = AGO_UNITS.map((value) => ({ value, label: `${value}s ago` }));

interface RangeFieldsProps {
  readonly prefix: string;
  readonly label: string;
  readonly asked: AskedRange;
}

/** A range. */
export const RangeFields: FC<RangeFieldsProps> = ({ prefix, label, asked }) => (
  <div class="range stack" role="group" aria-label={label}>
    <WordField label={label} name={`${prefix}range`} choices={KINDS} value={asked.kind} />
    <div class="range-dates fields">
      <TextField label="First day" name={`${prefix}from`} value={asked.from} type="date" />
      <TextField label="Last day" name={`${prefix}to`} value={asked.to} type="date" />
    </div>
    <div class="range-ago fields">
      <Ago label="Begins" name={`${prefix}begins`} ago={asked.begins} />
      <Ago label="Ends" name={`${prefix}ends`} ago={asked.ends} />
    </div>
  </div>
);

const Ago: FC<{ label: string; name: string; ago: AskedAgo }> = ({ label, name, ago }) => (
  <>
    <TextField label={label} name={name} value={ago.count} inputmode="numeric" autocomplete="off" />
    <WordField label={`${label}: unit`} name={`${name}_unit`} choices={UNITS} value={ago.unit} />
  </>
);
