/**
 * Makes the kept state of a release: runs it on real traffic, kills it in the middle of an
 * export, and writes what its databases and its bucket have. A release is made once, when it is
 * out, and never again.
 *
 *   git worktree add --detach /tmp/release COMMIT
 *   ln -s "$PWD/node_modules" /tmp/release/node_modules
 *   node --disable-warning=ExperimentalWarning test/upgrade/make.ts /tmp/release NAME
 *   npm run format
 *   git worktree remove --force /tmp/release
 *
 * writes test/upgrade/NAME, which test/faults/upgrade.test.ts opens by itself. Traffic of newer
 * surfaces is added to traffic.ts for the releases that have them. `--keep FOLDER` also keeps the
 * state folder itself, with what the Workflow has noted, which SQL cannot tell.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Buffer } from "../../src/buffer.ts";
import { CLIENT_ID, EXPORT_KEY } from "../e2e/constants.ts";
import { Client } from "./client.ts";
import { withDatabase } from "../support/state-folder.ts";
import { dump } from "./dump.ts";
import type { KeptExports, KeptFile, KeptState } from "./kept-state.ts";
import { readAnswers } from "./answers.ts";
import {
  buildRelease,
  databaseFiles,
  prepareState,
  ReleaseServer,
  releaseSettings,
} from "./release.ts";
import { withStorage } from "./storage.ts";
import { makeCredentials, OTHER_CLIENT_ID, sendTraffic } from "./traffic.ts";

/** How long before now the expired exports were made, in ms: longer than EXPORT_DAYS. */
const LONG_AGO_MS = 30 * 24 * 60 * 60 * 1000;

/** How often an export is begun until one is met in its middle. */
const KILLS_MAX = 40;

/** How long an export is waited for, in ms. */
const EXPORT_MS_MAX = 20_000;

interface Listed {
  readonly tables: readonly { readonly id: number; readonly name: string }[];
}

/** Exports each table of a client; the exports by the names of the tables' ids. */
async function exportAll(client: Client, key: string, clientId: number) {
  const { tables } = await client.read<Listed>(key, `/client/${clientId}/table`);
  const exports: Record<string, number> = {};
  for (const { id } of tables) {
    const exportId = await client.startExport(key, clientId, id);
    await client.download(key, exportId);
    exports[id] = exportId;
  }
  return exports;
}

/** Takes an export back to a time before its file expired, as a clock would. */
function age(catalog: string, exportId: number): void {
  withDatabase(catalog, (database) =>
    database
      .prepare(
        `UPDATE exports SET created_at = created_at - ?1, completed_at = completed_at - ?1,
          expires_at = expires_at - ?1 WHERE id = ?2`,
      )
      .run(LONG_AGO_MS, exportId),
  );
}

/** Makes the next export meet the job of an older one, as after a catalogue was taken back. */
function takeBack(catalog: string, exportId: number): void {
  withDatabase(catalog, (database) => {
    database.prepare("DELETE FROM exports WHERE id = ?").run(exportId);
    database.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'exports'").run(exportId - 1);
  });
}

interface Unfinished {
  readonly id: number;
  readonly status: string;
  readonly upload_id: string | null;
}

/** The newest export of a catalogue. */
const NEWEST = "SELECT id, status, upload_id FROM exports ORDER BY id DESC LIMIT 1";

/** Watches from beside until the export after `before` has noted its upload, or has ended. */
async function waitForUpload(catalog: string, before: number): Promise<void> {
  const database = new DatabaseSync(catalog, { readOnly: true });
  const newest = database.prepare(NEWEST);
  const deadline = Date.now() + EXPORT_MS_MAX;
  try {
    while (Date.now() < deadline) {
      const row = newest.get() as Unfinished | undefined;
      const isNew = row !== undefined && row.id > before;
      if (isNew && (row.upload_id !== null || row.status !== "Pending")) return;
      await turn();
    }
  } finally {
    database.close();
  }
  throw new Error("no export began");
}

function newestExport(catalog: string): Unfinished {
  const row = withDatabase(catalog, (database) => database.prepare(NEWEST).get());
  return row as unknown as Unfinished;
}

/** The release under way on its own state. */
class Making {
  readonly stateFolder: string;
  readonly #checkout: string;
  readonly #bundle: string;

  constructor(checkout: string, bundle: string, stateFolder: string) {
    this.#checkout = checkout;
    this.#bundle = bundle;
    this.stateFolder = stateFolder;
  }

  get catalog(): string {
    return databaseFiles(this.stateFolder).catalog;
  }

  /** Serves the state while `work` needs it, and kills the server then. */
  async serve<T>(work: (client: Client, server: ReleaseServer) => Promise<T>): Promise<T> {
    const settings = releaseSettings(this.#checkout);
    const server = await ReleaseServer.start(this.#bundle, this.stateFolder, settings);
    try {
      return await work(new Client(server.base), server);
    } finally {
      await server.kill();
    }
  }

  /** Exports in every state that one can have. */
  async exports(otherKey: string): Promise<KeptExports> {
    const [completed, otherCompleted, extra] = await this.serve(async (client) => {
      const all = await exportAll(client, EXPORT_KEY, CLIENT_ID);
      const others = await exportAll(client, otherKey, OTHER_CLIENT_ID);
      const more = await exportAll(client, EXPORT_KEY, CLIENT_ID);
      return [all, others, Object.values(more)] as const;
    });
    const [swept = 0, expired = 0] = extra;
    const last = extra.at(-1) ?? 0;
    age(this.catalog, swept);
    await this.serve(async (_, server) => console.log(`sweep: ${await server.sweep()}`));
    age(this.catalog, expired);
    takeBack(this.catalog, last);
    await this.serve((client) => this.#fail(client));
    return { completed, otherCompleted, swept, expired, failed: last, running: await this.#stop() };
  }

  async #fail(client: Client): Promise<void> {
    const { tables } = await client.read<Listed>(EXPORT_KEY, `/client/${CLIENT_ID}/table`);
    const path = `/0.1/client/${CLIENT_ID}/table/${tables[0]?.id}/export`;
    const headers = { "X-RJM-API-Key": EXPORT_KEY };
    const answer = await fetch(`${client.base}${path}`, { method: "POST", headers });
    console.log(`failed export: ${answer.status}`);
  }

  /** Kills the release in the middle of an export. */
  async #stop(): Promise<number> {
    for (let kill = 0; kill < KILLS_MAX; kill += 1) {
      const { catalog } = this;
      const before = newestExport(catalog).id;
      await this.serve(async (client) => {
        const { tables } = await client.read<Listed>(EXPORT_KEY, `/client/${CLIENT_ID}/table`);
        const table = tables.find(({ name }) => name === "many")?.id ?? 0;
        // Not awaited: the answer never comes.
        void client.startExport(EXPORT_KEY, CLIENT_ID, table).catch(() => undefined);
        await waitForUpload(catalog, before);
      });
      const { id, status } = newestExport(catalog);
      console.log(`killed in export ${id}: ${status}`);
      if (status === "Running") return id;
    }
    throw new Error("no export was met in its middle");
  }
}

/** What the bucket of a state folder has. */
function readFiles(checkout: string, stateFolder: string): Promise<Record<string, KeptFile>> {
  return withStorage(checkout, stateFolder, async ({ FILES }) => {
    const { objects } = await FILES.list();
    const files: Record<string, KeptFile> = {};
    for (const { key } of objects) {
      const object = await FILES.get(key);
      if (object === null) continue;
      const base64 = Buffer.from(await object.arrayBuffer()).toString("base64");
      files[key] = { contentType: object.httpMetadata?.contentType ?? "", base64 };
    }
    return files;
  });
}

async function make(checkout: string, target: string, keep: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-upgrade-"));
  const stateFolder = join(folder, "state");
  try {
    const bundle = await buildRelease(checkout, join(folder, "bundle"));
    await prepareState(checkout, stateFolder);
    const making = new Making(checkout, bundle, stateFolder);
    const credentials = await making.serve(async (client) => {
      const made = await makeCredentials(client);
      await sendTraffic(client, made);
      return made;
    });
    const exports = await making.exports(credentials.otherKey);
    if (keep !== undefined) cpSync(stateFolder, resolve(keep), { recursive: true });
    const files = databaseFiles(stateFolder);
    const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: checkout }).toString().trim();
    mkdirSync(target, { recursive: true });
    for (const [name, path] of [
      ["catalog", files.catalog],
      ["shard-0", files.shard],
    ] as const) {
      writeFileSync(join(target, `${name}.sql`), withDatabase(path, dump));
    }
    const bucket = await readFiles(checkout, stateFolder);
    const madeAt = Date.now();
    // Last, since a request may set an unfinished export going again.
    const answers = await making.serve((client) => readAnswers(client, credentials));
    const kept: KeptState = { commit, madeAt, credentials, exports, answers, files: bucket };
    writeFileSync(join(target, "state.json"), `${JSON.stringify(kept, undefined, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "string" } },
});
const [checkout, name] = positionals;
if (checkout === undefined || name === undefined) {
  throw new Error("usage: make.ts CHECKOUT NAME [--keep FOLDER]");
}
await make(resolve(checkout), join(import.meta.dirname, name), values.keep);
