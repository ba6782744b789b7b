/** Which columns of a table the points of a request add to those that the catalogue has. */
import { Refusal } from "../http/errors.ts";
import { COLUMN_NAME_LENGTH_MAX, TABLE_COLUMNS_MAX } from "./limits.ts";
import type { Undo } from "./undo.ts";

/** See the module's comment. */
export class ColumnNotes {
  /** Types of columns that the catalogue does not have yet, in the order of appearance. */
  readonly added = new Map<string, number>();
  readonly #tableName: string;
  readonly #known: ReadonlyMap<string, number>;
  readonly #undo: Undo;
  #newNames = 0;

  /**
   * @param known the columns that the catalogue has: name to bits of types.
   * @param undo takes back what a refused record noted.
   */
  constructor(tableName: string, known: ReadonlyMap<string, number>, undo: Undo) {
    this.#tableName = tableName;
    this.#known = known;
    this.#undo = undo;
  }

  /**
   * Notes a value of a column.
   *
   * @param bit of its type (columns.ts); 0 for null.
   * @throws Refusal column_name_too_long or columns_too_many.
   */
  note(name: string, bit: number, record: number): void {
    const known = this.#known.get(name);
    if (known !== undefined && (bit & ~known) === 0) return;
    this.add(name, bit, known === undefined, record);
  }

  /** What {@link note} does where the catalogue does not have the column, or not the type. */
  add(name: string, bit: number, isNew: boolean, record: number): void {
    const noted = this.added.get(name);
    if (noted === undefined && isNew) this.#count(name, record);
    if (noted !== undefined && (bit & ~noted) === 0) return;
    this.added.set(name, (noted ?? 0) | bit);
    this.#undo.add(() => {
      if (noted === undefined) this.added.delete(name);
      else this.added.set(name, noted);
    });
  }

  #count(name: string, record: number): void {
    if (name.length > COLUMN_NAME_LENGTH_MAX) {
      throw new Refusal("column_name_too_long", { LIMIT: COLUMN_NAME_LENGTH_MAX }, record);
    }
    if (this.#known.size + this.#newNames >= TABLE_COLUMNS_MAX) {
      const params = { TABLE: this.#tableName, LIMIT: TABLE_COLUMNS_MAX };
      throw new Refusal("columns_too_many", params, record);
    }
    this.#newNames += 1;
    this.#undo.add(() => {
      this.#newNames -= 1;
    });
  }
}
