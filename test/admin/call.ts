/** Calls of the admin API through the whole Worker. */
import { expect } from "vitest";
import { testEnv } from "../support/env.ts";
import { send } from "../support/tenant.ts";

/** The admin token of the tests (vitest.config.ts). */
export const ADMIN_TOKEN = "test-admin-token";

/** An id that no client ever has: those that are chosen by chance begin with 1000. */
export const NO_CLIENT = 999;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is empty. */
  readonly json: unknown;
}

/** Sends a request as the operator. A body that is no string goes out as JSON. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init: RequestInit = {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
  };
  if (body !== undefined) init.body = typeof body === "string" ? body : JSON.stringify(body);
  return answerOf(await send(`/admin/v1${path}`, init));
}

/** Reads a response. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, text, json };
}

/** A member of an answer's object. */
export function member(answer: Answer, name: string): unknown {
  const { json } = answer;
  if (typeof json !== "object" || json === null) throw new Error(`no object: ${answer.text}`);
  return Reflect.get(json, name);
}

/** A new client through the API. */
export async function newClient(name = "Shop"): Promise<number> {
  const answer = await call("POST", "/clients", { name });
  expect(answer.status, answer.text).toBe(201);
  return Number(member(answer, "id"));
}

/** Whether there is a client with this id. */
export async function isClient(id: number): Promise<boolean> {
  const find = testEnv.CATALOG.prepare("SELECT 1 FROM clients WHERE id = ?1");
  return (await find.bind(id).first()) !== null;
}

/** An id that no client has: the service chooses ids by chance, too. */
export async function freeId(): Promise<number> {
  for (let id = 500_000; ; id += 1) if (!(await isClient(id))) return id;
}

/** A new integration of a client through the API. */
export async function newIntegration(clientId: number): Promise<number> {
  const answer = await call("POST", `/clients/${clientId}/integrations`, { name: "Orders" });
  expect(answer.status, answer.text).toBe(201);
  return Number(member(answer, "id"));
}

/** Checks that an answer is the problem of a row of the error table, in the form of RFC 9457. */
export function expectProblem(
  answer: Answer,
  status: number,
  code: string,
  detail?: string | RegExp,
): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.json).toEqual({
    type: `/docs/errors#${code}`,
    title: anyText,
    status,
    detail: anyText,
  });
  const said = String(member(answer, "detail"));
  expect(said).not.toMatch(/<[A-Z]+>/);
  if (typeof detail === "string") expect(said).toBe(detail);
  if (detail instanceof RegExp) expect(said).toMatch(detail);
}

/** Any number and any text, to stand for a member that a test cannot know. */
export const anyNumber: unknown = expect.any(Number);
export const anyText: unknown = expect.any(String);

/** The text of a secret. */
export const aSecret: unknown = expect.stringMatching(/^[\da-f]{64}$/);

/** The statuses of answers, ascending. */
export function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status).sort((a, b) => a - b);
}

/** An instant in an answer: ISO 8601 in UTC, and not long ago; another zone is 15 minutes off. */
export function expectRecent(value: unknown): void {
  expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Math.abs(Date.now() - Date.parse(String(value)))).toBeLessThan(600_000);
}
