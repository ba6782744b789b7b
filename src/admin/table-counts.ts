/** How many rows the tables of a client have, for a page that shows it at a glance. */
import { jsonAnswer } from "../http/answer.ts";
import { PARALLEL_CALLS_MAX } from "../warehouse/limits.ts";
import { forEachParallel } from "../warehouse/parallel.ts";
import { shardDatabase } from "../warehouse/shards.ts";
import { rangesFromText, shardsOf } from "../warehouse/slots.ts";
import { COUNT_FRESH_MS, COUNTED_ROWS_MAX, COUNTED_TABLES_MAX } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { CLIENT, listUnder } from "./store.ts";

interface TableRow {
  readonly id: number;
  /** JSON texts. */
  readonly name: string;
  readonly ranges: string;
  readonly integration_id: number;
  readonly counted_rows: number | null;
  readonly counted_at: number | null;
}

/**
 * The newest tables. A subtable has no rows of its own, and what its parent's hold takes reading
 * them.
 */
const SELECT = `SELECT id, name, ranges, integration_id, counted_rows, counted_at FROM tables
WHERE client_id = ?1 AND parent_id IS NULL ORDER BY id DESC LIMIT ?2`;

/**
 * Rows of each table of a list, up to a bound: the heads of so many rows are read and no more.
 * The row value in the condition keeps SQLite from reading the rows whole (warehouse/rows.ts).
 */
const COUNT = `SELECT value AS id, (SELECT count(*) FROM (
  SELECT table_id FROM rows WHERE (table_id, key) > (value, '') ORDER BY table_id, key LIMIT ?2
) WHERE +table_id = value) AS rows FROM json_each(?1)`;

/** What is known of a table's rows: how many there are, or that there are at least so many. */
interface Count {
  readonly rows: number;
  readonly isExact: boolean;
  /** ms since 1970. */
  readonly at: number;
}

async function listCounts(context: AdminContext): Promise<Response> {
  const { env } = context;
  const clientId = idOf(context, "cid");
  const tables = await listUnder<TableRow>(
    env,
    env.CATALOG.prepare(CLIENT).bind(clientId),
    env.CATALOG.prepare(SELECT).bind(clientId, COUNTED_TABLES_MAX),
  );
  const counts = await countAll(env, tables, Date.now());
  const texts = tables.map((table) => countText(table, counts.get(table.id)));
  return jsonAnswer(200, `{"tables":[${texts.join(",")}]}`);
}

function countText({ id, name, integration_id }: TableRow, count: Count | undefined): string {
  if (count === undefined) throw new Error("a table was not counted");
  const { rows, isExact, at } = count;
  const more = { rows, rows_are_exact: isExact, counted_at: timeText(at) };
  const members = JSON.stringify({ id, integration_id, ...more });
  return `${members.slice(0, -1)},"name":${name}}`;
}

/** What an export counted a short time ago, else a count of now. */
async function countAll(
  env: Env,
  tables: readonly TableRow[],
  now: number,
): Promise<ReadonlyMap<number, Count>> {
  const counts = new Map<number, Count>();
  const byShard = new Map<number, number[]>();
  for (const { id, ranges, counted_rows, counted_at } of tables) {
    if (counted_rows !== null && counted_at !== null && now - counted_at < COUNT_FRESH_MS) {
      counts.set(id, { rows: counted_rows, isExact: true, at: counted_at });
      continue;
    }
    counts.set(id, { rows: 0, isExact: true, at: now });
    for (const shard of shardsOf(rangesFromText(ranges))) {
      byShard.set(shard, [...(byShard.get(shard) ?? []), id]);
    }
  }
  await forEachParallel([...byShard], PARALLEL_CALLS_MAX, async ([shard, ids]) => {
    for (const { id, rows } of await countOnShard(env, shard, ids)) {
      const before = counts.get(id) ?? { rows: 0, isExact: true, at: now };
      const isExact = before.isExact && rows <= COUNTED_ROWS_MAX;
      counts.set(id, { rows: before.rows + Math.min(rows, COUNTED_ROWS_MAX), isExact, at: now });
    }
  });
  return counts;
}

async function countOnShard(
  env: Env,
  shard: number,
  ids: readonly number[],
): Promise<readonly { readonly id: number; readonly rows: number }[]> {
  const statement = shardDatabase(env, shard)
    .prepare(COUNT)
    .bind(JSON.stringify(ids), COUNTED_ROWS_MAX + 1);
  return (await statement.all<{ id: number; rows: number }>()).results;
}

/** The path of the counts. */
export const tableCountRoutes: readonly AdminRoute[] = [
  { path: "/clients/:cid/table-counts", methods: { GET: listCounts } },
];
