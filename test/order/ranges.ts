/** The ranges of the tables in a state folder of the local runtime, which nothing uses. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { rangesFromText } from "../../src/warehouse/slots.ts";

/** How many key ranges each table has, by its name. */
export function rangeCounts(stateFolder: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of globSync(join(stateFolder, "d1/*/*.sqlite"))) {
    const database = new DatabaseSync(path);
    const isCatalogue = database
      .prepare("SELECT 1 FROM sqlite_master WHERE name = 'integrations'")
      .get();
    if (isCatalogue !== undefined) {
      for (const { name, ranges } of database.prepare("SELECT name, ranges FROM tables").all()) {
        counts.set(JSON.parse(String(name)) as string, rangesFromText(String(ranges)).length);
      }
    }
    database.close();
  }
  return counts;
}
