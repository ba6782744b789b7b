/** The ranges of the tables in a state folder of the local runtime, which nothing uses. */
import { rangesFromText } from "../../src/warehouse/slots.ts";
import { databasesWith, withDatabase } from "../support/state-folder.ts";

/** How many key ranges each table has, by its name. */
export function rangeCounts(stateFolder: string): Map<string, number> {
  const tables = databasesWith(stateFolder, "integrations").flatMap((file) =>
    withDatabase(file, (database) => database.prepare("SELECT name, ranges FROM tables").all()),
  );
  return new Map(
    tables.map(({ name, ranges }) => [
      JSON.parse(String(name)) as string,
      rangesFromText(String(ranges)).length,
    ]),
  );
}
