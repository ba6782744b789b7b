/** What V8's inspector of the Worker's isolate can do: collect garbage, and tell the heap's size. */
import { setTimeout as sleep } from "node:timers/promises";
import { InspectorSession, inspectorTargets } from "../bench/inspector.ts";

/** The inspector of one isolate. */
export class Inspector {
  readonly #session: InspectorSession;

  private constructor(session: InspectorSession) {
    this.#session = session;
  }

  /** The inspector of the Worker, where it listens. */
  static async open(port: number): Promise<Inspector> {
    const all = await inspectorTargets(port);
    const own = all.find(({ title }) => title.includes("headgate")) ?? all[0];
    if (own === undefined) throw new Error("nothing to inspect");
    return new Inspector(await InspectorSession.open(own));
  }

  /**
   * Throws away what nobody refers to.
   *
   * @param poke sends the Worker any request: it collects when it next runs, not before.
   */
  async collectGarbage(poke: () => Promise<unknown>): Promise<void> {
    await this.#session.call("HeapProfiler.enable");
    const collected = this.#session.call("HeapProfiler.collectGarbage").then(() => true);
    while (!(await Promise.race([collected, poke().then(() => sleep(10, false))])));
  }

  /** Bytes of values on the heap, and of buffers beside it. */
  async heapBytes(): Promise<number> {
    const usage = (await this.#session.call("Runtime.getHeapUsage")) as {
      readonly usedSize: number;
      readonly backingStorageSize?: number;
    };
    return usage.usedSize + (usage.backingStorageSize ?? 0);
  }

  close(): void {
    this.#session.close();
  }
}
