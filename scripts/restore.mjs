/**
 * `npm run restore`: sends the rows of a backup (scripts/backup.mjs) to a service, with the keys,
 * the sequences and the exact numbers that they had. Runs on Node 20 with nothing installed.
 *
 * It can be repeated: a row with a sequence never replaces one that is as new, one without is
 * written again as it was, and a part of a table without keys is recognized for a day.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { linesOf, readJson } from "./backup/files.mjs";
import { post } from "./backup/api.mjs";
import { optionValues } from "./options.mjs";
import { Stop, fail } from "./process.mjs";

const USAGE = `Usage: npm run restore -- --dir DIR --client N [options]
  --url URL       the service (default http://localhost:8787)
  --dir DIR       the folder of a finished backup
  --client N      the client whose tables are sent
  --integration N only the tables of one of its integrations in the backup
  --table NAME    only one table
  --to N          the client that gets them (default: the same)
  --token TOKEN   an import token of that client (better: the variable HEADGATE_TOKEN)`;

/** Of one request: far below the limits of the service, records of 1.9 MB included. */
const RECORDS_MAX = 1_000;
const CHARACTERS_MAX = 1_000_000;

function readOptions() {
  const options = {
    url: { type: "string", default: "http://localhost:8787" },
    dir: { type: "string" },
    client: { type: "string" },
    integration: { type: "string" },
    table: { type: "string" },
    to: { type: "string" },
    token: { type: "string", default: process.env.HEADGATE_TOKEN },
  };
  const values = optionValues(options, USAGE);
  const problem = problemOf(values);
  if (problem !== undefined) throw new Stop(`${problem}\n\n${USAGE}`, 2);
  return { ...values, dir: resolve(values.dir), url: values.url.replace(/\/+$/, "") };
}

function problemOf({ url, dir, client, integration, to, token }) {
  if (!dir) return "--dir is missing.";
  if (!client) return "--client is missing.";
  if (!token) return "Neither HEADGATE_TOKEN nor --token is set.";
  if (!URL.canParse(url)) return `--url is no address: ${url}`;
  const ids = { client, integration, to };
  const wrong = Object.keys(ids).find((name) => !/^[1-9]\d{0,14}$/.test(ids[name] ?? "1"));
  return wrong === undefined ? undefined : `--${wrong} has to be an id.`;
}

/** The tables of the manifest that are asked for. */
async function tablesOf({ dir, client, integration, table }) {
  const manifest = await readJson(join(dir, "manifest.json"));
  if (manifest === undefined) throw new Stop(`${dir} has no finished backup.`);
  const found = manifest.tables.filter(
    (entry) =>
      entry.client_id === Number(client) &&
      (integration === undefined || entry.integration_id === Number(integration)) &&
      (table === undefined || entry.name === table),
  );
  if (found.length === 0) throw new Stop("The backup has no such table.");
  const names = new Set(found.map(({ name }) => name));
  if (names.size < found.length) {
    throw new Stop("Several integrations have a table of that name: say which by --integration.");
  }
  return found;
}

/** Sends a table's rows, in their order. */
async function restoreTable(options, table) {
  const seen = createHash("sha256").update(`${options.dir} ${table.sha256}`);
  let rows = 0;
  for await (const lines of batches(join(options.dir, table.file))) {
    for (const line of lines) seen.update(line).update("\n");
    await sendLines(options, table, lines, seen.copy().digest("hex"));
    rows += lines.length;
  }
  if (rows !== table.rows) {
    throw new Stop(`${table.file} has ${rows} rows, not ${table.rows} as it was written.`);
  }
  console.log(`${table.name}: ${rows} rows.`);
}

async function* batches(path) {
  let [lines, characters] = [[], 0];
  for await (const line of linesOf(createReadStream(path, "utf8"))) {
    if (lines.length === RECORDS_MAX || characters > CHARACTERS_MAX) {
      yield lines;
      [lines, characters] = [[], 0];
    }
    lines.push(line);
    characters += line.length;
  }
  if (lines.length > 0) yield lines;
}

/**
 * Rows with a sequence go the way of Stitch, which takes it beside the data; the others as new
 * rows. The data is cut out of the line as text.
 */
async function sendLines({ url, token, client, to = client }, { name, key_names }, lines, id) {
  const rows = lines.map((line) => {
    const found = /^\{"sequence":(?:null|"(\d+)"),"data":(.*)\}$/s.exec(line);
    if (found === null) throw new Stop(`No row of a backup: ${line.slice(0, 100)}`);
    return { sequence: found[1], data: found[2] };
  });
  const isPushed = ({ sequence }) => sequence !== undefined && key_names.length > 0;
  const fixed = `{"client_id":${to},"table_name":${JSON.stringify(name)},"action":"upsert"`;
  const keys = JSON.stringify(key_names);
  const pushed = rows
    .filter(isPushed)
    .map(
      ({ sequence, data }) => `${fixed},"sequence":${sequence},"key_names":${keys},"data":${data}}`,
    );
  const others = rows.filter((row) => !isPushed(row)).map(({ data }) => data);
  if (pushed.length > 0) {
    const headers = { Accept: "application/json" };
    await post(`${url}/v2/import/push`, token, `[${pushed.join(",")}]`, headers);
  }
  if (others.length > 0) {
    const path = `/api/v1/tables/${encodeURIComponent(name)}/rows?keys=${encodeURIComponent(keys)}`;
    await post(`${url}${path}`, token, `[${others.join(",")}]`, { "Idempotency-Key": id });
  }
}

async function main() {
  const options = readOptions();
  for (const table of await tablesOf(options)) await restoreTable(options, table);
}

await main().catch(fail);
