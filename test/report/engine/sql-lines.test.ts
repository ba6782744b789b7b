/** What the statements that list rows give for a window, and what becomes of the lines. */
import { expect, test } from "vitest";
import { CELLS_MAX, TEXT_BYTES_MAX } from "../../../src/report/engine/engine-limits.ts";
import { FirstDates } from "../../../src/report/engine/member-dates.ts";
import { MemberLines } from "../../../src/report/engine/member-lines.ts";
import type { Beginning, Question } from "../../../src/report/engine/question.ts";
import { firstDatesStatement, memberLinesStatement } from "../../../src/report/engine/sql-lines.ts";
import type { WindowStatement } from "../../../src/report/engine/statement.ts";
import { Tally } from "../../../src/report/engine/tally.ts";
import type { TableInfo } from "../../../src/warehouse/read-tables.ts";
import { testEnv } from "../../support/env.ts";
import { newTable } from "../tables.ts";

const AT = Date.UTC(2019, 0, 2);
const bounds = [Date.UTC(2019, 0, 1), Date.UTC(2019, 1, 1)];

function questionOf(table: TableInfo): Question {
  const asked = { table, operation: "sum" as const, dateColumn: "at", bounds };
  return { ...asked, filter: undefined, column: "value", groupBy: ["kind"] };
}

async function rowOf(table: TableInfo, asked: WindowStatement | undefined): Promise<unknown> {
  const { sql = "", values = [] } = asked ?? {};
  const statement = testEnv.SHARD_0.prepare(sql).bind(table.id, "", "L", ...values);
  return (await statement.raw())[0];
}

test.each(["member", "kind", "value"])(
  "a long text of %s makes a window unsure, and is in no line",
  async (name) => {
    const short = { at: "2019-01-02", member: 1, value: 2, kind: 3 };
    const rowsOf = (bytes: number): string[] => {
      const long = { ...short, [name]: "x".repeat(bytes - 2) };
      // Every other row is on the other shard.
      return [short, short, long, long, short].map((row) => JSON.stringify(row));
    };
    for (const [bytes, unsure, lines] of [
      [TEXT_BYTES_MAX, 0, 3],
      [TEXT_BYTES_MAX + 1, 1, 2],
      [1_500_000, 1, 2],
    ] as const) {
      const table = await newTable(rowsOf(bytes));
      const asked = questionOf(table);
      const beginning = { date: new FirstDates("member"), periods: 1 };
      for (const statement of [
        firstDatesStatement(asked, "member"),
        memberLinesStatement(asked, beginning, beginning.date),
      ]) {
        const row = await rowOf(table, statement);
        expect(row).toEqual([unsure, 0, expect.any(String)]);
        const all = String((row as readonly unknown[])[2]).split("\n");
        expect(all).toHaveLength(lines);
        expect(all[0]).toBe(`${AT}\t2\t3\t1`);
      }
    }
  },
);

test("rows without a value are in no group, wherever their lines are from", async () => {
  const table = await newTable([]);
  const question = questionOf(table);
  const { dateColumn, filter, column, groupBy } = question;
  const first = new FirstDates("member", { table, dateColumn, filter, column, groupBy });
  first.add("1", AT);
  const nulls = Array.from({ length: CELLS_MAX + 1 }, (_, kind) => {
    return `${AT}\t${kind % 2 === 0 ? "null" : ""}\t${kind}\t1`;
  });
  first.keep([0, 0, [...nulls, `${AT}\t5\t"a"\t1`].join("\n")]);
  const beginning: Beginning = { date: first, periods: 1 };
  const tally = new Tally({ ...question, beginning });
  expect(new MemberLines(question, beginning, first, tally).takeKept()).toBe(true);
  const value = { units: 5n, scale: 0 };
  expect(tally.answer().cells).toEqual([{ period: 0, group: ["a"], value }]);
});
