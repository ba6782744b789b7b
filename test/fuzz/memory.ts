/**
 * How much memory a body takes, by what it is made of:
 *
 *   node test/fuzz/memory.ts [--surface push] [--only TEXT]
 *
 * Peak of the runtime's resident memory above what it held before, garbage collected; an isolate
 * of the platform may have 128 MB.
 */
import { parseArgs } from "node:util";
import { freePort } from "../support/free-port.ts";
import { Inspector } from "./inspector.ts";
import { judge } from "./oracle.ts";
import type { Input } from "./request.ts";
import { bodyInput, bytesMaxOf, inRecords, SHAPES, SURFACES, TRANSIT_SHAPES } from "./shapes.ts";
import { Target } from "./target.ts";

const { values } = parseArgs({
  options: { surface: { type: "string" }, only: { type: "string", default: "" } },
});

const inspectorPort = await freePort();
const target = await Target.start({ inspectorPort });
const inspector = await Inspector.open(inspectorPort);
try {
  for (const surface of SURFACES) {
    if (values.surface !== undefined && values.surface !== surface) continue;
    await measureSurface(surface);
  }
} finally {
  inspector.close();
  await target.remove();
}

async function measureSurface(surface: (typeof SURFACES)[number]): Promise<void> {
  const bytes = bytesMaxOf(surface) - 10;
  for (const [name, shape] of Object.entries(SHAPES)) {
    if (!name.includes(values.only)) continue;
    await measure(`${surface} ${name}`, bodyInput(surface, shape(bytes - 100)));
    await measure(
      `${surface} records of ${name}`,
      bodyInput(surface, inRecords(surface, shape, bytes)),
    );
  }
  if (surface !== "push") return;
  for (const [name, shape] of Object.entries(TRANSIT_SHAPES)) {
    if (!name.includes(values.only)) continue;
    const type = "application/transit+json";
    await measure(`transit ${name}`, bodyInput(surface, shape(bytes - 200), type));
  }
}

function collectGarbage(): Promise<void> {
  return inspector.collectGarbage(() => fetch(`${target.base}/v2/import/status`));
}

async function measure(name: string, input: Input): Promise<void> {
  await collectGarbage();
  const heapBefore = await inspector.heapBytes();
  target.resetPeak();
  const before = target.memory().residentBytes;
  const outcome = await target.send(input);
  const peak = target.memory().peakBytes - before;
  const { code } = judge(input, outcome);
  await collectGarbage();
  const kept = (await inspector.heapBytes()) - heapBefore;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1).padStart(7);
  const perByte = (peak / input.body.length).toFixed(1).padStart(6);
  console.log(
    `${megabytes(peak)} MB peak ${perByte}/byte, ${megabytes(kept)} kept, ` +
      `${String(Math.round(outcome.elapsedMs)).padStart(6)} ms  ${code.padEnd(18)} ${name} (${input.body.length})`,
  );
}
