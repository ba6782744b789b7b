/** A field for one of the words of the API. */
import type { FC } from "hono/jsx";
import { type Choice, SelectField } from "../parts/forms.tsx";
import { withChosen } from "./choices.ts";

interface WordFieldProps {
  readonly label: string;
  readonly name: string;
  readonly choices: readonly Choice[];
  readonly value: string;
}

/** A word that is not among the choices stays what it is: the API says what is wrong with it. */
export const WordField: FC<WordFieldProps> = ({ choices, value, ...field }) => (
  <SelectField {...field} choices={withChosen(choices, value, "unknown")} value={value} />
);
