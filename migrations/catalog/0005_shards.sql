-- How full the shards are, as the sweep measured them last (src/warehouse/shard-room.ts): new tables
-- are put where there is room. A shard without a row was not measured yet.
CREATE TABLE shards (
  -- The number in the name of its binding: 0 for SHARD_0.
  shard INTEGER PRIMARY KEY,
  bytes INTEGER NOT NULL,
  -- Milliseconds since 1970.
  measured_at INTEGER NOT NULL
) STRICT;
