/**
 * `GET /0.1/client/:cid/fullupdatestatus`: whether fresh data is there (wire.md 4.5). Headgate
 * has no update cycle, so the job is the client's last stored import. It shows up within seconds
 * (http/calls/import-jobs.ts).
 */
import { Refusal } from "../http/errors.ts";
import { localTime } from "../http/time-zones.ts";

/** The answer. Times are in the client's time zone, `YYYY-MM-DD HH:MM:SS`. */
export interface UpdateStatus {
  readonly clientId: number;
  /** Null before the first import; `id` is the number of imports so far. */
  readonly lastCompletedUpdateJob: {
    readonly id: number;
    readonly type: { readonly id: 2; readonly name: "Full Update" };
    readonly start: string;
    readonly end: string;
    readonly status: { readonly id: 4; readonly name: "Completed Successfully" };
  } | null;
  readonly lastCompletedUpdateJobWithDataSync: null;
  /** At the end of the job, or now where there is none. */
  readonly timezoneAbbreviation: string;
}

interface Row {
  readonly time_zone: string;
  readonly import_jobs: number;
  readonly import_started_at: number | null;
  readonly import_ended_at: number | null;
}

const SELECT = `SELECT time_zone, import_jobs, import_started_at, import_ended_at
FROM clients WHERE id = ?1`;

/**
 * The status of a client, by one D1 call.
 *
 * @throws Refusal not_found where there is no such client.
 */
export async function updateStatus(env: Env, clientId: number): Promise<UpdateStatus> {
  const row = await env.CATALOG.prepare(SELECT).bind(clientId).first<Row>();
  if (row === null) throw new Refusal("not_found");
  const { time_zone: timeZone, import_jobs: id } = row;
  const { import_started_at: startedAt, import_ended_at: endedAt } = row;
  const end = localTime(timeZone, endedAt ?? Date.now());
  const hasJob = startedAt !== null && endedAt !== null;
  return {
    clientId,
    lastCompletedUpdateJob: hasJob
      ? {
          id,
          type: { id: 2, name: "Full Update" },
          start: localTime(timeZone, startedAt).text,
          end: end.text,
          status: { id: 4, name: "Completed Successfully" },
        }
      : null,
    lastCompletedUpdateJobWithDataSync: null,
    timezoneAbbreviation: end.zone,
  };
}
