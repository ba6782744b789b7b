/** The parts that show things: tables, facts, code, times, states. */
import type { Child, FC, PropsWithChildren } from "hono/jsx";

/** A box with a heading of its own. */
export const Panel: FC<
  PropsWithChildren<{ readonly title: string; readonly id?: string; readonly actions?: Child }>
> = ({ title, id, actions, children }) => (
  <section class="panel" {...(id === undefined ? {} : { id })}>
    <div class="panel-head">
      <h2>{title}</h2>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
    {children}
  </section>
);

/** A message about what happened, or what to mind. */
export const Notice: FC<
  PropsWithChildren<{ readonly kind: "good" | "bad" | "info" | "warn"; readonly alert?: boolean }>
> = ({ kind, alert, children }) => (
  <div class={`notice ${kind}`} {...(alert === true ? { role: "alert" } : {})}>
    {children}
  </div>
);

/** A column of a Grid. */
export interface GridColumn<Row> {
  readonly head: string;
  /** The heading is for those only who do not see the column. */
  readonly hideHead?: boolean;
  readonly cell: (row: Row) => Child;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

interface GridProps<Row> {
  /** What the table has, for those who do not see it; shown unless hidden. */
  readonly caption: string;
  readonly hideCaption?: boolean;
  readonly columns: readonly GridColumn<Row>[];
  readonly rows: readonly Row[];
}

/**
 * A table that scrolls in its own box where it is too wide, by keyboard, too. On a phone its rows
 * are blocks with a label to each value, so that no action is out of sight; the roles keep it a
 * table for screen readers, which a block would not be.
 */
export function Grid<Row>({ caption, hideCaption = true, columns, rows }: GridProps<Row>) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={caption}>
      <table class="grid" role="table">
        <caption class={hideCaption ? "hidden" : ""}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ head, hideHead, isNumber }) => (
              <th scope="col" role="columnheader" class={isNumber === true ? "number" : ""}>
                {hideHead === true ? <span class="hidden">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row">
              {columns.map((column) => (
                <Cell column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { readonly column: GridColumn<Row>; readonly row: Row }) {
  const { head, hideHead, isNumber, cell } = column;
  return (
    <td
      role="cell"
      class={isNumber === true ? "number" : ""}
      {...(hideHead === true ? {} : { "data-label": head })}
    >
      {cell(row)}
    </td>
  );
}

/** Names and values. */
export const Facts: FC<{ readonly facts: readonly (readonly [string, Child])[] }> = ({ facts }) => (
  <dl class="facts">
    {facts.map(([name, value]) => (
      <div>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** Text to be pasted elsewhere; the script adds a button that copies it. */
export const CodeBlock: FC<{ readonly label: string; readonly text: string }> = ({
  label,
  text,
}) => (
  <div class="code">
    <pre tabindex={0} role="region" aria-label={label}>
      <code>{text}</code>
    </pre>
  </div>
);

/** An instant, ISO 8601 in UTC, to the minute or the second; null is a dash. */
export const Time: FC<{ readonly at: string | null | undefined; readonly seconds?: boolean }> = ({
  at,
  seconds = false,
}) => {
  if (at === null || at === undefined) return <span class="faint">–</span>;
  const shown = at.slice(0, seconds ? 19 : 16).replace("T", " ");
  return (
    <time datetime={at} class="time">
      {shown} UTC
    </time>
  );
};

/** A state in a word; the colour says no more than the word. */
export const Badge: FC<PropsWithChildren<{ readonly kind: "good" | "bad" | "busy" | "idle" }>> = ({
  kind,
  children,
}) => <span class={`badge ${kind}`}>{children}</span>;

/** What stands where nothing is yet, and what to do about it. */
export const Empty: FC<PropsWithChildren> = ({ children }) => <div class="empty">{children}</div>;

/** In the heading of a list, however long it is: the way to the form below it, the panel `new`. */
export const ToNew: FC<PropsWithChildren> = ({ children }) => (
  <a class="button main" href="#new">
    {children}
  </a>
);

const WHOLE = new Intl.NumberFormat("en-US");

/** A count with groups of three digits: `1,234,567`. */
export function counted(count: number): string {
  return WHOLE.format(count);
}
