/** What the end-to-end tests know of the local contract (design.md 2, Local). */
import { join } from "node:path";

/** The project's folder. */
export const ROOT = join(import.meta.dirname, "../..");

/** The demo client and its credentials. */
export const CLIENT_ID = 4231;
export const IMPORT_TOKEN = "demo-import-token";
export const EXPORT_KEY = "demo-export-key";

/** The secret of the admin API. */
export const ADMIN_TOKEN = "local-admin-token";

/** The tools' environment: no telemetry, nothing asked of the network. */
export const TOOL_ENVIRONMENT = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
} as const;
