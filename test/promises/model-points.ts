/** What the RJMetrics and the native import answer and store, by the model. */
import { expect } from "vitest";
import { type Effect, keyFaults, type ModelIntegration, ModelTable, sameKeys } from "./model.ts";
import type {
  Expected,
  NativeRecord,
  NativeRequest,
  Point,
  PointsRequest,
  Sender,
} from "./model-requests.ts";
import { type Fields, objectText } from "./model-values.ts";

type From = Sender<ModelIntegration>;

const TITLES = { 400: "Bad Request", 401: "Unauthorized" } as const;

function refused(code: keyof typeof TITLES, more: object = {}): Expected {
  return { status: code, members: { code, message: TITLES[code], ...more } };
}

/** RJMetrics, v1 and v2, and their sandbox (wire.md 3.3 to 3.5). */
export function points({ integration }: From, request: PointsRequest): Expected {
  const { bad, client, sandbox, table, version } = request;
  if (integration === undefined || client !== "own") return refused(401);
  if (!/^\w+$/.test(table) || bad !== undefined) {
    return refused(400, bad === "element" && /^\w+$/.test(table) ? { record: 0 } : {});
  }
  let known = integration.tables.get(table)?.keyNames;
  for (const [record, point] of request.points.entries()) {
    const keys = keysOf(point, version);
    // RJMetrics names no longest key.
    const isWrong =
      keys === undefined ||
      keyFaults(keys, point.fields, Infinity).length > 0 ||
      (known !== undefined && !sameKeys(known, keys));
    if (isWrong) return refused(400, { record });
    known ??= keys;
  }
  if (sandbox === "none") {
    for (const point of request.points) {
      const row = { sequence: undefined, version: 0n, fields: point.fields };
      integration.tableFor(table, keysOf(point, version) ?? []).write(row);
    }
  }
  return { status: 201, body: { code: 201, message: "created" } };
}

function keysOf({ keys }: Point, version: "v1" | "v2"): readonly string[] | undefined {
  if (keys === undefined && version === "v1") return ["id"];
  return keys === "text" || keys?.length === 0 ? undefined : keys;
}

/** Longest key on the native surface (docs/native-import.md). */
const NATIVE_KEY_MAX = 16_384;

function problem(status: number, code: unknown, more: object = {}): Expected {
  return { status, members: { status, code, ...more } };
}

/** A bad record, and all codes that say why. */
interface BadRecord {
  readonly index: number;
  readonly codes: readonly string[];
}

/** The native import (docs/native-import.md). */
export function native({ integration }: From, request: NativeRequest): Expected {
  if (integration === undefined) return problem(401, "unauthorized");
  if (request.bad === "option") return problem(400, "option_invalid");
  if (request.bad === "malformed") return problem(400, "body_malformed");
  if (request.bad === "empty") return problem(400, "array_expected");
  const known = integration.tables.get(request.table)?.keyNames;
  const keys = known ?? request.keys;
  if (keys === undefined) return problem(422, "keys_missing");
  if (request.keys !== undefined && !sameKeys(keys, request.keys)) {
    // Which is told, where the first record is also wrong in itself, is not documented.
    const own = badRecords(request.keys, request).find(({ index }) => index === 0);
    return problem(422, oneOf(["key_names_differ", ...(own?.codes ?? [])]));
  }
  const bad = badRecords(keys, request);
  const [first] = bad;
  if (first !== undefined && !request.isSkipping) {
    return problem(422, ...errorOf(first));
  }
  // A key tells a repeat only where the request could not be repeated anyhow.
  const isMarked =
    request.idempotencyKey !== undefined &&
    !request.isDry &&
    (request.sequence === undefined || keys.length === 0);
  const mark = isMarked ? (request.idempotencyKey ?? "") : undefined;
  const before = mark === undefined ? undefined : integration.repeats.get(mark);
  if (before !== undefined) {
    if (before.request !== requestText(request)) return problem(422, "idempotency_key_reused");
    return { ...before.answer, isReplay: true };
  }
  const answer = stored(integration, keys, request, bad);
  if (mark !== undefined && answer.status < 300) {
    integration.repeats.set(mark, { request: requestText(request), answer });
  }
  return answer;
}

/** All that a repeat has in common with its first request. */
function requestText(request: NativeRequest): string {
  const { isLines, isSkipping, keys, records, sequence, table } = request;
  const texts = records.map((record) => nativeText(record, request));
  return JSON.stringify([table, keys ?? null, sequence ?? null, isSkipping, isLines, texts]);
}

function badRecords(keys: readonly string[], request: NativeRequest): BadRecord[] {
  return request.records.flatMap((record, index): BadRecord[] => {
    const codes = codesOf(record, keys, request);
    return codes.length === 0 ? [] : [{ index, codes }];
  });
}

function stored(
  integration: ModelIntegration,
  keys: readonly string[],
  request: NativeRequest,
  bad: readonly BadRecord[],
): Expected {
  const { isDry, records, sequence } = request;
  const good = records.filter((_, index) => bad.every((one) => one.index !== index));
  const rows = good.map((record) => ({
    sequence:
      sequence === undefined
        ? undefined
        : BigInt(sequence === "each" ? record.sequence : sequence.all),
    version: 0n,
    fields: nativeFields(record, request),
  }));
  const table = tableOf(integration, keys, request, rows.length > 0);
  for (const { fields } of rows) table.noteColumns(fields);
  const effects = settled(table, rows).map((row): Effect => table.write(row));
  const count = (effect: Effect): number => effects.filter((one) => one === effect).length;
  const [inserted, replaced] = [count("inserted"), count("replaced")];
  const counts = { received: records.length, inserted, replaced };
  const stale = good.length - inserted - replaced;
  const body = { ...counts, stale, skipped: bad.length, dry_run: isDry };
  if (bad.length === 0) return { status: 200, body };
  const errors = bad.map(({ codes, index }) => ({ code: oneOf(codes), index }));
  return { status: 207, members: { ...body, errors_total: bad.length, errors } };
}

function tableOf(
  integration: ModelIntegration,
  keys: readonly string[],
  { isDry, table }: NativeRequest,
  hasRows: boolean,
): ModelTable {
  if (!isDry && hasRows) return integration.tableFor(table, keys);
  return integration.tables.get(table)?.copy() ?? new ModelTable(keys);
}

/** The fields of a record's row: the sequence's field is one of them. */
function nativeFields(record: NativeRecord, { sequence }: NativeRequest): Fields {
  if (sequence !== "each") return record.fields;
  const text = record.defect === "sequence_text" ? `"${record.sequence}"` : record.sequence;
  return [...record.fields, ["seq", text]];
}

function codesOf(
  record: NativeRecord,
  keys: readonly string[],
  { sequence }: NativeRequest,
): readonly string[] {
  if (record.defect === "malformed") return ["record_malformed"];
  if (record.defect === "no_object") return ["record_not_object"];
  const faults = keyFaults(keys, record.fields, NATIVE_KEY_MAX).map(({ fault }) => fault);
  const isBad = sequence === "each" && record.defect === "sequence_text";
  return isBad ? [...faults, "sequence_bad"] : faults;
}

/** Which of two faults of one record is told is not documented: any of them is right. */
function errorOf({ codes, index }: BadRecord): [code: unknown, more: object] {
  return [oneOf(codes), { index }];
}

function oneOf(codes: readonly string[]): unknown {
  return expect.stringMatching(new RegExp(`^(?:${codes.join("|")})$`));
}

/**
 * What a request writes, row by row: of the records of one key one is stored, the last without
 * sequences, else the first of the highest. The others are stale, but their fields are known.
 */
function settled(
  table: ModelTable,
  rows: readonly { sequence: bigint | undefined; version: bigint; fields: Fields }[],
): typeof rows {
  if (table.keyNames.length === 0) return rows;
  const winners = new Map<string, (typeof rows)[number]>();
  for (const row of rows) {
    const key = table.keyOf(row.fields);
    const known = winners.get(key);
    const isLate =
      row.sequence !== undefined && known !== undefined && row.sequence <= (known.sequence ?? -1n);
    if (!isLate) winners.set(key, row);
  }
  return [...winners.values()];
}

/** The text of a native record as it is sent. */
export function nativeText(record: NativeRecord, request: NativeRequest): string {
  if (record.defect === "malformed") return '{"id":';
  return record.defect === "no_object" ? "7" : objectText(nativeFields(record, request));
}
