/** Writers over the Stitch surface: push, batch and version switches (wire.md 2). */
import { randomBytes } from "node:crypto";
import { CLIENT_ID } from "../../e2e/constants.ts";
import { nextSequence } from "./marks.ts";
import type { KeyedWrite, Register } from "./register.ts";
import type { Sending } from "./wire.ts";
import { JSON_HEADERS, pushRecord, type World } from "./world.ts";

/** A writer: makes its next request once the one before is answered. */
export type Lane = () => Sending;

/** What most requests have in common. */
export function post(
  name: string,
  path: string,
  body: string,
  points: number,
  tables: readonly string[],
): Omit<Sending, "acknowledge"> {
  const request = { name, method: "POST" as const, path, headers: JSON_HEADERS, body };
  return { ...request, statuses: [201], points, tables };
}

/** The table that was there before all others, and is large. */
const LARGE = "large";

/** Bytes of each row of the large table beside its key and mark. */
const LARGE_ROW_BYTES = 1_200;

/** Text that deflate takes little of. */
function padding(bytes: number): string {
  return randomBytes((bytes * 3) / 4).toString("base64");
}

/** A push of rows with these ids to the large table. */
export function pushLarge(world: World, ids: readonly string[]): Sending {
  const register = world.register(LARGE, true);
  const writes = ids.map((id) => ({ id, sequence: nextSequence(), version: 0 }));
  const records = writes.map((write) =>
    pushRecord(register, write, `,"padding":"${padding(LARGE_ROW_BYTES)}"`),
  );
  return {
    ...post("push large", "/v2/import/push", `[${records.join()}]`, writes.length, [LARGE]),
    acknowledge: () => register.acknowledge(writes),
  };
}

interface Part {
  readonly register: Register;
  readonly writes: readonly KeyedWrite[];
  readonly columns: readonly string[];
}

/** Pushes to several tables at once, of which one is often new and gets new columns. */
export function pushLane(world: World): Lane {
  const part = (register: Register, columns: string[] = []): Part => ({
    register,
    writes: world.writes(),
    columns,
  });
  return () => {
    const { random } = world;
    const round = world.round;
    if (random.chance(0.1)) return pushLarge(world, [`k${random.below(200)}`, `n${round}`]);
    const parts = [part(world.register("push_a"))];
    if (random.chance(0.6)) parts.push(part(world.register("push_b")));
    if (random.chance(0.5)) parts.push(part(world.fresh(), [`c_${round}_${random.below(20)}`]));
    const records = parts.flatMap(({ register, writes, columns }) =>
      writes.map((write) => {
        return pushRecord(register, write, columns.map((name) => `,"${name}":1`).join(""));
      }),
    );
    const tables = parts.map(({ register }) => register.table);
    return {
      ...post("push", "/v2/import/push", `[${records.join()}]`, records.length, tables),
      acknowledge: () => {
        for (const { register, writes, columns } of parts) register.acknowledge(writes, columns);
      },
    };
  };
}

const SCHEMA = '{"type":"object","properties":{"seq":{"type":"integer"}}}';

/** Batches: with a key, and without one. */
export function batchLane(world: World): Lane {
  let requests = 0;
  return () => {
    requests += 1;
    if (world.random.chance(0.3)) return appendBatch(world, `b${requests}`);
    const register = world.register("batch");
    const writes = world.writes();
    return {
      ...batch(register.table, '"key_names":["id"],', upserts(register, writes), writes.length),
      acknowledge: () => register.acknowledge(writes),
    };
  };
}

function appendBatch(world: World, request: string): Sending {
  const model = world.appends("batch_appends", false);
  const rows = 1 + world.random.below(20);
  const messages = model
    .dataOf(request, rows)
    .map((data, index) => `{"action":"upsert","sequence":${index},"data":${data}}`);
  return {
    ...batch(model.table, "", messages, rows),
    send: () => model.send(request, rows),
    acknowledge: () => model.acknowledge(request),
  };
}

function upserts(register: Register, writes: readonly KeyedWrite[]): string[] {
  return writes.map(
    (write) =>
      `{"action":"upsert","sequence":${write.sequence},"table_version":${write.version},` +
      `"data":${register.dataOf(write)}}`,
  );
}

function batch(table: string, members: string, messages: readonly string[], points: number) {
  const body = `{"table_name":"${table}",${members}"schema":${SCHEMA},"messages":[${messages.join()}]}`;
  return post(`batch ${table}`, "/v2/import/batch", body, points, [table]);
}

/** Requests of one version before the table switches to it. */
const VERSION_REQUESTS = 3;

/**
 * The only writer of its table: some rows of a version, then the switch to it, by turns alone in
 * a push, and behind rows in a batch.
 */
export function versionLane(world: World): Lane {
  let step = 0;
  return () => {
    const register = world.register("versions");
    const version = 1 + Math.floor(step / (VERSION_REQUESTS + 1));
    const isSwitch = step % (VERSION_REQUESTS + 1) === VERSION_REQUESTS;
    step += 1;
    if (isSwitch && version % 2 === 0) return pushedSwitch(register, version);
    const writes = world.writes(version);
    const messages = upserts(register, writes);
    if (isSwitch) {
      const sequence = nextSequence();
      messages.push(
        `{"action":"activate_version","sequence":${sequence},"table_version":${version}}`,
      );
    }
    return {
      ...batch(register.table, '"key_names":["id"],', messages, messages.length),
      send: () => {
        if (isSwitch) register.sendActivation(version);
      },
      acknowledge: () => {
        register.acknowledge(writes);
        if (isSwitch) register.acknowledgeActivation(version);
      },
    };
  };
}

function pushedSwitch(register: Register, version: number): Sending {
  const record =
    `{"client_id":${CLIENT_ID},"table_name":"${register.table}","action":"switch_view",` +
    `"sequence":${nextSequence()},"table_version":${version}}`;
  return {
    ...post("switch_view", "/v2/import/push", `[${record}]`, 1, [register.table]),
    send: () => register.sendActivation(version),
    acknowledge: () => register.acknowledgeActivation(version),
  };
}
