/** The answers of the admin API. */
import * as z from "zod";
import { Columns, ExportInfo } from "./answers.ts";
import { ExportColumns, FilterLogic, Filters } from "./definitions.ts";

const Id = z.int().min(1);
const Count = z.int().min(0);
const Instant = z.iso.datetime();

/** A client. */
export const Client = z.object({
  id: Id,
  name: z.string(),
  time_zone: z.string(),
  created_at: Instant,
});

/** A client with what was imported for it. */
export const WholeClient = Client.extend({
  imports: z.object({
    count: Count,
    last_started_at: Instant.nullable(),
    last_ended_at: Instant.nullable(),
  }),
});

export const ClientList = z.object({ clients: z.array(Client) });

/** An integration. */
export const Integration = z.object({
  id: Id,
  name: z.string(),
  nested_values: z.enum(["json", "tables"]),
  created_at: Instant,
});

export const IntegrationList = z.object({ integrations: z.array(Integration) });

/** An import token that was just made. */
export const NewToken = z.object({
  id: Id,
  token: z.string().describe("Shown this once, and stored as a hash."),
  created_at: Instant,
});

export const TokenList = z.object({
  tokens: z.array(
    z.object({
      id: Id,
      hint: z.string().describe("The last characters of the token."),
      created_at: Instant,
      last_used_at: Instant.nullable(),
    }),
  ),
});

/** An export key. */
export const ExportKey = z.object({
  id: Id,
  name: z.string(),
  allowed_ips: z.array(z.string()).describe("Addresses and ranges; an empty list admits nobody."),
  created_at: Instant,
});

/** An export key that was just made. */
export const MadeExportKey = ExportKey.extend({
  key: z.string().describe("Shown this once, and stored as a hash."),
});

export const ExportKeyList = z.object({ export_keys: z.array(ExportKey) });

const table = { id: Id, name: z.string(), integration_id: Id };
const KeyNames = z.array(z.string()).describe("Empty for an append-only table.");

export const TableList = z.object({
  tables: z.array(z.object({ ...table, key_names: KeyNames, created_at: Instant })),
});

/** A table with its columns. */
export const Table = z.object({
  ...table,
  key_names: KeyNames,
  parent_id: Id.nullable().describe("Of a subtable: the table whose nested values it has."),
  created_at: Instant,
  columns: Columns,
});

export const TableCounts = z.object({
  tables: z
    .array(
      z.object({
        ...table,
        rows: Count,
        rows_are_exact: z.boolean().describe("False where there are at least so many."),
        counted_at: Instant,
      }),
    )
    .describe("The newest tables, without subtables."),
});

export const RowList = z.object({
  rows: z.array(
    z.object({
      sequence: z.string().nullable().describe("An int64 as text; null for a row without one."),
      data: z.record(z.string(), z.unknown()).describe("Numbers have the digits that were sent."),
    }),
  ),
  next: z.string().nullable().describe("For `after`, to get the next page; null on the last."),
});

/** An export in a list. */
export const ExportSummary = ExportInfo.extend({ table_id: Id });

export const AdminExportList = z.object({ exports: z.array(ExportSummary) });

/** An export with its definition. */
export const Export = ExportSummary.extend({
  columns: ExportColumns,
  filters: Filters,
  filter_logic: FilterLogic,
  spreadsheet_safe: z.boolean(),
});

const report = {
  id: Id,
  name: z.string(),
  type: z.enum(["chart", "table", "scalar"]),
  owner_email: z.string().nullable(),
  created_at: Instant,
  updated_at: Instant,
};

export const ShardList = z.object({
  shards: z.array(
    z.object({
      shard: Count.describe("The number in the name of its binding: 0 for SHARD_0."),
      bytes: Count.nullable().describe("Its size when it was measured; null for a new one."),
      bytes_max: Count.describe("The size from which on it takes no new tables."),
      is_full: z.boolean(),
      measured_at: Instant.nullable(),
    }),
  ),
});

export const AdminFigureList = z.object({ figures: z.array(z.object(report)) });
export const AdminChartList = z.object({ charts: z.array(z.object(report)) });
