-- Parts of requests that must not take effect twice, each written in the transaction of its rows.
CREATE TABLE applied_requests (
  -- Hash of the integration and the request's Idempotency-Key, and the part's key range.
  id TEXT PRIMARY KEY,
  -- Which attempt wrote it: the rows of all others are left out.
  attempt TEXT NOT NULL,
  inserted INTEGER NOT NULL,
  replaced INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  -- Milliseconds since 1970.
  applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX applied_requests_by_time ON applied_requests (applied_at);
