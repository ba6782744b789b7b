/** How the contestant on PostgreSQL stores points: one statement, one transaction a request. */
import { createHash } from "node:crypto";
import { Pool } from "pg";
import { CLIENT_ID, IMPORT_TOKEN } from "./bodies.ts";
import { POSTGRES_DATABASE, POSTGRES_USER } from "./postgres-cluster.ts";
import type { Point } from "./postgres-points.ts";

/** As many as the requests of 100 points that are sent at once; more than the cores can use. */
const CONNECTIONS_MAX = 16;

const SCHEMA = `CREATE TABLE import_tokens (hash text PRIMARY KEY, client_id int NOT NULL);
  CREATE TABLE tables (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE);
  CREATE TABLE points (table_id int NOT NULL, key text NOT NULL,
    sequence bigint NOT NULL, data jsonb NOT NULL, PRIMARY KEY (table_id, key));`;

const UPSERT = `INSERT INTO points (table_id, key, sequence, data)
  SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::jsonb[])
  ON CONFLICT (table_id, key) DO UPDATE SET sequence = excluded.sequence, data = excluded.data
  WHERE excluded.sequence > points.sequence`;

/** The database of the contestant. */
export class PostgresStore {
  private readonly pool: Pool;
  private readonly tableIds = new Map<string, number>();
  private readonly clients = new Map<string, number>();

  /** `host` is the folder of the server's socket. */
  constructor(host: string) {
    const session = { host, user: POSTGRES_USER, database: POSTGRES_DATABASE };
    this.pool = new Pool({ ...session, max: CONNECTIONS_MAX });
  }

  /** Makes the tables, with the token that the load has. */
  async prepare(): Promise<void> {
    await this.pool.query({ text: SCHEMA });
    const values = [hashOf(IMPORT_TOKEN), CLIENT_ID];
    await this.pool.query({ text: "INSERT INTO import_tokens VALUES ($1, $2)", values });
  }

  /** The client of a token, by its SHA-256; kept in memory once it is known. */
  async clientOf(token: string): Promise<number | undefined> {
    const hash = hashOf(token);
    const known = this.clients.get(hash);
    if (known !== undefined) return known;
    const text = "SELECT client_id FROM import_tokens WHERE hash = $1";
    const { rows } = await this.pool.query({ text, values: [hash] });
    const id = rows[0]?.["client_id"];
    if (typeof id !== "number") return undefined;
    this.clients.set(hash, id);
    return id;
  }

  /** Stores points that are newer than what is there; resolves after the commit. */
  async store(points: readonly Point[]): Promise<void> {
    const newest = new Map<string, Point & { tableId: number }>();
    for (const point of points) {
      const tableId = this.tableIds.get(point.table) ?? (await this.makeTable(point.table));
      const id = `${tableId} ${point.key}`;
      const other = newest.get(id);
      // One statement may not meet a row twice.
      if (other === undefined || BigInt(point.sequence) > BigInt(other.sequence)) {
        newest.set(id, { ...point, tableId });
      }
    }
    // In the order of the keys, so that two requests never wait for each other's rows in a ring.
    const rows = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    await this.pool.query({
      name: "upsert",
      text: UPSERT,
      values: [
        rows.map((row) => row.tableId),
        rows.map((row) => row.key),
        rows.map((row) => row.sequence),
        rows.map((row) => row.data),
      ],
    });
  }

  /** How many rows there are. */
  async countRows(): Promise<number> {
    const { rows } = await this.pool.query({ text: "SELECT count(*)::int AS n FROM points" });
    return Number(rows[0]?.["n"]);
  }

  private async makeTable(name: string): Promise<number> {
    const text = `INSERT INTO tables (name) VALUES ($1)
      ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`;
    const { rows } = await this.pool.query({ text, values: [name] });
    const id = Number(rows[0]?.["id"]);
    this.tableIds.set(name, id);
    return id;
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
