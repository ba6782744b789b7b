/**
 * Faults of the bindings: a call that fails before it is made, that is made and whose answer is
 * lost, that is slow, or that is refused; at the first call of an operation, at the second, and so
 * on until the operation ends without having met it (platform.md 4 has the messages).
 */
import { testEnv } from "./env.ts";
import type { Fault } from "./fault-kinds.ts";
import { tapAll } from "./tap-all.ts";
import type { Tap } from "./tap.ts";

export { type BindingKind, type Fault, FAULTS, kindOf, stubError } from "./fault-kinds.ts";

/**
 * Which calls the fault meets, after the Nth: none; every one; or those like the Nth, with the
 * same binding, method and SQL, so that other calls get through for ever and it never does.
 */
export type FaultMode = "once" | "onwards" | "alike";

/** A call that was made while the faults were armed. */
export interface SeenCall {
  /** From 1. */
  readonly number: number;
  readonly binding: string;
  readonly method: string;
  /** The binding, the method and the SQL: what a call does. */
  readonly signature: string;
  /** The signature with the bound values, or with the object and what it is told: equal for the attempts of one call. */
  readonly identity: string;
  /** Whether the fault met it. */
  readonly isMet: boolean;
  /** In ms since 1970. */
  readonly at: number;
}

/** A Worker's bindings, as an isolate of their own, with a fault at the Nth call. */
export class FaultyWorld {
  readonly env: Env;
  /** The calls that were made while armed, in their order over all bindings. */
  readonly calls: SeenCall[] = [];
  /** The points of the metrics that were written while armed. */
  readonly points: AnalyticsEngineDataPoint[] = [];
  readonly #fault: Fault;
  readonly #mode: FaultMode;
  readonly #at: number;
  #isArmed = false;
  #alike: string | undefined;

  /** @param at the number of the call, from 1. */
  constructor(fault: Fault, at: number, mode: FaultMode = "once", base: Env = testEnv) {
    this.#fault = fault;
    this.#at = at;
    this.#mode = mode;
    this.env = tapAll({ ...base }, this.#tap, (point) => {
      if (this.#isArmed) this.points.push(point);
    });
  }

  /** Whether the fault met a call. */
  get isMet(): boolean {
    return this.met.length > 0;
  }

  /** The calls that the fault met. */
  get met(): SeenCall[] {
    return this.calls.filter(({ isMet }) => isMet);
  }

  /**
   * How often each call that met the fault was tried, by its identity: counted from there on,
   * since an operation may ask the same thing twice for reasons of its own.
   */
  attempts(): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    for (const { identity, isMet } of this.calls) {
      const count = found.get(identity) ?? 0;
      if (isMet || count > 0) found.set(identity, count + 1);
    }
    return found;
  }

  /** Runs an operation with the fault. Before and after it, all calls just pass. */
  async during<R>(operation: (env: Env) => Promise<R>): Promise<R> {
    this.#isArmed = true;
    try {
      return await operation(this.env);
    } finally {
      this.#isArmed = false;
    }
  }

  readonly #tap: Tap = (call, next) => {
    if (!this.#isArmed || this.#fault.meets?.(call) === false) return next();
    const number = this.calls.length + 1;
    const { binding, method, statements } = call;
    const signature = [binding, method, ...statements.map(({ sql }) => sql)].join(" ");
    const values = statements.map((statement) => statement.values);
    const identity = `${signature} ${JSON.stringify([values, call.target ?? null])}`;
    const isMet = this.#meets(number, signature);
    this.calls.push({ number, binding, method, signature, identity, isMet, at: Date.now() });
    return isMet ? this.#fault.meet(call, next) : next();
  };

  #meets(number: number, signature: string): boolean {
    if (number === this.#at) this.#alike = signature;
    if (number <= this.#at || this.#mode === "once") return number === this.#at;
    return this.#mode === "onwards" || signature === this.#alike;
  }
}

/** An operation that is run with a fault at each of its calls. */
export interface FaultCycle<A, R> {
  readonly fault: Fault;
  /** `once` unless said otherwise. */
  readonly mode?: FaultMode;
  /** Bindings that are tapped; those of the tests unless said otherwise. */
  readonly base?: Env;
  /** Makes what the operation needs; its calls by way of `env` warm the isolate, unharmed. */
  readonly arrange: (env: Env) => Promise<A>;
  /** The operation. It should not reject: what it made of the fault is its result. */
  readonly act: (env: Env, arranged: A) => Promise<R>;
  /** What must hold afterwards. The fault is over: calls by way of `world.env` pass. */
  readonly check: (result: R, arranged: A, world: FaultyWorld) => Promise<void> | void;
}

/** An operation that has not ended without the fault by then never will. */
const CALLS_MAX = 200;

/**
 * Runs an operation with the fault at its first call, then anew with the fault at its second
 * call, and so on, until a run ends without the fault; that one is checked, too.
 *
 * @returns how many calls it met: as many as the operation makes where the fault can meet all.
 * @throws Error what a check throws, with the number of the call and what was called.
 */
export async function forEveryCall<A, R>(cycle: FaultCycle<A, R>): Promise<number> {
  const { fault, mode = "once", base } = cycle;
  for (let at = 1; at <= CALLS_MAX; at += 1) {
    const world = new FaultyWorld(fault, at, mode, base);
    const arranged = await cycle.arrange(world.env);
    try {
      const result = await world.during((env) => cycle.act(env, arranged));
      await cycle.check(result, arranged, world);
    } catch (cause) {
      const met = world.met.map(({ number, signature }) => `${number} ${signature}`).join("; ");
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${fault.name} (${mode}) at call ${at} [${met}]: ${message}`, { cause });
    }
    if (!world.isMet) return at - 1;
  }
  throw new Error(`${fault.name}: more than ${CALLS_MAX} calls`);
}
