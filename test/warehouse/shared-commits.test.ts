/** Requests that travel together: who calls for whom, when, and what each hears of it. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pause } from "../../src/pause.ts";
import type { CommitResult } from "../../src/warehouse/commit-queue.ts";
import {
  RECORD_AGE_MIN_MS,
  SHARED_BYTES_MAX,
  SHARED_FROM_REQUESTS,
  SHARED_FULL_BYTES,
  SHARED_LOST_MS,
  SHARED_WAIT_MS_MAX,
} from "../../src/warehouse/limits.ts";
import { commitShared, SharedCommits } from "../../src/warehouse/shared-commits.ts";
import type { RangeCommit } from "../../src/warehouse/table-range.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { type Tap, tapEnv } from "../support/tap.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";
import { otherIsolate, pushWith } from "../support/worker.ts";

type Outcome = CommitResult | Error;

/** A request, and what it knows of its own. */
interface Client {
  readonly name: string;
  readonly since: number;
  isDead: boolean;
  readonly answers: Outcome[];
}

/** A call of the object. */
interface Call {
  readonly names: readonly string[];
  readonly by: Client;
  readonly at: number;
  readonly isShared: boolean;
  readonly end: (outcome: Outcome) => void;
  outcome?: Outcome;
}

const message = (name: string, bytes: number): RangeCommit => ({
  tableId: 1,
  shard: 0,
  run: { start: 0, end: 256 },
  chunks: [{ members: name, bytes }],
});

/** More than any chain of promises of these tests has. */
const MICROTASKS = 60;

async function settled(): Promise<void> {
  for (let i = 0; i < MICROTASKS; i += 1) await Promise.resolve();
}

/** Lets simulated time pass, timer by timer, as vitest's own way does with real pauses. */
async function passTime(ms: number): Promise<void> {
  const time = { isOver: false };
  setTimeout(() => (time.isOver = true), ms);
  while (!time.isOver) {
    vi.advanceTimersToNextTimer();
    await settled();
  }
}

/** One isolate and one range, whose calls end when the test says so. */
class Isolate {
  readonly calls: Call[] = [];
  readonly clients: Client[] = [];
  keptCount = 0;
  readonly commits = new SharedCommits(() => (this.keptCount += 1));

  /** A request arrives. What it does on its own account ends with it, as the platform ends it. */
  arrive(bytes = 10): Client {
    const client: Client = {
      name: `r${this.clients.length}`,
      since: Date.now(),
      isDead: false,
      answers: [],
    };
    this.clients.push(client);
    const kept = this.keptCount;
    const committed = mortal(client, () =>
      this.commits.commit(message(client.name, bytes), (all) =>
        this.#send(client, all, this.keptCount > kept || this.#isThird(client)),
      ),
    );
    committed.then(
      (result) => client.answers.push(result),
      (error: unknown) => client.answers.push(error instanceof Error ? error : new Error("?")),
    );
    return client;
  }

  arriveMany(count: number): Client[] {
    return Array.from({ length: count }, () => this.arrive());
  }

  /** Those that are under way, oldest first. */
  get open(): Call[] {
    return this.calls.filter(({ outcome }) => outcome === undefined);
  }

  async end(call: Call | undefined, outcome: Outcome = {}): Promise<void> {
    if (call === undefined) throw new Error("no call");
    call.outcome = outcome;
    call.end(outcome);
    await settled();
  }

  async endAll(outcome: Outcome = {}): Promise<void> {
    for (const call of this.open) await this.end(call, outcome);
  }

  /** As many as make a call each, so that the next ones travel together. */
  crowd(): Client[] {
    return this.arriveMany(SHARED_FROM_REQUESTS);
  }

  get lastNames(): readonly string[] | undefined {
    return this.calls.at(-1)?.names;
  }

  /** A request that sends its own rows within its arrival, where it is not one of the first. */
  #isThird(client: Client): boolean {
    return this.clients.indexOf(client) >= SHARED_FROM_REQUESTS;
  }

  #send(by: Client, all: RangeCommit, isShared: boolean): Promise<CommitResult> {
    const names = all.chunks.map(({ members }) => String(members));
    return new Promise((resolve, reject) => {
      const end = (outcome: Outcome): void => {
        if (by.isDead) return;
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.calls.push({ names, by, at: Date.now(), isShared, end });
    });
  }
}

/** Begins work whose timers and waits end without a word when the client is dead. */
function mortal<T>(client: Client, begin: () => T): T {
  const [realPromise, realTimeout] = [Promise, setTimeout];
  class MortalPromise<V> extends Promise<V> {
    static override get [Symbol.species](): PromiseConstructor {
      return realPromise;
    }
    constructor(
      work: (resolve: (value: V | PromiseLike<V>) => void, reject: (e: unknown) => void) => void,
    ) {
      super((resolve, reject) => {
        work((value) => {
          if (!client.isDead) resolve(value);
        }, reject);
      });
    }
  }
  Reflect.set(globalThis, "Promise", MortalPromise);
  Reflect.set(
    globalThis,
    "setTimeout",
    (work: (...args: unknown[]) => void, ms: number, ...args: unknown[]) =>
      realTimeout(() => {
        if (!client.isDead) work(...args);
      }, ms),
  );
  try {
    return begin();
  } finally {
    Reflect.set(globalThis, "Promise", realPromise);
    Reflect.set(globalThis, "setTimeout", realTimeout);
  }
}

const namesOf = (clients: readonly Client[]): string[] => clients.map(({ name }) => name);
const answersOf = (clients: readonly Client[]): Outcome[] =>
  clients.flatMap(({ answers }) => answers);

beforeEach(() => {
  vi.useFakeTimers();
  quietConsole();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("who calls", () => {
  test("a few make a call each", async () => {
    const isolate = new Isolate();
    const clients = isolate.crowd();
    expect(isolate.calls.map(({ names }) => names)).toEqual(clients.map(({ name }) => [name]));
    await isolate.endAll();
    expect(answersOf(clients)).toEqual(clients.map(() => ({})));
    expect(isolate.keptCount).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("more wait for one call, and make the next one together, in their order", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    const [first, ...others] = isolate.arriveMany(40);
    await settled();
    expect(isolate.lastNames).toEqual([first?.name]);
    const more = isolate.calls.length;
    await isolate.end(isolate.calls.at(-1));
    expect(first?.answers).toEqual([{}]);
    expect(isolate.calls).toHaveLength(more + 1);
    expect(isolate.lastNames).toEqual(namesOf(others));
    expect(answersOf(others)).toEqual([]);
    const late = isolate.arriveMany(3);
    await isolate.end(isolate.calls.at(-1));
    expect(answersOf(others)).toEqual(others.map(() => ({})));
    expect(isolate.lastNames).toEqual(namesOf(late));
    await isolate.endAll();
    expect(answersOf(late)).toEqual([{}, {}, {}]);
    expect(isolate.keptCount).toBe(43);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("large rows travel alone, and many small ones at once", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    isolate.arrive();
    const large = isolate.arrive(SHARED_BYTES_MAX + 1);
    expect(isolate.lastNames).toEqual([large.name]);
    const count = SHARED_FULL_BYTES / SHARED_BYTES_MAX;
    const some = Array.from({ length: count }, () => isolate.arrive(SHARED_BYTES_MAX));
    await settled();
    expect(isolate.lastNames).toEqual(namesOf(some));
    const next = isolate.arriveMany(2);
    await settled();
    expect(isolate.open.flatMap(({ names }) => names)).not.toContain(next[0]?.name);
    await isolate.end(isolate.calls.at(-1));
    expect(isolate.lastNames).toEqual(namesOf(next));
  });

  test("a slow call is waited for no longer than the limit", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    isolate.arrive();
    const slow = isolate.calls.at(-1);
    const some = isolate.arriveMany(5);
    await passTime(SHARED_WAIT_MS_MAX - 1);
    const late = isolate.arriveMany(5);
    expect(isolate.calls.at(-1)).toBe(slow);
    await passTime(1);
    expect(isolate.lastNames).toEqual(namesOf([...some, ...late]));
    const more = isolate.arriveMany(2);
    // The slow one has nobody to hand over to: another one has the lead since.
    await isolate.end(slow);
    expect(isolate.lastNames).not.toContain(more[0]?.name);
    await isolate.end(isolate.calls.at(-1));
    expect(isolate.lastNames).toEqual(namesOf(more));
    await isolate.endAll();
    expect(isolate.clients.every(({ answers }) => answers.length === 1)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a message without slots, and another range, share nothing", async () => {
    const calls: RangeCommit[] = [];
    const send = (all: RangeCommit): Promise<CommitResult> => {
      calls.push(all);
      return new Promise(() => undefined);
    };
    const { run: _, ...whole } = message("whole", 1);
    const range = { start: 0, shard: 0 };
    for (let i = 0; i < 20; i += 1) void commitShared(range, whole, send);
    expect(calls).toHaveLength(20);
    for (let i = 0; i < 20; i += 1) void commitShared({ ...range }, message("r", 1), send);
    expect(calls).toHaveLength(40);
  });
});

describe("what each hears", () => {
  const shared = async (): Promise<{ isolate: Isolate; clients: Client[] }> => {
    const isolate = new Isolate();
    isolate.crowd();
    const clients = isolate.arriveMany(5);
    await isolate.end(isolate.calls.at(-1));
    expect(isolate.lastNames).toEqual(namesOf(clients.slice(1)));
    return { isolate, clients: clients.slice(1) };
  };

  test.each<CommitResult>([
    { isStale: true },
    { error: "overloaded", message: "many wait" },
    { error: "unavailable", message: "no room", isFull: true },
    { error: "unavailable", message: "gone", isStale: true },
  ])("%j is everybody's", async (result) => {
    const { isolate, clients } = await shared();
    await isolate.end(isolate.calls.at(-1), result);
    expect(answersOf(clients)).toEqual(clients.map(() => result));
    expect(isolate.open).toHaveLength(SHARED_FROM_REQUESTS);
  });

  test("rows at fault: each sends its own and hears of it", async () => {
    const { isolate, clients } = await shared();
    await isolate.end(isolate.calls.at(-1), { error: "failed", message: "malformed JSON" });
    const own = isolate.calls.slice(-clients.length);
    const sent = own.flatMap(({ names }) => names);
    expect(sent).toHaveLength(clients.length);
    expect(new Set(sent)).toEqual(new Set(namesOf(clients)));
    expect(answersOf(clients)).toEqual([]);
    for (const call of own) {
      const isBad = call.names[0] === clients[1]?.name;
      await isolate.end(call, isBad ? { error: "failed" } : {});
    }
    expect(answersOf(clients)).toEqual([{}, { error: "failed" }, {}, {}]);
  });

  test("rows at fault that travelled alone are not sent again", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    const alone = isolate.arrive();
    await isolate.end(isolate.calls.at(-1), { error: "failed" });
    expect(alone.answers).toEqual([{ error: "failed" }]);
  });

  test("a call that throws throws for all, and the next ones go on", async () => {
    const { isolate, clients } = await shared();
    const next = isolate.arriveMany(2);
    const error = new Error("the object is gone");
    await isolate.end(isolate.calls.at(-1), error);
    expect(answersOf(clients)).toEqual(clients.map(() => error));
    expect(isolate.lastNames).toEqual(namesOf(next));
    await isolate.endAll();
    expect(answersOf(next)).toEqual([{}, {}]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("so does one that throws before it returns", async () => {
    const commits = new SharedCommits(() => undefined);
    const send = (): never => {
      throw new Error("at once");
    };
    for (let i = 0; i < 3 * SHARED_FROM_REQUESTS; i += 1) {
      await expect(commits.commit(message("r", 1), send)).rejects.toThrow("at once");
    }
    const all = Array.from({ length: 30 }, () => commits.commit(message("r", 1), send));
    const results = await Promise.allSettled(all);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("requests that are ended by the platform", () => {
  test("one that was to call", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    const [first, heir, ...others] = isolate.arriveMany(6);
    if (heir !== undefined) heir.isDead = true;
    const before = isolate.calls.length;
    await isolate.end(isolate.calls.at(-1));
    expect(first?.answers).toEqual([{}]);
    expect(isolate.calls).toHaveLength(before);
    await passTime(SHARED_WAIT_MS_MAX);
    expect(isolate.calls).toHaveLength(before + 1);
    expect(isolate.lastNames).toEqual(namesOf(others));
    await isolate.endAll();
    expect(answersOf(others)).toEqual(others.map(() => ({})));
  });

  test("one that calls: the others go on, and those in its call are not sent twice", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    const [, leader, ...inCall] = isolate.arriveMany(4);
    await isolate.end(isolate.calls.at(-1));
    if (leader !== undefined) leader.isDead = true;
    const others = isolate.arriveMany(3);
    await passTime(SHARED_WAIT_MS_MAX);
    expect(isolate.lastNames).toEqual(namesOf(others));
    await isolate.end(isolate.calls.at(-1));
    const count = isolate.calls.length;
    await passTime(SHARED_LOST_MS);
    expect(isolate.calls).toHaveLength(count);
    expect(inCall.map(({ answers }) => answers)).toEqual([
      [expect.objectContaining({ code: "unavailable" })],
      [expect.objectContaining({ code: "unavailable" })],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("one that waits: its rows travel with the others, but not when they are old", async () => {
    const isolate = new Isolate();
    isolate.crowd();
    const [, , dead, other] = isolate.arriveMany(4);
    if (dead !== undefined) dead.isDead = true;
    await isolate.end(isolate.calls.at(-1));
    expect(isolate.lastNames).toContain(dead?.name);
    await isolate.end(isolate.calls.at(-1));
    expect(other?.answers).toEqual([{}]);

    isolate.arrive();
    const old = isolate.arrive();
    for (const client of isolate.clients) client.isDead = true;
    await passTime(SHARED_LOST_MS);
    isolate.crowd();
    const late = isolate.arriveMany(2);
    await passTime(SHARED_WAIT_MS_MAX);
    expect(isolate.lastNames).toEqual(namesOf(late));
    expect(isolate.calls.flatMap(({ names }) => names)).not.toContain(old.name);
  });

  test("many: one that comes later calls at once", async () => {
    const isolate = new Isolate();
    for (const client of isolate.arriveMany(100)) client.isDead = true;
    await passTime(SHARED_LOST_MS);
    const lone = isolate.arrive();
    expect(isolate.lastNames).toEqual([lone.name]);
    await isolate.end(isolate.calls.at(-1));
    expect(lone.answers).toEqual([{}]);
    expect(isolate.keptCount).toBe(100 - SHARED_FROM_REQUESTS);
  });
});

type Step =
  | { readonly kind: "arrive"; readonly count: number }
  | { readonly kind: "end"; readonly which: number; readonly outcome: Outcome }
  | { readonly kind: "die"; readonly which: number }
  | { readonly kind: "pass"; readonly ms: number };

const which = fc.nat(1_000);
const outcome = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Outcome>({}) },
  fc.constant<Outcome>({ error: "failed" }),
  fc.constant<Outcome>({ error: "overloaded" }),
  fc.constant<Outcome>(new Error("gone")),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("arrive"), count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("end"), which, outcome }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("die"), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.integer({ min: 1, max: 150 }) }),
  },
);

const at = <T>(list: readonly T[], index: number): T | undefined =>
  list.length === 0 ? undefined : list[index % list.length];

async function take(isolate: Isolate, one: Step): Promise<void> {
  if (one.kind === "arrive") isolate.arriveMany(one.count);
  else if (one.kind === "pass") await passTime(one.ms);
  else if (one.kind === "die") {
    const client = at(isolate.clients, one.which);
    if (client !== undefined) client.isDead = true;
  } else {
    const call = at(isolate.open, one.which);
    if (call !== undefined) await isolate.end(call, one.outcome);
  }
  await settled();
}

describe("whatever happens", () => {
  test("each is answered once, by a call that had its rows, and waits no longer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        vi.clearAllTimers();
        const isolate = new Isolate();
        for (const one of steps) await take(isolate, one);
        await passTime(SHARED_WAIT_MS_MAX);
        for (let i = 0; i < 3; i += 1) await isolate.endAll();
        await passTime(SHARED_LOST_MS);
        for (const client of isolate.clients) if (!client.isDead) expectRight(isolate, client);
      }),
      { numRuns: 500 },
    );
  });
});

function expectRight({ calls }: Isolate, client: Client): void {
  expect(client.answers).toHaveLength(1);
  const own = calls.filter(({ names }) => names.includes(client.name));
  expect(own[0]?.at).toBeLessThanOrEqual(client.since + SHARED_WAIT_MS_MAX);
  // Twice only where the first call wrote nothing, for the rows of one of many.
  expect(own.length).toBeLessThanOrEqual(2);
  if (own.length === 2) {
    expect(own[0]?.outcome).toEqual({ error: "failed" });
    expect(own[0]?.names.length).toBeGreaterThan(1);
    expect(own[1]?.names).toEqual([client.name]);
  }
  const last = own.at(-1);
  const isLost = last?.by.isDead === true && last.by !== client;
  const [answer] = client.answers;
  if (isLost && answer !== last.outcome) expect(answer).toMatchObject({ code: "unavailable" });
  else expect(answer).toBe(last?.outcome);
}

/** Pushes of a point each at the same time, to ten keys of a warm table. */
function pushMany(env: Env, tenant: Tenant): Promise<Response[]> {
  const pushes = Array.from({ length: 40 }, (_, n) =>
    pushWith(env, tenant, [record(n % 10, n + 1)]),
  );
  return Promise.all(pushes);
}

const record = (id: number, sequence: number): Record<string, unknown> => ({
  ...{ table_name: "t", sequence, key_names: ["id"], data: { id, s: sequence } },
});

describe("the Worker", () => {
  beforeEach(() => {
    vi.useRealTimers();
    quietConsole("log");
  });

  /** An isolate that knows the table, and how many commits it calls for. */
  async function warmIsolate(
    tap: Tap,
  ): Promise<{ env: Env; tenant: Tenant; state: { calls: number; isWarm: boolean } }> {
    const state = { calls: 0, isWarm: false };
    const env = tapEnv(otherIsolate(), (call, next) => {
      if (!state.isWarm || call.method !== "commit") return next();
      state.calls += 1;
      return tap(call, next);
    });
    const tenant = await newTenant();
    const warm = Array.from({ length: 10 }, (_, id) => record(id, 0));
    expect((await pushWith(env, tenant, warm)).status).toBe(201);
    state.isWarm = true;
    return { env, tenant, state };
  }

  test("many pushes at a time make few calls, and all their rows are there", async () => {
    const { env, tenant, state } = await warmIsolate((_, next) => next());
    const responses = await pushMany(env, tenant);
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 201));
    // Two ranges: eight of each alone, and the others in one call or two.
    expect(state.calls).toBeLessThanOrEqual(2 * (SHARED_FROM_REQUESTS + 3));
    const rows = await storedRows(tenant, "t");
    const sequences = rows.map(({ sequence }) => Number(sequence));
    expect(sequences.toSorted((a, b) => a - b)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    for (const { sequence, data } of rows) expect(data).toContain(`"s":${sequence}`);
  });

  const overloaded = { error: "overloaded", message: "many wait" } as const;
  test.each<[string, () => Promise<CommitResult>]>([
    ["refuses", () => Promise.resolve(overloaded)],
    ["fails", () => Promise.reject(new Error("internal error; reference = 1"))],
  ])("an object that %s: all are told so, and nothing is stored", async (_, answer) => {
    const { env, tenant, state } = await warmIsolate(async <T>() => {
      await pause(20);
      return (await answer()) as T;
    });
    const responses = await pushMany(env, tenant);
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 503));
    expect(responses.every(({ headers }) => headers.has("Retry-After"))).toBe(true);
    expect(state.calls).toBeLessThan(40);
    const rows = await storedRows(tenant, "t");
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map(() => "0"));
  });

  test("a split that the object tells of is heard by all, and looked up once", async () => {
    let lookUps = 0;
    const isolate = otherIsolate();
    const { env, tenant } = await warmIsolate(
      <T>(_: unknown, next: () => Promise<T>) =>
        next().then((result) => ({ ...result, isStale: true })) as Promise<T>,
    );
    const counting = tapEnv({ ...isolate, ...env }, (call, next) => {
      if (call.statements.some(({ sql }) => sql.includes("key_names"))) lookUps += 1;
      return next();
    });
    expect((await pushMany(counting, tenant)).every(({ status }) => status === 201)).toBe(true);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + RECORD_AGE_MIN_MS });
    lookUps = 0;
    expect((await pushMany(counting, tenant)).every(({ status }) => status === 201)).toBe(true);
    expect(lookUps).toBe(0);
    await pushWith(counting, tenant, [record(1, 99)]);
    expect(lookUps).toBe(1);
  });
});
