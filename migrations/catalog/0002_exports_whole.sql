-- What whole exports need: definitions, progress, nested values as tables, the clients' clocks.

-- The definition as JSON (src/export/definition.ts): chosen columns, filters, options.
ALTER TABLE exports ADD COLUMN definition TEXT NOT NULL DEFAULT '{}';
-- The name of the export's job among the instances of the Workflow; null: from before this column.
ALTER TABLE exports ADD COLUMN job_id TEXT;
-- Rows of the table that the job has read, and how many it found when it counted them.
ALTER TABLE exports ADD COLUMN rows_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exports ADD COLUMN rows_total INTEGER;

-- What a job counted last, and when; an activation forgets it.
ALTER TABLE tables ADD COLUMN counted_rows INTEGER;
ALTER TABLE tables ADD COLUMN counted_at INTEGER;
-- The table in whose rows a subtable's rows are nested; null for a table of its own.
ALTER TABLE tables ADD COLUMN parent_id INTEGER REFERENCES tables (id);

-- How nested values are loaded: `json` as text in one column, `tables` as columns and subtables.
ALTER TABLE integrations ADD COLUMN nested TEXT NOT NULL DEFAULT 'json';

-- An IANA name, by which times are shown to the client's programs.
ALTER TABLE clients ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
-- Imports stored so far, and the times of the last one (wire.md 4.5).
ALTER TABLE clients ADD COLUMN import_jobs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN import_started_at INTEGER;
ALTER TABLE clients ADD COLUMN import_ended_at INTEGER;

-- Where walks that take several sweeps go on.
CREATE TABLE sweeps (
  name TEXT PRIMARY KEY,
  position TEXT NOT NULL
) STRICT;
