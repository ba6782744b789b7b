CREATE TABLE "d1_migrations" (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT UNIQUE,
         applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
       );
CREATE TABLE clients (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1000 AND 999999),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
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
CREATE TABLE tables (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  integration_id INTEGER NOT NULL REFERENCES integrations (id),
  name TEXT NOT NULL,
  -- JSON: the names in the order of the first write; [] is an append-only table.
  key_names TEXT NOT NULL,
  -- JSON: [[first slot, shard], …] in ascending order (src/warehouse/slots.ts).
  ranges TEXT NOT NULL,
  -- The table_version that was activated last (wire.md 2.9).
  current_version INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (integration_id, name)
) STRICT;
CREATE INDEX tables_by_client ON tables (client_id);
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
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (1, '0001_start.sql', '2026-11-21 18:35:01');
INSERT INTO "clients" ("id", "name", "created_at") VALUES (4231, 'Demo', 1795286101819);
INSERT INTO "clients" ("id", "name", "created_at") VALUES (5000, 'Ärzte "GmbH" 😀, Zürich', 1795286103777);
INSERT INTO "integrations" ("id", "client_id", "name", "created_at") VALUES (1, 4231, 'Demo', 1795286101819);
INSERT INTO "integrations" ("id", "client_id", "name", "created_at") VALUES (2, 4231, 'Second', 1795286103844);
INSERT INTO "integrations" ("id", "client_id", "name", "created_at") VALUES (3, 5000, 'Ö', 1795286103882);
INSERT INTO "import_tokens" ("id", "integration_id", "hash", "hint", "created_at", "last_used_at") VALUES (1, 1, '76b88e5fca68b3cd7e7ccaf493ec5828573f8c212a92a2cd1ab2fcdc41affb58', 'oken', 1795286101819, 1795286104184);
INSERT INTO "import_tokens" ("id", "integration_id", "hash", "hint", "created_at", "last_used_at") VALUES (2, 2, '74ec544d6e4d34e64012f1d10ba322eb5c97d93e6e3202e3963eb528679e3bd3', '5257', 1795286103901, 1795286104549);
INSERT INTO "import_tokens" ("id", "integration_id", "hash", "hint", "created_at", "last_used_at") VALUES (4, 3, '148674ef776f7e0d2d6226b8a82a2bba4e66dbf61aed5368a4965ecdaef88719', '41e6', 1795286103954, 1795286104789);
INSERT INTO "export_keys" ("id", "client_id", "name", "hash", "allowed_ips", "created_at") VALUES (1, 4231, 'Demo', '814297ec2bc9eec4f87ce6ee21b39ed2370890580c6876993ee49fdcc31a5b99', '["0.0.0.0/0"]', 1795286101819);
INSERT INTO "export_keys" ("id", "client_id", "name", "hash", "allowed_ips", "created_at") VALUES (2, 4231, 'local', '0d4a4f7b68a13cb978213ce14618eb79461568cc550bba13452296f3f61718f0', '["198.51.100.7/24","2001:db8::/32"]', 1795286104006);
INSERT INTO "export_keys" ("id", "client_id", "name", "hash", "allowed_ips", "created_at") VALUES (3, 4231, 'foreign', '46a9d7fdfbe7037e082c2801b45706d22a3e51781ce8997ffdc2247242bc1571', '["203.0.113.0/24"]', 1795286104037);
INSERT INTO "export_keys" ("id", "client_id", "name", "hash", "allowed_ips", "created_at") VALUES (5, 5000, 'other', '2e12d9f3115fcf2c3588d1ad219d2646f8764d201958a6b27dec878d35b2ff3f', '["::/0","0.0.0.0/0"]', 1795286104070);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (1, 4231, 2, '"by_revoked"', '["id"]', '[[0,0]]', 0, 1795286104111);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (10, 5000, 3, '"rj_v1"', '["id"]', '[[0,0]]', 0, 1795286104817);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (11, 4231, 1, '"wide"', '["id"]', '[[0,0]]', 0, 1795286104938);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (12, 4231, 1, '"many"', '["id"]', '[[0,0]]', 0, 1795286105024);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (2, 4231, 1, '"exact"', '["id"]', '[[0,0]]', 0, 1795286104199);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (3, 4231, 1, '"orders"', '["id"]', '[[0,0]]', 0, 1795286104230);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (4, 4231, 1, '"transit"', '["id"]', '[[0,0]]', 0, 1795286104258);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (5, 4231, 1, '"versions"', '["id"]', '[[0,0]]', 2, 1795286104330);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (6, 4231, 1, '"Ünï \"cöde\" 😀/\\ \u0000 \ud83d"', '["n","kind"]', '[[0,0]]', 0, 1795286104482);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (7, 4231, 2, '"events"', '[]', '[[0,0]]', 0, 1795286104592);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (8, 4231, 2, '"orders"', '["id","line"]', '[[0,0]]', 7, 1795286104648);
INSERT INTO "tables" ("id", "client_id", "integration_id", "name", "key_names", "ranges", "current_version", "created_at") VALUES (9, 4231, 1, '"rj_v2"', '["id"]', '[[0,0]]', 0, 1795286104748);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (1, 1, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (10, 2, '""', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (100, 11, '"column_63"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (101, 11, '"column_64"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (102, 11, '"column_65"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (103, 11, '"column_66"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (104, 11, '"column_67"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (105, 11, '"column_68"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (106, 11, '"column_69"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (107, 11, '"column_70"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (108, 11, '"column_71"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (109, 11, '"column_72"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (11, 2, '"at"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (110, 11, '"column_73"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (111, 11, '"column_74"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (112, 11, '"column_75"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (113, 11, '"column_76"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (114, 11, '"column_77"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (115, 11, '"column_78"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (116, 11, '"column_79"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (117, 11, '"column_80"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (118, 11, '"column_81"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (119, 11, '"column_82"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (12, 3, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (120, 11, '"column_83"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (121, 11, '"column_84"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (122, 11, '"column_85"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (123, 11, '"column_86"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (124, 11, '"column_87"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (125, 11, '"column_88"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (126, 11, '"column_89"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (127, 11, '"column_90"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (128, 11, '"column_91"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (129, 11, '"column_92"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (13, 3, '"state"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (130, 11, '"column_93"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (131, 11, '"column_94"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (132, 11, '"column_95"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (133, 11, '"column_96"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (134, 11, '"column_97"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (135, 11, '"column_98"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (136, 11, '"column_99"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (137, 11, '"column_100"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (138, 11, '"column_101"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (139, 11, '"column_102"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (14, 4, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (140, 11, '"column_103"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (141, 11, '"column_104"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (142, 11, '"column_105"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (143, 11, '"column_106"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (144, 11, '"column_107"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (145, 11, '"column_108"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (146, 11, '"column_109"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (147, 11, '"column_110"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (148, 11, '"column_111"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (149, 11, '"column_112"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (15, 4, '"price"', 4);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (150, 11, '"column_113"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (151, 11, '"column_114"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (152, 11, '"column_115"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (153, 11, '"column_116"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (154, 11, '"column_117"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (155, 11, '"column_118"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (156, 11, '"column_119"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (157, 12, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (16, 4, '"at"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (17, 4, '"tag"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (18, 5, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (19, 5, '"version"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (2, 2, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (20, 6, '"kind"', 11);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (21, 6, '"n"', 6);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (22, 6, '"\udc00 low"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (23, 6, '"nul\u0000"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (24, 6, '"a,\"b\""', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (25, 6, '"😀"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (26, 7, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (27, 7, '"at"', 16);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (28, 8, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (29, 8, '"line"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (3, 2, '"price"', 4);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (30, 9, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (31, 9, '"state"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (32, 9, '"total"', 4);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (33, 10, '"id"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (34, 10, '"total"', 6);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (36, 11, '"id"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (37, 11, '"column_0"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (38, 11, '"column_1"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (39, 11, '"column_2"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (4, 2, '"big"', 6);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (40, 11, '"column_3"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (41, 11, '"column_4"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (42, 11, '"column_5"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (43, 11, '"column_6"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (44, 11, '"column_7"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (45, 11, '"column_8"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (46, 11, '"column_9"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (47, 11, '"column_10"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (48, 11, '"column_11"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (49, 11, '"column_12"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (5, 2, '"note"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (50, 11, '"column_13"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (51, 11, '"column_14"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (52, 11, '"column_15"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (53, 11, '"column_16"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (54, 11, '"column_17"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (55, 11, '"column_18"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (56, 11, '"column_19"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (57, 11, '"column_20"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (58, 11, '"column_21"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (59, 11, '"column_22"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (6, 2, '"deep"', 32);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (60, 11, '"column_23"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (61, 11, '"column_24"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (62, 11, '"column_25"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (63, 11, '"column_26"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (64, 11, '"column_27"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (65, 11, '"column_28"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (66, 11, '"column_29"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (67, 11, '"column_30"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (68, 11, '"column_31"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (69, 11, '"column_32"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (7, 2, '"list"', 32);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (70, 11, '"column_33"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (71, 11, '"column_34"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (72, 11, '"column_35"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (73, 11, '"column_36"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (74, 11, '"column_37"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (75, 11, '"column_38"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (76, 11, '"column_39"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (77, 11, '"column_40"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (78, 11, '"column_41"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (79, 11, '"column_42"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (8, 2, '"ok"', 8);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (80, 11, '"column_43"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (81, 11, '"column_44"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (82, 11, '"column_45"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (83, 11, '"column_46"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (84, 11, '"column_47"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (85, 11, '"column_48"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (86, 11, '"column_49"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (87, 11, '"column_50"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (88, 11, '"column_51"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (89, 11, '"column_52"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (9, 2, '"__proto__"', 1);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (90, 11, '"column_53"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (91, 11, '"column_54"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (92, 11, '"column_55"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (93, 11, '"column_56"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (94, 11, '"column_57"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (95, 11, '"column_58"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (96, 11, '"column_59"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (97, 11, '"column_60"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (98, 11, '"column_61"', 2);
INSERT INTO "columns" ("id", "table_id", "name", "types") VALUES (99, 11, '"column_62"', 2);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (1, 4231, 1, 'by_revoked', 'Completed', 1, NULL, NULL, 'exports/4231/1-2f401bd6-025a-4206-a3bb-73f25261f01f.zip', 163, 1795286107123, 1795286107348, 1795890907348);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (10, 4231, 11, 'wide', 'Completed', 1, NULL, NULL, 'exports/4231/10-d7314f2a-d242-41f5-9644-ffb5107c4414.zip', 552, 1795286108833, 1795286108961, 1795890908961);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (11, 4231, 12, 'many', 'Completed', 120, NULL, NULL, 'exports/4231/11-10001cff-ed32-438c-8cfc-9b202d6fd9fd.zip', 372, 1795286109005, 1795286109162, 1795890909162);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (12, 5000, 10, 'rj_v1', 'Completed', 2, NULL, NULL, 'exports/5000/12-6e6e87d1-838e-45b6-9283-aa2fee9a327e.zip', 169, 1795286109241, 1795286109393, 1795890909393);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (13, 4231, 1, 'by_revoked', 'Completed', 1, NULL, NULL, NULL, 163, 1792694109473, 1792694109641, 1793298909641);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (14, 4231, 2, 'exact', 'Completed', 6, NULL, NULL, 'exports/4231/14-5bbadbc7-0b59-4bb2-9bca-24c510525324.zip', 384, 1792694109736, 1792694109894, 1793298909894);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (15, 4231, 3, 'orders', 'Completed', 3, NULL, NULL, 'exports/4231/15-4e5b5974-d673-4f1d-bf14-45448c8d719f.zip', 197, 1795286109957, 1795286110118, 1795890910118);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (16, 4231, 4, 'transit', 'Completed', 1, NULL, NULL, 'exports/4231/16-b998f8dc-e0c6-492d-96f5-aa3e840812a3.zip', 203, 1795286110177, 1795286110247, 1795890910247);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (17, 4231, 5, 'versions', 'Completed', 4, NULL, NULL, 'exports/4231/17-d8c28ac8-dc66-400a-a4e8-b4599965d8b9.zip', 182, 1795286110270, 1795286110325, 1795890910325);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (18, 4231, 6, CAST(X'C39C6EC3AF202263C3B664652220F09F98802F5C200020EDA0BD' AS TEXT), 'Completed', 5, NULL, NULL, 'exports/4231/18-c3ba2acc-4715-40d3-8b77-fc211cccaff8.zip', 298, 1795286110350, 1795286110397, 1795890910397);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (19, 4231, 7, 'events', 'Completed', 3, NULL, NULL, 'exports/4231/19-3b7e38ae-d4bf-4214-a6f7-0b8fd4495107.zip', 189, 1795286110445, 1795286110569, 1795890910569);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (2, 4231, 2, 'exact', 'Completed', 6, NULL, NULL, 'exports/4231/2-afc3694b-6251-4df4-89f9-61e7b55008d4.zip', 384, 1795286107394, 1795286107467, 1795890907467);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (20, 4231, 8, 'orders', 'Completed', 2, NULL, NULL, 'exports/4231/20-c24e9dca-27c4-492c-9751-c7367ceca8cb.zip', 167, 1795286110651, 1795286110809, 1795890910809);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (21, 4231, 9, 'rj_v2', 'Completed', 2, NULL, NULL, 'exports/4231/21-1ae749c9-ac77-4152-9ee1-2572ba0ca794.zip', 187, 1795286110876, 1795286111014, 1795890911014);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (22, 4231, 11, 'wide', 'Completed', 1, NULL, NULL, 'exports/4231/22-cbce8127-9e0e-4752-905b-e770d2ac33c4.zip', 552, 1795286111065, 1795286111206, 1795890911206);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (23, 4231, 1, 'by_revoked', 'Error', NULL, 'The export could not be started.', NULL, NULL, NULL, 1795286115407, NULL, NULL);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (24, 4231, 12, 'many', 'Running', NULL, NULL, 'CEc2vR8x7NH2i7BNeYKui4y7ICNh7S2NYsDUFj_pJoYJFnRBI9L3RrfPyFdQoxX18MxPlztcr7ExQ5tmX4cdJehx0x0Mr-x_QTzuBr1Oqrw6V-AVQr_9SXPZLzbHY7BKVfrHNV5B2f0zz-vFeDZ5r7p3nKCQPTaks0G73vKABDM', 'exports/4231/24-3a1412e0-33bf-41f7-b1a0-9383d7f1d11c.zip', NULL, 1795286117327, NULL, NULL);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (3, 4231, 3, 'orders', 'Completed', 3, NULL, NULL, 'exports/4231/3-365d4ce4-bf06-408c-b157-bc1aa30672bd.zip', 197, 1795286107500, 1795286107627, 1795890907627);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (4, 4231, 4, 'transit', 'Completed', 1, NULL, NULL, 'exports/4231/4-dc3c56cc-09dc-4fe6-bd38-e6160771025c.zip', 203, 1795286107689, 1795286107829, 1795890907829);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (5, 4231, 5, 'versions', 'Completed', 4, NULL, NULL, 'exports/4231/5-15a20faa-b465-43b9-85a3-ffe6d1b52221.zip', 182, 1795286107888, 1795286108027, 1795890908027);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (6, 4231, 6, CAST(X'C39C6EC3AF202263C3B664652220F09F98802F5C200020EDA0BD' AS TEXT), 'Completed', 5, NULL, NULL, 'exports/4231/6-6dfb78bf-6b0c-4f13-ad32-cbaa6acadd6b.zip', 298, 1795286108073, 1795286108204, 1795890908204);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (7, 4231, 7, 'events', 'Completed', 3, NULL, NULL, 'exports/4231/7-7bdfdf39-6015-4d27-8c63-80d98e75bacc.zip', 189, 1795286108261, 1795286108388, 1795890908388);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (8, 4231, 8, 'orders', 'Completed', 2, NULL, NULL, 'exports/4231/8-998f32a2-9916-40be-8a6b-6db1eb1a2f89.zip', 167, 1795286108427, 1795286108585, 1795890908585);
INSERT INTO "exports" ("id", "client_id", "table_id", "name", "status", "row_count", "error", "upload_id", "object_key", "bytes", "created_at", "completed_at", "expires_at") VALUES (9, 4231, 9, 'rj_v2', 'Completed', 2, NULL, NULL, 'exports/4231/9-88ebdad9-614c-406b-8f49-f49085890f51.zip', 187, 1795286108641, 1795286108785, 1795890908785);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence (name, seq) VALUES ('columns', 157);
INSERT INTO sqlite_sequence (name, seq) VALUES ('d1_migrations', 1);
INSERT INTO sqlite_sequence (name, seq) VALUES ('export_keys', 5);
INSERT INTO sqlite_sequence (name, seq) VALUES ('exports', 24);
INSERT INTO sqlite_sequence (name, seq) VALUES ('import_tokens', 4);
INSERT INTO sqlite_sequence (name, seq) VALUES ('integrations', 3);
INSERT INTO sqlite_sequence (name, seq) VALUES ('tables', 12);
