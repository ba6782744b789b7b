/**
 * One part of an export's file: rows of a table as CSV in zip, up to the exact size of a
 * multipart part. What a part leaves behind is a small checkpoint, from which another process
 * can go on (promise P6).
 */
import { pause } from "../../pause.ts";
import { PART_LIMITS, type PartLimits } from "../limits.ts";
import { TablePages } from "./pages.ts";
import { type Checkpoint, type Part, type PartSource, PartWriter } from "./part-writer.ts";

/**
 * Makes the next part: exactly `partBytes`, or fewer if it is the last one, or none: where few
 * rows are wanted of many, the pages that one call may read can give too little for a part.
 *
 * @throws TooManyRows; and whatever the store throws, after which it may be called again.
 */
export async function makePart(
  env: Env,
  source: PartSource,
  checkpoint: Checkpoint,
  limits: PartLimits = PART_LIMITS,
): Promise<Part> {
  const part = new PartWriter(source, checkpoint, limits);
  const pages = new TablePages(env, source, checkpoint, limits);
  for (;;) {
    const next = await pages.next(part.isNearlyFull);
    if (next === undefined) return pages.isAtEnd ? part.end() : part.pause(pages.position);
    if (!part.addPage(next)) return part.full();
    // So that requests are taken and answered. The local runtime, whose stores are in the same
    // thread, would take none before the export ends: nothing it waits for is outside of it.
    await pause(0);
  }
}
