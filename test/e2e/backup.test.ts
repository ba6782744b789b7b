/** `npm run backup` and `npm run restore` against the built Worker. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, run } from "../scripts/account.ts";
import { ADMIN_TOKEN, ROOT } from "./constants.ts";
import { Door } from "./door.ts";
import { admin, BASE, call, created, newSchema, type Schema, stitch } from "./service.ts";

const ROWS = 2_300;
const folder = mkdtempSync(join(tmpdir(), "headgate-backup-"));
let clientId = 0;
let schema: Schema;

interface Manifest {
  readonly tables: {
    client_id: number;
    id: number;
    name: string;
    file: string;
    rows: number;
    columns: Record<string, string[]>;
  }[];
}

const script = (name: string, args: string[], env: Record<string, string> = {}): Promise<Ended> =>
  run(process.execPath, [join(ROOT, `scripts/${name}.mjs`), ...args], {
    PATH: String(process.env["PATH"]),
    ...env,
  });

const backup = (dir: string, base = BASE, client = clientId): Promise<Ended> =>
  script("backup", ["--url", base, "--dir", dir, "--client", String(client)], { ADMIN_TOKEN });

const read = (dir: string, file: string): string => readFileSync(join(dir, file), "utf8");
const manifestOf = (dir: string): Manifest => JSON.parse(read(dir, "manifest.json")) as Manifest;

function fileOf(dir: string, client: number, name: string): string {
  const table = manifestOf(dir).tables.find(
    (entry) => entry.client_id === client && entry.name === name,
  );
  expect(table, `${name} of ${client}`).toBeDefined();
  return read(dir, String(table?.file));
}

/** What a parser and a printer of JSON would change, and what could mislead a cutter of text. */
const dataOf = (id: number): string =>
  `{"id":${id},"total":58.40,"big":-9007199254740993,"exp":1.50e3,"text":"\\"]}{[,\\\\\u2028é","nested":{"a":[1,{"b":"]}"}]},"none":null}`;
const sequenceOf = (id: number): string => String(9_223_372_036_854_770_000n + BigInt(id));

async function push(token: string, from: number, to: number): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, index) => from + index);
  const records = ids.map(
    (id) =>
      `{"client_id":${clientId},"table_name":"orders","action":"upsert","sequence":${sequenceOf(id)},"key_names":["id"],"data":${dataOf(id)}}`,
  );
  const answer = await call("/v2/import/push", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      Accept: "application/json",
    },
    body: `[${records.join(",")}]`,
  });
  expect(answer.status, answer.text).toBe(201);
}

/** A row without a sequence. */
async function pushPerson(token: string): Promise<void> {
  const path = `/v2/client/${clientId}/table/people/data?apikey=${token}`;
  const point = { keys: ["id"], id: 1, name: "Ada" };
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const answer = await call(path, { method: "POST", headers, body: JSON.stringify(point) });
  expect(answer.status, answer.text).toBe(201);
}

beforeAll(async () => {
  clientId = (await created<{ id: number }>("/clients", { name: "backed up" })).id;
  schema = await newSchema(clientId);
  await push(schema.token, 0, ROWS);
  await pushPerson(schema.token);
});
afterAll(() => rmSync(folder, { recursive: true }));

it("has every row as it is stored, and everything else but secrets", async () => {
  const dir = join(folder, "whole");
  const { code, stdout, stderr } = await backup(dir);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("Complete:");
  const lines = fileOf(dir, clientId, "orders").trimEnd().split("\n");
  const expected = Array.from(
    { length: ROWS },
    (_, id) => `{"sequence":"${sequenceOf(id)}","data":${dataOf(id)}}`,
  );
  expect(new Set(lines)).toEqual(new Set(expected));
  expect(lines).toHaveLength(ROWS);
  expect(fileOf(dir, clientId, "people")).toMatch(/^\{"sequence":null,"data":\{.*"Ada".*\}\}\n$/);
  const table = manifestOf(dir).tables.find(({ name, client_id }) => {
    return name === "orders" && client_id === clientId;
  });
  expect(table).toMatchObject({
    rows: ROWS,
    columns: { id: ["number"], text: ["string"], nested: ["object"], none: ["null"] },
  });
  expect(read(dir, "clients.json")).toContain("backed up");
  for (const name of ["integrations", "export-keys", "figures", "charts", "tables"]) {
    expect(JSON.parse(read(dir, `clients/${clientId}/${name}.json`))).toHaveProperty([
      name.replace("-", "_"),
    ]);
  }
  expect(read(dir, `clients/${clientId}/integrations.json`)).not.toContain(schema.token);
  expect(existsSync(join(dir, "progress.json"))).toBe(false);
  expect((await backup(dir)).stderr).toContain("choose another folder");

  expect((await script("backup", ["--verify", "--dir", dir])).code).toBe(0);
  const path = join(dir, `clients/${clientId}/tables.json`);
  writeFileSync(path, readFileSync(path, "utf8").replace("orders", "0rders"));
  const broken = await script("backup", ["--verify", "--dir", dir]);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain(`clients/${clientId}/tables.json`);
});

/** The service behind a door that closes for good after a number of pages with rows. */
async function doorway(pages: number): Promise<{ door: Door; seen: string[] }> {
  const seen: string[] = [];
  const door = await Door.open(async (path, forward) => {
    if (!path.includes("/rows?")) return forward();
    if (seen.length === pages) return { status: 403, body: "closed" };
    const passed = await forward();
    if (passed.status === 200) seen.push(path);
    return passed;
  });
  return { door, seen };
}

it("goes on where it was broken off, also behind a torn write", async () => {
  const dir = join(folder, "torn");
  // All tables of the client are in it, so the door closes where this table is half read.
  const all = await doorway(Infinity);
  using open = all.door;
  const whole = await backup(join(folder, "count"), open.base);
  expect(whole.code, whole.stderr).toBe(0);
  const orders = all.seen.findIndex(
    (url) => url.includes(`/clients/${clientId}/`) && url.includes("after="),
  );
  expect(orders).toBeGreaterThan(0);
  const first = await doorway(orders + 1);
  using closing = first.door;
  const broken = await backup(dir, closing.base);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("answered 403");
  const progress = JSON.parse(read(dir, "progress.json")) as {
    url: string;
    current: { file: string; bytes: number };
  };
  const path = join(dir, progress.current.file);
  expect(readFileSync(path)).toHaveLength(progress.current.bytes);
  writeFileSync(path, `${read(dir, progress.current.file)}{"sequence":"1","da`);

  expect((await backup(dir)).stderr).toContain("choose another folder");
  writeFileSync(join(dir, "progress.json"), JSON.stringify({ ...progress, url: BASE }));
  const { code, stdout, stderr } = await backup(dir);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("Going on");
  const again = fileOf(dir, clientId, "orders");
  expect(again).toBe(fileOf(join(folder, "count"), clientId, "orders"));
  expect((await script("backup", ["--verify", "--dir", dir])).code).toBe(0);
});

it("restores into another client what then is the same, and never what is older", async () => {
  const dir = join(folder, "count");
  const other = await created<{ id: number }>("/clients", { name: `restored ${randomUUID()}` });
  const target = await newSchema(other.id);
  const newer = { id: 7, newer: true };
  const record = {
    client_id: other.id,
    table_name: "orders",
    action: "upsert",
    sequence: 1,
    key_names: ["id"],
    data: newer,
  };
  const text = JSON.stringify([record]).replace('"sequence":1', '"sequence":9223372036854775807');
  const pushed = await call("/v2/import/push", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${target.token}`,
      "Content-Type": "application/json",
      Accept: "application/json",
    },
    body: text,
  });
  expect(pushed.status, pushed.text).toBe(201);
  const args = ["--url", BASE, "--dir", dir, "--client", String(clientId), "--to", `${other.id}`];
  for (let time = 0; time < 2; time++) {
    const restored = await script("restore", args, { HEADGATE_TOKEN: target.token });
    expect(restored.code, restored.stderr).toBe(0);
    expect(restored.stdout).toContain(`orders: ${ROWS} rows.`);
  }
  const after = join(folder, "after");
  expect((await backup(after, BASE, other.id)).code).toBe(0);
  const line = `{"sequence":"${sequenceOf(7)}","data":${dataOf(7)}}\n`;
  const kept = '{"sequence":"9223372036854775807","data":{"id":7,"newer":true}}\n';
  expect(fileOf(after, other.id, "orders")).toBe(
    fileOf(dir, clientId, "orders").replace(line, () => kept),
  );
  expect(fileOf(after, other.id, "people")).toBe(fileOf(dir, clientId, "people"));
});

it("copies nested values as they were pushed, and restores their subtables", async () => {
  const { id } = await created<{ id: number }>("/clients", { name: `nested ${randomUUID()}` });
  const integration = async () => {
    const body = { name: "nested", nested_values: "tables" };
    const made = await created<{ id: number }>(`/clients/${id}/integrations`, body);
    const tokens = `/clients/${id}/integrations/${made.id}/tokens`;
    const { token } = await created<{ token: string }>(tokens);
    return { id: made.id, token };
  };
  const [from, to] = [await integration(), await integration()];
  const data = { id: 1, lines: [{ sku: "a" }, { sku: "b" }], address: { city: "Hull" } };
  const record = { client_id: id, table_name: "t", action: "upsert", key_names: ["id"] };
  const pushed = await stitch(from, "push", [{ ...record, sequence: 5, data }]);
  expect(pushed.status, pushed.text).toBe(201);
  const dir = join(folder, "nested");
  expect((await backup(dir, BASE, id)).code).toBe(0);
  expect(manifestOf(dir).tables.map(({ name }) => name)).toEqual(["t"]);
  expect(fileOf(dir, id, "t")).toBe(`{"sequence":"5","data":${JSON.stringify(data)}}\n`);
  const args = ["--url", BASE, "--dir", dir, "--client", String(id)];
  const restored = await script("restore", args, { HEADGATE_TOKEN: to.token });
  expect(restored.code, restored.stderr).toBe(0);
  const { json } = await admin<{ tables: { name: string; integration_id: number }[] }>(
    "GET",
    `/clients/${id}/tables`,
  );
  const names = json.tables.filter((table) => table.integration_id === to.id);
  expect(names.map(({ name }) => name).sort()).toEqual(["t", "t__lines"]);
});

it("says what is wrong", async () => {
  const dir = join(folder, "never");
  const wrong = await script("backup", ["--url", BASE, "--dir", dir], { ADMIN_TOKEN: "wrong" });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("answered 401");
  expect((await script("backup", ["--dir", dir])).code).toBe(2);
  expect((await script("backup", [], { ADMIN_TOKEN })).code).toBe(2);
  const restore = ["--dir", dir, "--client", "1", "--url", BASE];
  const none = await script("restore", restore, { HEADGATE_TOKEN: "x" });
  expect(none.stderr).toContain("has no finished backup");
  expect((await admin("GET", "/clients")).status).toBe(200);
});
