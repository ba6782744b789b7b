import { beforeEach, describe, expect, test } from "vitest";
import { ORPHAN_AGE_MS, ORPHAN_PAGE_FILES, ORPHAN_PAGES_MAX } from "../../../src/export/limits.ts";
import { deleteOrphans } from "../../../src/export/sweep/orphans.ts";
import { positionOf, savePosition } from "../../../src/export/sweep/sweep-position.ts";
import { testEnv } from "../../support/env.ts";
import { exported } from "../../support/export.ts";
import { newTenant, pushRecords, type Tenant } from "../../support/tenant.ts";

/** Bindings whose bucket shows one client's files, as old as the test says, in small pages. */
class Shown {
  /** Age in ms of all files. */
  age = ORPHAN_AGE_MS + 60_000;
  readonly listed: R2ListOptions[] = [];
  readonly deleted: string[] = [];
  failAt: string | undefined;

  constructor(
    private readonly clientId: number,
    private readonly pageFiles: number,
  ) {}

  get env(): Env {
    const list = async (options: R2ListOptions): Promise<unknown> => {
      this.listed.push(options);
      const { objects, truncated } = await testEnv.FILES.list({
        ...options,
        prefix: `exports/${this.clientId}/`,
        limit: this.pageFiles,
      });
      const uploaded = new Date(Date.now() - this.age);
      return { truncated, objects: objects.map(({ key }) => ({ key, uploaded })) };
    };
    const remove = async (keys: string[]): Promise<void> => {
      if (this.failAt !== undefined && keys.includes(this.failAt)) throw new Error("no");
      this.deleted.push(...keys);
      await testEnv.FILES.delete(keys);
    };
    return { ...testEnv, FILES: { list, delete: remove } as unknown as R2Bucket };
  }

  async keys(): Promise<string[]> {
    const { objects } = await testEnv.FILES.list({ prefix: `exports/${this.clientId}/` });
    return objects.map(({ key }) => key);
  }
}

async function put(clientId: number, name: string): Promise<string> {
  const key = `exports/${clientId}/${name}`;
  await testEnv.FILES.put(key, "x");
  return key;
}

/** An export with this status that names a file. */
async function named(tenant: Tenant, status: string, uploadId: string | null): Promise<string> {
  const id = await testEnv.CATALOG.prepare(
    `INSERT INTO exports (client_id, table_id, name, status, created_at, upload_id)
     SELECT ?1, id, 't', ?2, ?3, ?4 FROM tables WHERE client_id = ?1 LIMIT 1 RETURNING id`,
  )
    .bind(tenant.clientId, status, Date.now(), uploadId)
    .first<number>("id");
  const key = await put(tenant.clientId, `${id}-${crypto.randomUUID()}.zip`);
  await testEnv.CATALOG.prepare("UPDATE exports SET object_key = ?2 WHERE id = ?1")
    .bind(id, key)
    .run();
  return key;
}

async function newTable(): Promise<Tenant> {
  const tenant = await newTenant();
  await pushRecords(tenant, [{ table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } }]);
  return tenant;
}

beforeEach(async () => {
  await savePosition(testEnv, "orphans", "");
});

describe("a file that no export names", () => {
  test("is deleted, and those of completed exports and of exports under way are not", async () => {
    const tenant = await newTable();
    const { id } = await exported(tenant, "t");
    const shown = new Shown(tenant.clientId, 1_000);
    const [own = ""] = await shown.keys();
    const kept = [
      own,
      await named(tenant, "Completed", null),
      await named(tenant, "Running", "upload"),
      await named(tenant, "Pending", null),
    ];
    const uuid = crypto.randomUUID();
    const orphans = [
      // Another file of the same export: of an earlier attempt, or of an id given twice.
      await put(tenant.clientId, `${id}-${uuid}.zip`),
      await put(tenant.clientId, `999999999-${uuid}.zip`),
      await put(tenant.clientId, `${id}-${uuid}.zip.tmp`),
      await put(tenant.clientId, "a note"),
      await put(tenant.clientId, `${own.split("/")[2]}/more`),
    ];
    await deleteOrphans(shown.env);
    expect(shown.deleted.toSorted()).toEqual(orphans.toSorted());
    expect((await shown.keys()).toSorted()).toEqual(kept.toSorted());
    await deleteOrphans(shown.env);
    expect(await shown.keys()).toHaveLength(kept.length);
  });

  test("is kept for a day", async () => {
    const { clientId } = await newTable();
    const shown = new Shown(clientId, 1_000);
    await put(clientId, `1-${crypto.randomUUID()}.zip`);
    shown.age = ORPHAN_AGE_MS - 60_000;
    await deleteOrphans(shown.env);
    expect(await shown.keys()).toHaveLength(1);
    shown.age = ORPHAN_AGE_MS + 1;
    await deleteOrphans(shown.env);
    expect(await shown.keys()).toEqual([]);
  });

  test("is another client's with the id of an export, too", async () => {
    const tenant = await newTable();
    const key = await named(tenant, "Completed", null);
    const other = await newTenant();
    await put(other.clientId, key.split("/")[2] ?? "");
    const shown = new Shown(other.clientId, 1_000);
    await deleteOrphans(shown.env);
    expect(await shown.keys()).toEqual([]);
    expect(await testEnv.FILES.head(key)).not.toBeNull();
  });

  test("outside exports/ is not looked at, and R2 takes the question as it is put", async () => {
    const { clientId } = await newTable();
    const key = `elsewhere/${clientId}.zip`;
    await testEnv.FILES.put(key, "x");
    const orphan = await put(clientId, `1-${crypto.randomUUID()}.zip`);
    const listed: string[] = [];
    const list = async (options: R2ListOptions): Promise<unknown> => {
      const { objects, truncated } = await testEnv.FILES.list(options);
      expect(options.limit).toBe(ORPHAN_PAGE_FILES);
      listed.push(...objects.map((file) => file.key));
      // Those of other tests are of today.
      return {
        truncated,
        objects: objects.map((file) => ({
          key: file.key,
          uploaded: file.key === orphan ? new Date(0) : new Date(),
        })),
      };
    };
    const remove = (keys: string[]): Promise<void> => testEnv.FILES.delete(keys);
    const FILES = { list, delete: remove } as unknown as R2Bucket;
    await deleteOrphans({ ...testEnv, FILES });
    expect(listed).toContain(orphan);
    expect(listed.filter((name) => !name.startsWith("exports/"))).toEqual([]);
    expect(await testEnv.FILES.head(orphan)).toBeNull();
    expect(await testEnv.FILES.head(key)).not.toBeNull();
  });
});

describe("the walk", () => {
  test("is done in several sweeps, and begins anew", async () => {
    const tenant = await newTable();
    const shown = new Shown(tenant.clientId, 2);
    const kept = await named(tenant, "Completed", null);
    const count = 2 * ORPHAN_PAGES_MAX + 5;
    for (let i = 0; i < count; i += 1) {
      await put(tenant.clientId, `8${i + 100}-${crypto.randomUUID()}.zip`);
    }
    await deleteOrphans(shown.env);
    expect(shown.listed).toHaveLength(ORPHAN_PAGES_MAX);
    const position = await positionOf(testEnv, "orphans");
    expect(position).toMatch(/^exports\//);
    await deleteOrphans(shown.env);
    expect(shown.listed[ORPHAN_PAGES_MAX]).toMatchObject({ startAfter: position });
    expect(await shown.keys()).toEqual([kept]);
    expect(await positionOf(testEnv, "orphans")).toBe("");
    const later = await put(tenant.clientId, `1-${crypto.randomUUID()}.zip`);
    await deleteOrphans(shown.env);
    expect(shown.listed.at(-1)).not.toHaveProperty("startAfter");
    expect(await testEnv.FILES.head(later)).toBeNull();
  });

  test("goes on with the page at which it failed", async () => {
    const { clientId } = await newTable();
    const shown = new Shown(clientId, 1);
    const keys: string[] = [];
    for (const id of [1, 2, 3]) keys.push(await put(clientId, `${id}-${crypto.randomUUID()}.zip`));
    shown.failAt = keys[1];
    await expect(deleteOrphans(shown.env)).rejects.toThrow("no");
    expect(await positionOf(testEnv, "orphans")).toBe(keys[0]);
    shown.failAt = undefined;
    await deleteOrphans(shown.env);
    expect(shown.deleted).toEqual(keys);
  });

  test("ends where the bucket is empty", async () => {
    const { clientId } = await newTenant();
    const shown = new Shown(clientId, 1_000);
    await savePosition(testEnv, "orphans", "exports/zzz");
    await deleteOrphans(shown.env);
    expect(await positionOf(testEnv, "orphans")).toBe("");
    expect(shown.listed).toHaveLength(1);
  });
});
