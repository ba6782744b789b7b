/** The rows of a table, as they are stored now: `GET …/:cid/tables/:tid/rows` (design.md 2). */
import * as z from "zod";
import { jsonAnswer } from "../http/answer.ts";
import { withAdmission } from "../http/admission.ts";
import { Refusal } from "../http/errors.ts";
import { NO_SEQUENCE } from "../warehouse/chunks.ts";
import { findTable, type TableInfo } from "../warehouse/read-tables.ts";
import { shardsOf } from "../warehouse/slots.ts";
import { checked, invalid, text } from "./input.ts";
import { ROWS_BYTES_MAX, ROWS_LIMIT_DEFAULT, ROWS_LIMIT_MAX } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf } from "./routes.ts";
import {
  cursorFromText,
  cursorText,
  readRows,
  type RowCursor,
  type RowPage,
  type StoredRow,
} from "./row-pages.ts";
import { findRows } from "./row-search.ts";
import { readUnrolled } from "./unrolled-pages.ts";

const LIMIT_RULE = `must be an integer from 1 to ${ROWS_LIMIT_MAX}`;

/** The query of `GET …/rows`. */
export const RowsQuery = z.strictObject({
  limit: text()
    .refine((digits) => /^[1-9]\d{0,3}$/.test(digits) && Number(digits) <= ROWS_LIMIT_MAX, {
      error: LIMIT_RULE,
    })
    .optional(),
  /** `next` of the page before. */
  after: text().optional(),
  /** Only the row with this key, as JSON: `{"id":1}`. */
  key: text().optional(),
  /** `1`: rows as they are stored, where nested values are columns and subtables otherwise. */
  whole: z.literal("1", { error: "must be 1, or left out" }).optional(),
});

async function listRows(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "tid")];
  const { limit, after, key, whole } = checked(RowsQuery, req.query());
  if (key !== undefined && after !== undefined) throw invalid("after: is not for a search by key");
  const found = await findTable(env, clientId, id);
  if (found === undefined) throw new Refusal("not_found");
  const table = whole === undefined ? found : asStored(found);
  const rowsMax = limit === undefined ? ROWS_LIMIT_DEFAULT : Number(limit);
  const cursor = after === undefined ? undefined : cursorOf(after, table);
  return withAdmission(async (admission) => {
    admission.take(ROWS_BYTES_MAX);
    if (key !== undefined) {
      return jsonAnswer(200, pageText(await findRows(env, table, key, rowsMax)));
    }
    const read = table.nested ? readUnrolled : readRows;
    return jsonAnswer(200, pageText(await read(env, table, cursor, rowsMax)));
  });
}

/** The table without regard to nested values: its rows are not unrolled. */
function asStored(table: TableInfo): TableInfo {
  if (table.parent === undefined) return { ...table, nested: false };
  throw invalid("whole: a subtable has no rows of its own");
}

function cursorOf(after: string, { nested, ranges }: TableInfo): RowCursor {
  const cursor = cursorFromText(after);
  const isOfTable = cursor !== undefined && shardsOf(ranges).includes(cursor.shard);
  // Only rows that are unrolled have records.
  if (!isOfTable || (cursor.taken !== undefined && !nested)) {
    throw invalid("after: must be `next` of an earlier page of this table");
  }
  return cursor;
}

function pageText({ rows, next }: RowPage): string {
  const cursor = next === undefined ? null : cursorText(next);
  return `{"rows":[${rows.map(rowText).join(",")}],"next":${JSON.stringify(cursor)}}`;
}

/** The data goes out as the text that it is stored as, so that numbers keep their digits. */
function rowText({ sequence, data }: StoredRow): string {
  return `{"sequence":${sequence === NO_SEQUENCE ? "null" : `"${sequence}"`},"data":${data}}`;
}

/** The path of a table's rows. */
export const rowRoutes: readonly AdminRoute[] = [
  { path: "/clients/:cid/tables/:tid/rows", methods: { GET: listRows } },
];
