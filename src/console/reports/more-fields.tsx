/** The fields that both kinds of reports have under "More". */
import type { FC } from "hono/jsx";
import { CheckField, TextField } from "../parts/forms.tsx";
import { WordField } from "./word-field.tsx";

const WEEK_STARTS = [
  { value: "monday", label: "Monday" },
  { value: "sunday", label: "Sunday" },
];

interface PlaceFieldsProps {
  readonly asked: {
    readonly timeZone: string;
    readonly weekStart: string;
    readonly ownerEmail: string;
  };
}

/** Time zone, first day of the week, owner. */
export const PlaceFields: FC<PlaceFieldsProps> = ({ asked }) => (
  <>
    <TextField
      label="Time zone"
      name="time_zone"
      value={asked.timeZone}
      autocomplete="off"
      hint="Days and periods are reckoned in it, as in Europe/Berlin."
    />
    <WordField
      label="Weeks begin on"
      name="week_start"
      choices={WEEK_STARTS}
      value={asked.weekStart}
    />
    <TextField
      label="Owner's e-mail"
      name="owner_email"
      value={asked.ownerEmail}
      autocomplete="off"
      hint="Lists show it; nothing is sent to it."
    />
  </>
);

/** Goes with percent_of_first only. */
export const FirstPeriodField: FC<{ readonly hidesFirst: boolean }> = ({ hidesFirst }) => (
  <div class="only-first">
    <CheckField
      label="Leave the first period out, which is 100 %"
      name="hides_first"
      checked={hidesFirst}
    />
  </div>
);
