/** What an owner does with a Headgate, from the first sign-in to a revoked token. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readZip } from "../../support/read-zip.ts";
import { stitch } from "../../e2e/service.ts";
import { arrived, complaintsOf, CONSOLE, launch, newContext, signIn } from "./chromium.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});

/** Orders of ten customers in the first months of 2026, as records of the Stitch import. */
function orders(clientId: number): unknown[] {
  return Array.from({ length: 60 }, (_, index) => ({
    client_id: clientId,
    table_name: "orders",
    action: "upsert",
    sequence: index + 1,
    key_names: ["id"],
    data: {
      id: index + 1,
      customer: `c${index % 10}`,
      status: index % 3 === 0 ? "refunded" : "complete",
      total: 10 + index / 4,
      created_at: `2026-0${1 + (index % 6)}-1${index % 9} 12:00:00`,
    },
  }));
}

describe.each([true, false])("an owner, script %s", (script) => {
  let page: Page;
  let complaints: string[];
  let home = "";
  let clientId = 0;
  let token = "";

  beforeAll(async () => {
    const context = await newContext(browser, { script });
    page = await context.newPage();
    complaints = complaintsOf(page);
  });
  afterAll(async () => {
    await page.context().close();
  });

  test("signs in", async () => {
    await signIn(page);
    expect(await page.title()).toBe("Clients · Headgate");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict" });
  });

  test("creates a client", async () => {
    await page.getByLabel("Name").fill("Harbour & <Sons>");
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.getByRole("button", { name: "Create the client" }).click();
    await page.getByRole("heading", { level: 1, name: "Harbour & <Sons>" }).waitFor();
    home = page.url();
    clientId = Number(home.split("/").at(-1));
    expect(clientId).toBeGreaterThanOrEqual(1_000);
  });

  test("is told what is wrong with a form, and keeps what was entered", async () => {
    await page.getByLabel("Time zone").fill("Atlantis/Deep");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("time_zone");
    expect(await page.getByLabel("Time zone").inputValue()).toBe("Atlantis/Deep");
    await page.goto(home);
    expect(await page.getByLabel("Time zone").inputValue()).toBe("Europe/Berlin");
  });

  test("creates an integration and a token", async () => {
    await page.getByRole("link", { name: "Integrations", exact: true }).click();
    await page.getByLabel("Name").fill("shop");
    await page.getByRole("button", { name: "Create the integration" }).click();
    await page.getByRole("button", { name: "Generate a token" }).click();
    const shown = page.getByRole("alert");
    token = ((await shown.getByRole("region").textContent()) ?? "").trim();
    expect(token).toMatch(/^[\da-f]{64}$/);
    // It is shown this once.
    await page.goto(`${home}/integrations`);
    await page.getByRole("link", { name: "shop" }).click();
    await arrived(page.getByRole("heading", { level: 1, name: "shop" }));
    expect(await page.content()).not.toContain(token);
    expect(await page.content()).toContain(token.slice(-4));
  });

  test("pushes with it and sees the rows", async () => {
    const answer = await stitch({ token }, "push", orders(clientId));
    expect(answer.status, answer.text).toBe(201);
    await page.goto(home);
    await page.getByRole("link", { name: "orders" }).click();
    await arrived(page.getByRole("region", { name: "Rows" }));
    expect(await page.getByRole("region", { name: "Rows" }).getByRole("row").count()).toBe(26);
    await page.getByRole("searchbox", { name: "id" }).fill("42");
    await page.getByRole("button", { name: "Search by key" }).click();
    const row = page.getByRole("region", { name: "The row" });
    expect(await row.getByRole("row", { name: "total" }).textContent()).toContain("20.25");
  });

  test("sees why data did not arrive", async () => {
    const [first] = orders(clientId) as [Record<string, unknown>];
    const answer = await stitch({ token }, "push", [{ ...first, data: { total: 4711 } }]);
    expect(answer.status).toBe(422);
    await expect
      .poll(
        async () => {
          await page.goto(home);
          return page.locator("#problems").innerHTML();
        },
        { timeout: 30_000 },
      )
      .toContain("key_missing");
    await page.getByText("What was sent").first().click();
    expect(await page.locator(".excerpt").first().textContent()).toContain("4711");
    expect(await page.content()).not.toContain(token);
  });

  test("sends a test point and sees it arrive", async () => {
    await page.getByRole("link", { name: "Connect", exact: true }).click();
    const lines = await page.locator("#python pre").textContent();
    expect(lines).toContain(`Client(${clientId}, "TOKEN")`);
    expect(lines).toContain(`Client.API_BASE = "${new URL(home).origin}/v2"`);
    await page.getByRole("button", { name: "Send a test point" }).click();
    await arrived(page.getByText("It arrived."));
    expect(await page.getByRole("alert").textContent()).toContain("58.40");
    // The token that was made for it is gone again.
    await page.goto(`${home}/integrations`);
    await page.getByRole("link", { name: "shop" }).click();
    await arrived(page.getByRole("heading", { level: 1, name: "shop" }));
    expect(await page.getByText("Revoke…").count()).toBe(1);
  });

  test("makes an export, sees it complete, and downloads it", async () => {
    await page.getByRole("link", { name: "Raw exports" }).click();
    await page.getByRole("link", { name: "New export" }).click();
    await page.getByLabel("Table").selectOption({ label: "orders" });
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByLabel("Name").fill("complete orders");
    await page.getByLabel("id (integer)").check();
    await page.getByLabel("total (decimal)").check();
    await page.getByLabel("A: column").selectOption("status");
    await page.getByRole("group", { name: "Condition A" }).getByLabel("Value").fill("complete");
    await page.getByRole("button", { name: "Export", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "complete orders" }).waitFor();
    // The page moves by itself, with script and without.
    const link = page.getByRole("link", { name: "Download the zip" });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe("complete orders.zip");
    const { name, data } = readZip(new Uint8Array(await readFile(await download.path())));
    expect(name).toBe("complete orders.csv");
    const lines = new TextDecoder().decode(data).trimEnd().split("\r\n");
    expect(lines).toHaveLength(41);
    expect(lines.slice(0, 3)).toEqual(["id,total", "2,10.25", "3,10.5"]);
  });

  test("copies and deletes an export", async () => {
    await page.getByRole("button", { name: "Copy it" }).click();
    await page.getByRole("link", { name: "Download the zip" }).waitFor();
    await page.getByText("Delete…").click();
    await page.getByRole("button", { name: "Delete this export" }).click();
    await page.waitForURL(`${home}/exports`);
    expect(await page.getByRole("link", { name: "complete orders" }).count()).toBe(1);
  });

  test("builds a figure with a live picture", async () => {
    await page.getByRole("link", { name: "Figures", exact: true }).click();
    await page.getByRole("link", { name: "New figure" }).click();
    await page.getByLabel("Table").selectOption({ label: "orders" });
    await page.getByRole("button", { name: "Go on" }).click();
    const preview = page.locator("#preview");
    await preview.getByRole("img").first().waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Revenue by state");
    await page.getByLabel("Operation").selectOption({ label: "Sum" });
    await page.getByLabel("Column", { exact: true }).selectOption("total");
    await page.getByLabel("Group by").selectOption("status");
    if (!script) await page.getByRole("button", { name: "Show" }).click();
    await preview.getByText("refunded").first().waitFor();
    await page.getByRole("button", { name: "Save" }).first().click();
    await arrived(page.getByText("API Figure Id:"));
    expect(await page.getByRole("img").first().getAttribute("aria-labelledby")).not.toBe("");
    const id = Number(page.url().split("/").at(-1));
    expect(await page.content()).toContain(`/0.1/figure/${id}/export`);
    await page.getByRole("link", { name: "Table", exact: true }).click();
    await arrived(page.locator("main table"));
    const cells = await page.locator("main table").first().textContent();
    expect(cells).toContain("refunded");
    expect(cells).toContain("Jan 2026");
  });

  test("builds a cohort chart", async () => {
    await page.getByRole("link", { name: "Cohort charts" }).click();
    await page.getByRole("link", { name: "New cohort chart" }).click();
    await page.getByLabel("Table").selectOption({ label: "orders" });
    await page.getByRole("button", { name: "Go on" }).click();
    // The column of the members is found by its name.
    expect(await page.getByLabel("Member", { exact: true }).inputValue()).toBe("customer");
    await page.getByLabel("Name", { exact: true }).fill("Orders by first month");
    await page.getByLabel("Cohorts", { exact: true }).fill("all");
    await page.getByRole("button", { name: "Save" }).first().click();
    await arrived(page.getByText("API Chart Id:"));
    const id = Number(page.url().split("/").at(-1));
    expect(await page.content()).toContain(`/0.1/chart/${id}/export`);
    const heat = await page.locator("main table").first().textContent();
    expect(heat).toContain("Month 1");
    expect(heat).toContain("Jan 2026");
    expect(await page.getByRole("img").count()).toBeGreaterThan(0);
  });

  test("creates an export key, and changes its addresses", async () => {
    await page.getByRole("link", { name: "Export keys" }).click();
    const form = page.locator("#new");
    await form.getByLabel("Name").fill("warehouse");
    await form.getByLabel("Addresses").fill("203.0.113.0/24\nnonsense");
    await form.getByRole("button", { name: "Create the key" }).click();
    expect(await page.getByRole("alert").textContent()).toContain("allowed_ips");
    await page.locator("#new").getByLabel("Addresses").fill("203.0.113.0/24\n127.0.0.1");
    await page.locator("#new").getByRole("button", { name: "Create the key" }).click();
    const key = (await page.getByRole("alert").getByRole("region").textContent())?.trim();
    expect(key).toMatch(/^[\da-f]{64}$/);
    await page.goto(`${home}/export-keys`);
    await page.getByText("Change…").click();
    await page.locator("td").getByLabel("Addresses").fill("2001:db8::/32");
    await page.getByRole("button", { name: "Save warehouse" }).click();
    await page.getByText("2001:db8::/32").first().waitFor();
    expect(await page.getByRole("cell", { name: "203.0.113.0/24" }).count()).toBe(0);
  });

  test("revokes the token, and the push is refused", async () => {
    await page.goto(`${home}/integrations`);
    await page.getByRole("link", { name: "shop" }).click();
    await arrived(page.getByRole("heading", { level: 1, name: "shop" }));
    await page.getByText("Revoke…").click();
    expect(await page.content()).toContain("Generate a new token before you revoke the old one");
    await page.getByRole("button", { name: `Revoke …${token.slice(-4)}` }).click();
    await page.getByText("There is no token").waitFor();
    await expect
      .poll(async () => (await stitch({ token }, "push", orders(clientId))).status, {
        timeout: 30_000,
      })
      .toBe(401);
  });

  test("signs out, and is out", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Admin token").waitFor();
    await page.goto(home);
    await page.getByLabel("Admin token").waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  test("saw no complaint of the browser", () => {
    // Refused forms answer 422, which the browser notes.
    expect(complaints.filter((text) => !text.includes("422"))).toEqual([]);
  });
});

test("a wrong token does not sign in", async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(`${CONSOLE}/sign-in`);
  await page.getByLabel("Admin token").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  expect(await page.getByRole("alert").textContent()).toContain("not the admin token");
  expect(await context.cookies()).toEqual([]);
  await context.close();
});
