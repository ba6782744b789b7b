/** State that earlier releases have written (test/upgrade), opened by the built Worker of now. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { buildHeadgate } from "../bench/build.ts";
import { CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN } from "../e2e/constants.ts";
import { keptStates } from "../upgrade/kept-state.ts";
import { Opened } from "../upgrade/opened.ts";
import { OTHER_CLIENT_ID, pointsText } from "../upgrade/traffic.ts";

/** How long an export that begins anew may take, in ms. */
const EXPORT_MS_MAX = 120_000;

let bundleFolder: string;
let bundle: string;

beforeAll(async () => {
  bundleFolder = await mkdtemp(join(tmpdir(), "headgate-upgrade-"));
  bundle = await buildHeadgate(bundleFolder);
});

afterAll(() => rm(bundleFolder, { recursive: true, force: true }));

/** One after the other on one state: those that change it come last. */
describe.each(keptStates())("state of $name", (kept) => {
  const { credentials, exports } = kept;
  let opened: Opened;

  beforeAll(async () => {
    opened = await Opened.open(kept, bundle);
  });

  afterAll(() => opened.close());

  const push = (table: string, rows: Parameters<typeof pointsText>[2]): Promise<void> =>
    opened.client.stitch(IMPORT_TOKEN, pointsText(CLIENT_ID, table, rows));

  test("migrations change nothing in it", () => {
    const rows = opened.before.flatMap((found) => found.flatMap((table) => table.rows));
    expect(rows.length).toBeGreaterThan(100);
    expect(opened.after).toEqual(opened.before);
  });

  test("lists, columns and rows are answered as the release did", () => {
    expect(Object.keys(opened.answers)).toEqual(Object.keys(kept.answers));
    expect(opened.answers).toMatchObject(kept.answers);
  });

  test("files of its exports download byte for byte", async () => {
    for (const id of Object.values(exports.completed)) {
      const file = Object.entries(kept.files).find(([key]) => key.includes(`/${id}-`))?.[1];
      const zip = await opened.client.download(EXPORT_KEY, id);
      expect(Buffer.from(zip).toString("base64")).toBe(file?.base64);
    }
  });

  test("an export of each table is the file that the release made", async () => {
    for (const [table, id] of Object.entries(exports.completed)) {
      expect(await opened.exported(Number(table))).toBe(await opened.csv(id));
    }
    const { otherKey } = credentials;
    for (const [table, id] of Object.entries(exports.otherCompleted)) {
      const csv = await opened.exported(Number(table), otherKey, OTHER_CLIENT_ID);
      expect(csv).toBe(await opened.csv(id, otherKey));
    }
  });

  test("exports that expired are gone, and are copied like those that failed", async () => {
    for (const id of [exports.expired, exports.swept]) {
      expect(await opened.info(id)).toMatchObject({ status: "Expired", error: null });
      await opened.client.download(EXPORT_KEY, id, 410);
      expect(await opened.copied(id)).toMatch(/^id/);
    }
    const failed = { status: "Error", error: "The export could not be started." };
    expect(await opened.info(exports.failed)).toMatchObject(failed);
    await opened.client.download(EXPORT_KEY, exports.failed, 404);
    expect(await opened.copied(exports.failed)).toMatch(/^id/);
  });

  test("an export that was under way is made anew, and can be copied", async () => {
    await vi.waitFor(
      async () => {
        const info = await opened.info(exports.running);
        expect(info).toMatchObject({ status: "Completed", error: null });
      },
      { timeout: EXPORT_MS_MAX, interval: 50 },
    );
    const many = exports.completed[opened.tableId("many")] ?? 0;
    const csv = await opened.csv(many);
    expect(await opened.csv(exports.running)).toBe(csv);
    expect(await opened.copied(exports.running)).toBe(csv);
  });

  test("tokens and keys are good for what they were, and revoked ones for nothing", async () => {
    const { client } = opened;
    const pushed = async (token: string, clientId: number): Promise<number> => {
      const body = pointsText(clientId, "credentials", [{ sequence: 1, data: { id: 1 } }]);
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const init = { method: "POST", headers, body };
      return (await fetch(`${client.base}/v2/import/push`, init)).status;
    };
    expect(await pushed(IMPORT_TOKEN, CLIENT_ID)).toBe(201);
    expect(await pushed(credentials.secondToken, CLIENT_ID)).toBe(201);
    expect(await pushed(credentials.otherToken, OTHER_CLIENT_ID)).toBe(201);
    expect(await pushed(credentials.otherToken, CLIENT_ID)).toBe(403);
    expect(await pushed(credentials.revokedToken, CLIENT_ID)).toBe(401);
    const listed = async (key: string, from: string): Promise<number> => {
      const headers = { "X-RJM-API-Key": key, "CF-Connecting-IP": from };
      return (await fetch(`${client.base}/0.1/client/${CLIENT_ID}/table`, { headers })).status;
    };
    expect(await listed(credentials.localKey, "198.51.100.200")).toBe(200);
    expect(await listed(credentials.localKey, "2001:db8::7")).toBe(200);
    expect(await listed(credentials.localKey, "203.0.113.9")).toBe(403);
    expect(await listed(credentials.foreignKey, "203.0.113.9")).toBe(200);
    expect(await listed(credentials.foreignKey, "198.51.100.200")).toBe(403);
    expect(await listed(credentials.revokedKey, "198.51.100.200")).toBe(403);
    expect(await listed(credentials.otherKey, "198.51.100.200")).toBe(403);
  });

  test("the console shows all of it", async () => {
    const headers = { Cookie: await opened.signIn() };
    const pages = [CLIENT_ID, OTHER_CLIENT_ID].flatMap((id) =>
      ["", "/connect", "/integrations", "/tables", "/exports", "/exports/new", "/export-keys"]
        .concat(["/figures", "/charts"])
        .map((page) => `/clients/${id}${page}`),
    );
    const tables = Object.keys(exports.completed).map((id) => `/clients/${CLIENT_ID}/tables/${id}`);
    const states = [exports.expired, exports.swept, exports.failed, exports.running];
    const single = states.map((id) => `/clients/${CLIENT_ID}/exports/${id}`);
    for (const page of ["", ...pages, ...tables, ...single]) {
      const answer = await opened.client.send(`/console${page}`, 200, { headers });
      expect(await answer.text()).toContain("</html>");
    }
  });

  test("old rows are replaced by newer sequences only", async () => {
    const stored = "1795241049244168801";
    const data = (state: string): object => ({ id: 30, state });
    await push("orders", [{ sequence: stored, data: data("equal") }]);
    await push("orders", [{ sequence: "1795241049244168800", data: data("older") }]);
    const orders = opened.tableId("orders");
    expect(await opened.rows(orders)).toContain('"state":"last digit 1"');
    const newer = { sequence: "1795241049244168802", data: { ...data("newer"), extra: 1.5 } };
    await push("orders", [newer, { sequence: 100, data: { id: 10, state: "older" } }]);
    expect(await opened.exported(orders)).toBe(
      "id,state,extra\r\n10,canceled,\r\n22,stored,\r\n30,newer,1.5\r\n",
    );
  });

  test("RJMetrics points replace old rows, and appended rows stay", async () => {
    const table = { clientId: CLIENT_ID, name: "rj_v2", token: IMPORT_TOKEN };
    await opened.client.rjmetrics("v2", table, { keys: ["id"], id: 2, state: "last" });
    expect(await opened.exported(opened.tableId("rj_v2"))).toBe(
      "id,state,total\r\n1,complete,\r\n2,last,\r\n",
    );
    const events = opened.tableId("events", 2);
    const before = await opened.exported(events);
    const message = { action: "upsert", sequence: 1, data: { id: 3 } };
    const batch = JSON.stringify({ table_name: "events", schema: {}, messages: [message] });
    await opened.client.stitch(credentials.secondToken, batch, { path: "batch" });
    expect(await opened.exported(events)).toBe(`${before}3,\r\n`);
  });

  test("a switch deletes old rows of lower versions", async () => {
    const versions = opened.tableId("versions");
    expect(await opened.rows(versions)).toContain('{"id":9,"version":1}');
    await push("versions", [{ sequence: 100, version: 3, data: { id: 1, version: 3 } }]);
    const point = { client_id: CLIENT_ID, table_name: "versions", action: "switch_view" };
    const change = { ...point, table_version: 3, sequence: 101 };
    await opened.client.stitch(IMPORT_TOKEN, JSON.stringify([change]));
    expect(await opened.exported(versions)).toBe("id,version\r\n1,3\r\n4,3\r\n");
  });

  test("what came later works on its tables: native import, figures, definitions", async () => {
    const { client } = opened;
    const native = { Authorization: `Bearer ${IMPORT_TOKEN}`, "Content-Type": "application/json" };
    const headers = { ...native, "Idempotency-Key": "once" };
    const body = '[{"id":22,"state":"native"},{"id":23,"state":"native"}]';
    for (let time = 0; time < 2; time += 1) {
      const init = { method: "POST", headers, body };
      const answer = await client.send("/api/v1/tables/orders/rows", 200, init);
      expect(await answer.json()).toMatchObject({ received: 2, inserted: 1, replaced: 1 });
    }
    const orders = opened.tableId("orders");
    const metric = { label: "Rows", table_id: orders, operation: "count" };
    const definition = { name: "Rows", type: "scalar", metrics: [metric], interval: "none" };
    const path = `/clients/${CLIENT_ID}/figures`;
    const { id } = await client.admin<{ id: number }>(path, { ...definition });
    expect(JSON.stringify(await client.read(EXPORT_KEY, `/figure/${id}/export`))).toContain("4");
    const made = await client.admin<{ id: number }>(`/clients/${CLIENT_ID}/exports`, {
      table_id: orders,
      columns: ["state"],
      filters: [{ id: "A", column: "id", operator: "equal", value: 23 }],
    });
    expect(await opened.csv(made.id)).toBe("state\r\nnative\r\n");
  });

  test("nested values of a new integration are subtables beside its tables", async () => {
    const { client } = opened;
    const integrations = `/clients/${CLIENT_ID}/integrations`;
    const nested = { name: "Nested", nested_values: "tables" };
    const { id } = await client.admin<{ id: number }>(integrations, nested);
    const { token } = await client.admin<{ token: string }>(`${integrations}/${id}/tokens`, {});
    const data = { id: 1, lines: [{ sku: "a" }, { sku: "b" }] };
    await client.stitch(token, pointsText(CLIENT_ID, "orders", [{ sequence: 1, data }]));
    const { tables } = await client.read<{ tables: { id: number; name: string }[] }>(
      EXPORT_KEY,
      `/client/${CLIENT_ID}/table`,
    );
    const lines = tables.find(({ name }) => name === "orders__lines")?.id ?? 0;
    expect(await opened.exported(lines)).toMatch(/a\r\n.*b\r\n/);
  });

  test("the sweep goes over it, and leaves what is good", async () => {
    expect(await opened.server.sweep()).toBe("200 ok");
    await opened.client.download(EXPORT_KEY, exports.expired, 410);
    for (const id of Object.values(exports.completed)) await opened.csv(id);
    expect(await opened.info(exports.running)).toMatchObject({ status: "Completed" });
    const { shards } = await opened.client.admin<{ shards: { bytes: number }[] }>("/shards");
    expect(shards[0]?.bytes).toBeGreaterThan(0);
  });
});
