/** The questions of the report benchmark, asked of Headgate and of the others in turn. */
import { median } from "../support/quantile.ts";
import { CLIENT_ID } from "./bodies.ts";
import { ChildRunner } from "./child.ts";
import { cpuMs } from "./cpu.ts";
import { EXPORT_KEY } from "./export-client.ts";
import type { BuiltTable } from "./export-tables.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";
import { type Question, QUESTIONS } from "./report-questions.ts";
import type { SqliteAnswer, SqliteQuestion } from "./report-sqlite.ts";
import { ADMIN_TOKEN, type RunningWorker } from "./workers.ts";

/** Medians over the rounds. */
export interface QuestionFigures {
  elapsedMs: number;
  rowsPerSecond: number;
  /** CPU time of the contestant's process; undefined where the system does not tell it. */
  cpuMs: number | undefined;
}

/** One question at one size. */
export interface QuestionResult {
  title: string;
  rows: number;
  /** Cells with another value than 0. */
  cells: number;
  headgate: QuestionFigures;
  sqlite: QuestionFigures;
  postgres: QuestionFigures | undefined;
  /** Headgate's time as a multiple of PostgreSQL's, the median of the rounds. */
  postgresRatio: number | undefined;
  /** Headgate's time as a multiple of SQLite's, the median of the rounds. */
  ratio: number;
  /** The lowest and the highest ratio of a round. */
  ratioRange: [number, number];
  /** The same by CPU time. */
  cpuRatio: number | undefined;
}

type Cells = ReadonlyMap<string, number>;

interface Asked {
  cells: Cells;
  elapsedMs: number;
  cpuMs: number | undefined;
}

/** Rounds that count; one before them fills the caches of both. */
export const ROUNDS = 3;

/** Asks all questions of a table; the contestants take turns in being first. */
export async function measureQuestions(
  table: BuiltTable,
  worker: RunningWorker,
  cluster: PostgresCluster | undefined,
  say: (result: QuestionResult) => void,
): Promise<QuestionResult[]> {
  const sqlite = new ChildRunner<SqliteQuestion, SqliteAnswer>("report-sqlite.ts", [
    table.shardFile,
  ]);
  const results: QuestionResult[] = [];
  try {
    for (const question of QUESTIONS) {
      const path = await createReport(worker.port, question, table.id);
      const result = await measure(question, table, {
        headgate: () => askHeadgate(worker, path),
        sqlite: () => askSqlite(sqlite, question, table.id),
        postgres: cluster && (() => askPostgres(cluster, question)),
      });
      say(result);
      results.push(result);
    }
  } finally {
    sqlite.close();
  }
  return results;
}

interface Contestants {
  headgate: () => Promise<Asked>;
  sqlite: () => Promise<Asked>;
  postgres: (() => Asked) | undefined;
}

async function measure(
  question: Question,
  { rows }: BuiltTable,
  { headgate, sqlite, postgres }: Contestants,
): Promise<QuestionResult> {
  const [first, other] = [await headgate(), await sqlite()];
  checkSame(question, first.cells, other.cells);
  if (postgres !== undefined) checkSame(question, first.cells, postgres().cells);
  const runs = {
    headgate: new Array<Asked>(),
    sqlite: new Array<Asked>(),
    postgres: new Array<Asked>(),
  };
  const turns = [
    async () => runs.headgate.push(await headgate()),
    async () => runs.sqlite.push(await sqlite()),
    async () => postgres && runs.postgres.push(postgres()),
  ];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const ratiosTo = (others: readonly Asked[]) =>
    runs.headgate.map((run, round) => run.elapsedMs / (others[round]?.elapsedMs ?? NaN));
  const ratios = ratiosTo(runs.sqlite);
  const figures = {
    headgate: figuresOf(runs.headgate, rows),
    sqlite: figuresOf(runs.sqlite, rows),
  };
  const [mine, theirs] = [figures.headgate.cpuMs, figures.sqlite.cpuMs];
  return {
    title: question.title,
    rows,
    cells: other.cells.size,
    ...figures,
    postgres: postgres && figuresOf(runs.postgres, rows),
    postgresRatio: postgres && median(ratiosTo(runs.postgres)),
    ratio: median(ratios),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    cpuRatio: mine === undefined || theirs === undefined ? undefined : mine / theirs,
  };
}

/** Stores the definition of a report; returns the path of its data. */
async function createReport(
  port: number,
  { title, report }: Question,
  table_id: number,
): Promise<string> {
  const [kind, definition] =
    "figure" in report
      ? ["figure", { ...report.figure, metrics: [{ table_id, ...report.figure.metrics[0] }] }]
      : ["chart", { ...report.chart, metric: { table_id, ...report.chart.metric } }];
  const answer = await fetch(`http://127.0.0.1:${port}/admin/v1/clients/${CLIENT_ID}/${kind}s`, {
    method: "POST",
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify({ name: title, ...definition }),
  });
  if (answer.status !== 201) throw new Error(`${title}: ${await answer.text()}`);
  const { id } = await answer.json<{ id: number }>();
  return `/0.1/${kind}/${id}/export`;
}

async function askHeadgate(worker: RunningWorker, path: string): Promise<Asked> {
  const before = cpuMs(worker.pid);
  const startedAt = performance.now();
  const answer = await fetch(`http://127.0.0.1:${worker.port}${path}?format=csv`, {
    headers: { "X-RJM-API-Key": EXPORT_KEY },
  });
  const text = await answer.text();
  const elapsedMs = performance.now() - startedAt;
  if (!answer.ok) throw new Error(`${worker.errors.at(-1) ?? ""} ${text}`);
  const after = cpuMs(worker.pid);
  const used = before === undefined || after === undefined ? undefined : after - before;
  const cells = path.includes("/chart/") ? cohortCells(text) : cellsOf(text, "\r\n", ",");
  return { cells, elapsedMs, cpuMs: used };
}

/** psql is a process of its own; its start is in the time, and its CPU time is not told. */
function askPostgres(cluster: PostgresCluster, { postgres }: Question): Asked {
  const before = cluster.cpuMs();
  const startedAt = performance.now();
  const text = cluster.psql(postgres);
  const elapsedMs = performance.now() - startedAt;
  const after = cluster.cpuMs();
  const used = before === undefined || after === undefined ? undefined : after - before;
  return { cells: cellsOf(text, "\n", "|"), elapsedMs, cpuMs: used };
}

/** A row for each cohort, a field for each period: `Jan 2018,12.50,,3`. */
function cohortCells(csv: string): Cells {
  const lines = csv.trimEnd().split("\r\n");
  const cells = lines.flatMap((line) => {
    const [name = "", ...values] = line.split(",");
    return values.map((value, at): [string, number] => [`${name},${at + 1}`, Number(value)]);
  });
  return new Map(cells.filter(([, value]) => value !== 0));
}

/** The fields of these questions need no quotes; the last is the value. */
function cellsOf(text: string, newline: string, separator: string): Cells {
  const lines = text.trimEnd().split(newline);
  const cells = lines.map((line): [string, number] => {
    const at = line.lastIndexOf(separator);
    return [line.slice(0, at), Number(line.slice(at + 1))];
  });
  return new Map(cells.filter(([, value]) => value !== 0));
}

async function askSqlite(
  runner: ChildRunner<SqliteQuestion, SqliteAnswer>,
  { sql }: Question,
  tableId: number,
): Promise<Asked> {
  const answer = await runner.run({ sql, tableId });
  return { ...answer, cells: new Map(answer.cells.filter(([, value]) => value !== 0)) };
}

/** SQL's sums are of doubles, so that values may differ by a little, and keys must not. */
function checkSame({ title, places }: Question, mine: Cells, theirs: Cells): void {
  const isSame = (key: string, value: number): boolean =>
    Math.abs((mine.get(key) ?? NaN) - value) < 10 ** -places / 2;
  const other = [...theirs].find(([key, value]) => !isSame(key, value));
  if (other === undefined && mine.size === theirs.size && mine.size > 0) return;
  const [key = ""] = other ?? [];
  const values = `${String(mine.get(key))} instead of ${String(theirs.get(key))}`;
  throw new Error(`${title}: ${mine.size} of ${theirs.size} cells; ${key}: ${values}`);
}

function figuresOf(runs: readonly Asked[], rows: number): QuestionFigures {
  const elapsedMs = median(runs.map((run) => run.elapsedMs));
  const cpu = runs.flatMap((run) => run.cpuMs ?? []);
  return {
    elapsedMs,
    rowsPerSecond: (rows / elapsedMs) * 1000,
    cpuMs: cpu.length === 0 ? undefined : median(cpu),
  };
}
