/** Every page, in both colour schemes, on a desk and on a phone: usable by everybody. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENT_ID, IMPORT_TOKEN } from "../../e2e/constants.ts";
import { admin, BASE, created, stitch, tablesOf } from "../../e2e/service.ts";
import {
  complaintsOf,
  CONSOLE,
  expectFits,
  findings,
  keepScreenshot,
  launch,
  LOOKS,
  newContext,
  signIn,
} from "./chromium.ts";

const HOME = `/clients/${CLIENT_ID}`;
const TABLE = "visits";

/** Pages by name; filled in before the tests with the ids of what was made for them. */
const PAGES = [
  "sign-in",
  "clients",
  "overview",
  "connect",
  "integrations",
  "integration",
  "tables",
  "table",
  "exports",
  "new-export",
  "export",
  "figures",
  "new-figure",
  "figure",
  "charts",
  "new-chart",
  "chart",
  "export-keys",
  "nothing",
  "docs",
  "docs-native",
  "docs-errors",
] as const;
type PageName = (typeof PAGES)[number];

let browser: Browser;
let state: Awaited<ReturnType<BrowserContext["storageState"]>>;
const paths = new Map<PageName, string>();

function visits(): unknown[] {
  return Array.from({ length: 120 }, (_, index) => ({
    client_id: CLIENT_ID,
    table_name: TABLE,
    action: "upsert",
    sequence: index + 1,
    key_names: ["id"],
    data: {
      id: index,
      visitor: `v${index % 13}`,
      page: ["home", "cart", "help"][index % 3],
      seconds: (index * 37) % 300,
      at: `2026-${String(1 + (index % 9)).padStart(2, "0")}-15T08:00:00Z`,
      agent: "a long text that says nothing ".repeat(4),
    },
  }));
}

beforeAll(async () => {
  const pushed = await stitch({ token: IMPORT_TOKEN }, "push", visits());
  if (pushed.status !== 201) throw new Error(pushed.text);
  await stitch({ token: IMPORT_TOKEN }, "push", [{ client_id: CLIENT_ID }]);
  const { json } = await admin<{ integrations: { id: number }[] }>("GET", `${HOME}/integrations`);
  const [integration] = json.integrations;
  const schema = {
    clientId: CLIENT_ID,
    integrationId: integration?.id ?? 0,
    token: "",
    tokenId: 0,
  };
  const table = (await tablesOf(schema)).get(TABLE)?.id ?? 0;
  const metric = { label: "Seconds", table_id: table, operation: "average", column: "seconds" };
  const figure = await created<{ id: number }>(`${HOME}/figures`, {
    name: "Seconds by month",
    metrics: [{ ...metric, date_column: "at" }],
    interval: "month",
    group_by: ["page"],
  });
  const chart = await created<{ id: number }>(`${HOME}/charts`, {
    name: "Seconds by first visit",
    metric: { ...metric, date_column: "at" },
    cohort_date: { first_event_of: "visitor" },
    cohorts: "all",
    min_periods: 0,
  });
  const made = await created<{ id: number }>(`${HOME}/exports`, { table_id: table });
  browser = await launch();
  const context = await newContext(browser);
  await signIn(await context.newPage());
  state = await context.storageState();
  await context.close();
  for (const [name, path] of [
    ["sign-in", "/sign-in"],
    ["clients", ""],
    ["overview", HOME],
    ["connect", `${HOME}/connect`],
    ["integrations", `${HOME}/integrations`],
    ["integration", `${HOME}/integrations/${schema.integrationId}`],
    ["tables", `${HOME}/tables`],
    ["table", `${HOME}/tables/${table}`],
    ["exports", `${HOME}/exports`],
    ["new-export", `${HOME}/exports/new?table=${table}`],
    ["export", `${HOME}/exports/${made.id}`],
    ["figures", `${HOME}/figures`],
    ["new-figure", `${HOME}/figures/new?table=${table}`],
    ["figure", `${HOME}/figures/${figure.id}`],
    ["charts", `${HOME}/charts`],
    ["new-chart", `${HOME}/charts/new?table=${table}`],
    ["chart", `${HOME}/charts/${chart.id}`],
    ["export-keys", `${HOME}/export-keys`],
    ["nothing", "/nothing"],
  ] as const) {
    paths.set(name, `${CONSOLE}${path}`);
  }
  const docs = `${BASE.replace("127.0.0.1", "localhost")}/docs`;
  paths.set("docs", docs);
  paths.set("docs-native", `${docs}/native`);
  paths.set("docs-errors", `${docs}/errors`);
});
afterAll(async () => {
  await browser.close();
});

describe.each(LOOKS)("$width px, $scheme", (look) => {
  let context: BrowserContext;
  let guest: BrowserContext;

  beforeAll(async () => {
    context = await newContext(browser, { ...look, state });
    guest = await newContext(browser, look);
  });
  afterAll(async () => {
    await context.close();
    await guest.close();
  });

  test.each(PAGES)("%s", async (name) => {
    const page: Page = await (name === "sign-in" ? guest : context).newPage();
    const complaints = complaintsOf(page);
    await page.goto(paths.get(name) ?? "");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
    await keepScreenshot(page, name, look);
    expect(await findings(page)).toEqual([]);
    await expectFits(page);
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
    await page.close();
  });
});

test("a keyboard is enough: the first stop skips the navigation, each stop is seen", async () => {
  const context = await newContext(browser, { state });
  const page = await context.newPage();
  await page.goto(paths.get("new-export") ?? "");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toContain("Skip");
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.id")).toBe("main");
  await page.keyboard.press("Tab");
  const seen = new Set<unknown>();
  for (let stop = 0; stop < 8; stop += 1) {
    const style = "getComputedStyle(document.activeElement)";
    const width = await page.evaluate(`${style}.outlineStyle + " " + ${style}.outlineWidth`);
    expect(width).toBe("solid 3px");
    seen.add(await page.evaluate("document.activeElement.outerHTML"));
    await page.keyboard.press("Tab");
  }
  expect(seen.size).toBe(8);
  await context.close();
});
