/** A service under fire that is killed again and again, and audited after each time. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../e2e/constants.ts";
import { Random } from "../../support/random.ts";
import { Service } from "../service.ts";
import { auditTables, together } from "./audit.ts";
import { Exports } from "./exports.ts";
import type { Verdict } from "./model.ts";
import { nativeLane, rjmetricsLane } from "./other-lanes.ts";
import { Reader } from "./reader.ts";
import { batchLane, type Lane, pushLane, pushLarge, versionLane } from "./stitch-lanes.ts";
import { Tokens } from "./tokens.ts";
import { Wire } from "./wire.ts";
import { World } from "./world.ts";

/** The Worker on late shards, or the negative control; both on two shards. */
export type Variant = "early" | "late";

const SHARDS = 2;

/** So few requests that key ranges split in every round, and a kill meets splits, too. */
const VARIABLES = { SPLIT_REQUESTS_PER_S: "1" } as const;

/** The large table at the start: its rows, and those of one push. */
const LARGE_ROWS = 4_500;
const LARGE_PUSH_ROWS = 1_500;

/** Requests that are acknowledged before a kill is near, at most. */
const REQUESTS_MAX = 120;

/** Longest time from an acknowledgement to the kill, in ms: a few commits, or a part of one. */
const KILL_MS_MAX = 200;
const KILL_SOON_MS_MAX = 30;

/** Longest time from a start to the next kill, in ms, and where the process is started at all. */
const RESTART_MS_MAX = 500;
const BOOT_MS_MAX = 1_500;

/** What a round found, and what the run has done until its end. */
export interface RoundReport {
  /** 1, or 0 for what comes after the last round. */
  readonly rounds: number;
  readonly kills: number;
  /** Requests without an answer in this round. */
  readonly unknown: number;
  readonly lost: readonly string[];
  readonly wrong: readonly string[];
  readonly checks: number;
  readonly points: number;
  readonly requests: number;
  /** Exports whose files were checked, and those that a kill had found half done. */
  readonly exports: number;
  readonly resumed: number;
}

/** One state folder with its service. */
export class CrashRun {
  /** Of the kill moments alone: what the writers do depends on the machine, too. */
  readonly #kills: Random;
  readonly #service: Service;
  readonly #wire = new Wire();
  readonly #reader = new Reader(this.#wire);
  readonly #world: World;
  readonly #exports: Exports;
  #tokens: Tokens | undefined;
  #lanes: Lane[] = [];
  #killCount = 0;

  private constructor(service: Service, seed: number) {
    this.#service = service;
    this.#kills = new Random(seed);
    this.#world = new World(new Random(seed + 1), this.#wire);
    this.#exports = new Exports(this.#reader, this.#world);
  }

  /** Builds a variant and starts it on an empty state folder. */
  static async start(variant: Variant, seed: number): Promise<CrashRun> {
    const entry = join(ROOT, `test/faults/crash/worker-${variant}.ts`);
    const service = await Service.build({ entry, shards: SHARDS, variables: VARIABLES });
    const run = new CrashRun(service, seed);
    await run.#prepare();
    return run;
  }

  /** Ends the service and deletes its files. */
  remove(): Promise<void> {
    return this.#service.remove();
  }

  /** Load, kill, start, audit; what was not answered again, audit, exports. */
  async round(): Promise<RoundReport> {
    const before = { ...this.#wire.counts };
    const killsBefore = this.#killCount;
    const { finished, resumed } = this.#exports;
    this.#world.beginRound();
    await this.#underFire();
    await this.#startAgain();
    const models = this.#world.inUse();
    const verdicts = [await auditTables(this.#reader, models), await this.#tokensOrFail().audit()];
    const again = new Set([...this.#wire.pending].flatMap(({ tables }) => tables));
    const isAnswered = await this.#wire.resend();
    if (!isAnswered) throw new Error("a service that nobody killed has not answered");
    const sentAgain = models.filter(({ table }) => again.has(table));
    verdicts.push(await auditTables(this.#reader, sentAgain), await this.#tokensOrFail().audit());
    await this.#tokensOrFail().removeUnknown();
    verdicts.push(await this.#exports.finish(() => this.#kills.chance(0.3)));
    const { counts } = this.#wire;
    return {
      rounds: 1,
      kills: this.#killCount - killsBefore,
      unknown: counts.unknown - before.unknown,
      points: counts.points - before.points,
      requests: counts.requests - before.requests,
      exports: this.#exports.finished - finished,
      resumed: this.#exports.resumed - resumed,
      ...this.#found(verdicts),
    };
  }

  /** All tables once more, all exports, those too whose start was not answered. */
  async end(): Promise<RoundReport> {
    const { finished, resumed } = this.#exports;
    const verdicts = [
      await this.#exports.finish(),
      await this.#exports.finishUnknown(),
      await auditTables(this.#reader, [...this.#world.models.values()]),
    ];
    return {
      ...{ rounds: 0, kills: 0, unknown: 0, points: 0, requests: 0 },
      exports: this.#exports.finished - finished,
      resumed: this.#exports.resumed - resumed,
      ...this.#found(verdicts),
    };
  }

  #found(verdicts: readonly Verdict[]): Pick<RoundReport, "lost" | "wrong" | "checks"> {
    const { checks, findings } = together(verdicts);
    const textsOf = (kind: string): string[] =>
      findings.filter((finding) => finding.kind === kind).map(({ text }) => text);
    const wrong = [...textsOf("wrong"), ...this.#wire.wrong.splice(0)];
    return { checks, lost: textsOf("lost"), wrong };
  }

  async #prepare(): Promise<void> {
    await this.#boot();
    const world = this.#world;
    for (let first = 0; first < LARGE_ROWS; first += LARGE_PUSH_ROWS) {
      const ids = Array.from({ length: LARGE_PUSH_ROWS }, (_, index) => `k${first + index}`);
      await this.#wire.send(pushLarge(world, ids));
    }
    this.#tokens = await Tokens.of(this.#wire);
    this.#lanes = [
      ...[pushLane(world), pushLane(world), batchLane(world), versionLane(world)],
      ...[rjmetricsLane(world, "v1"), rjmetricsLane(world, "v2")],
      ...[nativeLane(world, "a"), nativeLane(world, "b")],
      this.#tokens.lane(),
    ];
  }

  /** All lanes at once, until the service is killed some time after some acknowledgement. */
  async #underFire(): Promise<void> {
    const stop = new AbortController();
    const lanes = this.#lanes.map((lane) => this.#run(lane));
    const exports = this.#exports.lane(stop.signal);
    const requests = 1 + this.#kills.below(REQUESTS_MAX);
    for (let count = 0; count < requests; count += 1) await this.#wire.acknowledgement();
    await this.#momentOfKill();
    stop.abort();
    await this.#kill();
    await Promise.all([...lanes, exports]);
  }

  /** Anywhere in a commit; or with an acknowledgement or just behind, where an early one shows. */
  async #momentOfKill(): Promise<void> {
    const kind = this.#kills.below(3);
    // Not even a timer of 0 ms: on a busy machine it is late.
    if (kind === 0) return;
    await sleep(this.#kills.next() * (kind === 1 ? KILL_SOON_MS_MAX : KILL_MS_MAX));
  }

  async #run(lane: Lane): Promise<void> {
    while (await this.#wire.send(lane())) {
      // The next request follows the answer at once.
    }
  }

  /** Starts the service; now and then it dies while it starts, or before all was sent again. */
  async #startAgain(): Promise<void> {
    if (this.#kills.chance(0.3)) await this.#killWhileItBoots();
    await this.#boot();
    if (!this.#kills.chance(0.4)) return;
    const again = this.#wire.resend();
    await sleep(this.#kills.next() * RESTART_MS_MAX);
    await this.#kill();
    await again;
    await this.#boot();
  }

  async #killWhileItBoots(): Promise<void> {
    const boot = this.#service.start().catch(() => undefined);
    await sleep(this.#kills.next() * BOOT_MS_MAX);
    await this.#kill();
    await boot;
  }

  async #boot(): Promise<void> {
    await this.#service.start();
    this.#wire.base = this.#service.base;
  }

  async #kill(): Promise<void> {
    await this.#service.kill();
    this.#killCount += 1;
  }

  #tokensOrFail(): Tokens {
    if (this.#tokens === undefined) throw new Error("the run is not prepared");
    return this.#tokens;
  }
}
