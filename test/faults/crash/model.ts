/** What every kind of table is to the audit. */

/** A row as a page of rows or a file has it: its fields as text. */
export type Row = ReadonlyMap<string, string>;

/** What an audit found: a write that was acknowledged and is gone, or anything else not right. */
export interface Finding {
  readonly kind: "lost" | "wrong";
  readonly text: string;
}

/** How an audit ended. */
export interface Verdict {
  /** Facts that were compared with what is stored. */
  readonly checks: number;
  readonly findings: readonly Finding[];
}

/** Compares rows with what must be there. */
export type Check = (rows: readonly Row[]) => Verdict;

/** A table, with what was sent to it and what of that was acknowledged. */
export interface Model {
  readonly table: string;
  /** Whether something was acknowledged, so that the table must be there. */
  readonly isKnown: boolean;
  /** Whether it is so large that only a file shows all of it in good time. */
  readonly isLarge: boolean;
  /** Columns that it must have. */
  readonly columns: ReadonlySet<string>;
  /** The check of all that is acknowledged by now; what is sent later may be there as well. */
  check(): Check;
  /** Takes what is stored for what must stay there: what was read once may not go back either. */
  accept(rows: readonly Row[]): void;
}

/** The text of a field, or "" where the row has none. */
export function fieldOf(row: Row, name: string): string {
  return row.get(name) ?? "";
}
