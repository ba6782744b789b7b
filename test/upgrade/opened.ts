/** A kept state that this release has opened: prepared as `npm start` does it, then served. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENT_ID, EXPORT_KEY, ROOT } from "../e2e/constants.ts";
import { readZip } from "../support/read-zip.ts";
import { withDatabase } from "../support/state-folder.ts";
import { type Answers, readAnswers } from "./answers.ts";
import { buildState } from "./build-state.ts";
import { ADMIN_TOKEN, Client } from "./client.ts";
import { rowsOf, type TableShape, tablesOf } from "./dump.ts";
import type { Kept } from "./kept-state.ts";
import { databaseFiles, prepareState, ReleaseServer, releaseSettings } from "./release.ts";

/** The rows of a database's tables, with the columns that they had. */
export type Snapshot = readonly {
  readonly table: TableShape;
  readonly rows: readonly string[];
}[];

function snapshot(path: string): Snapshot {
  return withDatabase(path, (database) =>
    tablesOf(database).map((table) => ({ table, rows: rowsOf(database, table) })),
  );
}

/** What the tables and columns of a snapshot have now. */
function again(before: Snapshot, path: string): Snapshot {
  return withDatabase(path, (database) =>
    before.map(({ table }) => ({ table, rows: rowsOf(database, table) })),
  );
}

/** Without the list of migrations, which grows. */
function data(found: Snapshot): Snapshot {
  return found.filter(({ table }) => table.name !== "d1_migrations");
}

/** What an export surface says of an export (wire.md 4.2). */
export interface Info {
  readonly status: string;
  readonly error: string | null;
}

/** The CSV in the zip of an export, whoever made it. */
export function csvOf(zip: Uint8Array): string {
  return new TextDecoder().decode(readZip(zip).data);
}

/** See above; its folder goes with it. */
export class Opened {
  readonly client: Client;
  readonly server: ReleaseServer;
  /** The data of both databases before the migrations, and the same tables and columns after. */
  readonly before: readonly Snapshot[];
  readonly after: readonly Snapshot[];
  /** What this release answered before anything was sent to it. */
  readonly answers: Answers;
  readonly #kept: Kept;
  readonly #folder: string;

  private constructor(
    parts: Pick<Opened, "before" | "after" | "answers" | "client" | "server">,
    kept: Kept,
    folder: string,
  ) {
    this.client = parts.client;
    this.server = parts.server;
    this.before = parts.before;
    this.after = parts.after;
    this.answers = parts.answers;
    this.#kept = kept;
    this.#folder = folder;
  }

  /** Builds the state, brings it to the migrations of now and serves it with a bundle. */
  static async open(kept: Kept, bundle: string): Promise<Opened> {
    const folder = await mkdtemp(join(tmpdir(), "headgate-upgrade-"));
    await buildState(kept, folder);
    const { catalog, shard } = databaseFiles(folder);
    const before = [snapshot(catalog), snapshot(shard)] as const;
    await prepareState(ROOT, folder);
    const after = [again(before[0], catalog), again(before[1], shard)].map((found) => data(found));
    const server = await ReleaseServer.start(bundle, folder, releaseSettings(ROOT));
    const client = new Client(server.base);
    const answers = await readAnswers(client, kept.credentials);
    const parts = { client, server, before: before.map((found) => data(found)), after, answers };
    return new Opened(parts, kept, folder);
  }

  /** Kills the server and deletes the folder. */
  async close(): Promise<void> {
    await this.server.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The id of a table of the demo client, as the release had it. */
  tableId(name: string, integrationId = 1): number {
    const { tables } = this.#kept.answers[`/admin/v1/clients/${CLIENT_ID}/tables`] as {
      tables: { id: string; name: string; integration_id: string }[];
    };
    const owner = String(integrationId);
    const found = tables.find((table) => table.name === name && table.integration_id === owner);
    if (found === undefined) throw new Error(`the release had no table ${name}`);
    return Number(found.id);
  }

  /** The rows of a table of the demo client as the admin API's text. */
  async rows(id: number): Promise<string> {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const path = `/admin/v1/clients/${CLIENT_ID}/tables/${id}/rows`;
    return (await this.client.send(path, 200, { headers })).text();
  }

  /** The CSV of a new export of a table. */
  async exported(id: number, key = EXPORT_KEY, clientId = CLIENT_ID): Promise<string> {
    return this.csv(await this.client.startExport(key, clientId, id), key);
  }

  /** The CSV of an export that is there, or will be. */
  async csv(exportId: number, key = EXPORT_KEY): Promise<string> {
    return csvOf(await this.client.download(key, exportId));
  }

  /** The CSV of a copy of an export. */
  async copied(id: number): Promise<string> {
    const init = { method: "POST", headers: { "X-RJM-API-Key": EXPORT_KEY } };
    const answer = await this.client.send(`/0.1/export/${id}/copy`, 201, init);
    return this.csv((await answer.json<{ export_id: number }>()).export_id);
  }

  /** The info of an export of the demo client. */
  info(id: number): Promise<Info> {
    return this.client.read(EXPORT_KEY, `/export/${id}/info`);
  }

  /** The session of the console as a cookie. */
  async signIn(): Promise<string> {
    const { base } = this.client;
    const body = new URLSearchParams({ token: ADMIN_TOKEN, to: "/console" });
    const init = { method: "POST", headers: { Origin: base }, body };
    const answer = await this.client.send("/console/sign-in", 303, init);
    return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  }
}
