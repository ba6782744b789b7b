/** Exports of one client with a bucket, an engine and faults of their own. */
import { expect } from "vitest";
import { deleteExpired } from "../../src/export/sweep/expired.ts";
import { endLeftovers } from "../../src/export/sweep/leftovers.ts";
import { failLost } from "../../src/export/sweep/lost.ts";
import { deleteOrphans } from "../../src/export/sweep/orphans.ts";
import { savePosition } from "../../src/export/sweep/sweep-position.ts";
import { expireVanished } from "../../src/export/sweep/vanished.ts";
import type { ExportRow } from "../../src/export/exports.ts";

import { testEnv } from "../support/env.ts";
import { readZip } from "../support/read-zip.ts";
import type { Tenant } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";
import { Engine } from "./engine.ts";
import { WholeBucket } from "./whole-bucket.ts";

/** Small parts, so that a small table has several. */
export const LIMITS = { partBytes: 3_000, pieceBytes: 400, pageRows: 8 };

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The catalogue, of which searches find the exports of one client only: a sweep then makes the
 * same calls whatever else the databases of the tests have.
 */
function ownCatalog({ clientId }: Tenant): D1Database {
  const own = `FROM (SELECT * FROM exports WHERE client_id = ${clientId}) AS exports`;
  const prepare = (sql: string): D1PreparedStatement => {
    const isSearch = sql.startsWith("SELECT") && !sql.includes("id = ?1 ");
    const text = isSearch ? sql.replaceAll("FROM exports", own) : sql;
    return testEnv.CATALOG.prepare(text);
  };
  return new Proxy(testEnv.CATALOG, {
    get(target, name) {
      if (name === "prepare") return prepare;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** See the module's comment. */
export class ExportWorld {
  readonly tenant: Tenant;
  readonly bucket = new WholeBucket();
  readonly engine = new Engine(LIMITS);
  /** Bindings without faults, for FaultyWorld to put them on. */
  readonly base: Env;

  constructor(tenant: Tenant) {
    this.tenant = tenant;
    const { bucket, engine } = this;
    this.base = {
      ...testEnv,
      CATALOG: ownCatalog(tenant),
      FILES: bucket.binding,
      EXPORT_JOB: engine.binding,
    };
  }

  /** Nothing is there but the table; jobs run with these bindings from now on. */
  async begin(env: Env): Promise<void> {
    this.engine.forget();
    this.engine.env = env;
    this.bucket.files.clear();
    this.bucket.uploads.clear();
    await testEnv.CATALOG.prepare("DELETE FROM exports WHERE client_id = ?1")
      .bind(this.tenant.clientId)
      .run();
  }

  /** Calls the export surface. */
  call(env: Env, path: string, method = "GET"): Promise<Response> {
    const headers = { "X-RJM-API-Key": this.tenant.exportKey };
    return callWorker(env, `/0.1${path}`, { method, headers });
  }

  /** All records of the client's exports. */
  async rows(): Promise<ExportRow[]> {
    const { results } = await testEnv.CATALOG.prepare(
      "SELECT * FROM exports WHERE client_id = ?1 ORDER BY id",
    )
      .bind(this.tenant.clientId)
      .all<ExportRow>();
    return results;
  }

  /** Lets the records and files be older than anything that the sweep waits for. */
  async age(): Promise<void> {
    await testEnv.CATALOG.prepare(
      "UPDATE exports SET created_at = created_at - ?2 WHERE client_id = ?1",
    )
      .bind(this.tenant.clientId, DAY_MS)
      .run();
    for (const key of this.bucket.files.keys()) this.bucket.uploaded.set(key, new Date(0));
    for (const walk of ["lost", "orphans", "vanished"] as const) {
      await savePosition(testEnv, walk, "");
    }
  }

  /** The rooms of the sweep that are about exports. */
  async sweep(env: Env = this.base): Promise<void> {
    await endLeftovers(env);
    await deleteExpired(env);
    await failLost(env);
    await expireVanished(env);
    await deleteOrphans(env);
  }
}

/** The header of a file's csv, and its rows sorted; its CRC-32 is checked on the way. */
export function linesOf(file: Uint8Array): string[] {
  const text = new TextDecoder().decode(readZip(file).data);
  expect(text.endsWith("\r\n")).toBe(true);
  const [header = "", ...rows] = text.slice(0, -2).split("\r\n");
  return [header, ...rows.toSorted()];
}

/** The lines of the only file that there is. */
export function linesOfOnly(world: ExportWorld): string[] {
  const [file = new Uint8Array(), ...others] = world.bucket.files.values();
  expect(others).toEqual([]);
  return linesOf(file);
}

/**
 * Checks that each export that is completed has its whole file, and that all others failed;
 * that there is no file that no export names, and no upload.
 *
 * @param unknownUploads uploads that nobody can know of.
 */
export async function expectWhole(
  world: ExportWorld,
  lines: readonly string[],
  unknownUploads = 0,
): Promise<void> {
  const rows = await world.rows();
  for (const row of rows) {
    expect(["Completed", "Error"]).toContain(row.status);
    if (row.status === "Error") {
      expect(row).toMatchObject({ object_key: null, upload_id: null });
      expect(row.error).not.toBeNull();
      continue;
    }
    expect(row).toMatchObject({ upload_id: null, error: null, row_count: lines.length - 1 });
    const file = world.bucket.files.get(row.object_key ?? "");
    expect(file, "a completed export has no file").toBeDefined();
    expect(row.bytes).toBe(file?.length);
    expect(linesOf(file ?? new Uint8Array())).toEqual(lines);
  }
  const named = rows.map((row) => row.object_key).filter((key) => key !== null);
  expect([...world.bucket.files.keys()].toSorted()).toEqual(named.toSorted());
  expect(world.bucket.uploads.size).toBeLessThanOrEqual(unknownUploads);
}
