/** What the parts of a statement share: bound values, and columns of the JSON data. */

/** D1 takes 100 bound values (d1/platform/limits). */
const BOUND_MAX = 100;

/** Names that a path of SQLite cannot be trusted with: see {@link SqlText.column}. */
// oxlint-disable-next-line no-control-regex
const DIFFICULT_NAME = /^$|["\\\u0000-\u001f]/;

/** A question that no statement can answer exactly: records are read for it. */
export class NotInSql extends Error {}

/** Collects the values that a statement is bound with, and the columns that it reads. */
export class SqlText {
  readonly #bound: (string | number)[];
  readonly #columns = new Map<string, string>();
  readonly #conditions: string[] = [];

  /** @param first values that are bound before all others: `?1`, `?2`, … */
  constructor(first: readonly (string | number)[]) {
    this.#bound = [...first];
  }

  /** The values to be bound, in their order. */
  get bound(): readonly (string | number)[] {
    return this.#bound;
  }

  /** Binds a value, and gives the place where it is: `?5`. */
  bind(value: string | number): string {
    if (typeof value === "string" && !value.isWellFormed()) throw new NotInSql();
    const known = this.#bound.indexOf(value, 3);
    if (known !== -1) return `?${known + 1}`;
    if (this.#bound.length >= BOUND_MAX) throw new NotInSql();
    return `?${this.#bound.push(value)}`;
  }

  /**
   * The name of a column of the innermost select, which is the JSON text of a member of the
   * data, NULL where it is absent. Rows are written by JSON.stringify, so a value has one text:
   * no spaces, and escapes only for quotes, backslashes, control characters and lone surrogates.
   * Names with such characters are escaped in the data, and SQLite's versions differ in whether
   * a path sees them so.
   */
  column(name: string): string {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    checkName(name);
    const column = `j${this.#columns.size}`;
    this.#columns.set(name, column);
    return column;
  }

  /** What a column of {@link column} is, within a condition of the innermost select. */
  member(name: string): string {
    checkName(name);
    return `data -> ${this.bind(`$."${name}"`)}`;
  }

  /**
   * Leaves rows out that do not meet a condition before their columns are looked for: SQLite
   * keeps the data of a row parsed, but each column is 50 to 90 ns.
   */
  require(condition: string): void {
    this.#conditions.push(condition);
  }

  /** The innermost select: the columns, for the rows of a window. */
  source(): string {
    const columns = [...this.#columns].map(([name, column]) => `${this.member(name)} AS ${column}`);
    const list = columns.length === 0 ? "1" : columns.join(", ");
    const conditions = ["table_id = ?1 AND key > ?2 AND key <= ?3", ...this.#conditions];
    return layer(list, `rows WHERE ${conditions.join(" AND ")}`);
  }
}

function checkName(name: string): void {
  if (DIFFICULT_NAME.test(name)) throw new NotInSql();
}

/**
 * A select that stays as it is: the LIMIT keeps SQLite from putting its expressions wherever
 * their names are used, where they would be computed again.
 *
 * @param from what follows FROM; a select must be in brackets.
 */
export function layer(columns: string, from: string): string {
  return `(SELECT ${columns} FROM ${from} LIMIT -1)`;
}

/** Whether a JSON text is there and not null. */
export function isThere(json: string): string {
  return `(${json} IS NOT NULL AND ${json} <> 'null')`;
}

/** Whether a JSON text is a number: nothing else begins so. */
export function isNumberText(json: string): string {
  return `(${json} >= '-' AND ${json} < ':')`;
}

/** Whether the JSON text of a number has an exponent. */
export function hasExponent(json: string): string {
  return `(instr(${json}, 'e') > 0 OR instr(${json}, 'E') > 0)`;
}
