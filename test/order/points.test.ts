import { expect, test } from "vitest";
import { History, NO_SEQUENCE, NO_WRITE } from "./history.ts";
import { dataText, rowsOfAnswer } from "./points.ts";

const INT64_MAX = 9_223_372_036_854_775_807n;

/** A history with one write of each sequence, and the rows as the admin API shows them. */
function stored(...sequences: readonly bigint[]): [History, string[]] {
  const history = new History();
  const request = history.begin();
  const rows = sequences.map((sequence, id) => {
    const write = history.write(request, id, sequence);
    const shown = sequence === NO_SEQUENCE ? "null" : `"${sequence}"`;
    return `{"sequence":${shown},"data":${dataText(id, write, sequence)}}`;
  });
  return [history, rows];
}

const page = (...rows: readonly string[]): string => `{"rows":[${rows.join(",")}],"next":null}`;

test("rows name their writes, with every digit of their sequences", () => {
  const [history, rows] = stored(INT64_MAX, 0n, NO_SEQUENCE);
  expect(rowsOfAnswer(history, page(...rows))).toEqual([
    { id: 0, sequence: INT64_MAX, write: 0 },
    { id: 1, sequence: 0n, write: 1 },
    { id: 2, sequence: NO_SEQUENCE, write: 2 },
  ]);
  expect(rowsOfAnswer(history, page())).toEqual([]);
});

test("data that is no write's text names none", () => {
  const [history, [row = ""]] = stored(INT64_MAX - 1n);
  const changes: readonly (readonly [RegExp, string])[] = [
    [/"w":0/, '"w":1'],
    [/"s":\d+/, '"s":9223372036854775808'],
    [/"t":".*"/, '"t":"other"'],
  ];
  for (const [from, to] of changes) {
    const [seen] = rowsOfAnswer(history, page(row.replace(from, to)));
    expect(seen).toMatchObject({ write: NO_WRITE, note: expect.stringContaining(to) as unknown });
  }
});

test("an answer that is no page of rows is not taken for one", () => {
  const [history, [row = ""]] = stored(1n);
  for (const text of [
    "",
    "{}",
    page("{}"),
    page(row, '{"sequence":"1","data":{}}'),
    page(row).slice(0, -12),
  ]) {
    expect(() => rowsOfAnswer(history, text)).toThrow("not a page of rows");
  }
});
