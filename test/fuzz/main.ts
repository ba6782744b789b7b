/**
 * The fuzzer by hand:
 *
 *   npm run fuzz -- --seconds 600 --seed 7
 *   npm run fuzz -- --replay finding-1.json
 *
 * Prints how often each route gave which code, and each finding as a file that --replay takes and
 * a line for curl. Ends with 1 where there is a finding.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formsOf } from "./forms.ts";
import { type Finding, Fuzzer, shownFinding } from "./fuzzer.ts";
import { curlLine, loadInput, saveInput } from "./request.ts";
import { seedsOf } from "./seeds.ts";
import { shrink } from "./shrink.ts";
import { Target } from "./target.ts";
import { newWorld } from "./world.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    replay: { type: "string" },
    out: { type: "string", default: join(tmpdir(), "headgate-fuzz-findings") },
  },
});

const target = await Target.start();
try {
  const world = await newWorld(target.base);
  const seeds = seedsOf(world);
  seeds.push(...(await formsOf(world, seeds)));
  const fuzzer = new Fuzzer(target, seeds, Number(values.seed));
  if (values.replay === undefined) await fuzz(fuzzer);
  else await fuzzer.run(loadInput(readFileSync(values.replay, "utf8")));
  await report(fuzzer);
  if (fuzzer.findings.length > 0) process.exitCode = 1;
} finally {
  await target.remove();
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

async function fuzz(fuzzer: Fuzzer): Promise<void> {
  console.log(`seed ${values.seed}, ${values.seconds} s`);
  const deadline = performance.now() + Number(values.seconds) * 1_000;
  await fuzzer.replaySeeds();
  while (performance.now() < deadline) await fuzzer.step();
}

async function report(fuzzer: Fuzzer): Promise<void> {
  for (const [route, codes] of [...fuzzer.coverage].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const counts = [...codes].toSorted(([, a], [, b]) => b - a).map(([code, n]) => `${code} ${n}`);
    console.log(`${route}: ${counts.join(", ")}`);
  }
  const { inputs, accepted, shapes, corpusSize, slowestMs, findings, hungry } = fuzzer;
  const memory = target.memory();
  console.log(
    `${inputs} inputs, ${accepted} accepted, ${shapes} different answers, ${corpusSize} kept, ` +
      `slowest ${Math.round(slowestMs)} ms, resident ${megabytes(memory.residentBytes)} MB, ` +
      `${findings.length} findings`,
  );
  for (const { input, bytes } of hungry.toSorted((a, b) => b.bytes - a.bytes).slice(0, 10)) {
    console.log(`memory: ${megabytes(bytes)} MB for ${input.body.length} bytes, ${input.route}`);
  }
  for (const [index, finding] of findings.entries()) await reportFinding(fuzzer, finding, index);
}

async function reportFinding(fuzzer: Fuzzer, finding: Finding, index: number): Promise<void> {
  const input = await shrink(fuzzer, finding);
  mkdirSync(values.out, { recursive: true });
  const file = join(values.out, `finding-${index + 1}`);
  writeFileSync(`${file}.json`, saveInput(input));
  writeFileSync(`${file}.body`, input.body);
  console.log(`\n${shownFinding({ ...finding, input })}`);
  console.log(`--replay ${file}.json\n${curlLine(input, `${file}.body`).slice(0, 500)}`);
}
