/**
 * An import on its way into the warehouse: points are added in the order of the request, each
 * checked and encoded as it is added, and nothing is written before {@link ImportPlan.commit}
 * (promise P3). Wire formats differ in what they read; what a table accepts is decided here.
 */
import { Refusal } from "../http/errors.ts";
import { commitTables } from "./commit.ts";
import type { DataPoint } from "./data-point.ts";
import { DraftTable } from "./draft-table.ts";
import { keyNamesDiffer, sameKeyNames } from "./keys.ts";
import { REQUEST_ACTIVATIONS_MAX, REQUEST_TABLES_MAX } from "./limits.ts";
import { createTables, recordColumns } from "./new-tables.ts";
import { shardCount } from "./shards.ts";
import { rangesForNewTable } from "./slots.ts";
import { subtableNameTaken, tableIsSubtable, TableNames } from "./table-names.ts";
import { findTables, type Integration, readTables, type TableRecord } from "./tables.ts";

/** See the module's comment. Use once. */
export class ImportPlan {
  readonly #env: Env;
  readonly #integration: Integration;
  readonly #existing: ReadonlyMap<string, TableRecord>;
  readonly #drafts = new Map<string, DraftTable>();
  /** Only where nested values are columns and subtables. */
  readonly #names: TableNames | undefined;
  #activations = 0;

  private constructor(
    env: Env,
    integration: Integration,
    existing: ReadonlyMap<string, TableRecord>,
  ) {
    this.#env = env;
    this.#integration = integration;
    this.#existing = existing;
    if (integration.nested === true) this.#names = new TableNames(existing);
  }

  /**
   * Looks the tables up that the request names: no D1 call when warm, else one.
   *
   * @throws Refusal tables_too_many.
   */
  static async open(
    env: Env,
    integration: Integration,
    tableNames: ReadonlySet<string>,
  ): Promise<ImportPlan> {
    if (tableNames.size > REQUEST_TABLES_MAX) {
      throw new Refusal("tables_too_many", { LIMIT: REQUEST_TABLES_MAX });
    }
    return new ImportPlan(env, integration, await findTables(env, integration, tableNames));
  }

  /** The client whose import this is. */
  get clientId(): number {
    return this.#integration.clientId;
  }

  /** Whether there is nothing to store: no point, and no switch of a table that exists. */
  get isEmpty(): boolean {
    return this.#drafts.size === 0;
  }

  /**
   * Adds a point.
   *
   * @throws Refusal with the point's index: key_names_differ, key_missing, key_null,
   * key_not_scalar, key_too_long, record_too_deep, record_too_large, column_name_too_long or
   * columns_too_many; where nested values are subtables also table_is_subtable,
   * subtable_name_taken, subtable_name_too_long or subtables_too_many. The plan must then be
   * dropped.
   */
  upsert(point: DataPoint): void {
    const draft = this.#drafts.get(point.table) ?? this.#begin(point);
    draft.upsert(point);
  }

  /**
   * Adds a version switch: rows of lower versions that stand before it are deleted. Without
   * effect on a table that neither exists nor has points in this request.
   *
   * @throws Refusal activations_too_many or table_is_subtable.
   */
  activate(record: number, table: string, version: string): void {
    this.#activations += 1;
    if (this.#activations > REQUEST_ACTIVATIONS_MAX) {
      throw new Refusal("activations_too_many", { LIMIT: REQUEST_ACTIVATIONS_MAX }, record);
    }
    let draft = this.#drafts.get(table);
    const existing = this.#existing.get(table);
    if (draft === undefined) this.#names?.checkTable(table, record);
    if (draft === undefined && existing !== undefined) {
      this.#names?.useTable(table, record);
      draft = DraftTable.of(existing, record, this.#names);
      this.#drafts.set(table, draft);
    }
    draft?.activate(version);
  }

  /**
   * Refuses what {@link commit} would refuse because of another table's name, for requests that
   * only ask whether they are right. Makes a D1 call where tables or subtables are new, and
   * nested values are subtables.
   *
   * @throws Refusal table_is_subtable, subtable_name_taken or key_names_differ.
   */
  async check(): Promise<void> {
    if (this.#names === undefined) return;
    const drafts = this.#draftsWithNew();
    if (drafts.length === 0) return;
    const names = drafts.flatMap((draft) => [
      draft.name,
      ...draft.newSubtables().map(({ name }) => name),
    ]);
    refuseFirst(drafts, await readTables(this.#env, this.#integration, names));
  }

  /**
   * Creates what is new in the catalogue, then writes the rows. Resolves when every point is
   * committed, or was older than what is stored (promise P1).
   *
   * @throws Refusal key_names_differ where another request created the table first, with other
   * keys, table_is_subtable or subtable_name_taken where one took its name; overloaded, unavailable or internal, after which a part of the rows may be stored.
   */
  async commit(): Promise<void> {
    await this.#createTables();
    const drafts = [...this.#drafts.values()];
    const added = drafts.flatMap((draft) => draft.newColumns());
    if (added.length > 0) await recordColumns(this.#env, added);
    await commitTables(this.#env, drafts);
  }

  #begin(point: DataPoint): DraftTable {
    this.#names?.useTable(point.table, point.record);
    const existing = this.#existing.get(point.table);
    const draft =
      existing === undefined
        ? DraftTable.create(point, rangesForNewTable(shardCount(this.#env)), this.#names)
        : DraftTable.of(existing, point.record, this.#names);
    this.#drafts.set(point.table, draft);
    return draft;
  }

  #draftsWithNew(): DraftTable[] {
    const drafts = [...this.#drafts.values()];
    return drafts.filter((draft) => draft.isNew || draft.newSubtables().length > 0);
  }

  async #createTables(): Promise<void> {
    const drafts = this.#draftsWithNew();
    if (drafts.length === 0) return;
    const tables = drafts.flatMap((draft) => draft.newTables());
    const created = await createTables(this.#env, this.#integration, tables);
    refuseFirst(drafts, created);
    for (const draft of drafts) {
      const table = created.get(draft.name);
      if (table === undefined) throw new Error("a table is missing right after its creation");
      // Only while a deployment adds a shard can the winner of a race have other ranges.
      if (table.ranges.length !== draft.ranges.length) throw new Refusal("unavailable");
      draft.becomes(table);
    }
  }
}

/**
 * Compares what is new with the tables that there are, of this request or another one.
 *
 * @throws Refusal key_names_differ, table_is_subtable or subtable_name_taken, of the first
 * record that has a reason.
 */
function refuseFirst(drafts: readonly DraftTable[], found: ReadonlyMap<string, TableRecord>): void {
  let first: Refusal | undefined;
  for (const refusal of drafts.flatMap((draft) => refusals(draft, found))) {
    if ((refusal.record ?? 0) < (first?.record ?? Infinity)) first = refusal;
  }
  if (first !== undefined) throw first;
}

function refusals(draft: DraftTable, found: ReadonlyMap<string, TableRecord>): Refusal[] {
  const { name, firstRecord } = draft;
  const table = found.get(name);
  if (table?.parentId !== undefined) return [tableIsSubtable(name, firstRecord)];
  if (table !== undefined && !sameKeyNames(table.sortedKeyNames, draft.sortedKeyNames)) {
    return [keyNamesDiffer(table, firstRecord)];
  }
  return draft
    .newSubtables()
    .filter((subtable) => isTaken(found.get(subtable.name), table))
    .map((subtable) => subtableNameTaken(subtable.name, name, subtable.firstRecord));
}

/** Whether a subtable's name belongs to a table, or to a subtable of another one. */
function isTaken(found: TableRecord | undefined, root: TableRecord | undefined): boolean {
  return found !== undefined && (root === undefined || found.parentId !== root.id);
}
