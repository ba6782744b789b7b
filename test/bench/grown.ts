/**
 * `npm run bench -- grown`: pushes to a table of 10 million rows beside the same pushes to a table
 * that is empty, each in a runtime of its own.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { CONCURRENCY, type Points } from "./cases.ts";
import type { WindowRunner } from "./child.ts";
import { Contestant } from "./contestants.ts";
import { checkDisk, findShardFile } from "./export-tables.ts";
import { growTable } from "./grown-table.ts";
import { measurePair, type Pair } from "./pairs.ts";
import type { Reading } from "./readings.ts";
import { readingsText } from "./summary.ts";
import { GROWN_SHARE_MIN, loadOf } from "./self.ts";

const TABLE = "grown";
const SIZES = [1, 100, 10_000] as const;

/** Runs the benchmark; returns what it has measured. */
export async function benchGrown(bench: Bench): Promise<Reading[]> {
  const runner = bench.startLoad();
  const { options, say } = bench;
  const rows = options.grownRows;
  checkDisk(bench.folder, rows);
  const grown = await startGrown(bench, runner, rows);
  const folder = join(bench.folder, "state-empty");
  mkdirSync(folder);
  const worker = await bench.start({ folder, isPrepared: false });
  const empty = Contestant.worker("headgate", worker, runner);
  const readings: Reading[] = [];
  for (const pair of pairsOf(grown, empty, rows)) {
    const points = pair.mine.load.shape.points;
    const windowMs = points === 10_000 ? options.windowMs * 2 : options.windowMs;
    const stopAt = performance.now() + options.budgetMs;
    const reading = await measurePair(pair, { rounds: options.rounds, windowMs, stopAt });
    say(readingsText([reading]));
    readings.push(reading);
  }
  return readings;
}

/** The pairs: new keys beside new keys, and updates of all rows beside updates of 10,000. */
function pairsOf(grown: Contestant, empty: Contestant, rows: number): Pair[] {
  const pairOf = (points: Points, keys: "fresh" | "updates"): Pair => {
    const size = points === 1 ? "1 point" : `${points.toLocaleString("en")} points`;
    const what = keys === "fresh" ? "new keys" : "updates";
    const load = loadOf({ points, keys, table: TABLE });
    return {
      title: `${rows.toLocaleString("en")} rows beside none, ${size}, ${what} @${CONCURRENCY[points]}`,
      mine: { contestant: grown, load },
      other: { contestant: empty, load },
      compare: "speed",
      aim: { atLeast: GROWN_SHARE_MIN },
    };
  };
  return (["fresh", "updates"] as const).flatMap((keys) =>
    SIZES.map((points) => pairOf(points, keys)),
  );
}

/** A Worker on a table with so many rows. */
async function startGrown(bench: Bench, runner: WindowRunner, rows: number): Promise<Contestant> {
  const startedAt = performance.now();
  const folder = join(bench.folder, "state-grown");
  mkdirSync(folder);
  const maker = await bench.start({ folder, isPrepared: false });
  const first = loadOf({ points: 1, keys: "fresh", table: TABLE });
  const once = { concurrency: 1, requestsMax: 1, windowMs: 10_000 };
  await Contestant.worker("headgate", maker, runner).run({ ...first, ...once });
  await maker.close();
  const file = findShardFile(folder);
  growTable(file, rows);
  const worker = await bench.start({ folder, isPrepared: true });
  const grown = Contestant.worker("headgate", worker, runner);
  grown.tellStored(TABLE, rows);
  const stored = await worker.countRows();
  if (stored !== rows) throw new Error(`There are ${stored} of ${rows} rows.`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const size = `${(statSync(file).size / 1e9).toFixed(2)} GB`;
  bench.say(`built ${rows.toLocaleString("en")} rows (${size}) in ${seconds} s`);
  return grown;
}
