/**
 * Kills the service at moments of chance while it exports and imports, starts it again on the
 * same folder, and compares the files with what was acknowledged (promises P1 and P6).
 * `FAULTS_SEED=…` repeats the moments of a run as far as the machine does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Random } from "../support/random.ts";
import { Table } from "./client.ts";
import { leftovers } from "./leftovers.ts";
import { checkFile } from "./rows.ts";
import { Service } from "./service.ts";

/** Three parts of 8 MiB, of which the last is nearly full. */
const ROWS = 28_800;

/** Rows of one push, about 4 MB. */
const PUSH_ROWS = 3_600;

/** Rows that a part has, about; it ends at a piece. */
const PART_ROWS = 10_900;

/** An export of {@link ROWS} takes about so long, and longer on a slower machine. */
const EXPORT_MS = 1_200;

/**
 * Exports that are killed until one was so at each moment, at most. One is enough, unless this
 * process stands still while the service's goes on, and the export is past the moment.
 */
const EXPORTS_MAX = 5;

/** Longest wait for the first answer of a storm, in ms. */
const STORM_MS_MAX = 60_000;

const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);

const random = new Random(seed);

/** What a push of new rows, or of newer versions, has: ids from a place on. */
function rows(first: number, count: number, version: number, every = 1) {
  return Array.from({ length: count }, (_, i) => ({ id: first + i * every, version }));
}

let service: Service;
let table: Table;

beforeAll(async () => {
  console.log(`FAULTS_SEED=${seed}`);
  service = await Service.build();
  await service.start();
  table = new Table(service, "rows");
  for (let id = 0; id < ROWS; id += PUSH_ROWS) await table.push(rows(id, PUSH_ROWS, 1));
});

afterAll(async () => {
  await service.remove();
});

async function restart(): Promise<void> {
  await service.kill();
  await service.start();
}

let version = 1;

/** Newer versions of some rows, and rows that are not there yet, before and after the others. */
async function pushMore(): Promise<void> {
  version += 1;
  await table.push(rows(version, 300, version, 97));
  await table.push(rows(ROWS + version * 100, 50, version));
  await table.push(rows(-version * 100, 50, version));
}

/** Kills an export again and again and checks its file; the moments at which it was under way. */
async function killedExport(): Promise<string[]> {
  const least = table.acknowledged.copy();
  const exportId = await table.startExport();
  const killedAt: string[] = [];
  const kill = async (moment: string, rowsDone: number, waitMs: number): Promise<void> => {
    const goesOn = await table.waitForRows(exportId, rowsDone);
    await sleep(random.next() * waitMs);
    await restart();
    if (goesOn) killedAt.push(moment);
    await pushMore();
  };
  await restart();
  await kill("while it begins", 0, 100);
  await kill("in part 1", 0, EXPORT_MS / 4);
  await kill("after part 1", PART_ROWS, 10);
  await kill("in part 2", PART_ROWS, EXPORT_MS / 4);
  await kill("in the last part, or while it is published", 2 * PART_ROWS, EXPORT_MS / 2);
  await kill("anywhere", 0, EXPORT_MS / 2);
  const { zip, rows: count } = await table.download(exportId);
  expect(checkFile(zip, least, table.sent)).toBe(count);
  return killedAt;
}

test("an export that is killed again and again has every row, once", async () => {
  const missed = new Set(["in part 1", "after part 1"]);
  let exports = 0;
  while (missed.size > 0 && exports < EXPORTS_MAX) {
    for (const moment of await killedExport()) missed.delete(moment);
    exports += 1;
  }
  expect([...missed]).toEqual([]);
  await service.kill();
  const left = leftovers(service.stateFolder);
  expect(left).toMatchObject({ uploadsNoted: 0, objects: left.named });
  expect(left.named).toHaveLength(exports);
  await service.start();
});

test("an export that is killed while it is published is a file, or becomes one", async () => {
  for (let round = 0; round < 3; round += 1) {
    const least = table.acknowledged.copy();
    const exportId = await table.startExport();
    await table.waitForRows(exportId, ROWS);
    await sleep(random.next() * 20);
    await restart();
    const { zip, rows: count } = await table.download(exportId);
    expect(checkFile(zip, least, table.sent)).toBe(count);
  }
});

/** Pushes small batches until the service dies; each id gets several versions. */
async function storm(target: Table, lane: number): Promise<void> {
  for (let version = 1; ; version += 1) {
    for (let first = 0; first < 200; first += 40) {
      await target.push(rows(lane * 1_000_000 + first + 20 * version, 40, version));
    }
  }
}

test("a killed import storm has lost nothing that was acknowledged", async () => {
  const target = new Table(service, "storm");
  await target.push(rows(0, 1, 1));
  for (let round = 0; round < 2; round += 1) {
    const least = table.acknowledged.copy();
    const underWay = await table.startExport();
    const lanes = [1, 2, 3, 4].map((lane) => storm(target, 10 * round + lane));
    const ended = Promise.allSettled(lanes);
    const acknowledged = target.acknowledged.byId.size;
    await vi.waitFor(() => expect(target.acknowledged.byId.size).toBeGreaterThan(acknowledged), {
      timeout: STORM_MS_MAX,
    });
    await sleep(random.next() * EXPORT_MS);
    await service.kill();
    for (const lane of await ended) {
      // The service died: nothing else has ended a lane.
      expect(lane).toMatchObject({ status: "rejected", reason: { name: "TypeError" } });
    }
    await service.start();
    const stored = await target.download(await target.startExport());
    checkFile(stored.zip, target.acknowledged, target.sent);
    const { zip } = await table.download(underWay);
    checkFile(zip, least, table.sent);
  }
});
