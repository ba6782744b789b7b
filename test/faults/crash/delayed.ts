/** Bindings whose writes of rows come late, for the Workers that the crash tests kill. */
import { pause } from "../../../src/pause.ts";
import { WRITE_DELAY_MS } from "./delay.ts";

/** What every write of rows begins with (src/warehouse/rows.ts). */
const WRITES_ROWS = /^\s*INSERT INTO rows\b/;

type AnyMethod = (...args: unknown[]) => unknown;

/** An object like `target` with some methods of its own. */
function replaced<T extends object>(target: T, methods: Record<string, AnyMethod>): T {
  return new Proxy(target, {
    get(_, name) {
      const own = typeof name === "string" ? methods[name] : undefined;
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value as AnyMethod).bind(target) : value;
    },
  });
}

/** The statements behind those that write rows: a batch takes no others. */
const reals = new WeakMap<object, D1PreparedStatement>();

function delayedStatement(real: D1PreparedStatement): D1PreparedStatement {
  const late = replaced(real, {
    bind: (...values) => delayedStatement(real.bind(...values)),
    run: async () => {
      await pause(WRITE_DELAY_MS);
      return real.run();
    },
  });
  reals.set(late, real);
  return late;
}

function delayedDatabase(database: D1Database): D1Database {
  return replaced(database, {
    prepare: (sql) => {
      const statement = database.prepare(String(sql));
      return WRITES_ROWS.test(String(sql)) ? delayedStatement(statement) : statement;
    },
    batch: async (list) => {
      const statements = list as D1PreparedStatement[];
      if (statements.some((statement) => reals.has(statement))) await pause(WRITE_DELAY_MS);
      return database.batch(statements.map((statement) => reals.get(statement) ?? statement));
    },
  });
}

/** The bindings, with shards that write rows {@link WRITE_DELAY_MS} late. */
export function delayedShards(env: Env): Env {
  const shards = Object.keys(env).filter((name) => /^SHARD_\d+$/.test(name));
  const late = shards.map((name): [string, D1Database] => [
    name,
    delayedDatabase(Reflect.get(env, name) as D1Database),
  ]);
  return { ...env, ...Object.fromEntries(late) };
}
