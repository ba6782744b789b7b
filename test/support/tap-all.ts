/**
 * A tap on every binding that a request can reach: those of tap.ts, the Workflow engine, the rate
 * limiters, the metrics, and the bindings of each key range's object from its first call on.
 */
import { type AnyMethod, methodOf, replaced, type Tap, tapEnv, tapRange } from "./tap.ts";

/** Takes each point of the metrics; may throw, as the binding may. */
export type PointTap = (point: AnalyticsEngineDataPoint) => void;

const RATES = ["IMPORT_RATE", "EXPORT_RATE", "ADMIN_RATE"] as const;

function tapped<T extends object>(
  target: T,
  binding: string,
  names: readonly string[],
  tap: Tap,
): T {
  const methods = names.map((method): [string, AnyMethod] => [
    method,
    (...args) =>
      tap({ binding, method, statements: [] }, async () => methodOf(target, method)(...args)),
  ]);
  return replaced(target, Object.fromEntries(methods));
}

const INSTANCE_METHODS = ["status", "terminate", "pause", "resume", "restart", "sendEvent"];

function tapWorkflow<T extends Workflow>(workflow: T, tap: Tap): T {
  const giver = (method: "create" | "get"): AnyMethod => {
    return (...args) =>
      tap({ binding: "EXPORT_JOB", method, statements: [] }, async () => {
        const instance = (await methodOf(workflow, method)(...args)) as WorkflowInstance;
        return tapped(instance, "EXPORT_JOB", INSTANCE_METHODS, tap);
      });
  };
  return replaced(workflow, { create: giver("create"), get: giver("get") });
}

/** What a stub is asked for besides the methods of its object. */
const NO_CALLS: ReadonlySet<string | symbol> = new Set(["id", "name", "then", "fetch"]);

/** A stub each of whose methods is tapped, whatever they are called. */
function tapStub<T extends object>(
  stub: T,
  name: string,
  before: () => Promise<void>,
  tap: Tap,
): T {
  return new Proxy(stub, {
    get(_, method) {
      if (typeof method !== "string" || NO_CALLS.has(method)) {
        return Reflect.get(stub, method) as unknown;
      }
      return async (...args: unknown[]) => {
        await before();
        const call = { binding: "TABLE_RANGE", method, target: { name, args }, statements: [] };
        // Not bound: a stub's property is a call of its own.
        const named = stub as Record<string, AnyMethod>;
        return tap(call, async () => named[method]?.(...args));
      };
    },
  });
}

/**
 * The bindings of a Worker with a tap on all of them. An object whose first call comes by way of
 * these starts anew, with the same tap on its own bindings.
 *
 * @param onPoint takes the points of the metrics, the objects' too; the real ones stay unwritten.
 */
export function tapAll<T extends Env>(env: T, tap: Tap, onPoint: PointTap = () => undefined): T {
  const objects = new Map<string, Promise<void>>();
  const tapObject = (name: string): Promise<void> => {
    const known = objects.get(name);
    if (known !== undefined) return known;
    const begun = tapRange(env, name, tap, (own) => tapBindings(own, tap, onPoint));
    objects.set(name, begun);
    return begun;
  };
  const getByName = (name: unknown): unknown => {
    const text = String(name);
    return tapStub(env.TABLE_RANGE.getByName(text), text, () => tapObject(text), tap);
  };
  return {
    ...tapBindings(env, tap, onPoint),
    TABLE_RANGE: replaced(env.TABLE_RANGE, { getByName }),
  };
}

function tapBindings<T extends Env>(env: T, tap: Tap, onPoint: PointTap): T {
  const rates = RATES.map((name): [string, RateLimit] => [
    name,
    tapped(env[name], name, ["limit"], tap),
  ]);
  return {
    ...tapEnv(env, tap),
    ...Object.fromEntries(rates),
    EXPORT_JOB: tapWorkflow(env.EXPORT_JOB, tap),
    METRICS: { writeDataPoint: onPoint },
  };
}
