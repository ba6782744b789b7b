/** Finding one of many by its name: a form, and what is said where not all are shown. */
import type { FC } from "hono/jsx";
import { Notice, counted } from "./display.tsx";

interface NameSearchProps {
  /** Of the list, relative to `/console`. */
  readonly action: string;
  readonly label: string;
  readonly searched: string;
}

/** Searches the list by `?name=`. */
export const NameSearch: FC<NameSearchProps> = ({ action, label, searched }) => (
  <form method="get" action={`/console${action}`} class="row" role="search">
    <label for="search-name">{label}</label>
    <input id="search-name" type="search" name="name" value={searched} class="short" />
    <button type="submit">Search</button>
    {searched === "" ? null : <a href={`/console${action}`}>Show all</a>}
  </form>
);

/** Whether one of the texts of an element has what was searched, in any letter case. */
export function isFound(texts: readonly string[], searched: string): boolean {
  const small = searched.toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(small));
}

/** Says that there are more than the page shows; nothing where it shows all. */
export const FirstOf: FC<{ found: number; shownMax: number; what: string }> = (props) => {
  const { found, shownMax, what } = props;
  if (found <= shownMax) return null;
  return (
    <Notice kind="info">
      <p>
        The first {counted(shownMax)} of {counted(found)} {what} are shown: search for the others.
      </p>
    </Notice>
  );
};
