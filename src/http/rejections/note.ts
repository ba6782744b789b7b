/** One refusal, as it is noted until it is written (rejections.ts). */
import { isObject, type Json } from "../../json/exact.ts";
import type { Call } from "../calls/call.ts";
import type { Refusal } from "../errors.ts";
import type { Surface } from "../surfaces.ts";
import { type Beginning, bodyBeginning, excerptOf, recordBeginning, shortened } from "./excerpt.ts";
import { reasonOf } from "./reason.ts";
import type { NewRejection } from "./rows.ts";
import { scrub } from "./scrub.ts";

/** Longest name of a table in a rejection, in UTF-16 units; what is longer is none. */
const TABLE_LENGTH_MAX = 255;

/** The code and the reason of refusals that are counted together. The code is no row's. */
export const OTHERS = {
  code: "others",
  reason:
    "More different refusals came within a few seconds than are kept apart. They are counted here; record and excerpt are those of the last one.",
} as const;

/** A refusal, or several equal ones, that is not written yet. */
export interface Note {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly times: number;
  readonly surface: Surface;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly table: string | undefined;
  readonly requestId: string;
  readonly record: number | undefined;
  /** Not scrubbed: of equal refusals only the last one's is needed. */
  readonly beginning: Beginning | undefined;
  readonly credentials: Call["credentials"];
}

/** The note of a request that was refused just now. */
export function noteOf(call: Call, surface: Surface, refusal: Refusal, status: number): Note {
  const now = Date.now();
  const { id: requestId, credentials, records, body } = call;
  const record = refusal.record === undefined ? undefined : records?.[refusal.record];
  const beginning = record === undefined ? body && bodyBeginning(body) : recordBeginning(record);
  return {
    firstAt: now,
    lastAt: now,
    times: 1,
    surface,
    status,
    code: refusal.code,
    reason: reasonOf(surface, refusal, credentials),
    table: tableOf(call, record),
    requestId,
    record: refusal.record,
    beginning,
    credentials,
  };
}

/** The table that the request was about, or its refused record, or all of its records. */
function tableOf(
  { table, records, credentials }: Call,
  record: Json | undefined,
): string | undefined {
  const name = table ?? (record === undefined ? onlyTable(records ?? []) : tableOfRecord(record));
  if (name === undefined || name.length > TABLE_LENGTH_MAX * 2) return undefined;
  return shortened(scrub(name, { credentials, isCut: false }), TABLE_LENGTH_MAX);
}

function onlyTable(records: readonly Json[]): string | undefined {
  const [first = null] = records;
  const table = tableOfRecord(first);
  return records.every((record) => tableOfRecord(record) === table) ? table : undefined;
}

/** Push and validate name the table in each record (wire.md 2.4). */
function tableOfRecord(record: Json): string | undefined {
  const table = isObject(record) ? record["table_name"] : undefined;
  return typeof table === "string" ? table : undefined;
}

/** What makes refusals equal. Of those that are counted together, the code alone does. */
export function keyOf({ surface, code, reason, table }: Note): string {
  return code === OTHERS.code ? code : JSON.stringify([surface, code, reason, table]);
}

/** Two equal notes as one, with what the newer one had. */
export function together(one: Note, two: Note): Note {
  const newer = two.lastAt >= one.lastAt ? two : one;
  const firstAt = Math.min(one.firstAt, two.firstAt);
  return { ...newer, firstAt, times: one.times + two.times };
}

/** What is written of a note. */
export function rejectionOf(note: Note): NewRejection {
  const { beginning, credentials } = note;
  return {
    first_at: note.firstAt,
    last_at: note.lastAt,
    times: note.times,
    request_id: note.requestId,
    surface: note.surface,
    status: note.status,
    code: note.code,
    reason: note.reason,
    table_name: note.table ?? null,
    record: note.record ?? null,
    excerpt: beginning === undefined ? null : excerptOf(beginning, credentials),
  };
}

/** A note without what tells it from others. */
export function othersOf(note: Note): Note {
  return { ...note, ...OTHERS, table: undefined };
}
