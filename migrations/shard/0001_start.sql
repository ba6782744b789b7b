-- The newest version of each row of many tables. Clustered by (table, key), so that an upsert
-- touches one tree and an export reads its pages in order.
CREATE TABLE rows (
  table_id INTEGER NOT NULL,
  -- The canonical text of the key values (src/warehouse/keys.ts).
  key TEXT NOT NULL,
  -- The highest sequence stored for the row; -1 where every write came without one.
  sequence INTEGER NOT NULL,
  -- The table_version of the newest write.
  version INTEGER NOT NULL,
  -- The data as exact JSON text.
  data TEXT NOT NULL,
  PRIMARY KEY (table_id, key)
) STRICT, WITHOUT ROWID;
