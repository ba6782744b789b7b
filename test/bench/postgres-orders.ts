/** The orders of exports and reports in PostgreSQL: a table with a type for each column. */
import { type OrderColumns, type REPORT_COLUMNS } from "./export-orders.ts";
import { shell } from "./export-pipeline.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";

const TYPES: Record<(typeof REPORT_COLUMNS)[number], string> = {
  id: "int PRIMARY KEY",
  order_number: "text",
  customer_email: "text",
  status: "text",
  total: "numeric",
  quantity: "int",
  created_at: "timestamp",
  city: "text",
  customer_id: "int",
  customer_since: "timestamp",
};

/** Makes the table with the rows of a database of plain orders, analysed as autovacuum would. */
export async function fillOrders(
  cluster: PostgresCluster,
  plainFile: string,
  columns: OrderColumns,
): Promise<void> {
  cluster.psql(`CREATE TABLE orders (${columns.map((one) => `${one} ${TYPES[one]}`).join(", ")})`);
  const query = `SELECT ${columns.join(", ")} FROM orders ORDER BY id`;
  const copy = cluster.psqlArgs("COPY orders FROM STDIN (FORMAT csv)");
  const script = 'file="$1"; query="$2"; shift 2; sqlite3 -csv "$file" "$query" | "$@"';
  await shell(script, [plainFile, query, ...copy]);
  cluster.psql("VACUUM ANALYZE orders");
}

/** Removes the table. */
export function dropOrders(cluster: PostgresCluster): void {
  cluster.psql("DROP TABLE orders");
}
