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

/** How late a transaction is, in ms, whose values are texts of so many characters together. */
export type DelayOf = (characters: number) => number;

/** A statement that writes rows, and the characters of its values. */
interface RealStatement {
  readonly real: D1PreparedStatement;
  readonly characters: number;
}

/** What is behind the statements that write rows: a batch takes no others. */
const reals = new WeakMap<object, RealStatement>();

function delayedStatement(behind: RealStatement, delayOf: DelayOf): D1PreparedStatement {
  const { real, characters } = behind;
  const late = replaced(real, {
    bind: (...values) => {
      const sizes = values.map((value) => (typeof value === "string" ? value.length : 0));
      const bound = sizes.reduce((sum, size) => sum + size, 0);
      return delayedStatement({ real: real.bind(...values), characters: bound }, delayOf);
    },
    run: async () => {
      await pause(delayOf(characters));
      return real.run();
    },
  });
  reals.set(late, behind);
  return late;
}

function delayedDatabase(database: D1Database, delayOf: DelayOf): D1Database {
  return replaced(database, {
    prepare: (sql) => {
      const real = database.prepare(String(sql));
      return WRITES_ROWS.test(String(sql))
        ? delayedStatement({ real, characters: 0 }, delayOf)
        : real;
    },
    batch: async (list) => {
      const statements = list as D1PreparedStatement[];
      const late = statements.flatMap((statement) => reals.get(statement) ?? []);
      const characters = late.reduce((sum, statement) => sum + statement.characters, 0);
      if (late.length > 0) await pause(delayOf(characters));
      return database.batch(statements.map((statement) => reals.get(statement)?.real ?? statement));
    },
  });
}

/** The bindings, with shards that write rows {@link WRITE_DELAY_MS} late, or as late as told. */
export function delayedShards(env: Env, delayOf: DelayOf = () => WRITE_DELAY_MS): Env {
  const shards = Object.keys(env).filter((name) => /^SHARD_\d+$/.test(name));
  const late = shards.map((name): [string, D1Database] => [
    name,
    delayedDatabase(Reflect.get(env, name) as D1Database, delayOf),
  ]);
  return { ...env, ...Object.fromEntries(late) };
}
