/** The fields that both kinds of reports have under "More". */
import type { FC } from "hono/jsx";
import { SelectField, TextField } from "../parts/forms.tsx";
import { withChosen } from "./choices.ts";

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
    <SelectField
      label="Weeks begin on"
      name="week_start"
      choices={withChosen(WEEK_STARTS, asked.weekStart, "unknown")}
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
