/**
 * A test of an integration: a point takes the way of every push, and is read back. The token is
 * the one that the owner entered, or one that is made for the test and revoked after it.
 */
import { errorAnswer } from "../../http/answer.ts";
import { push } from "../../import/stitch/push.ts";
import { api, callApi } from "../api.ts";
import type { ConsoleContext } from "../context.ts";

/** The table of test points; it has one row, which each test replaces. */
export const TEST_TABLE = "headgate_test";

/** How a test ended: what was stored, as JSON text, or why it was not. */
export type TestResult =
  | { readonly ok: true; readonly row: string; readonly tableId: number; readonly ms: number }
  | { readonly ok: false; readonly status: number; readonly answer: string };

/** An integration of a client, with a token for it if the owner has entered one. */
export interface TestOf {
  readonly cid: string;
  readonly iid: string;
  readonly token: string;
}

/**
 * Pushes a test point and reads it back.
 *
 * @throws ApiError where a token cannot be made, or the row cannot be read.
 */
export async function pushTestPoint(context: ConsoleContext, test: TestOf): Promise<TestResult> {
  if (test.token !== "") return pushWith(context, test, test.token);
  const path = `/clients/${test.cid}/integrations/${test.iid}/tokens`;
  const { id, token } = await api<{ id: number; token: string }>(context, "POST", path, {});
  try {
    return await pushWith(context, test, token);
  } finally {
    await callApi(context, "DELETE", `${path}/${id}`);
  }
}

async function pushWith(
  context: ConsoleContext,
  { cid, iid }: TestOf,
  token: string,
): Promise<TestResult> {
  const sentAt = Date.now();
  const answer = await send(context, pointOf(cid, sentAt), token);
  const text = await answer.text();
  if (answer.status !== 201) return { ok: false, status: answer.status, answer: text };
  const ms = Date.now() - sentAt;
  const tableId = await tableIn(context, cid, iid);
  if (tableId === undefined) return ELSEWHERE;
  const path = `/clients/${cid}/tables/${tableId}/rows?key=${encodeURIComponent(KEY)}`;
  const stored = await (await callApi(context, "GET", path)).text();
  // An earlier test may have left its row here, while this one's went to another integration.
  return isStored(stored, sentAt) ? { ok: true, row: stored, tableId, ms } : ELSEWHERE;
}

/** The key of the one row. */
const KEY = '{"id":"test"}';

const ELSEWHERE: TestResult = {
  ok: false,
  status: 201,
  answer: "The token is one of another integration: the point was stored there.",
};

interface Table {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
}

/** The id of the integration's table of test points. */
async function tableIn(
  context: ConsoleContext,
  cid: string,
  iid: string,
): Promise<number | undefined> {
  const path = `/clients/${cid}/tables`;
  const { tables } = await api<{ tables: readonly Table[] }>(context, "GET", path);
  return tables.find(
    ({ name, integration_id }) => name === TEST_TABLE && String(integration_id) === iid,
  )?.id;
}

/** Whether the answer has the row of this very test, or of a later one. */
function isStored(rowsJson: string, sentAt: number): boolean {
  const { rows } = JSON.parse(rowsJson) as { readonly rows: readonly { sequence: string }[] };
  return rows.some(({ sequence }) => Number(sequence) >= sentAt);
}

/** The instant is the sequence, so that the newest test replaces the ones before. */
function pointOf(cid: string, now: number): string {
  const data = { id: "test", sent_at: new Date(now).toISOString(), total: "58.40" };
  const point = {
    client_id: Number(cid),
    table_name: TEST_TABLE,
    action: "upsert",
    sequence: now,
    key_names: ["id"],
    data,
  };
  // A number with a digit that a program may lose on its way.
  return JSON.stringify([point]).replace('"58.40"', "58.40");
}

async function send(context: ConsoleContext, body: string, token: string): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
    Accept: "application/json",
  };
  const url = new URL("/v2/import/push", context.req.url);
  const request = new Request(url, { method: "POST", headers, body });
  try {
    return await push(request, context.env, context.executionCtx as ExecutionContext);
  } catch (error) {
    return errorAnswer("push", request, error);
  }
}
