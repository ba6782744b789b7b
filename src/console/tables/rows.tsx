/** Rows of a table as a page shows them: many beside each other, or one from top to bottom. */
import type { Child, FC } from "hono/jsx";
import { type Json, type JsonObject, stringifyExact } from "../../json/exact.ts";
import { Empty, counted } from "../parts/display.tsx";
import { looksLikeOther } from "./key-search.ts";
import type { Table } from "./table.tsx";

interface Row {
  readonly sequence: string | null;
  readonly data: JsonObject;
}

/** The answer of `GET …/tables/:tid/rows`. */
export interface RowPage {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** Columns of rows beside each other, and the characters of a value there. */
const COLUMNS_SHOWN_MAX = 60;
const VALUE_CHARACTERS_MAX = 300;

/** Characters of a value of a row that is shown alone: a page of some 100 kB has some of them. */
const WHOLE_CHARACTERS_MAX = 20_000;

interface RowsProps {
  readonly table: Table;
  readonly page: RowPage;
  /** Of the table's page, relative to `/console`. */
  readonly path: string;
  readonly isSearch: boolean;
}

/** The rows of a page. A row that was searched is shown whole. */
export const Rows: FC<RowsProps> = ({ table, page, path, isSearch }) => {
  const [first, second] = page.rows;
  if (first === undefined) {
    return (
      <Empty>
        <p>{isSearch ? "No row has this key." : "There are no rows here."}</p>
        {page.next === null ? null : <a href={nextOf(path, page.next)}>Look further</a>}
      </Empty>
    );
  }
  if (isSearch && second === undefined) return <WholeRow table={table} row={first} />;
  return (
    <>
      <RowGrid table={table} rows={page.rows} />
      {page.next === null ? null : (
        <p>
          <a href={nextOf(path, page.next)}>The next rows</a>
        </p>
      )}
    </>
  );
};

const nextOf = (path: string, next: string): string =>
  `/console${path}?after=${encodeURIComponent(next)}#rows`;

const RowGrid: FC<{ table: Table; rows: readonly Row[] }> = ({ table, rows }) => {
  const columns = table.columns.slice(0, COLUMNS_SHOWN_MAX);
  const isPart = table.columns.length > columns.length;
  return (
    <>
      <div class="scroll" tabindex={0} role="region" aria-label="Rows">
        <table class="rows">
          <caption class="hidden">Rows of {table.name}</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Sequence
              </th>
              {columns.map(({ name, type }) => (
                <th scope="col" class={type === "integer" || type === "decimal" ? "number" : ""}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                <td class="number">{row.sequence ?? <span class="faint">none</span>}</td>
                {columns.map(({ name }) => (
                  <Value value={valueOf(row, name)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        {isPart ? `The first ${columns.length} of ${counted(table.columns.length)} columns. ` : ""}
        Long values are cut here{table.key_names.length > 0 ? ": a search shows its row whole" : ""}
        . Quotes mark a text that would look like a number, true, false or null.
      </p>
    </>
  );
};

const WholeRow: FC<{ table: Table; row: Row }> = ({ table, row }) => (
  <div class="scroll" tabindex={0} role="region" aria-label="The row">
    <table class="rows whole">
      <caption class="hidden">The row with this key</caption>
      <tbody>
        <tr>
          <th scope="row">Sequence</th>
          <td>{row.sequence ?? <span class="faint">none</span>}</td>
        </tr>
        {table.columns
          .filter(({ name }) => Object.hasOwn(row.data, name))
          .map(({ name }) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{shownValue(row.data[name] ?? null, WHOLE_CHARACTERS_MAX)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  </div>
);

function valueOf({ data }: Row, name: string): Json | undefined {
  return Object.hasOwn(data, name) ? data[name] : undefined;
}

/** A cell; that of an absent value is empty. */
const Value: FC<{ value: Json | undefined }> = ({ value }) => {
  if (value === undefined) return <td />;
  const isNumber = typeof value === "number" || JSON.isRawJSON(value);
  return <td class={isNumber ? "number" : ""}>{shownValue(value, VALUE_CHARACTERS_MAX)}</td>;
};

/** A value, its numbers as they are stored; null, empty texts and texts like `1` can be told. */
function shownValue(value: Json, charactersMax: number): Child {
  if (value === null) return <span class="faint">null</span>;
  if (value === "") return <span class="faint">""</span>;
  if (typeof value !== "string") return cut(stringifyExact(value), charactersMax);
  return looksLikeOther(value) ? `"${value}"` : cut(value, charactersMax);
}

/** The beginning of a long text, with its length; no character is cut in two. */
function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const start = text.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, "");
  return `${start}… (${counted(text.length)} characters)`;
}
