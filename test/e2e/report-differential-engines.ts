/** The engines beside which reports are tested: PostgreSQL where it is installed, else SQLite. */
import { readCsv } from "../support/read-csv.ts";
import type { ChartCase, FigureCase } from "./report-differential-definitions.ts";
import { chartSql } from "./report-differential-cohorts.ts";
import { chartRows } from "./report-differential-fallback-charts.ts";
import { figureRows } from "./report-differential-fallback.ts";
import type { Field } from "./report-differential-fallback-groups.ts";
import { Postgres, postgresPrograms } from "./report-differential-postgres.ts";
import type { Order } from "./report-differential-rows.ts";
import { fillSql } from "./report-differential-schema.ts";
import { copySql, figureSql } from "./report-differential-sql.ts";
import { OrdersInSqlite } from "./report-differential-sqlite.ts";

/** An engine with the orders: the rows of CSV files, without headers. */
export interface Engine {
  readonly name: string;
  figure(figure: FigureCase): Promise<Field[][]>;
  chart(chart: ChartCase): Promise<Field[][]>;
  close(): Promise<void>;
}

/** Starts an engine. `HEADGATE_DIFFERENTIAL_ENGINE=sqlite` asks for SQLite everywhere. */
export async function startEngine(orders: readonly Order[]): Promise<Engine> {
  const wanted = process.env["HEADGATE_DIFFERENTIAL_ENGINE"];
  const programs = wanted === "sqlite" ? undefined : postgresPrograms();
  if (programs === undefined) return sqliteEngine(orders);
  try {
    return await postgresEngine(programs, orders);
  } catch (error) {
    console.log(`PostgreSQL does not start: ${String(error)}`);
    return sqliteEngine(orders);
  }
}

async function postgresEngine(programs: string, orders: readonly Order[]): Promise<Engine> {
  const postgres = await Postgres.start(programs);
  await postgres.run(fillSql(orders));
  const rows = async (sql: string): Promise<Field[][]> =>
    readCsv(await postgres.run(copySql(sql)), "\n");
  return {
    name: (await postgres.run("SELECT 'PostgreSQL ' || current_setting('server_version');")).trim(),
    figure: (figure) => rows(figureSql(figure)),
    chart: (chart) => rows(chartSql(chart)),
    close: () => postgres.close(),
  };
}

function sqliteEngine(orders: readonly Order[]): Engine {
  const database = new OrdersInSqlite(orders);
  const [row] = database.all("SELECT sqlite_version() AS version");
  return {
    name: `SQLite ${String(row?.["version"])}`,
    figure: async (figure) => figureRows(database, figure),
    chart: async (chart) => chartRows(database, chart),
    close: async () => database.close(),
  };
}
