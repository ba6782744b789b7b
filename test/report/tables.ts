/** Tables of the tests of questions: rows without a catalogue. */
import type { Filter } from "../../src/filter/filter.ts";
import { readFilter } from "../../src/filter/read.ts";
import { type Json, parseExact } from "../../src/json/exact.ts";
import { amountText } from "../../src/report/math/amount.ts";
import type { Answer, Question } from "../../src/report/engine/question.ts";
import { type Column, columnType, TYPE_BITS } from "../../src/warehouse/columns.ts";
import type { TableInfo } from "../../src/warehouse/read-tables.ts";
import { upsertRows } from "../../src/warehouse/rows.ts";
import { testEnv } from "../support/env.ts";

/** Far from the ids that the catalogue gives. */
let lastId = 1_000_000_000 + Math.floor(Math.random() * 1_000_000_000);

/** UTF-16 units of a parameter: 2,000,000 bytes are the limit, and some rows are not ASCII. */
const PARAMETER_LENGTH = 1_800_000;

/** A table with these rows, JSON texts of objects, spread over two shards. */
export async function newTable(
  rows: readonly string[],
  options: Partial<TableInfo> = {},
): Promise<TableInfo> {
  lastId += 1;
  const id = lastId;
  const members = rows.map((data, index) => `"-1/0 K${1_000_000 + index}":${data}`);
  for (const [shard, database] of [testEnv.SHARD_0, testEnv.SHARD_1].entries()) {
    const half = members.filter((_, index) => index % 2 === shard);
    await upsertRows(database, id, parametersOf(half));
  }
  return {
    id,
    name: "orders",
    integrationId: 0,
    keyNames: ["id"],
    nested: false,
    sourceTableId: id,
    ranges: [
      { start: 0, shard: 0 },
      { start: 128, shard: 1 },
    ],
    createdAt: 0,
    ...options,
  };
}

/** JSON objects of members, none of them longer than D1 takes. */
function parametersOf(members: readonly string[]): string[] {
  const lists: string[][] = [[]];
  let length = 0;
  for (const member of members) {
    length += member.length;
    if (length > PARAMETER_LENGTH) {
      lists.push([]);
      length = member.length;
    }
    lists.at(-1)?.push(member);
  }
  return lists.map((list) => `{${list.join(",")}}`);
}

/** A question with what is usual. */
export function questionOf(table: TableInfo, rest: Partial<Question>): Question {
  return { table, operation: "count", groupBy: [], ...rest };
}

/** An answer in few words: `0 a,b: 12.5`, and what was left out. */
export function wordsOf({ cells, notDates, notNumbers }: Answer): string[] {
  const words = cells.map(
    ({ period, group, value }) => `${period} ${group.join(",")}: ${amountText(value)}`,
  );
  const out = `out: ${notDates} ${notNumbers}`;
  return [...words.sort(), ...(notDates + notNumbers === 0 ? [] : [out])];
}

/** A filter on columns that have had these types. */
export function filterOn(
  columns: Readonly<Record<string, keyof typeof TYPE_BITS>>,
  filters: Json,
  logic?: string,
): Filter {
  const known = Object.entries(columns).map(([name, type]): Column => {
    const types = TYPE_BITS[type];
    return { name, types, type: columnType(types) };
  });
  const list = typeof filters === "string" ? parseExact(filters) : filters;
  const filter = readFilter(list, logic, known);
  if (filter === undefined) throw new Error("no filter");
  return filter;
}
