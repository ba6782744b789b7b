/** `npm run bench -- --profile FILE`: which functions of the isolates are busy under load. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { Contestant } from "./contestants.ts";
import { profileWhile } from "./profile.ts";
import { profilesText } from "./report.ts";

const PROFILE_MS = 4_000;

/** Pushes with and without a profile; measures nothing else. */
export async function profilePushes(bench: Bench): Promise<void> {
  const { options } = bench;
  const inspectorPort = await bench.freePort();
  const folder = join(bench.folder, "state-profile");
  mkdirSync(folder);
  const worker = await bench.start({ folder, isPrepared: false, inspectorPort });
  const contestant = Contestant.worker("headgate", worker, bench.startLoad());
  const points = options.profilePoints;
  const shape = { points, table: "orders", numbers: "exact", encoding: "json" } as const;
  const concurrency = points === 1 ? 64 : points <= 100 ? 16 : 1;
  const load = { shape, concurrency, keys: "fresh", windowMs: PROFILE_MS } as const;
  await contestant.run({ ...load, concurrency: 1, requestsMax: 1 });
  await contestant.run({ ...load, windowMs: PROFILE_MS / 4 });
  const profiles = await profileWhile(inspectorPort, options.profile, () => contestant.run(load));
  bench.say(profilesText(profiles));
}
