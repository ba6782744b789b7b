/** Choices of the forms of reports. */
import type { Choice } from "../parts/forms.tsx";

/** Words as choices: `first_event` is shown as `First event`. */
export function wordChoices(words: readonly string[]): readonly Choice[] {
  return words.map((value) => ({ value, label: wordLabel(value) }));
}

/** A word of the API as people read it. */
export function wordLabel(word: string): string {
  const text = word.replaceAll("_", " ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The choices with what is chosen: a list without it would show, and send, another value. */
export function withChosen(
  choices: readonly Choice[],
  chosen: string,
  note: string,
): readonly Choice[] {
  if (chosen === "" || choices.some(({ value }) => value === chosen)) return choices;
  return [...choices, { value: chosen, label: `${chosen} (${note})` }];
}
