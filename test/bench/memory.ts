/**
 * The memory of Headgate's isolate while bodies of 4 MiB are pushed, eight at a time: what its
 * heap and its buffers hold, asked through the inspector as often as it answers. That holds what
 * nobody needs any more and has not been tidied up, as the platform's limit of 128 MB does.
 */
import { memoryOf } from "../support/process-memory.ts";
import { PushBody, type Shape } from "./bodies.ts";
import type { Contestant } from "./contestants.ts";
import { InspectorSession, inspectorTargets } from "./inspector.ts";
import type { Reading } from "./readings.ts";
import type { RunningWorker } from "./workers.ts";

const BODY_BYTES = 4_194_304;
const POINTS = 10_000;
const PUSHES_AT_ONCE = 8;
/** Between two looks, in ms; a busy isolate answers later. */
const LOOK_MS = 10;
/** The aim: 128 MB are the platform's limit. */
const ISOLATE_BYTES_MAX = 100_000_000;

/** `Runtime.getHeapUsage`, all in bytes. */
interface HeapUsage {
  usedSize: number;
  embedderHeapUsedSize?: number;
  backingStorageSize?: number;
}

/** Pushes for `windowMs` to a Worker with an inspector and looks at its isolate. */
export async function measureMemory(
  worker: RunningWorker,
  contestant: Contestant,
  inspectorPort: number,
  windowMs: number,
): Promise<Reading[]> {
  const shape = fullShape();
  const targets = await inspectorTargets(inspectorPort);
  const target = targets.find(({ title, id }) => `${title} ${id}`.includes("user:headgate"));
  if (target === undefined) throw new Error("The inspector does not know the Worker.");
  const session = await InspectorSession.open(target);
  const load = { shape, keys: "fresh", windowMs } as const;
  await contestant.run({ ...load, concurrency: 1, requestsMax: 1 });
  // workerd does not answer a call to tidy up first.
  const idle = bytesOf(await session.call("Runtime.getHeapUsage"));
  const looks = new Looks(session);
  // Eight such bodies are a little more than one range takes at once: some are told to wait.
  const { requests, overloaded = 0 } = await contestant.run({
    ...load,
    concurrency: PUSHES_AT_ONCE,
    mayBeOverloaded: true,
  });
  const peak = await looks.end();
  session.close();
  const told = (id: string, text: string, value: number): Reading => {
    return { id: `memory / ${id}`, text, value, unit: "bytes" };
  };
  const counts = `${requests} stored, ${overloaded} told 503, ${looks.count} looks`;
  const text = `isolate, 4 MiB pushes, 8 at a time (${counts})`;
  const process = memoryOf(worker.pid)?.peakBytes;
  return [
    { ...told("isolate", text, peak), aim: { atMost: ISOLATE_BYTES_MAX } },
    told("lowest", "the least that was seen meanwhile", looks.lowest),
    told("idle", "the same isolate after one such push", idle),
    ...(process === undefined ? [] : [told("process", "peak of workerd, with D1", process)]),
  ];
}

/** A body as large as one may be. */
function fullShape(): Shape {
  const shape = { points: POINTS, table: "full", numbers: "exact", encoding: "json" } as const;
  const { length } = new PushBody(shape).bytes;
  return { ...shape, padding: Math.floor((BODY_BYTES - length) / POINTS) };
}

/** Looks at an isolate again and again. */
class Looks {
  count = 0;
  /** The least that was seen; Infinity before the first look. */
  lowest = Number.POSITIVE_INFINITY;
  private peak = 0;
  private isEnded = false;
  private readonly looking: Promise<void>;

  constructor(session: InspectorSession) {
    this.looking = this.look(session);
  }

  /** Resolves with the most that was seen. */
  async end(): Promise<number> {
    this.isEnded = true;
    await this.looking;
    return this.peak;
  }

  private async look(session: InspectorSession): Promise<void> {
    while (!this.isEnded) {
      const bytes = bytesOf(await session.call("Runtime.getHeapUsage"));
      this.peak = Math.max(this.peak, bytes);
      this.lowest = Math.min(this.lowest, bytes);
      this.count += 1;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

function bytesOf(result: unknown): number {
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = result as HeapUsage;
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}
