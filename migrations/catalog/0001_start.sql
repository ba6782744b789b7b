-- The catalogue: who may do what, which tables and columns there are, which exports were made.
-- Times are milliseconds since 1970. Secrets are here only as the SHA-256 of their text, in hex.

CREATE TABLE clients (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1000 AND 999999),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- One integration is one schema of tables, whichever of its tokens wrote them.
CREATE TABLE integrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX integrations_by_client ON integrations (client_id);

CREATE TABLE import_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  integration_id INTEGER NOT NULL REFERENCES integrations (id),
  hash TEXT NOT NULL UNIQUE,
  -- The last characters of the token, by which its owner knows it.
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX import_tokens_by_integration ON import_tokens (integration_id);

CREATE TABLE export_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  -- JSON: addresses and CIDR ranges, as their owner wrote them.
  allowed_ips TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX export_keys_by_client ON export_keys (client_id);

-- Created by the first write. Nothing here changes afterwards but ranges and current_version.
CREATE TABLE tables (
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
  UNIQUE (integration_id, name)
) STRICT;
CREATE INDEX tables_by_client ON tables (client_id);

-- In the order of first appearance, which is the order of the ids.
CREATE TABLE columns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  table_id INTEGER NOT NULL REFERENCES tables (id),
  name TEXT NOT NULL,
  -- Bits of the types seen (src/warehouse/columns.ts).
  types INTEGER NOT NULL,
  UNIQUE (table_id, name)
) STRICT;

CREATE TABLE exports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  table_id INTEGER NOT NULL REFERENCES tables (id),
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
  expires_at INTEGER
) STRICT;
CREATE INDEX exports_by_client ON exports (client_id);
CREATE INDEX exports_by_expiry ON exports (expires_at) WHERE object_key IS NOT NULL;
CREATE INDEX exports_unfinished ON exports (created_at) WHERE status IN ('Pending', 'Running');
