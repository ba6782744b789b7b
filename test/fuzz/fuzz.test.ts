/**
 * The fuzzer, bounded: so many inputs with one seed. `FUZZ_SEED=7 FUZZ_INPUTS=20000` for others;
 * longer by hand: `npm run fuzz`.
 */
import { expect, test } from "vitest";
import { formsOf } from "./forms.ts";
import { Fuzzer, shownFinding } from "./fuzzer.ts";
import { seedsOf } from "./seeds.ts";
import { useTarget } from "./setup.ts";
import { newWorld } from "./world.ts";

/** The seed of a run in CI: a green run stays green. */
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const INPUTS = Number(process.env["FUZZ_INPUTS"] ?? 1_000);

const target = useTarget();

test(`${INPUTS} inputs with the seed ${SEED}`, { timeout: 1_000 + INPUTS * 300 }, async () => {
  const world = await newWorld(target().base);
  const seeds = seedsOf(world);
  seeds.push(...(await formsOf(world, seeds)));
  const fuzzer = new Fuzzer(target(), seeds, SEED);
  await fuzzer.replaySeeds();
  while (fuzzer.inputs < INPUTS) await fuzzer.step();
  expect(fuzzer.findings.map(shownFinding)).toEqual([]);
  // It got through the door, and to what is behind it.
  expect(fuzzer.accepted).toBeGreaterThan(100);
  expect(fuzzer.shapes).toBeGreaterThan(300);
});
