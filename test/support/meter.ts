/**
 * Counts what an invocation does to its bindings, for the limits of D1 that the local runtime
 * does not enforce (platform.md 3).
 */
import { Buffer } from "../../src/buffer.ts";
import type { Tap } from "./tap.ts";

/** What one invocation did. */
export class Meter {
  /** D1 calls by binding, and calls of objects as TABLE_RANGE. */
  readonly calls: Record<string, number> = {};
  /** Statements of D1, each of a batch counted. */
  statements = 0;
  /** Most calls that were under way at once. */
  underWayMax = 0;
  /** Most parameters of a statement. */
  parametersMax = 0;
  /** UTF-8 bytes of the largest text that was bound. */
  textBytesMax = 0;
  #underWay = 0;

  readonly tap: Tap = async (call, next) => {
    this.calls[call.binding] = (this.calls[call.binding] ?? 0) + 1;
    this.statements += call.statements.length;
    for (const { values } of call.statements) this.#look(values);
    this.#underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.#underWay);
    try {
      // Every call takes a moment, so that calls made side by side are seen side by side.
      await new Promise((resolve) => setTimeout(resolve, 0));
      return await next();
    } finally {
      this.#underWay -= 1;
    }
  };

  #look(values: readonly unknown[]): void {
    this.parametersMax = Math.max(this.parametersMax, values.length);
    for (const value of values) {
      if (typeof value !== "string") continue;
      this.textBytesMax = Math.max(this.textBytesMax, Buffer.byteLength(value));
    }
  }
}
