/** What the databases of a state folder hold of the load; nothing may use the folder meanwhile. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Sent } from "./generator.ts";
import { idOf, POINTS } from "./requests.ts";

/** The sequence of a row whose point came without one (migrations/shard). */
const NO_SEQUENCE = -1;

/** How many points of the accepted requests are not there, or with another sequence. */
export function countLost(stateFolder: string, accepted: readonly Sent[]): number {
  const stored = sequences(stateFolder);
  let lost = 0;
  for (const { surface, request } of accepted) {
    const sequence = surface === "rjmetrics" ? NO_SEQUENCE : request;
    for (let point = 0; point < POINTS[surface]; point += 1) {
      if (stored.get(idOf(request, point)) !== sequence) lost += 1;
    }
  }
  return lost;
}

/** The sequences of all rows, by their id. */
function sequences(stateFolder: string): Map<number, number> {
  const found = new Map<number, number>();
  const files = readdirSync(stateFolder, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".sqlite"))) {
    const database = new DatabaseSync(join(stateFolder, file), { readOnly: true });
    if (isShard(database)) {
      const rows = database.prepare("SELECT json_extract(data, '$.id') AS id, sequence FROM rows");
      for (const { id, sequence } of rows.iterate()) found.set(Number(id), Number(sequence));
    }
    database.close();
  }
  return found;
}

function isShard(database: DatabaseSync): boolean {
  const sql = "SELECT 1 FROM sqlite_master WHERE name = 'rows'";
  return database.prepare(sql).get() !== undefined;
}
