-- The demo client of a local server: client 4231 with the import token demo-import-token and the
-- export key demo-export-key. scripts/prepare.mjs runs this against the local CATALOG only. It is
-- no migration, so that no deployment ever has these credentials. May be run again at any time.

INSERT INTO clients (id, name, created_at)
VALUES (4231, 'Demo', CAST(unixepoch('subsec') * 1000 AS INTEGER))
ON CONFLICT DO NOTHING;

INSERT INTO integrations (client_id, name, created_at)
SELECT 4231, 'Demo', CAST(unixepoch('subsec') * 1000 AS INTEGER)
WHERE NOT EXISTS (SELECT 1 FROM integrations WHERE client_id = 4231);

-- The SHA-256 of the text demo-import-token.
INSERT INTO import_tokens (integration_id, hash, hint, created_at)
SELECT min(id), '76b88e5fca68b3cd7e7ccaf493ec5828573f8c212a92a2cd1ab2fcdc41affb58', 'oken',
  CAST(unixepoch('subsec') * 1000 AS INTEGER)
FROM integrations WHERE client_id = 4231
ON CONFLICT DO NOTHING;

-- The SHA-256 of the text demo-export-key.
INSERT INTO export_keys (client_id, name, hash, allowed_ips, created_at)
VALUES (4231, 'Demo', '814297ec2bc9eec4f87ce6ee21b39ed2370890580c6876993ee49fdcc31a5b99',
  '["0.0.0.0/0"]', CAST(unixepoch('subsec') * 1000 AS INTEGER))
ON CONFLICT DO NOTHING;
