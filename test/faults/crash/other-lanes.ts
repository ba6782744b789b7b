/** Writers over the RJMetrics surface (wire.md 3) and the native one (docs/native-import.md). */
import { randomUUID } from "node:crypto";
import { CLIENT_ID, IMPORT_TOKEN } from "../../e2e/constants.ts";
import type { Register } from "./register.ts";
import { type Lane, post } from "./stitch-lanes.ts";
import type { Sending } from "./wire.ts";
import { JSON_HEADERS, type World } from "./world.ts";

/** The only writer of its table, where the last write wins. */
export function rjmetricsLane(world: World, api: "v1" | "v2"): Lane {
  return () => {
    const register = world.register(`rjmetrics_${api}`);
    const writes = world.writes();
    // v1 knows the key by its name.
    const keys = api === "v1" ? "" : ',"keys":["id"]';
    const points = writes.map((write) => register.dataOf(write).replace(/\}$/, `${keys}}`));
    const { table } = register;
    const path = `/${api}/client/${CLIENT_ID}/table/${table}/data?apikey=${IMPORT_TOKEN}`;
    return {
      ...post(api, path, `[${points.join()}]`, writes.length, [table]),
      acknowledge: () => register.acknowledge(writes),
    };
  };
}

/**
 * By turns: rows with a sequence, rows without one in a table that only this lane writes to, and
 * rows of append-only tables, with an Idempotency-Key and without.
 */
export function nativeLane(world: World, lane: string): Lane {
  let requests = 0;
  return () => {
    requests += 1;
    const kind = world.random.below(4);
    if (kind === 0) return keyed(world, world.register("native"), "&sequence_field=seq", false);
    if (kind === 1)
      return keyed(world, world.register(`native_last_${lane}`), "", requests % 2 > 0);
    return appending(world, `${lane}${requests}`, kind === 2);
  };
}

function headersOf(isOnce: boolean): Readonly<Record<string, string>> {
  return isOnce ? { ...JSON_HEADERS, "Idempotency-Key": randomUUID() } : JSON_HEADERS;
}

function keyed(world: World, register: Register, options: string, isOnce: boolean): Sending {
  const writes = world.writes();
  const rows = writes.map((write) => register.dataOf(write));
  const { table } = register;
  const path = `/api/v1/tables/${table}/rows?keys=id${options}`;
  return {
    ...post(`native ${table}`, path, `[${rows.join()}]`, writes.length, [table]),
    headers: headersOf(isOnce),
    statuses: [200],
    acknowledge: () => register.acknowledge(writes),
  };
}

function appending(world: World, request: string, isOnce: boolean): Sending {
  const model = world.appends(isOnce ? "native_once" : "native_appends", isOnce);
  const count = 1 + world.random.below(20);
  const rows = model.dataOf(request, count);
  const { table } = model;
  const path = `/api/v1/tables/${table}/rows?keys=`;
  return {
    ...post(`native ${table}`, path, `[${rows.join()}]`, count, [table]),
    headers: headersOf(isOnce),
    statuses: [200],
    send: () => model.send(request, count),
    acknowledge: () => model.acknowledge(request),
  };
}
