/** Reports in the catalogue: figures and charts, as their owners defined them. */
import { fromStore } from "../warehouse/store-errors.ts";

/** A figure is of the visual builder, a chart of the cohort builder (wire.md 4.3). */
export type ReportKind = "figure" | "chart";

/** A report as lists show it. Times are ms since 1970. */
export interface ReportRow {
  readonly id: number;
  readonly name: string;
  /** chart, table or scalar. */
  readonly type: string;
  readonly owner_email: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  /** The last export, and what it left out; null before the first. */
  readonly last_run_at: number | null;
  readonly last_not_dates: number | null;
  readonly last_not_numbers: number | null;
}

/** A report with its definition and the filters that were checked with it, as JSON texts. */
export interface WholeReportRow extends ReportRow {
  readonly definition: string;
  readonly filters: string;
}

/** What a new or changed report is made of. */
export interface NewReport {
  readonly name: string;
  readonly type: string;
  readonly ownerEmail: string | null;
  readonly definition: string;
  readonly filters: string;
}

const LISTED = `id, name, type, owner_email, created_at, updated_at, last_run_at, last_not_dates,
  last_not_numbers`;

const INSERT = `INSERT INTO reports
  (client_id, kind, name, type, owner_email, definition, filters, created_at, updated_at)
SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8 FROM clients WHERE id = ?1
AND (SELECT count(*) FROM reports WHERE client_id = ?1 AND kind = ?2) < ?9 RETURNING id`;

const SELECT = `SELECT ${LISTED} FROM reports WHERE client_id = ?1 AND kind = ?2 ORDER BY id`;

const FIND = `SELECT ${LISTED}, definition, filters FROM reports
WHERE id = ?1 AND client_id = ?2 AND kind = ?3`;

const UPDATE = `UPDATE reports SET name = ?4, type = ?5, owner_email = ?6, definition = ?7,
  filters = ?8, updated_at = ?9
WHERE id = ?1 AND client_id = ?2 AND kind = ?3 RETURNING ${LISTED}`;

const DELETE = `DELETE FROM reports WHERE id = ?1 AND client_id = ?2 AND kind = ?3 RETURNING id`;

const NOTE = `UPDATE reports SET last_run_at = ?2, last_not_dates = ?3, last_not_numbers = ?4
WHERE id = ?1`;

/** Inserts a report where the client is there and has fewer than `reportsMax`; returns id. */
export function insertReport(
  env: Env,
  owner: { readonly clientId: number; readonly kind: ReportKind },
  { name, type, ownerEmail, definition, filters }: NewReport,
  now: number,
  reportsMax: number,
): D1PreparedStatement {
  const values = [name, type, ownerEmail, definition, filters, now, reportsMax];
  return env.CATALOG.prepare(INSERT).bind(owner.clientId, owner.kind, ...values);
}

/** All reports of a kind in the order of their ids, without their definitions, which are large. */
export function selectReports(env: Env, clientId: number, kind: ReportKind): D1PreparedStatement {
  return env.CATALOG.prepare(SELECT).bind(clientId, kind);
}

/** A report of a client, or null: one of another client does not exist for it. */
export function findReport(
  env: Env,
  clientId: number,
  kind: ReportKind,
  id: number,
): Promise<WholeReportRow | null> {
  const select = env.CATALOG.prepare(FIND).bind(id, clientId, kind);
  return fromStore(() => select.first<WholeReportRow>());
}

/** Replaces a report's definition; null where the client has no such report. */
export function updateReport(
  env: Env,
  report: { readonly id: number; readonly clientId: number; readonly kind: ReportKind },
  { name, type, ownerEmail, definition, filters }: NewReport,
  now: number,
): Promise<ReportRow | null> {
  const { id, clientId, kind } = report;
  return env.CATALOG.prepare(UPDATE)
    .bind(id, clientId, kind, name, type, ownerEmail, definition, filters, now)
    .first<ReportRow>();
}

/** Deletes a report; false where the client has no such report. */
export async function deleteReport(
  env: Env,
  clientId: number,
  kind: ReportKind,
  id: number,
): Promise<boolean> {
  return (await env.CATALOG.prepare(DELETE).bind(id, clientId, kind).first()) !== null;
}

/** Notes what an export of a report left out. */
export async function noteRun(
  env: Env,
  id: number,
  left: { readonly notDates: number; readonly notNumbers: number },
  now: number,
): Promise<void> {
  const note = env.CATALOG.prepare(NOTE).bind(id, now, left.notDates, left.notNumbers);
  await fromStore(() => note.run());
}
