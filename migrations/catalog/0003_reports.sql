-- Figures and charts: what their owners defined, and what their last run left out.
-- Times are milliseconds since 1970.

CREATE TABLE reports (
  -- One sequence of numbers for both kinds, so that an id never changes its meaning.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  -- figure (of the visual builder) or chart (of the cohort builder).
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  -- chart, table or scalar (wire.md 4.3); a chart of the cohort builder is a chart.
  type TEXT NOT NULL,
  owner_email TEXT,
  -- JSON: the definition as its owner sees it (src/report/figure.ts, src/report/cohort.ts).
  definition TEXT NOT NULL,
  -- JSON: the filters of each metric as they were checked, with their kinds.
  filters TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- The last export, and how many values it left out that are no dates, or no numbers.
  last_run_at INTEGER,
  last_not_dates INTEGER,
  last_not_numbers INTEGER
) STRICT;
CREATE INDEX reports_by_client ON reports (client_id, kind);
