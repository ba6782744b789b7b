/**
 * Hostile names and values are names and values wherever they come: SQL and paths of JSON, CSV,
 * zip, headers, pages, pictures, lines of the log and points of the metrics.
 */
import Papa from "papaparse";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { FORMULA_BYTES } from "../../src/csv.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { Browser } from "../console/visit.ts";
import { captureLog, loggingEnv } from "../http/captured-log.ts";
import { call, exportTableId, jsonOf, unzip } from "../support/export.ts";
import { newTenant, pushRecords, send, storedRows, type Tenant } from "../support/tenant.ts";
import { callWorker, pushWith, tableId } from "../support/worker.ts";
import { FORMULAS, HOSTILE_TEXTS, strangersIn } from "./hostile-texts.ts";

const TEXTS = Object.entries(HOSTILE_TEXTS);

/** A client whose every name and value is hostile, and one beside it whose rows must stay. */
let hostile: Tenant;
let neighbour: Tenant;
let untouched: unknown;
const tables = new Map<string, number>();

afterEach(() => {
  vi.restoreAllMocks();
});

beforeAll(async () => {
  neighbour = await newTenant();
  hostile = await newTenant();
  const record = { table_name: "t", sequence: 1, key_names: ["id"] };
  await (await pushRecords(neighbour, [{ ...record, data: { id: 1, a: { b: "kept" } } }])).text();
  untouched = await storedRows(neighbour, "t");
  const records = TEXTS.flatMap(([, text]) => [
    { ...record, table_name: text, data: recordOf("1", text, text) },
    { ...record, table_name: text, data: recordOf("2", text, "other") },
  ]);
  const answer = await pushRecords(hostile, records);
  if (answer.status !== 201) throw new Error(await answer.text());
  for (const [, text] of TEXTS) tables.set(text, await tableId(hostile, text));
});

/** JSON.stringify drops no member by its name, so `__proto__` has to be one of its own. */
function recordOf(id: string, name: string, value: string): object {
  const data = { id, day: "2019-01-01", a: { b: "inner" } };
  Object.defineProperty(data, name, { value, enumerable: true, configurable: true });
  return data;
}

/** What people may call a thing: one line of text, without space around it. */
const nameOf = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ")
    .trim();

function recordsOf(csv: string): string[][] {
  return Papa.parse(csv.replace(/\r\n$/, ""), { delimiter: ",", newline: "\r\n" }).data;
}

const tableOf = (text: string): number => tables.get(text) ?? 0;

async function admin<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(`/admin/v1/clients/${hostile.clientId}${path}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.ok, text).toBe(true);
  return JSON.parse(text) as T;
}

describe.each(TEXTS)("%s", (_, text) => {
  const wellFormed = text.toWellFormed();

  test("is the name of a table, of a column and a value, and comes back so", async () => {
    const path = `/tables/${tableOf(text)}/rows?limit=10`;
    const { rows } = await admin<{ rows: { data: Record<string, unknown> }[] }>("GET", path);
    const values = rows.map(
      ({ data }) => Object.entries(data).find(([name]) => name === text)?.[1],
    );
    expect(new Set(values)).toEqual(new Set([text, "other"]));
    const key = encodeURIComponent(JSON.stringify({ id: "1" }));
    const found = await admin<{ rows: unknown[] }>(
      "GET",
      `${path}&key=${key}`.replace("limit=10&", ""),
    );
    expect(found.rows).toHaveLength(1);
    expect(await storedRows(neighbour, "t")).toEqual(untouched);
  });

  test("is counted, filtered and grouped by a figure", async () => {
    const name = nameOf(text);
    const metric = {
      label: name,
      table_id: tableOf(text),
      operation: "count",
      date_column: "day",
      filters: [{ id: "A", column: text, operator: "equal", value: text }],
    };
    const inner = { ...metric, label: "all", filters: [] };
    const metrics = [metric, inner];
    const definition = { name, metrics, group_by: [text], interval: "year" };
    const range = { from: "2019-01-01", to: "2019-12-31" };
    const { id } = await admin<{ id: number }>("POST", "/figures", { ...definition, range });
    const answer = await call(hostile, `/figure/${id}/export?format=csv&includeColumnHeaders=1`);
    const csv = await answer.text();
    expect(answer.status, csv).toBe(200);
    const [header, ...rows] = recordsOf(csv);
    expect(header).toEqual(["Date", wellFormed, name, "all"]);
    const sums = new Map(rows.map(([, group = "", ...counts]) => [group, counts.map(Number)]));
    expect(sums.get(wellFormed)).toEqual([1, 1]);
    expect(sums.get("other")?.map((count) => count || 0)).toEqual([0, 1]);
    expect(sums.size).toBe(2);
    expect(await storedRows(neighbour, "t")).toEqual(untouched);
  });

  test("is in a pattern what it is in a pattern, and nothing in SQL", async () => {
    const value = `%${text.replaceAll(/[%_\\]/g, "\\$&")}%`;
    const filters = [{ id: "A", column: text, operator: "like", value }];
    const metric = { label: "n", table_id: tableOf(text), operation: "count", filters };
    const { id } = await admin<{ id: number }>("POST", "/figures", {
      name: "like",
      type: "scalar",
      metrics: [metric],
    });
    const csv = await (await call(hostile, `/figure/${id}/export?format=csv`)).text();
    expect(csv.trim()).toBe("1");
  });

  // A job each: only what means something to a reader of CSV, of zip or of headers.
  // oxlint-disable-next-line no-control-regex -- the very characters
  const isOfFiles = /^[=+\r]|[",/\\%\0\u202e\u001b\ud800]/.test(text);
  test.runIf(isOfFiles)("is a field of the file, and the name of its member", async () => {
    const id = await exportTableId(hostile, text).catch(() => tableOf(text));
    const path = `/client/${hostile.clientId}/table/${id}/export?spreadsheet_safe=1`;
    const begun = await jsonOf<{ export_id: number }>(call(hostile, path, { method: "POST" }));
    const answer = await call(hostile, `/export/${begun.export_id}`);
    const disposition = answer.headers.get("content-disposition") ?? "";
    expect(disposition).toMatch(
      /^attachment; filename="[^"\\%\r\n]*\.zip"; filename\*=UTF-8''[\w.!#$&+^`|~%-]*\.zip$/,
    );
    expect(answer.headers.get("set-cookie")).toBeNull();
    const { name, csv } = await unzip(answer);
    expect(name).not.toMatch(/[/\\\p{Cc}]|^\.\.?$/u);
    expect(name.endsWith(".csv")).toBe(true);
    const records = recordsOf(csv);
    const isFormula = FORMULAS.includes(text);
    const shown = `${isFormula ? "'" : ""}${wellFormed}`;
    const at = records[0]?.indexOf(shown) ?? -1;
    expect(at, csv).toBeGreaterThanOrEqual(0);
    const fields = records.slice(1).map((record) => record[at]);
    expect(new Set(fields)).toEqual(new Set([shown, "other"]));
    for (const field of records.flat()) {
      expect(/^[=+\-@\t\r]/.test(field), JSON.stringify(field)).toBe(false);
    }
  });
});

test("the formulas of the list begin as the writer of CSV knows them", () => {
  expect(FORMULAS.length).toBeGreaterThan(2);
  for (const text of FORMULAS) {
    expect(FORMULA_BYTES.has(JSON.stringify(text).charCodeAt(1))).toBe(true);
  }
});

/** What means something to a reader of HTML, of an address or of SVG. */
const OF_PAGES = TEXTS.map(([, text]) => text).filter((text) => /[<>&]|\{\{|script:/.test(text));

describe("pages", () => {
  let browser: Browser;
  const figures: number[] = [];
  const charts: number[] = [];

  beforeAll(async () => {
    browser = await Browser.signedIn();
    for (const text of OF_PAGES) {
      const name = nameOf(text);
      await admin("PATCH", "", { name });
      await admin("POST", "/integrations", { name });
      await admin("POST", "/export-keys", { name, allowed_ips: [] });
      const metric = {
        label: name,
        table_id: tableOf(text),
        operation: "count",
        date_column: "day",
      };
      const range = { from: "2018-01-01", to: "2019-12-31" };
      const definition = { name, interval: "year", group_by: [text], range };
      const figure = { ...definition, metrics: [metric] };
      figures.push((await admin<{ id: number }>("POST", "/figures", figure)).id);
      const cohorts = { name, metric, cohort_date: { first_event_of: text }, interval: "month" };
      charts.push((await admin<{ id: number }>("POST", "/charts", cohorts)).id);
    }
  });

  test("of all that have a name show it and nothing more", async () => {
    const home = `/clients/${hostile.clientId}`;
    const paths = [
      ...["", "/integrations", "/tables", "/exports", "/figures", "/charts", "/export-keys"],
      ...["/connect", "/exports/new", "/figures/new", "/charts/new"],
      ...OF_PAGES.map((text) => `/tables/${tableOf(text)}`),
      ...OF_PAGES.slice(0, 2).map((text) => `/exports/new?table=${tableOf(text)}`),
      ...figures.flatMap((id, i) => [`/figures/${id}`, ...(i < 2 ? [`/figures/${id}/edit`] : [])]),
      ...charts.flatMap((id, i) => [`/charts/${id}`, ...(i < 2 ? [`/charts/${id}/edit`] : [])]),
    ];
    let pictures = 0;
    for (const path of paths) {
      const page = await browser.get(`${home}${path}`);
      expect(page.status, path).toBe(200);
      expect(await strangersIn(page.text), path).toEqual([]);
      expect(page.text, path).not.toMatch(/\{\{49\}\}|\$\{49\}/);
      if (/<svg[^>]*class="[^"]*picture/.test(page.text)) pictures += 1;
    }
    expect(pictures).toBeGreaterThan(0);
  });

  test("the search for strangers finds them", async () => {
    for (const [text, found] of [
      ["<p><img src=x></p>", ["<img>", '<img src="x">']],
      ['<a href="javascript:alert(1)">x</a>', ['<a href="javascript:alert(1)">']],
      ["<svg onload=alert(1)></svg>", ['<svg onload="alert(1)">']],
      ["<script>1</script>", ["<script>"]],
    ] as const) {
      expect(await strangersIn(text)).toEqual(found);
    }
  });
});

test("an answer of RJMetrics, which is typed as HTML, has no markup of the request's", async () => {
  const { clientId, token } = hostile;
  const markup = "<img src=x onerror=alert(1)>";
  const bodies = [
    markup,
    `{"keys":["id"],"id":1,}${markup}`,
    JSON.stringify({ keys: [markup] }),
    JSON.stringify({ keys: markup, id: 1 }),
    JSON.stringify({ keys: ["id"], id: { [markup]: 1 } }),
    JSON.stringify([
      { keys: ["id"], id: 1 },
      { keys: [markup, "b&c"], id: 1 },
    ]),
  ];
  const quoted: string[] = [];
  for (const path of ["/v2", "/v1", "/sandbox/v2"]) {
    for (const body of bodies) {
      const answer = await send(`${path}/client/${clientId}/table/t/data?apikey=${token}`, {
        method: "POST",
        // What a form of another site can send.
        headers: { "Content-Type": "text/plain", Accept: "text/html,*/*;q=0.8" },
        body,
      });
      expect(answer.headers.get("content-type")).toContain("text/html");
      const text = await answer.text();
      expect(text).not.toMatch(/[<>&]/);
      quoted.push((JSON.parse(text) as { reasons?: string[] }).reasons?.join() ?? "");
    }
  }
  // The same text for those that read JSON, and the case is a real one.
  expect(quoted.filter((text) => text.includes("<img")).length).toBeGreaterThan(3);
});

test.each(TEXTS)("%s leaves one line of the log one line of JSON", async (_, text) => {
  const log = captureLog();
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS = {
    writeDataPoint: (point?: AnalyticsEngineDataPoint) => points.push(point ?? {}),
  };
  const env: Env = { ...loggingEnv(), METRICS };
  const data = { id: 1, [text]: text };
  await (
    await pushWith(env, hostile, [{ table_name: text, sequence: 1, key_names: ["id"], data }])
  ).text();
  await (
    await pushWith(env, hostile, [{ table_name: text, sequence: 1, key_names: [text], data: {} }])
  ).text();
  const encoded = encodeURIComponent(text.toWellFormed());
  for (const path of [
    `/api/v1/tables/${encoded}/rows`,
    `/v2/client/1/table/${encoded}/data`,
    `/${encoded}`,
  ]) {
    const headers = {
      Authorization: `Bearer ${hostile.token}`,
      "Content-Type": "application/json",
    };
    await (await callWorker(env, path, { method: "POST", headers, body: "{}" })).text();
  }
  log.restore();
  expect(log.lines.length).toBeGreaterThanOrEqual(5);
  for (const { text: line } of log.lines) {
    // oxlint-disable-next-line no-control-regex -- the very ones that a terminal or a reader obeys
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    expect(JSON.parse(line)).toMatchObject({ event: "request" });
  }
  for (const { blobs = [], indexes = [] } of points) {
    expect(indexes).toHaveLength(1);
    for (const blob of blobs)
      expect(typeof blob === "string" ? blob.length : 0).toBeLessThan(1_000);
  }
});
