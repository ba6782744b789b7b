/**
 * Bindings with a tap: every call to D1, R2 and the objects goes through one function, which can
 * count it, delay it, or let it fail before or after it was made.
 */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { TableRange } from "../../src/warehouse/table-range.ts";

/** A statement that is about to run. */
export interface TappedStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A call that is about to be made. */
export interface TappedCall {
  /** `CATALOG`, `SHARD_0`, `FILES`, `TABLE_RANGE`; of tap-all.ts also `EXPORT_JOB`, `IMPORT_RATE`, … */
  readonly binding: string;
  /** `first`, `batch`, `uploadPart`, `commit`, … */
  readonly method: string;
  /** Of calls to an object by way of tap-all.ts: its name, and what it is told. */
  readonly target?: { readonly name: string; readonly args: readonly unknown[] };
  /** Of D1 calls. */
  readonly statements: readonly TappedStatement[];
}

/** Makes the call with `next`, or does not. */
export type Tap = <T>(call: TappedCall, next: () => Promise<T>) => Promise<T>;

/** A method whose arguments are handed on. */
export type AnyMethod = (...args: unknown[]) => unknown;

/** A method of an object, bound to it. */
export function methodOf(target: object, name: string): AnyMethod {
  return (Reflect.get(target, name) as AnyMethod).bind(target);
}

/** An object like `target` in which some asynchronous methods are replaced. */
export function replaced<T extends object>(target: T, methods: Record<string, AnyMethod>): T {
  return new Proxy(target, {
    get(_, name) {
      const own = typeof name === "string" ? methods[name] : undefined;
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value as AnyMethod).bind(target) : value;
    },
  });
}

const texts = new WeakMap<object, { real: D1PreparedStatement; statement: TappedStatement }>();

function tapStatement(
  binding: string,
  real: D1PreparedStatement,
  statement: TappedStatement,
  tap: Tap,
): D1PreparedStatement {
  const run =
    (method: string): AnyMethod =>
    (...args) => {
      const call = { binding, method, statements: [statement] };
      return tap(call, () => methodOf(real, method)(...args) as Promise<unknown>);
    };
  const tapped = replaced(real, {
    bind: (...values) =>
      tapStatement(binding, real.bind(...values), { sql: statement.sql, values }, tap),
    first: run("first"),
    run: run("run"),
    all: run("all"),
    raw: run("raw"),
  });
  texts.set(tapped, { real, statement });
  return tapped;
}

/** A database whose calls go through the tap. */
export function tapDatabase(binding: string, database: D1Database, tap: Tap): D1Database {
  return replaced(database, {
    prepare: (sql) => {
      const text = String(sql);
      return tapStatement(binding, database.prepare(text), { sql: text, values: [] }, tap);
    },
    batch: (list) => {
      const parts = (list as D1PreparedStatement[]).map((one) => {
        const part = texts.get(one);
        if (part === undefined) throw new Error("a statement of another database");
        return part;
      });
      const call = { binding, method: "batch", statements: parts.map((part) => part.statement) };
      return tap(call, () => database.batch(parts.map((part) => part.real)));
    },
    // A session is a database in all that is tapped here.
    withSession: (from) => {
      const session = database.withSession(typeof from === "string" ? from : undefined);
      return tapDatabase(binding, session as unknown as D1Database, tap);
    },
  });
}

function tapMethods<T extends object>(target: T, names: readonly string[], tap: Tap): T {
  const methods = names.map((method): [string, AnyMethod] => [
    method,
    (...args) => {
      const call = { binding: "FILES", method, statements: [] };
      return tap(call, () => methodOf(target, method)(...args) as Promise<unknown>);
    },
  ]);
  return replaced(target, Object.fromEntries(methods));
}

function tapUpload(upload: R2MultipartUpload, tap: Tap): R2MultipartUpload {
  return tapMethods(upload, ["uploadPart", "complete", "abort"], tap);
}

function tapBucket(bucket: R2Bucket, tap: Tap): R2Bucket {
  const tapped = tapMethods(bucket, ["get", "head", "put", "delete", "list"], tap);
  return replaced(tapped, {
    createMultipartUpload: (...args) => {
      const call = { binding: "FILES", method: "createMultipartUpload", statements: [] };
      const create = methodOf(bucket, "createMultipartUpload");
      return tap(call, async () => tapUpload((await create(...args)) as R2MultipartUpload, tap));
    },
    resumeMultipartUpload: (key, id) =>
      tapUpload(bucket.resumeMultipartUpload(String(key), String(id)), tap),
  });
}

/** The bindings of a Worker, tapped. The objects behind TABLE_RANGE keep their own. */
export function tapEnv<T extends Env>(env: T, tap: Tap): T {
  const names = Object.keys(env).filter((name) => name === "CATALOG" || /^SHARD_\d+$/.test(name));
  const databases = names.map((name): [string, D1Database] => [
    name,
    tapDatabase(name, Reflect.get(env, name) as D1Database, tap),
  ]);
  const getByName = (name: unknown): unknown => {
    const stub = env.TABLE_RANGE.getByName(String(name));
    const call = (method: "commit" | "commitCounted" | "activate"): AnyMethod => {
      return (message) =>
        tap({ binding: "TABLE_RANGE", method, statements: [] }, () =>
          // RPC's types are wider than what the object returns.
          (stub[method] as (m: unknown) => Promise<unknown>)(message),
        );
    };
    return {
      commit: call("commit"),
      commitCounted: call("commitCounted"),
      activate: call("activate"),
    };
  };
  return {
    ...env,
    ...Object.fromEntries(databases),
    FILES: tapBucket(env.FILES, tap),
    TABLE_RANGE: replaced(env.TABLE_RANGE, { getByName }),
  };
}

/**
 * Taps the bindings of one object, which starts anew for that.
 *
 * @param tapOwn what taps them.
 */
export async function tapRange(
  env: Env,
  name: string,
  tap: Tap,
  tapOwn: (own: Env, tap: Tap) => Env = tapEnv,
): Promise<void> {
  const stub = env.TABLE_RANGE.getByName(name);
  await evictDurableObject(stub).catch(() => undefined);
  await runInDurableObject(stub, (range: TableRange) => {
    const own = Reflect.get(range, "env") as Env;
    Reflect.set(range, "env", tapOwn(own, tap));
  });
}
