/**
 * The sweep with a fault at each call: its other rooms are tidied all the same, the next sweep
 * does the rest, and nothing goes that must stay (promises P5 and P6).
 */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { SESSION_IDLE_MS } from "../../src/console/session/limits.ts";
import { REJECTION_AGE_MS_MAX } from "../../src/http/rejections/rows.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import { IDEMPOTENCY_MS } from "../../src/warehouse/limits.ts";
import { testEnv } from "../support/env.ts";
import { type Fault, FAULTS, forEveryCall } from "../support/faults.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { newTenant, pushRecords } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { ExportWorld } from "./export-world.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** The exports of a run: their statuses, and whether they have a file and an upload. */
const EXPORTS = {
  expired: { status: "Completed", file: true, upload: false, expiresInMs: -1 },
  live: { status: "Completed", file: true, upload: false, expiresInMs: DAY_MS },
  lost: { status: "Running", file: false, upload: true, expiresInMs: null },
  running: { status: "Running", file: false, upload: true, expiresInMs: null },
  /** Its job completes it while the sweep looks at it. */
  finishing: { status: "Running", file: true, upload: false, expiresInMs: null },
  vanished: { status: "Completed", file: false, upload: false, expiresInMs: DAY_MS },
  leftover: { status: "Completed", file: true, upload: true, expiresInMs: DAY_MS },
  failed: { status: "Error", file: true, upload: false, expiresInMs: null },
} as const;

type Name = keyof typeof EXPORTS;
const NAMES = Object.keys(EXPORTS) as Name[];

let world: ExportWorld;
let table: number;

const keyOf = (id: number): string => `exports/${world.tenant.clientId}/${id}-ab.zip`;
const ORPHAN = (): string => `exports/${world.tenant.clientId}/1-dead.zip`;
const YOUNG = (): string => `exports/${world.tenant.clientId}/2-dead.zip`;

/** Bindings whose Workflow has the job of one export, and one that ends just now. */
function base(): Env {
  const get = async (job: string): Promise<unknown> => {
    if (job === "running") return { status: async () => ({ status: "running" }) };
    if (job !== "finishing") throw new Error("(instance.not_found) Instance not found");
    await testEnv.CATALOG.prepare(
      `UPDATE exports SET status = 'Completed', expires_at = ?2
       WHERE client_id = ?1 AND name = 'finishing'`,
    )
      .bind(world.tenant.clientId, Date.now() + DAY_MS)
      .run();
    return { status: async () => ({ status: "complete" }) };
  };
  return { ...world.base, EXPORT_JOB: { get } as unknown as Env["EXPORT_JOB"] };
}

const INSERT = `INSERT INTO exports
  (client_id, table_id, name, status, created_at, expires_at, job_id)
SELECT ?1, ?2, value ->> 'name', value ->> 'status', ?3, ?3 + ?4 + value ->> 'expiresInMs',
  value ->> 'name' FROM json_each(?5) RETURNING id, name`;

/** Makes the exports of a run, a day old. */
async function newExports(): Promise<void> {
  const { CATALOG } = testEnv;
  const wanted = NAMES.map((name) => ({ name, ...EXPORTS[name] }));
  const { results } = await CATALOG.prepare(INSERT)
    .bind(world.tenant.clientId, table, Date.now() - DAY_MS, DAY_MS, JSON.stringify(wanted))
    .all<{ readonly id: number; readonly name: Name }>();
  const update = CATALOG.prepare(
    "UPDATE exports SET object_key = ?2, upload_id = ?3 WHERE id = ?1",
  );
  const updates: D1PreparedStatement[] = [];
  for (const { id, name } of results) {
    const key = keyOf(id);
    const { file, upload } = EXPORTS[name];
    if (file) world.bucket.files.set(key, new Uint8Array(1));
    const made = upload ? await world.bucket.createMultipartUpload(key) : undefined;
    const uploadId = (made as R2MultipartUpload | undefined)?.uploadId ?? null;
    updates.push(update.bind(id, key, uploadId));
  }
  await CATALOG.batch(updates);
}

/** Something old that must go and something young that must stay, in each small table. */
interface Small {
  readonly room: string;
  readonly database: D1Database;
  /** With the name of the row ?1 and its time ?2. */
  readonly insert: string;
  readonly select: string;
  readonly oldMs: number;
}

function smallTables(): Small[] {
  const { CATALOG, SHARD_0, SHARD_1 } = testEnv;
  const mark = {
    insert: "INSERT INTO applied_requests VALUES (?1, 'a', 1, 0, 0, ?2)",
    select: "SELECT 1 FROM applied_requests WHERE id = ?1",
    oldMs: IDEMPOTENCY_MS + 2 * HOUR_MS,
  };
  return [
    { room: "marks", database: SHARD_0, ...mark },
    { room: "marks", database: SHARD_1, ...mark },
    {
      room: "keys",
      database: CATALOG,
      insert: "INSERT INTO idempotency_keys VALUES (1, ?1, 'f', ?2)",
      select: "SELECT 1 FROM idempotency_keys WHERE hash = ?1",
      oldMs: IDEMPOTENCY_MS + HOUR_MS,
    },
    {
      room: "sessions",
      database: CATALOG,
      insert: "INSERT INTO console_sessions VALUES (?1, 'a', ?2, ?2, 9e15)",
      select: "SELECT 1 FROM console_sessions WHERE hash = ?1",
      oldMs: SESSION_IDLE_MS + HOUR_MS,
    },
    {
      room: "failures",
      database: CATALOG,
      insert: "INSERT INTO sign_in_failures VALUES (?1, 1, ?2)",
      select: "SELECT 1 FROM sign_in_failures WHERE address = ?1",
      oldMs: 30 * DAY_MS,
    },
    {
      room: "rejections",
      database: CATALOG,
      insert: `INSERT INTO rejections (integration_id, first_at, last_at, times, request_id, surface,
        status, code, reason) VALUES (${world.tenant.integrationId}, ?2, ?2, 1, 'r', 's', 400, ?1, '')`,
      select: "SELECT 1 FROM rejections WHERE code = ?1",
      oldMs: REJECTION_AGE_MS_MAX + HOUR_MS,
    },
  ];
}

/** Runs two statements for each small table, those of a database at once. */
async function forEachDatabase(
  statementsOf: (small: Small) => readonly D1PreparedStatement[],
  take: (small: Small, results: readonly D1Result[]) => void = () => undefined,
): Promise<void> {
  const all = smallTables();
  for (const database of new Set(all.map((small) => small.database))) {
    const own = all.filter((small) => small.database === database);
    const results = await database.batch(own.flatMap((small) => statementsOf(small)));
    for (const [index, small] of own.entries())
      take(small, results.slice(2 * index, 2 * index + 2));
  }
}

/** What stands in the small tables of one run. */
interface Rows {
  readonly name: string;
}

async function arrange(): Promise<Rows> {
  await world.begin(testEnv);
  await newExports();
  world.bucket.files.set(ORPHAN(), new Uint8Array(1));
  world.bucket.uploaded.set(ORPHAN(), new Date(0));
  world.bucket.files.set(YOUNG(), new Uint8Array(1));
  const name = crypto.randomUUID();
  const now = Date.now();
  await forEachDatabase((small) => [
    small.database.prepare(small.insert).bind(`old ${name}`, now - small.oldMs),
    small.database.prepare(small.insert).bind(`young ${name}`, now),
  ]);
  await world.age();
  world.bucket.uploaded.set(YOUNG(), new Date());
  return { name };
}

/** The rooms whose work is not done. Checks on the way that nothing went that must stay. */
async function undone({ name }: Rows): Promise<Set<string>> {
  const rooms = new Set<string>();
  const note = (room: string, isDone: boolean): unknown => isDone || rooms.add(room);
  const { bucket } = world;
  const rows = new Map((await world.rows()).map((row) => [row.name as Name, row]));
  const fileOf = (one: Name): boolean => bucket.files.has(keyOf(rows.get(one)?.id ?? 0));
  const uploads = [...bucket.uploads.keys()];
  const uploadOf = (one: Name): boolean =>
    uploads.some((upload) => upload.startsWith(`${keyOf(rows.get(one)?.id ?? 0)} `));

  expect([fileOf("live"), fileOf("leftover"), fileOf("finishing")]).toEqual([true, true, true]);
  expect(bucket.files.has(YOUNG())).toBe(true);
  expect(rows.get("live")?.status).toBe("Completed");
  expect(rows.get("live")?.object_key).not.toBeNull();
  expect(rows.get("finishing")?.status).not.toBe("Error");
  expect(rows.get("running")?.status).toBe("Running");
  expect(uploadOf("running")).toBe(true);

  // A record names a file until that is gone.
  for (const one of ["expired", "failed"] as const) {
    if (fileOf(one)) expect(rows.get(one)?.object_key).not.toBeNull();
  }
  for (const one of ["lost", "leftover"] as const) {
    if (uploadOf(one)) expect(rows.get(one)?.upload_id).not.toBeNull();
  }
  note("leftovers", !uploadOf("leftover") && rows.get("leftover")?.upload_id === null);
  note("leftovers", !fileOf("failed") && rows.get("failed")?.object_key === null);
  note("expired", !fileOf("expired") && rows.get("expired")?.object_key === null);
  note("lost", rows.get("lost")?.status === "Error" && rows.get("lost")?.upload_id === null);
  note("lost", !uploadOf("lost"));
  note("vanished", rows.get("vanished")?.object_key === null);
  note("orphans", !bucket.files.has(ORPHAN()));
  await forEachDatabase(
    ({ database, select }) => [
      database.prepare(select).bind(`old ${name}`),
      database.prepare(select).bind(`young ${name}`),
    ],
    ({ room }, [old, young]) => {
      expect(young?.results, room).toHaveLength(1);
      note(room, old?.results.length === 0);
    },
  );
  return rooms;
}

async function cycle(fault: Fault): Promise<number> {
  return forEveryCall({
    fault,
    base: base(),
    arrange,
    act: (env) => sweep(env).catch(() => undefined),
    check: async (_, rows) => {
      const left = await undone(rows);
      expect([...left].length, [...left].join()).toBeLessThanOrEqual(1);
      await sweep(base());
      expect([...(await undone(rows))]).toEqual([]);
    },
  });
}

beforeAll(async () => {
  const tenant = await newTenant();
  const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
  await (await pushRecords(tenant, [record])).text();
  world = new ExportWorld(tenant);
  table = await tableId(tenant, "t");
});
/** For tests of dozens of runs, on a busy machine. */
const RUNS_MS = { timeout: 300_000 };

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

test.each([FAULTS.lostBefore, FAULTS.lostAfter, FAULTS.timeoutAfter])(
  "a call that meets: $name",
  RUNS_MS,
  async (fault) => {
    expect(await cycle(fault)).toBeGreaterThan(30);
  },
);

// A file whose deletion is a lie is found by the next sweep: no export names it.
test("an upload whose end is a lie is caught", async () => {
  const liar: Fault = {
    name: "liar",
    isRetried: false,
    meets: (call) => call.binding === "FILES" && call.method === "abort",
    meet: async <T>() => undefined as T,
  };
  await expect(cycle(liar)).rejects.toThrow("liar (once) at call 1");
});
