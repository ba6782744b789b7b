/**
 * An import on its way into the warehouse: points are added in the order of the request, each
 * checked and encoded as it is added, and nothing is written before {@link ImportPlan.commit}
 * (promise P3). Wire formats differ in what they read; what a table accepts is decided here.
 */
import { Refusal } from "../http/errors.ts";
import { logError } from "../log.ts";
import { commitTables, commitTablesCounted } from "./commit.ts";
import type { DataPoint } from "./data-point.ts";
import { type DraftContext, DraftTable } from "./draft-table.ts";
import { keyNamesDiffer, sameKeyNames } from "./keys.ts";
import { REQUEST_ACTIVATIONS_MAX, REQUEST_TABLES_MAX, SPLIT_TABLES_MAX } from "./limits.ts";
import { createTables, recordColumns } from "./new-tables.ts";
import { shardsForNewTable } from "./shard-room.ts";
import { haveSameShards, type KeyRange, rangesForNewTable } from "./slots.ts";
import { subtableNameTaken, tableIsSubtable, TableNames } from "./table-names.ts";
import { findTables, type Integration, readTables, type TableRecord } from "./tables.ts";
import type { Once, Tally } from "./tally.ts";
import { tallyTables } from "./tally-tables.ts";
import { Undo } from "./undo.ts";

/** How a plan is used. */
export interface PlanOptions {
  /** Whether {@link ImportPlan.commitCounted} or {@link ImportPlan.tally} will be asked. */
  readonly isCounted?: boolean;
  /** Whether {@link ImportPlan.commitCounted} will have an id. */
  readonly isOnce?: boolean;
}

/** See the module's comment. Use once. */
export class ImportPlan {
  readonly #env: Env;
  readonly #integration: Integration;
  readonly #existing: ReadonlyMap<string, TableRecord>;
  readonly #drafts = new Map<string, DraftTable>();
  readonly #undo = new Undo();
  readonly #isOnce: boolean;
  /** Only where nested values are columns and subtables. */
  readonly #names: TableNames | undefined;
  readonly #context: DraftContext;
  /** Where its new tables are put: the same shards for all, whatever is measured meanwhile. */
  #newTableShards: readonly number[] | undefined;
  #activations = 0;

  private constructor(
    env: Env,
    integration: Integration,
    existing: ReadonlyMap<string, TableRecord>,
    { isCounted, isOnce, isUnsplit }: Required<PlanOptions> & { readonly isUnsplit: boolean },
  ) {
    this.#env = env;
    this.#integration = integration;
    this.#existing = existing;
    if (integration.nested === true) this.#names = new TableNames(existing, this.#undo);
    this.#isOnce = isOnce;
    this.#context = { names: this.#names, isCounted, isUnsplit, undo: this.#undo };
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
    { isCounted = false, isOnce = false }: PlanOptions = {},
  ): Promise<ImportPlan> {
    if (tableNames.size > REQUEST_TABLES_MAX) {
      throw new Refusal("tables_too_many", { LIMIT: REQUEST_TABLES_MAX });
    }
    const existing = await findTables(env, integration, tableNames);
    const isUnsplit = isOnce || tableNames.size > SPLIT_TABLES_MAX;
    return new ImportPlan(env, integration, existing, { isCounted, isOnce, isUnsplit });
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
   * subtable_name_taken, subtable_name_too_long or subtables_too_many. The plan is then as if
   * the point had not come: others can be added, and what was added can be committed.
   */
  upsert(point: DataPoint): void {
    try {
      const draft = this.#drafts.get(point.table) ?? this.#begin(point);
      draft.upsert(point);
    } catch (error) {
      this.#undo.run();
      throw error;
    }
    this.#undo.keep();
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
      draft = DraftTable.of(existing, record, this.#context);
      this.#drafts.set(table, draft);
      this.#undo.keep();
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
   * keys, table_is_subtable or subtable_name_taken where one took its name; shards_full where a
   * table is new and no shard has room; overloaded, unavailable or internal, after which a part of
   * the rows may be stored.
   */
  async commit(): Promise<void> {
    await commitTables(this.#env, await this.#recorded());
  }

  /**
   * What {@link commit} does, and how the rows fared. The plan must be opened with `isCounted`.
   * Without `once`, a part whose answer was lost is written and counted again: the rows are right,
   * but what the lost one inserted may count as replaced or stale.
   *
   * With `once`, for which the plan must be opened with `isOnce`, each key range's part takes
   * effect at most once, whatever is tried again and whoever sends the request again within
   * IDEMPOTENCY_MS, also after a failure in which only some parts were stored: a part that was is
   * left as it is and answers its first tally. Every repeat must add the same points in the same
   * order. Version switches are made again.
   *
   * @throws Refusal as {@link commit}.
   */
  async commitCounted(once?: Once): Promise<Tally> {
    if (once !== undefined && !this.#isOnce) {
      throw new Error("the plan was not opened to be committed once");
    }
    return commitTablesCounted(this.#env, await this.#recorded(), once);
  }

  /**
   * What {@link commitCounted} would answer now. Reads only: nothing is written or created. Use
   * it instead of a commit, after {@link check}. The plan must be opened with `isCounted`.
   *
   * @throws Refusal overloaded or unavailable.
   */
  tally(): Promise<Tally> {
    return tallyTables(this.#env, [...this.#drafts.values()]);
  }

  #begin(point: DataPoint): DraftTable {
    this.#names?.useTable(point.table, point.record);
    const existing = this.#existing.get(point.table);
    const draft =
      existing === undefined
        ? DraftTable.create(point, this.#newRanges(), this.#context)
        : DraftTable.of(existing, point.record, this.#context);
    this.#drafts.set(point.table, draft);
    this.#undo.add(() => this.#drafts.delete(point.table));
    return draft;
  }

  get #shards(): readonly number[] {
    this.#newTableShards ??= shardsForNewTable(this.#env);
    return this.#newTableShards;
  }

  /** Where no shard has room, the rows are only checked: see #createTables. */
  #newRanges(): KeyRange[] {
    return rangesForNewTable(this.#shards.length > 0 ? this.#shards : [0]);
  }

  /** The drafts, when the catalogue has all that is new of them. */
  async #recorded(): Promise<DraftTable[]> {
    await this.#createTables();
    const drafts = [...this.#drafts.values()];
    const added = drafts.flatMap((draft) => draft.newColumns());
    if (added.length > 0) await recordColumns(this.#env, added);
    return drafts;
  }

  #draftsWithNew(): DraftTable[] {
    const drafts = [...this.#drafts.values()];
    return drafts.filter((draft) => draft.isNew || draft.newSubtables().length > 0);
  }

  async #createTables(): Promise<void> {
    const drafts = this.#draftsWithNew();
    if (drafts.length === 0) return;
    if (drafts.some((draft) => draft.isNew) && this.#shards.length === 0) {
      logError("shards_full", { message: "no shard takes new tables: add one" });
      throw new Refusal("shards_full");
    }
    const tables = drafts.flatMap((draft) => draft.newTables());
    const created = await createTables(this.#env, this.#integration, tables);
    refuseFirst(drafts, created);
    for (const draft of drafts) {
      const table = created.get(draft.name);
      if (table === undefined) throw new Error("a table is missing right after its creation");
      // Only while a shard is added or fills up can the winner of a race have taken others. Its
      // ranges may have been split meanwhile: the rows are for the right shards even so.
      if (!haveSameShards(table.ranges, draft.ranges)) throw new Refusal("unavailable");
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
