/** What the examples of the document are about, made anew: their ids stand for the examples'. */
import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import { ADMIN_TOKEN, CLIENT_ID, EXPORT_KEY } from "./constants.ts";
import { admin, created, exportCall, newSchema, type Schema, stitch, tableId } from "./service.ts";

interface Made {
  readonly id: number;
}

/** The things that operations are about. */
export interface World {
  readonly schema: Schema;
  readonly tableId: number;
  readonly exportId: number;
  readonly figureId: number;
  readonly chartId: number;
  readonly exportKeyId: number;
  /** The definitions of the figure and the chart. */
  readonly definitions: Readonly<Record<"figure" | "chart", unknown>>;
}

const client = `/clients/${CLIENT_ID}`;

/** Credentials by the names of the document's security schemes. */
export function credentialsOf({ schema }: World): Readonly<Record<string, string>> {
  return {
    importToken: schema.token,
    importKey: schema.token,
    exportKey: EXPORT_KEY,
    adminToken: ADMIN_TOKEN,
  };
}

/**
 * Makes everything.
 *
 * @param examples of the document: what push, and the figure and chart of the admin API, are sent.
 */
export async function newWorld(examples: {
  readonly records: unknown;
  readonly figure: unknown;
  readonly chart: unknown;
}): Promise<World> {
  const schema = await newSchema();
  expect((await stitch(schema, "push", examples.records)).status).toBe(201);
  expect((await stitch(schema, "push", [{}])).status).toBe(401);
  const bad = [{ client_id: CLIENT_ID, table_name: "orders" }];
  expect((await stitch(schema, "push", bad)).status).toBe(422);
  const table = await tableId(schema, "orders");
  const { id: exportId } = await created<Made>(`${client}/exports`, { table_id: table });
  const figure = withTable(examples.figure, table);
  const chart = withTable(examples.chart, table);
  const world: World = {
    schema,
    tableId: table,
    exportId,
    figureId: (await created<Made>(`${client}/figures`, figure)).id,
    chartId: (await created<Made>(`${client}/charts`, chart)).id,
    exportKeyId: await newKey(),
    definitions: { figure, chart },
  };
  await settled(world);
  return world;
}

/** Waits for what comes after the answer: the file, the notes of imports and refusals. */
async function settled({ exportId, schema }: World): Promise<void> {
  const options = { timeout: 60_000, interval: 200 };
  await vi.waitFor(async () => {
    const { json } = await admin<{ status: string }>("GET", `${client}/exports/${exportId}`);
    expect(json.status).toBe("Completed");
  }, options);
  await vi.waitFor(async () => {
    const { json } = await exportCall<{ lastCompletedUpdateJob: unknown }>(
      "GET",
      `${client}/fullupdatestatus`.replace("clients", "client"),
    );
    expect(json.lastCompletedUpdateJob).not.toBeNull();
  }, options);
  await vi.waitFor(async () => {
    const path = `${client}/integrations/${schema.integrationId}/rejections`;
    const { json } = await admin<{ rejections: { table: string | null }[] }>("GET", path);
    expect(json.rejections.length).toBeGreaterThan(0);
  }, options);
}

async function newKey(): Promise<number> {
  const body = { name: randomUUID(), allowed_ips: [] };
  return (await created<Made>(`${client}/export-keys`, body)).id;
}

/** The table's id in place of the example's, wherever a definition names one. */
export function withTable(value: unknown, table: number): unknown {
  if (Array.isArray(value)) return value.map((item) => withTable(item, table));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]): [string, unknown] => [
      name,
      name === "table_id" ? table : withTable(member, table),
    ]),
  );
}

/** The id that `{id}` of an operation stands for; what is deleted is made for it. */
export async function idFor(world: World, operationId: string, path: string): Promise<number> {
  const { schema, definitions } = world;
  switch (operationId) {
    case "revokeToken":
      return (await created<Made>(`${client}/integrations/${schema.integrationId}/tokens`)).id;
    case "revokeExportKey":
      return newKey();
    case "deleteExport":
      return (await created<Made>(`${client}/exports`, { table_id: world.tableId })).id;
    case "deleteFigure":
      return (await created<Made>(`${client}/figures`, definitions.figure)).id;
    case "deleteChart":
      return (await created<Made>(`${client}/charts`, definitions.chart)).id;
    default:
      if (path.includes("/figure")) return world.figureId;
      if (path.includes("/chart")) return world.chartId;
      if (path.includes("/export-keys")) return world.exportKeyId;
      return path.includes("/tokens") ? schema.tokenId : world.exportId;
  }
}
