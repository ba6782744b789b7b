/** Refused requests, as pages show them: what an owner needs to find out why data did not arrive. */
import type { FC } from "hono/jsx";
import { type Surface, SURFACE_NAMES } from "../../http/surfaces.ts";
import { Badge, Empty, Time, counted } from "../parts/display.tsx";

/** An element of the admin API's `…/rejections`. Times are ISO 8601. */
export interface Rejection {
  readonly id: number;
  readonly integration_id?: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly times: number;
  readonly request_id: string;
  readonly surface: Surface;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly table: string | null;
  readonly record: number | null;
  readonly excerpt: string | null;
}

/** The newest first; where there is none, it says so. */
export const RejectionList: FC<{ readonly rejections: readonly Rejection[] }> = ({
  rejections,
}) => {
  if (rejections.length === 0) {
    return (
      <Empty>
        <p>No request was refused in the last 7 days.</p>
      </Empty>
    );
  }
  return (
    <ol class="rejections">
      {rejections.map((rejection) => (
        <li>
          <RejectionItem {...rejection} />
        </li>
      ))}
    </ol>
  );
};

const RejectionItem: FC<Rejection> = (rejection) => {
  const { surface, status, code, reason, table, record, excerpt, times } = rejection;
  return (
    <article class="rejection">
      <p class="row">
        <Badge kind="bad">{status}</Badge>
        <strong>{SURFACE_NAMES[surface]}</strong>
        {table === null ? null : <span>table {table}</span>}
        {record === null ? null : <span>record {record} (counted from 0)</span>}
        <Time at={rejection.last_at} seconds />
        {times === 1 ? null : <span>{counted(times)} times</span>}
      </p>
      <p>{reason}</p>
      {excerpt === null ? null : (
        <details>
          <summary>What was sent</summary>
          <pre class="excerpt" tabindex={0}>
            <code>{excerpt}</code>
          </pre>
        </details>
      )}
      <p class="hint">
        <a href={`/docs/errors#${code}`}>{code}</a> · request {rejection.request_id}
        {times === 1 ? null : (
          <>
            {" "}
            · first <Time at={rejection.first_at} seconds />
          </>
        )}
      </p>
    </article>
  );
};
