/** The admin API: tables, their rows, and raw exports. */
import { RowsQuery } from "../../admin/rows.ts";
import type { Operation, Parameter } from "../operation.ts";
import { adminOperation, AT, body, json, NOTHING } from "./admin-parts.ts";
import { FILE_ANSWERS, FILE_HEADERS } from "./file.ts";

const TABLE = { id: 1, name: "orders", integration_id: 1 };

const { limit, after, key } = RowsQuery.shape;
const ROWS_QUERY: readonly Parameter[] = [
  {
    in: "query",
    name: "limit",
    description: "How many rows at most, 1 to 1,000; 100 if absent.",
    schema: limit.meta({ pattern: "^([1-9]\\d{0,2}|1000)$" }),
    example: "100",
  },
  {
    in: "query",
    name: "after",
    description: "`next` of the page before.",
    schema: after,
    example: "…",
  },
  {
    in: "query",
    name: "key",
    description: "Only the row with this key: a JSON object with the table's key fields.",
    schema: key,
    example: '{"id":1}',
  },
];

const EXPORT = {
  id: 1,
  name: "orders",
  status: "Completed",
  row_count: 2,
  error: null,
  created_at: AT,
  completed_at: AT,
  expires_at: "2026-02-07T09:00:00.000Z",
  progress: { rows_done: 2, rows_total: 2 },
  table_id: 1,
};
const WHOLE_EXPORT = {
  ...EXPORT,
  columns: ["id", "total"],
  filters: [{ id: "A", column: "status", operator: "equal", value: "complete" }],
  filter_logic: null,
  spreadsheet_safe: false,
};
const STARTED = {
  ...WHOLE_EXPORT,
  status: "Pending",
  row_count: null,
  completed_at: null,
  expires_at: null,
  progress: { rows_done: 0, rows_total: null },
};

const tables: readonly Operation[] = [
  adminOperation({
    id: "listTables",
    method: "get",
    path: "/clients/{cid}/tables",
    summary: "List the tables of a client",
    description: "Imports make tables; here they are looked at.",
    answers: {
      200: json("All tables, subtables included.", "TableList", {
        tables: [{ ...TABLE, key_names: ["id"], created_at: AT }],
      }),
    },
  }),
  adminOperation({
    id: "showTable",
    method: "get",
    path: "/clients/{cid}/tables/{tid}",
    summary: "One table with its columns",
    answers: {
      200: json("Columns in the order of their first appearance.", "Table", {
        ...TABLE,
        key_names: ["id"],
        parent_id: null,
        created_at: AT,
        columns: [{ name: "id", type: "integer" }],
      }),
    },
  }),
  adminOperation({
    id: "countTables",
    method: "get",
    path: "/clients/{cid}/table-counts",
    summary: "How many rows the tables have",
    answers: {
      200: json("Counts of the newest tables.", "TableCounts", {
        tables: [{ ...TABLE, rows: 2, rows_are_exact: true, counted_at: AT }],
      }),
    },
  }),
  adminOperation({
    id: "listRows",
    method: "get",
    path: "/clients/{cid}/tables/{tid}/rows",
    summary: "The rows of a table, as they are stored now",
    query: ROWS_QUERY,
    answers: {
      200: json("A page of rows.", "RowList", {
        rows: [{ sequence: "1565880017000", data: { id: 1, status: "complete", total: 58.4 } }],
        next: null,
      }),
    },
    errors: ["admin_invalid"],
  }),
];

const exports: readonly Operation[] = [
  adminOperation({
    id: "listExports",
    method: "get",
    path: "/clients/{cid}/exports",
    summary: "List the exports of a client",
    answers: { 200: json("The newest ones.", "AdminExportList", { exports: [EXPORT] }) },
  }),
  adminOperation({
    id: "createExport",
    method: "post",
    path: "/clients/{cid}/exports",
    summary: "Export a table, or a part of it",
    description: "The file is also to be had over the Export API, by the same id.",
    body: body("NewExport", {
      whole: { table_id: 1 },
      part: {
        name: "Complete orders",
        table_id: 1,
        columns: ["id", "total"],
        filters: [
          { column: "status", operator: "equal", value: "complete" },
          { column: "total", operator: "greater", value: 100 },
        ],
        filter_logic: "[A] OR [B]",
        spreadsheet_safe: true,
      },
    }),
    answers: { 201: json("Started.", "Export", STARTED) },
    errors: ["export_too_large"],
  }),
  adminOperation({
    id: "showExport",
    method: "get",
    path: "/clients/{cid}/exports/{id}",
    what: "an export",
    summary: "One export with its definition",
    answers: { 200: json("The export.", "Export", WHOLE_EXPORT) },
  }),
  adminOperation({
    id: "deleteExport",
    method: "delete",
    path: "/clients/{cid}/exports/{id}",
    what: "an export",
    summary: "Delete an export and its file",
    answers: { 204: NOTHING },
  }),
  adminOperation({
    id: "copyExport",
    method: "post",
    path: "/clients/{cid}/exports/{id}/copy",
    what: "an export",
    summary: "Copy an export",
    description: "An export of the same definition, filled from the rows of now.",
    body: {
      ...body("ExportCopy", { plain: {}, named: { name: "Orders of today" } }),
      isOptional: true,
    },
    answers: { 201: json("Started.", "Export", STARTED) },
    errors: ["export_too_large"],
  }),
  adminOperation({
    id: "exportDownload",
    method: "get",
    path: "/clients/{cid}/exports/{id}/file",
    what: "an export",
    summary: "Download the file of an export",
    query: FILE_HEADERS,
    answers: FILE_ANSWERS,
    errors: ["export_expired", "precondition_failed", "range_unsatisfiable"],
  }),
];

const shards: readonly Operation[] = [
  adminOperation({
    id: "listShards",
    method: "get",
    path: "/shards",
    summary: "How full the databases of the rows are",
    description: "As the sweep measured them last. New tables are put where there is room.",
    answers: {
      200: json("All shards.", "ShardList", {
        shards: [
          {
            ...{ shard: 0, bytes: 1_048_576, bytes_max: 8_000_000_000, is_full: false },
            measured_at: AT,
          },
        ],
      }),
    },
  }),
];

/** The operations of tables, exports and shards. */
export const adminTableOperations: readonly Operation[] = [...tables, ...exports, ...shards];
