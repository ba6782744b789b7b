/** Tables as the admin API lists them: imports create them (warehouse/tables.ts). */
import { logError, messageOf } from "../log.ts";
import { jsonAnswer, NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { findTable, listColumns } from "../warehouse/read-tables.ts";
import { TABLES_PAGE_BYTES_MAX, TABLES_PAGE_ROWS } from "./limits.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { CLIENT, listUnder } from "./store.ts";

interface TableRow {
  readonly id: number;
  readonly integration_id: number;
  /** JSON text, as all names of the catalogue (warehouse/tables.ts). */
  readonly name: string;
  readonly key_names: string;
  readonly created_at: number;
}

/**
 * The next tables of a client: at most as many as a page has, and no more after the one that
 * takes the page past its bytes. Tables are made by imports, so their number has no bound, and
 * key names may be long.
 */
const SELECT_TABLES = `SELECT id, integration_id, name, key_names, created_at FROM tables
WHERE client_id = ?1 AND id > ?2 AND id <= (
  SELECT max(id) FROM (
    SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before FROM (
      SELECT id, octet_length(name) + octet_length(key_names) AS bytes FROM tables
      WHERE client_id = ?1 AND id > ?2 ORDER BY id LIMIT ${TABLES_PAGE_ROWS}
    )
  ) WHERE bytes_before <= ${TABLES_PAGE_BYTES_MAX}
)
ORDER BY id`;

/** The texts are JSON already, so the answer is put together without parsing them. */
function tableText(table: TableRow): string {
  const { id, integration_id, name, key_names, created_at } = table;
  return `{"id":${id},"name":${name},"integration_id":${integration_id},"key_names":${key_names},"created_at":"${timeText(created_at)}"}`;
}

/** Lists the tables page by page as the caller reads, so that memory stays bounded. */
async function listTables(context: AdminContext): Promise<Response> {
  const { env } = context;
  const clientId = idOf(context, "cid");
  const readPage = (afterId: number): Promise<TableRow[]> => {
    const select = env.CATALOG.prepare(SELECT_TABLES).bind(clientId, afterId);
    return listUnder(env, env.CATALOG.prepare(CLIENT).bind(clientId), select);
  };
  // Before the answer begins, so that it can still be a 404 or a 503.
  const first = await readPage(0);
  const headers = { "Content-Type": "application/json", ...NO_STORE };
  return new Response(textStream(tableTexts(first, readPage)), { headers });
}

async function* tableTexts(
  first: readonly TableRow[],
  readPage: (afterId: number) => Promise<readonly TableRow[]>,
): AsyncGenerator<string, void> {
  let page = first;
  let isFirst = true;
  yield '{"tables":[';
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    yield `${isFirst ? "" : ","}${page.map(tableText).join(",")}`;
    isFirst = false;
    page = await readPage(last.id);
  }
  yield "]}";
}

/** A failure breaks the answer off, which the caller sees: it never looks complete. */
function textStream(texts: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await texts.next().catch(logAndThrow);
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await texts.return();
      },
    },
    { highWaterMark: 0 },
  );
}

function logAndThrow(error: unknown): never {
  logError("tables_list_broken_off", { cause: messageOf(error) });
  throw error;
}

/** A table with its columns in the order of their first appearance. */
async function showTable(context: AdminContext): Promise<Response> {
  const { env } = context;
  const table = await findTable(env, idOf(context, "cid"), idOf(context, "tid"));
  if (table === undefined) throw new Refusal("not_found");
  const columns = await listColumns(env, table.id);
  const shown = {
    id: table.id,
    name: table.name,
    integration_id: table.integrationId,
    key_names: table.keyNames,
    parent_id: table.parent?.id ?? null,
    created_at: timeText(table.createdAt),
    columns: columns.map(({ name, type }) => ({ name, type })),
  };
  return jsonAnswer(200, JSON.stringify(shown));
}

/** The paths of tables. */
export const tableRoutes: readonly AdminRoute[] = [
  { path: "/clients/:cid/tables/:tid", methods: { GET: showTable } },
  { path: "/clients/:cid/tables", methods: { GET: listTables } },
];
