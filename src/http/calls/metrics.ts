/**
 * Points for Analytics Engine, one an import and one an export; what a commit did is noted where
 * it is made (warehouse/commit-metrics.ts). docs/operations.md has the layout and the queries.
 * A deployment may do without, and no request fails for a point.
 */
import { writePoint } from "../../metric-point.ts";
import { redact } from "../../redact.ts";
import type { Call } from "./call.ts";
import { TABLE_NAME_LENGTH_MAX } from "../limits.ts";
import { IMPORT_SURFACES } from "../surfaces.ts";

/** The index of imports whose token is missing or unknown. */
const NOBODY = "unknown";

/** The surfaces whose imports are noted. */
const IMPORTS: ReadonlySet<string | undefined> = new Set(IMPORT_SURFACES);

/** The end of an export. */
export interface ExportEnd {
  readonly clientId: number;
  readonly status: "Completed" | "Error";
  readonly rows: number;
  /** Of the file. */
  readonly bytes: number;
  /** From its order to its end. */
  readonly ms: number;
}

/**
 * Notes an import that was answered: index client id; blobs "import", surface (`sandbox` or
 * `dry_run` where nothing could be stored), code or "ok", table or ""; doubles records received,
 * accepted and rejected, ms, bytes of the body.
 */
export function noteImportPoint(env: Env, call: Call, ms: number): void {
  if (!IMPORTS.has(call.surface)) return;
  const received = call.recordCount ?? 0;
  const accepted = call.code === undefined ? (call.acceptedCount ?? received) : 0;
  const { clientId, code = "ok", table = "", credentials, bytes = 0 } = call;
  // In a path the name of a table can have any length, and the texts of a point may not.
  const name = redact(table, ...credentials).slice(0, TABLE_NAME_LENGTH_MAX);
  writePoint(env, {
    indexes: [clientId === undefined ? NOBODY : String(clientId)],
    blobs: ["import", kindOf(call), code, name],
    doubles: [received, accepted, received - accepted, ms, bytes],
  });
}

/** Accepted records are stored ones on each surface but `validate`, and in neither other kind. */
function kindOf({ isSandbox, isDryRun, surface }: Call): string {
  if (isSandbox) return "sandbox";
  return isDryRun ? "dry_run" : (surface ?? "");
}

/** Notes an export that ended: index client id; blobs "export", status; doubles rows, bytes, ms. */
export function noteExportPoint(env: Env, end: ExportEnd): void {
  const { clientId, status, rows, bytes, ms } = end;
  writePoint(env, {
    indexes: [String(clientId)],
    blobs: ["export", status],
    doubles: [rows, bytes, ms],
  });
}
