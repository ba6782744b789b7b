-- Catalogues that the first release has made lack tables.key_set and the index exports_unfinished,
-- which 0001_start.sql got only later. Those of later releases have both, and SQL cannot ask: so the
-- table is made anew for all of them, with the set out of key_names, and with it those that refer to
-- it. What was read from them stays what it was; numbers that were given are not given again.

CREATE TABLE new_tables (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  integration_id INTEGER NOT NULL REFERENCES integrations (id),
  name TEXT NOT NULL,
  -- JSON: the names in the order of the first write; [] is an append-only table.
  key_names TEXT NOT NULL,
  -- JSON: the same names sorted, by which sets of key names are compared.
  key_set TEXT NOT NULL,
  -- JSON: [[first slot, shard], …] in ascending order (src/warehouse/slots.ts).
  ranges TEXT NOT NULL,
  -- The table_version that was activated last (wire.md 2.9).
  current_version INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  -- What a job counted last, and when; an activation forgets it.
  counted_rows INTEGER,
  counted_at INTEGER,
  -- The table in whose rows a subtable's rows are nested; null for a table of its own.
  parent_id INTEGER REFERENCES new_tables (id),
  UNIQUE (integration_id, name)
) STRICT;

-- Ascending, so that a subtable comes after its parent. `->` keeps the text of each name.
INSERT INTO new_tables
SELECT id, client_id, integration_id, name, key_names,
  (SELECT '[' || coalesce(group_concat(text, ',' ORDER BY name), '') || ']' FROM (
    SELECT value AS name, key_names -> ('$[' || key || ']') AS text FROM json_each(key_names)
  )),
  ranges, current_version, created_at, counted_rows, counted_at, parent_id
FROM tables ORDER BY id;

CREATE TABLE new_columns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  table_id INTEGER NOT NULL REFERENCES new_tables (id),
  name TEXT NOT NULL,
  -- Bits of the types seen (src/warehouse/columns.ts).
  types INTEGER NOT NULL,
  UNIQUE (table_id, name)
) STRICT;
INSERT INTO new_columns SELECT id, table_id, name, types FROM columns;

CREATE TABLE new_exports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  table_id INTEGER NOT NULL REFERENCES new_tables (id),
  name TEXT NOT NULL,
  -- Pending, Running, Completed or Error; Expired follows from expires_at.
  status TEXT NOT NULL,
  row_count INTEGER,
  error TEXT,
  -- The multipart upload under way, and the file's key in the bucket while there is one.
  upload_id TEXT,
  object_key TEXT,
  bytes INTEGER,
  created_at INTEGER NOT NULL,
  completed_at INTEGER,
  expires_at INTEGER,
  -- The definition as JSON (src/export/definition.ts): chosen columns, filters, options.
  definition TEXT NOT NULL DEFAULT '{}',
  -- The name of the export's job among the instances of the Workflow; null: from before this column.
  job_id TEXT,
  -- Rows of the table that the job has read, and how many it found when it counted them.
  rows_done INTEGER NOT NULL DEFAULT 0,
  rows_total INTEGER
) STRICT;
INSERT INTO new_exports
SELECT id, client_id, table_id, name, status, row_count, error, upload_id, object_key, bytes,
  created_at, completed_at, expires_at, definition, job_id, rows_done, rows_total
FROM exports;

DELETE FROM sqlite_sequence WHERE name IN ('new_tables', 'new_columns', 'new_exports');
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_' || name, seq FROM sqlite_sequence WHERE name IN ('tables', 'columns', 'exports');

DROP TABLE exports;
DROP TABLE columns;
DROP TABLE tables;
ALTER TABLE new_tables RENAME TO tables;
ALTER TABLE new_columns RENAME TO columns;
ALTER TABLE new_exports RENAME TO exports;

CREATE INDEX tables_by_client ON tables (client_id);
CREATE INDEX exports_by_client ON exports (client_id);
CREATE INDEX exports_by_expiry ON exports (expires_at) WHERE object_key IS NOT NULL;
CREATE INDEX exports_unfinished ON exports (created_at) WHERE status IN ('Pending', 'Running');
