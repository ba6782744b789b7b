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
import { shardCount } from "./shards.ts";
import { rangesForNewTable } from "./slots.ts";
import {
  createTables,
  findTables,
  type Integration,
  recordColumns,
  type TableRecord,
} from "./tables.ts";

/** See the module's comment. Use once. */
export class ImportPlan {
  readonly #env: Env;
  readonly #integration: Integration;
  readonly #existing: ReadonlyMap<string, TableRecord>;
  readonly #drafts = new Map<string, DraftTable>();
  #activations = 0;

  private constructor(
    env: Env,
    integration: Integration,
    existing: ReadonlyMap<string, TableRecord>,
  ) {
    this.#env = env;
    this.#integration = integration;
    this.#existing = existing;
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

  /**
   * Adds a point.
   *
   * @throws Refusal with the point's index: key_names_differ, key_missing, key_null,
   * key_not_scalar, key_too_long, record_too_deep, record_too_large, column_name_too_long or
   * columns_too_many. The plan must then be dropped.
   */
  upsert(point: DataPoint): void {
    const draft = this.#drafts.get(point.table) ?? this.#begin(point);
    draft.upsert(point);
  }

  /**
   * Adds a version switch: rows of lower versions that stand before it are deleted. Without
   * effect on a table that neither exists nor has points in this request.
   *
   * @throws Refusal activations_too_many.
   */
  activate(record: number, table: string, version: string): void {
    this.#activations += 1;
    if (this.#activations > REQUEST_ACTIVATIONS_MAX) {
      throw new Refusal("activations_too_many", { LIMIT: REQUEST_ACTIVATIONS_MAX }, record);
    }
    let draft = this.#drafts.get(table);
    const existing = this.#existing.get(table);
    if (draft === undefined && existing !== undefined) {
      draft = DraftTable.of(existing, record);
      this.#drafts.set(table, draft);
    }
    draft?.activate(version);
  }

  /**
   * Creates what is new in the catalogue, then writes the rows. Resolves when every point is
   * committed, or was older than what is stored (promise P1).
   *
   * @throws Refusal key_names_differ where another request created the table first, with other
   * keys; overloaded, unavailable or internal, after which a part of the rows may be stored.
   */
  async commit(): Promise<void> {
    await this.#createTables();
    const drafts = [...this.#drafts.values()];
    const added = drafts
      .filter((draft) => draft.newColumns.size > 0)
      .map((draft) => ({ table: draft.table, bits: draft.newColumns }));
    if (added.length > 0) await recordColumns(this.#env, added);
    await commitTables(this.#env, drafts);
  }

  #begin(point: DataPoint): DraftTable {
    const existing = this.#existing.get(point.table);
    const draft =
      existing === undefined
        ? DraftTable.create(point, rangesForNewTable(shardCount(this.#env)))
        : DraftTable.of(existing, point.record);
    this.#drafts.set(point.table, draft);
    return draft;
  }

  async #createTables(): Promise<void> {
    const drafts = [...this.#drafts.values()].filter((draft) => draft.isNew);
    if (drafts.length === 0) return;
    const created = await createTables(this.#env, this.#integration, drafts);
    for (const draft of drafts) {
      const table = created.get(draft.name);
      if (table !== undefined && !sameKeyNames(table.sortedKeyNames, draft.sortedKeyNames)) {
        throw keyNamesDiffer(table, draft.firstRecord);
      }
    }
    for (const draft of drafts) {
      const table = created.get(draft.name);
      if (table === undefined) throw new Error("a table is missing right after its creation");
      // Only while a deployment adds a shard can the winner of a race have other ranges.
      if (table.ranges.length !== draft.ranges.length) throw new Refusal("unavailable");
      draft.becomes(table);
    }
  }
}
