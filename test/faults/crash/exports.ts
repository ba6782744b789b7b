/** Exports that run while the service dies: each must end right (promises P5 and P6). */
import { setTimeout as sleep } from "node:timers/promises";
import type { Check, Finding, Model, Verdict } from "./model.ts";
import { isUnderWay } from "../export-end.ts";
import type { Reader } from "./reader.ts";
import { nameOf } from "./wire.ts";
import type { World } from "./world.ts";

/** Pause between two exports of the lane, in ms. */
const PAUSE_MS = 250;

/**
 * How often the first export of a round is of a large table, and any other: it is the one that a
 * kill finds half done, and it keeps the one thread of the runtime busy.
 */
const LARGE_FIRST = 0.6;
const LARGE_LATER = 0.1;

/** An export whose start was acknowledged, with what was acknowledged before it was asked for. */
interface Started {
  readonly id: number;
  readonly check: Check;
}

/** The exports of a run. */
export class Exports {
  /** Those whose files were checked. */
  finished = 0;
  /** Those of them that a kill had found half done. */
  resumed = 0;
  readonly #reader: Reader;
  readonly #world: World;
  #open: Started[] = [];
  readonly #known = new Set<number>();

  constructor(reader: Reader, world: World) {
    this.#reader = reader;
    this.#world = world;
  }

  /** Exports whose end nobody has waited for. */
  get open(): number {
    return this.#open.length;
  }

  /** Starts exports of tables by chance until the service dies, or is about to. */
  async lane(signal: AbortSignal): Promise<void> {
    try {
      for (let largeShare = LARGE_FIRST; !signal.aborted; largeShare = LARGE_LATER) {
        await this.#startAny(largeShare);
        await sleep(PAUSE_MS);
      }
    } catch (error) {
      // What fetch throws where the service dies: nothing else may leave an export unanswered.
      if (!(nameOf(error) === "TypeError")) throw error;
    }
  }

  /** Exports a table. */
  async start(model: Model, tableId: number): Promise<void> {
    const check = model.check();
    const id = await this.#reader.startExport(tableId);
    this.#known.add(id);
    this.#open.push({ id, check });
  }

  /**
   * Waits for exports and checks their files.
   *
   * @param stays whether one is left to run, into the next crash.
   */
  async finish(stays: () => boolean = () => false): Promise<Verdict> {
    const stay = this.#open.filter(() => stays());
    const ending = this.#open.filter((one) => !stay.includes(one));
    const findings: Finding[] = [];
    let checks = 0;
    for (const { id, check } of ending) {
      // The audit waits for no export: one that is under way now has been since the kill.
      if (isUnderWay(await this.#reader.status(id))) this.resumed += 1;
      try {
        const verdict = check(await this.#reader.file(id));
        checks += verdict.checks;
        for (const { kind, text } of verdict.findings) {
          findings.push({ kind, text: `export ${id}: ${text}` });
        }
      } catch (error) {
        findings.push({ kind: "wrong", text: String(error) });
      }
      this.finished += 1;
    }
    this.#open = stay;
    return { checks, findings };
  }

  /** Waits for exports whose start was not answered: they may be there, and then must end. */
  async finishUnknown(): Promise<Verdict> {
    const ids = (await this.#reader.exportIds()).filter((id) => !this.#known.has(id));
    const findings: Finding[] = [];
    for (const id of ids) {
      const status = await this.#reader.ended(id);
      if (status === "Completed") continue;
      findings.push({ kind: "wrong", text: `export ${id}, not answered, is ${status}` });
    }
    return { checks: ids.length, findings };
  }

  async #startAny(largeShare: number): Promise<void> {
    const tables = await this.#reader.tables();
    const models = [...this.#world.models.values()].filter(({ table }) => tables.has(table));
    const isLarge = this.#world.random.chance(largeShare);
    const some = models.filter((model) => model.isLarge === isLarge);
    const model = some[this.#world.random.below(some.length)];
    const id = tables.get(model?.table ?? "");
    if (model !== undefined && id !== undefined) await this.start(model, id);
  }
}
