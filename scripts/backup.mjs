/**
 * `npm run backup`: an export of everything over the admin API into a folder of files that any
 * program can read (docs/operations.md, "Back-up"). Runs on Node 20 with nothing installed.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { adminApi } from "./backup/api.mjs";
import { RowFile, readJson, sumOf, writeWhole } from "./backup/files.mjs";
import { readPage } from "./backup/page.mjs";
import { optionValues } from "./options.mjs";
import { Stop, fail } from "./process.mjs";

const USAGE = `Usage: npm run backup -- --dir DIR [options]
  --url URL       the service (default http://localhost:8787)
  --dir DIR       the folder to write to; one that was not finished is gone on with
  --client N      only one client
  --token TOKEN   the admin token (better: the environment variable ADMIN_TOKEN)
  --verify        compare a finished folder with its checksums, and ask no service`;

/** The last file that is written: with it the backup is complete. */
const MANIFEST = "manifest.json";

/** How far a backup is that was not finished. */
const PROGRESS = "progress.json";

/** Rows asked for at once: the most that the service gives. It also bounds the bytes. */
const ROWS = 1_000;

function readOptions() {
  const options = {
    url: { type: "string", default: "http://localhost:8787" },
    dir: { type: "string" },
    client: { type: "string" },
    token: { type: "string", default: process.env.ADMIN_TOKEN },
    verify: { type: "boolean", default: false },
  };
  const values = optionValues(options, USAGE);
  if (!values.dir) throw new Stop(`--dir is missing.\n\n${USAGE}`, 2);
  if (!URL.canParse(values.url) || !/^https?:/.test(values.url)) {
    throw new Stop(`--url has to be an http or https address.\n\n${USAGE}`, 2);
  }
  if (!values.verify && !values.token) {
    throw new Stop(`Neither ADMIN_TOKEN nor --token is set.\n\n${USAGE}`, 2);
  }
  if (!/^[1-9]\d{0,14}$/.test(values.client ?? "1")) throw new Stop("--client has to be an id.", 2);
  const url = values.url.replace(/\/+$/, "");
  const client = values.client === undefined ? undefined : Number(values.client);
  return { url, client, folder: resolve(values.dir), token: values.token, isCheck: values.verify };
}

/** One backup under way. */
class Backup {
  #get;
  #url;
  #only;
  #folder;
  #progress;
  /** Paths of files, without those of rows. */
  #files = [];
  #tables = [];

  constructor({ url, client, folder, token }) {
    this.#get = adminApi(url, token);
    this.#url = url;
    this.#only = client;
    this.#folder = folder;
  }

  async run() {
    await mkdir(this.#folder, { recursive: true });
    await this.#begin();
    const { clients } = await this.#copy("clients.json", "/clients");
    const wanted = clients.filter(({ id }) => this.#only === undefined || id === this.#only);
    if (wanted.length === 0 && this.#only !== undefined) {
      throw new Stop(`There is no client ${this.#only}.`);
    }
    for (const { id } of wanted) await this.#client(id);
    await this.#end(wanted.length);
  }

  async #begin() {
    if ((await readJson(join(this.#folder, MANIFEST))) !== undefined) {
      throw new Stop(`${this.#folder} has a finished backup: choose another folder.`);
    }
    const begun = {
      url: this.#url,
      client: this.#only,
      startedAt: new Date().toISOString(),
      done: {},
    };
    this.#progress = (await readJson(join(this.#folder, PROGRESS))) ?? begun;
    if (this.#progress.url !== this.#url || this.#progress.client !== this.#only) {
      throw new Stop(
        `${this.#folder} has another backup, of ${this.#progress.url}, that was not finished: ` +
          "choose another folder.",
      );
    }
    if (this.#progress !== begun) {
      console.log(`Going on with the backup that was begun at ${this.#progress.startedAt}.`);
    }
    await this.#note();
  }

  async #note() {
    await writeWhole(join(this.#folder, PROGRESS), `${JSON.stringify(this.#progress)}\n`);
  }

  /** Writes an answer as it is; returns it parsed, for the ids in it. */
  async #copy(file, path) {
    const text = await this.#get(path);
    await this.#write(file, text);
    return JSON.parse(text);
  }

  async #write(file, text) {
    await writeWhole(join(this.#folder, file), `${text}\n`);
    this.#files.push(file);
  }

  async #client(id) {
    const [folder, path] = [`clients/${id}`, `/clients/${id}`];
    const { integrations } = await this.#copy(
      `${folder}/integrations.json`,
      `${path}/integrations`,
    );
    await this.#copy(`${folder}/export-keys.json`, `${path}/export-keys`);
    await this.#definitions(`${folder}/figures.json`, `${path}/figures`, "figures");
    await this.#definitions(`${folder}/charts.json`, `${path}/charts`, "charts");
    const { tables } = await this.#copy(`${folder}/tables.json`, `${path}/tables`);
    for (const table of tables) {
      const integration = integrations.find((entry) => entry.id === table.integration_id);
      const isNested = integration?.nested_values === "tables";
      if (!isNested || !(await this.#isSubtable(id, table.id))) await this.#table(id, table);
    }
    console.log(`Client ${id}: ${tables.length} tables.`);
  }

  /** A subtable has no rows of its own: they are in those of its parent. */
  async #isSubtable(clientId, tableId) {
    const table = JSON.parse(await this.#get(`/clients/${clientId}/tables/${tableId}`));
    return table.parent_id !== null;
  }

  /** The list has no definitions; each is asked for. */
  async #definitions(file, path, member) {
    const list = JSON.parse(await this.#get(path))[member];
    const texts = [];
    for (const { id } of list) texts.push(await this.#get(`${path}/${id}`));
    await this.#write(file, `{"${member}":[${texts.join(",\n")}]}`);
  }

  async #table(clientId, table) {
    const file = `clients/${clientId}/tables/${table.id}.ndjson`;
    this.#progress.done[file] ??= await this.#rows(file, clientId, table.id);
    const { id, name, integration_id, key_names } = table;
    const fixed = { client_id: clientId, id, name, integration_id, key_names };
    this.#tables.push({ ...fixed, file, ...this.#progress.done[file] });
    const { current } = this.#progress;
    if (current?.file === file) {
      delete this.#progress.current;
      await this.#note();
    }
  }

  /** Page after page; each is on the disk before the place where the next begins is noted. */
  async #rows(file, clientId, tableId) {
    const path = join(this.#folder, file);
    const { current } = this.#progress;
    const begun = current?.file === file ? current : { file, bytes: 0, after: undefined };
    const continued = await RowFile.open(path, begun.bytes);
    const rowFile = continued ?? (await RowFile.open(path, 0));
    try {
      let after = continued === undefined ? undefined : begun.after;
      do {
        const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
        const url = `/clients/${clientId}/tables/${tableId}/rows?whole=1&limit=${ROWS}${query}`;
        const { rows, next } = readPage(await this.#get(url));
        await rowFile.append(rows);
        after = next ?? undefined;
        this.#progress.current = { file, bytes: rowFile.bytes, after };
        if (after !== undefined) await this.#note();
      } while (after !== undefined);
      return rowFile.summary();
    } finally {
      await rowFile.close();
    }
  }

  async #end(clients) {
    const files = [];
    for (const file of this.#files) {
      files.push({ file, ...(await sumOf(join(this.#folder, file))) });
    }
    const manifest = {
      format: "headgate-backup",
      version: 1,
      url: this.#url,
      started_at: this.#progress.startedAt,
      ended_at: new Date().toISOString(),
      files,
      tables: this.#tables,
    };
    await writeWhole(join(this.#folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(join(this.#folder, PROGRESS));
    const rows = this.#tables.reduce((sum, table) => sum + table.rows, 0);
    console.log(
      `Complete: ${clients} clients, ${this.#tables.length} tables, ${rows} rows in ${this.#folder}.`,
    );
  }
}

/** Compares the files of a folder with its manifest. */
async function verify(folder) {
  const manifest = await readJson(join(folder, MANIFEST));
  if (manifest === undefined) throw new Stop(`${folder} has no finished backup.`);
  const wrong = [];
  const all = [...manifest.files, ...manifest.tables];
  for (const { file, bytes, sha256 } of all) {
    const sum = await sumOf(join(folder, file)).catch(() => undefined);
    if (sum?.bytes !== bytes || sum.sha256 !== sha256) wrong.push(file);
  }
  if (wrong.length > 0) throw new Stop(`Missing or not as it was written: ${wrong.join(", ")}`);
  console.log(`All ${all.length} files are as they were written.`);
}

async function main() {
  const options = readOptions();
  if (options.isCheck) await verify(options.folder);
  else await new Backup(options).run();
}

await main().catch(fail);
