/** `/console/clients/:cid/exports/:id`: progress, file, copy, delete. */
import type { FC } from "hono/jsx";
import { stringifyExact, type Json } from "../../json/exact.ts";
import { api, ApiError, callApi, remove } from "../api.ts";
import { type Client, clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { OPERATOR_LABELS } from "../filters/filter-fields.tsx";
import { answerPage } from "../page.tsx";
import { CodeBlock, Facts, Notice, Panel, Time, counted } from "../parts/display.tsx";
import { Danger, PostForm, Submit } from "../parts/forms.tsx";
import { Icon } from "../parts/icons.tsx";
import type { Session } from "../session/session.ts";
import { type Table, tableOf } from "../tables/table.tsx";
import { isUnderWay, type ListedExport, LOOK_SECONDS, Progress, StatusBadge } from "./list.tsx";

interface StoredCondition {
  readonly id: string;
  readonly column: string;
  readonly operator: keyof typeof OPERATOR_LABELS;
  readonly value?: Json;
}

/** The answer of `GET …/exports/:id`. */
interface WholeExport extends ListedExport {
  readonly columns: readonly string[] | null;
  readonly filters: readonly StoredCondition[] | null;
  readonly filter_logic: string | null;
  readonly spreadsheet_safe: boolean;
}

const pathOf = (context: ConsoleContext): string =>
  `/clients/${pathId(context, "cid")}/exports/${pathId(context, "id")}`;

async function showExport(context: ConsoleContext): Promise<Response> {
  const path = pathOf(context);
  const [client, row] = await Promise.all([
    clientOf(context),
    api<WholeExport>(context, "GET", path),
  ]);
  const table = await tableOf(context, String(row.table_id));
  const isBusy = isUnderWay(row);
  return answerPage(
    context,
    {
      title: row.name,
      client,
      section: "exports",
      trail: [{ label: "Raw exports", path: `/clients/${client.id}/exports` }],
      ...(isBusy ? { reloadSeconds: LOOK_SECONDS } : {}),
    },
    <>
      <div
        id="state"
        class="stack"
        data-said={`${row.name}: ${row.status}`}
        {...(isBusy ? { "data-refresh": String(LOOK_SECONDS) } : {})}
      >
        <State row={row} path={path} />
      </div>
      <Definition client={client} row={row} table={table} />
      <Program client={client} row={row} origin={new URL(context.req.url).origin} />
      <Steps session={context.var.session} path={path} row={row} />
    </>,
  );
}

const State: FC<{ row: WholeExport; path: string }> = ({ row, path }) => (
  <Panel title="State">
    <Facts
      facts={[
        ["State", <StatusBadge status={row.status} />],
        ["Rows in the file", row.row_count === null ? "–" : counted(row.row_count)],
        ["Created", <Time at={row.created_at} seconds />],
        ["Completed", <Time at={row.completed_at} seconds />],
        [row.status === "Expired" ? "File expired" : "File expires", <Time at={row.expires_at} />],
      ]}
    />
    {isUnderWay(row) ? <Progress {...row} /> : null}
    {row.error === null ? null : (
      <Notice kind="bad">
        <p>{row.error}</p>
      </Notice>
    )}
    {row.status === "Completed" ? (
      <p>
        <a class="button main" href={`/console${path}/file`} download>
          <Icon name="download" /> Download the zip
        </a>
      </p>
    ) : null}
    {row.status === "Expired" ? (
      <p>The file is gone. A copy below is the same export, filled from the rows of now.</p>
    ) : null}
  </Panel>
);

/** Most columns that are listed in sight. */
const COLUMNS_IN_SIGHT_MAX = 20;

const ColumnNames: FC<{ names: readonly string[] | null }> = ({ names }) => {
  if (names === null) return <span>all</span>;
  const list = names.map((name, index) => (
    <>
      {index === 0 ? "" : ", "}
      <bdi>{name}</bdi>
    </>
  ));
  if (names.length <= COLUMNS_IN_SIGHT_MAX) return <span>{list}</span>;
  return (
    <details>
      <summary>{counted(names.length)} columns</summary>
      {list}
    </details>
  );
};

const Condition: FC<StoredCondition> = ({ id, column, operator, value }) => (
  <span>
    {id}: <code>{column}</code> {OPERATOR_LABELS[operator]}{" "}
    {value === undefined ? null : <code>{stringifyExact(value)}</code>}
  </span>
);

const Definition: FC<{ client: Client; row: WholeExport; table: Table }> = (props) => {
  const { client, row, table } = props;
  const home = `/console/clients/${client.id}/tables`;
  return (
    <Panel title="What is exported">
      <Facts
        facts={[
          ["Table", <a href={`${home}/${table.id}`}>{table.name}</a>],
          ["Columns", <ColumnNames names={row.columns} />],
          ["Safe for spreadsheets", row.spreadsheet_safe ? "yes" : "no"],
          ...(row.filter_logic === null ? [] : [["Logic", row.filter_logic] as const]),
        ]}
      />
      {row.filters === null ? null : (
        <ul class="plain-list" aria-label="Filters">
          {row.filters.map((condition) => (
            <li>
              <Condition {...condition} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

const Program: FC<{ client: Client; row: WholeExport; origin: string }> = (props) => {
  const { client, row, origin } = props;
  const call = `curl -H 'X-RJM-API-Key: KEY'`;
  return (
    <Panel title="From a program">
      <p class="hint">
        Export id {row.id}. KEY is an export key of {client.name}. Programs copy an export to fill
        it anew: the id in the answer is that of the copy.
      </p>
      <CodeBlock
        label="Lines for a program"
        text={`${call} -o export.zip ${origin}/0.1/export/${row.id}\n${call} -X POST ${origin}/0.1/export/${row.id}/copy`}
      />
    </Panel>
  );
};

const Steps: FC<{ session: Session; path: string; row: WholeExport }> = ({
  session,
  path,
  row,
}) => (
  <Panel title="Copy or delete">
    <PostForm session={session} action={`${path}/copy`} class="inline">
      <Submit kind="other">
        <Icon name="copy" /> Copy it, with the rows of now
      </Submit>
    </PostForm>
    <Danger session={session} action={`${path}/delete`} open="Delete…" confirm="Delete this export">
      <p>
        The export {row.name} with its file goes for good, and programs that copy it are refused.
      </p>
    </Danger>
  </Panel>
);

async function copyExport(context: ConsoleContext): Promise<Response> {
  const copy = await api<{ id: number }>(context, "POST", `${pathOf(context)}/copy`);
  return seeOther(context, `/clients/${pathId(context, "cid")}/exports/${copy.id}`);
}

async function deleteExport(context: ConsoleContext): Promise<Response> {
  await remove(context, pathOf(context));
  return seeOther(context, `/clients/${pathId(context, "cid")}/exports`);
}

/** What a browser says that goes on with a download which broke off (RFC 9110 14). */
const RANGE_HEADERS = ["Range", "If-Range"] as const;

/** The file itself, or the part of it that a browser asks for, with the headers of the admin API. */
async function exportFile(context: ConsoleContext): Promise<Response> {
  const headers: Record<string, string> = {};
  for (const name of RANGE_HEADERS) {
    const value = context.req.header(name);
    if (value !== undefined) headers[name] = value;
  }
  try {
    return await callApi(context, "GET", `${pathOf(context)}/file`, undefined, headers);
  } catch (error) {
    // It expired between the page and the click: the page says so.
    if (error instanceof ApiError && error.status === 410) {
      return seeOther(context, pathOf(context));
    }
    throw error;
  }
}

const PATH = "/clients/:cid/exports/:id";

/** The paths of one export. */
export const exportRoutes: readonly ConsoleRoute[] = [
  { path: PATH, methods: { GET: showExport } },
  { path: `${PATH}/copy`, methods: { POST: copyExport } },
  { path: `${PATH}/delete`, methods: { POST: deleteExport } },
  { path: `${PATH}/file`, methods: { GET: exportFile } },
];
