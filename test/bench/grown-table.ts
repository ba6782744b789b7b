/**
 * A table with many rows, as if they had been pushed: the service makes it with one push, and
 * SQLite adds the others while no Worker has its file open.
 */
import { DatabaseSync } from "node:sqlite";
import { isObject, parseExact, stringifyExact } from "../../src/json/exact.ts";
import { keyText } from "../../src/warehouse/keys.ts";
import { KeySource, PushBody } from "./bodies.ts";
import { withoutSafety } from "./export-tables.ts";

/** Different points in a body before they begin again. */
const TEMPLATES = 64;
/** Ids of the load begin here (bodies.ts): all have 10 digits. */
const FIRST_ID = 1_000_000_000;
/** Below every sequence that the load gives from 1 on. */
const SEQUENCE = "1795241049000000000";

/** What stands in a row's data before and after its id. */
interface Template {
  head: string;
  tail: string;
}

/**
 * Adds rows to a shard whose one row is the first point of the load: ids up to `rows`. Throws
 * where the service has stored that one in another form than this would.
 */
export function growTable(shardFile: string, rows: number): void {
  const database = new DatabaseSync(shardFile);
  try {
    withoutSafety(database);
    const templates = templatesOf();
    checkFirst(database, templates[0]);
    database.exec("CREATE TEMP TABLE templates (n INTEGER PRIMARY KEY, head TEXT, tail TEXT)");
    const insert = database.prepare("INSERT INTO templates VALUES (?, ?, ?)");
    templates.forEach(({ head, tail }, index) => insert.run(index, head, tail));
    database
      .prepare(
        `WITH RECURSIVE ids (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ids WHERE n < ?1 - 1)
         INSERT INTO rows (table_id, key, sequence, version, data)
         SELECT first.table_id, 'J' || (${FIRST_ID} + ids.n), ${SEQUENCE}, first.version,
           head || (${FIRST_ID} + ids.n) || tail
         FROM ids CROSS JOIN (SELECT table_id, version FROM rows LIMIT 1) AS first
         JOIN templates ON templates.n = ids.n % ${TEMPLATES}`,
      )
      .run(rows);
    database.exec("PRAGMA journal_mode = WAL");
  } finally {
    database.close();
  }
}

/** The data of the load's points, by their place in a body. */
function templatesOf(): Template[] {
  const shape = { points: TEMPLATES, table: "any", numbers: "exact", encoding: "json" } as const;
  const body = new PushBody(shape);
  body.fill(new KeySource({ kind: "fresh", next: 0 }, 0, false));
  const records = parseExact(new TextDecoder().decode(body.bytes));
  if (!Array.isArray(records)) throw new Error("The body is no array.");
  return records.map((record, index) => {
    if (!isObject(record) || !isObject(record["data"])) throw new Error("A record is no object.");
    const id = String(FIRST_ID + index);
    const [head = "", tail = "", more] = stringifyExact(record["data"]).split(id);
    if (more !== undefined) throw new Error(`The id ${id} stands twice in a point.`);
    return { head, tail };
  });
}

function checkFirst(database: DatabaseSync, template: Template | undefined): void {
  const stored = database.prepare("SELECT key, data FROM rows").all();
  const key = keyText(["id"], { id: FIRST_ID }, 255, 0);
  const data = `${template?.head ?? ""}${FIRST_ID}${template?.tail ?? ""}`;
  const [first] = stored;
  if (stored.length === 1 && first?.["key"] === key && first["data"] === data) return;
  throw new Error(`The service stored ${JSON.stringify(stored)}\ninstead of ${key} ${data}`);
}
