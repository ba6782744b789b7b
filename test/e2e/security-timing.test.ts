/**
 * The time of a refusal tells nothing: what does not exist takes as long as what is another's, and
 * a wrong secret as long whichever of its letters is wrong. Requests of all kinds take turns, so
 * that the machine's moods are the same for each; the bound is wide, for a busy machine.
 *
 * Longer, by hand, with the figures: SECURITY_TIMING_ROUNDS=2000 SECURITY_TIMING_PRINT=1
 *   vitest run --config vitest.e2e.config.ts test/e2e/security-timing.test.ts
 */
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { expect, test, vi } from "vitest";
import { median } from "../support/quantile.ts";
import { ADMIN_TOKEN, CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN } from "./constants.ts";
import { admin, BASE, created, newSchema, stitch, tableId } from "./service.ts";

const ROUNDS = Number(process.env["SECURITY_TIMING_ROUNDS"] ?? 40);

/** How far two medians may be apart, as a share of the smaller one; by chance it is some percent. */
const SHARE_MAX = 0.25;

/** Below this difference of medians nothing is said, in ms: a tick of the machine. */
const DIFFERENCE_MS_MIN = 0.4;

/** Below this score a difference is one that chance makes, however large on a busy machine. */
const SCORE_MIN = 5;

/** Hundreds of requests one after the other: a machine with other work takes ten times as long. */
vi.setConfig({ testTimeout: 240_000 });

type Send = () => Promise<Response>;

/** Medians in ms of requests that take turns. */
async function mediansOf(kinds: Readonly<Record<string, Send>>): Promise<Map<string, number[]>> {
  const times = new Map(Object.keys(kinds).map((kind): [string, number[]] => [kind, []]));
  const statuses = new Set<number>();
  for (let round = 0; round < ROUNDS + 5; round += 1) {
    // Each begins the round in its turn.
    const order = Object.entries(kinds);
    order.push(...order.splice(0, round % order.length));
    for (const [kind, send] of order) {
      const begin = performance.now();
      const response = await send();
      await response.arrayBuffer();
      statuses.add(response.status);
      // The first rounds fill caches.
      if (round >= 5) times.get(kind)?.push(performance.now() - begin);
    }
  }
  expect(statuses.size, [...statuses].join()).toBe(1);
  return times;
}

/** How surely one is slower: the standard score of the rank sum (Mann and Whitney). */
function scoreOf(a: readonly number[], b: readonly number[]): number {
  const all = [
    ...a.map((time) => ({ time, isA: true })),
    ...b.map((time) => ({ time, isA: false })),
  ];
  all.sort((x, y) => x.time - y.time);
  const sum = all.reduce((ranks, { isA }, index) => ranks + (isA ? index + 1 : 0), 0);
  const u = sum - (a.length * (a.length + 1)) / 2;
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  return (u - (a.length * b.length) / 2) / deviation;
}

async function expectAlike(what: string, kinds: Readonly<Record<string, Send>>): Promise<void> {
  const times = await mediansOf(kinds);
  const [[firstKind = "", first = []] = [], ...others] = times;
  for (const [kind, other] of others) {
    const [a, b] = [median(first), median(other)];
    const score = scoreOf(first, other);
    const figures = `${what}: ${firstKind} ${a.toFixed(3)} ms, ${kind} ${b.toFixed(3)} ms, score ${score.toFixed(2)}`;
    if (process.env["SECURITY_TIMING_PRINT"] !== undefined) console.log(figures);
    const difference = Math.abs(a - b);
    const isSmall = difference < DIFFERENCE_MS_MIN || difference / Math.min(a, b) < SHARE_MAX;
    expect(isSmall || Math.abs(score) < SCORE_MIN, figures).toBe(true);
  }
}

const request =
  (path: string, headers: Record<string, string>, init: RequestInit = {}): Send =>
  () =>
    fetch(`${BASE}${path}`, { redirect: "manual", ...init, headers });

/** A text with another character at a place. */
const changed = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;

test("an admin token is wrong in the same time, wherever it is wrong", async () => {
  const guess = (token: string): Send =>
    request("/admin/v1/clients", { Authorization: `Bearer ${token}` });
  await expectAlike("admin token", {
    "first letter": guess(changed(ADMIN_TOKEN, 0)),
    "last letter": guess(changed(ADMIN_TOKEN, ADMIN_TOKEN.length - 1)),
    "another length": guess(ADMIN_TOKEN.slice(0, 1)),
  });
});

test("an import token is wrong in the same time, unknown or nearly right", async () => {
  const guess = (token: string): Send =>
    request(
      "/v2/import/push",
      { Authorization: `Bearer ${token}` },
      { method: "POST", body: "[]" },
    );
  const schema = await newSchema();
  const path = `/clients/${CLIENT_ID}/integrations/${schema.integrationId}/tokens/${schema.tokenId}`;
  expect((await admin("DELETE", path)).status).toBe(204);
  await expectAlike("import token", {
    unknown: guess(randomBytes(32).toString("hex")),
    "first letter": guess(changed(IMPORT_TOKEN, 0)),
    "last letter": guess(changed(IMPORT_TOKEN, IMPORT_TOKEN.length - 1)),
    revoked: guess(schema.token),
  });
});

test("an export key is wrong in the same time, unknown or of another address", async () => {
  const made = await created<{ key: string }>(`/clients/${CLIENT_ID}/export-keys`, {
    name: "of nowhere",
    allowed_ips: ["192.0.2.1"],
  });
  const guess = (key: string): Send => request("/0.1/export", { "X-RJM-API-Key": key });
  await expectAlike("export key", {
    unknown: guess(randomBytes(32).toString("hex")),
    "last letter": guess(changed(EXPORT_KEY, EXPORT_KEY.length - 1)),
    "another address": guess(made.key),
  });
});

test("what another has and what nobody has take the same time", async () => {
  const other = await created<{ id: number }>("/clients", { name: "other" });
  const schema = await newSchema(other.id);
  const record = { client_id: other.id, table_name: "t", sequence: 1, action: "upsert" };
  const body = [{ ...record, key_names: ["id"], data: { id: 1 } }];
  expect((await stitch(schema, "push", body)).status).toBe(201);
  const theirs = await tableId(schema, "t");
  const begun = await created<{ id: number }>(`/clients/${other.id}/exports`, { table_id: theirs });
  const headers = { "X-RJM-API-Key": EXPORT_KEY };
  await expectAlike("export", {
    "another's": request(`/0.1/export/${begun.id}/info`, headers),
    "nobody's": request("/0.1/export/999999999/info", headers),
  });
  await expectAlike("table", {
    "another's": request(`/0.1/client/${CLIENT_ID}/table/${theirs}`, headers),
    "nobody's": request(`/0.1/client/${CLIENT_ID}/table/999999999`, headers),
  });
  await expectAlike("client", {
    "another's": request(`/v2/client/${other.id}/authenticate?apikey=${IMPORT_TOKEN}`, {}),
    "nobody's": request(`/v2/client/999999999/authenticate?apikey=${IMPORT_TOKEN}`, {}),
  });
});

test("a session that is unknown takes as long, whatever is in its cookie", async () => {
  const secret = randomBytes(32).toString("hex");
  const guess = (cookie: string): Send =>
    request("/console/clients", { Cookie: `__Host-headgate=${cookie}` });
  await expectAlike("session", {
    unknown: guess(secret),
    another: guess(randomBytes(32).toString("hex")),
  });
});

test("the score tells what differs from what does not", () => {
  const times = Array.from({ length: 100 }, (_, i) => 1 + ((i * 37) % 100) / 100);
  expect(Math.abs(scoreOf(times, times.toReversed()))).toBeLessThan(2);
  expect(
    scoreOf(
      times.map((time) => time + 0.5),
      times,
    ),
  ).toBeGreaterThan(SCORE_MIN);
});
