-- What an owner needs to see why data did not arrive, and to be signed in to the console.
-- Times are milliseconds since 1970. No credential is here but as a hash.

-- The last refused requests of each integration (src/http/rejections). Refusals that are equal
-- but for their time are one row.
CREATE TABLE rejections (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  integration_id INTEGER NOT NULL REFERENCES integrations (id),
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  times INTEGER NOT NULL,
  -- Of the last one: the X-Request-Id of its answer.
  request_id TEXT NOT NULL,
  surface TEXT NOT NULL,
  status INTEGER NOT NULL,
  -- The row of the error table (src/http/errors.ts), and what the answer said.
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- Where the request was about one table, or one of its records was the reason.
  table_name TEXT,
  record INTEGER,
  -- The beginning of the record, or of the body, without what looks like a credential.
  excerpt TEXT
) STRICT;
CREATE INDEX rejections_by_integration ON rejections (integration_id, last_at);
CREATE INDEX rejections_by_time ON rejections (last_at);

-- Who is signed in to the console (src/console/session.ts).
CREATE TABLE console_sessions (
  -- SHA-256 of the cookie's secret.
  hash TEXT PRIMARY KEY,
  -- A hash of the admin token of its begin: with another token it is over.
  admin_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- The last use, in steps; and when it ends, used or not.
  used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Failed sign-ins by the address that they came from.
CREATE TABLE sign_in_failures (
  address TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Idempotency-Keys of the native import, each with the request that it was sent with first.
CREATE TABLE idempotency_keys (
  integration_id INTEGER NOT NULL,
  -- SHA-256 of the key's text.
  hash TEXT NOT NULL,
  -- SHA-256 of what the request asked for.
  fingerprint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (integration_id, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
