/** What the databases of a state folder hold of the load; nothing may use the folder meanwhile. */
import { databasesWith, withDatabase } from "../../support/state-folder.ts";
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
  const sql = "SELECT json_extract(data, '$.id') AS id, sequence FROM rows";
  for (const file of databasesWith(stateFolder, "rows")) {
    withDatabase(file, (database) => {
      for (const { id, sequence } of database.prepare(sql).iterate()) {
        found.set(Number(id), Number(sequence));
      }
    });
  }
  return found;
}
