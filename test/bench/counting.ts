/**
 * The Worker with a count of its D1 calls: a module around the bundle that gives the Worker and
 * the Durable Object an `env` whose databases record what is called. For counting only; what is
 * timed runs without it.
 */
import worker, { TableRange as BuiltTableRange } from "./bundle.js";

export * from "./bundle.js";

/** One D1 call: a statement that was run, or a batch. */
export interface D1Call {
  binding: string;
  /** Statements, each of which counts as a query in production. */
  statements: number;
  /** The texts of the statements, shortened. */
  sql: string[];
}

/** Where the calls since the last look can be read; it exists only in this module. */
const CALLS_PATH = "/__d1-calls";
const SQL_LENGTH_MAX = 100;
const RUNS = new Set<string | symbol>(["first", "run", "all", "raw"]);

let calls: D1Call[] = [];

/** A statement behind its proxy, which `batch` must be given, and the statement's text. */
const statements = new WeakMap<D1PreparedStatement, { inner: D1PreparedStatement; sql: string }>();

function record(binding: string, texts: string[]): void {
  const sql = texts.map((text) => text.replace(/\s+/g, " ").trim().slice(0, SQL_LENGTH_MAX));
  calls.push({ binding, statements: texts.length, sql });
}

/** Any member of `target`, with methods bound to it: D1's classes have private fields. */
function memberOf(target: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name);
  return typeof member === "function" ? member.bind(target) : member;
}

function countStatement(
  binding: string,
  sql: string,
  inner: D1PreparedStatement,
): D1PreparedStatement {
  const proxy = new Proxy(inner, {
    get(target, name) {
      if (name === "bind") {
        return (...values: unknown[]) => countStatement(binding, sql, target.bind(...values));
      }
      if (RUNS.has(name)) record(binding, [sql]);
      return memberOf(target, name);
    },
  });
  statements.set(proxy, { inner, sql });
  return proxy;
}

function countDatabase<T extends D1Database | D1DatabaseSession>(binding: string, inner: T): T {
  return new Proxy(inner, {
    get(target, name) {
      if (name === "prepare") {
        return (sql: string) => countStatement(binding, sql, target.prepare(sql));
      }
      if (name === "batch") {
        return (batch: D1PreparedStatement[]) => {
          const parts = batch.map((one) => statements.get(one) ?? { inner: one, sql: "?" });
          record(
            binding,
            parts.map((part) => part.sql),
          );
          return target.batch(parts.map((part) => part.inner));
        };
      }
      if (name === "withSession" && "withSession" in target) {
        return (start?: string) => countDatabase(binding, target.withSession(start));
      }
      if (name === "exec") record(binding, ["exec"]);
      return memberOf(target, name);
    },
  });
}

/** The counted env of each env: always the same one, since the Worker may cache by it. */
const countedEnvs = new WeakMap<Env, Env>();

function countEnv(env: Env): Env {
  const known = countedEnvs.get(env);
  if (known !== undefined) return known;
  const databases = Object.entries(env)
    .filter(([name]) => /^(?:CATALOG|SHARD_\d+)$/.test(name))
    .map(([name, binding]) => [name, countDatabase(name, binding as D1Database)]);
  const counted = { ...env, ...Object.fromEntries(databases) } as Env;
  countedEnvs.set(env, counted);
  return counted;
}

/** The Worker's object, with counted databases. */
export class TableRange extends BuiltTableRange {
  constructor(state: DurableObjectState, env: Env) {
    super(state, countEnv(env));
  }
}

// oxlint-disable-next-line import/no-default-export -- what workerd looks for
export default {
  ...worker,
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== CALLS_PATH) {
      return worker.fetch?.(request, countEnv(env), context) ?? new Response(null, { status: 500 });
    }
    const seen = calls;
    calls = [];
    return Response.json(seen);
  },
} satisfies ExportedHandler<Env>;
