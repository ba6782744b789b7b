/** What the little script does besides: forms are sent once, and who reads stays where they are. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT_ID } from "../../e2e/constants.ts";
import { created } from "../../e2e/service.ts";
import { arrived, complaintsOf, CONSOLE, launch, newContext, signIn } from "./chromium.ts";

let browser: Browser;
let page: Page;
let complaints: string[];

const HOME = `${CONSOLE}/clients/${CLIENT_ID}`;

beforeAll(async () => {
  browser = await launch();
  page = await (await newContext(browser)).newPage();
  complaints = complaintsOf(page);
  await signIn(page);
});
afterAll(async () => {
  await browser.close();
});

test("a double click makes one token, and a reload no other", async () => {
  const path = `/clients/${CLIENT_ID}/integrations`;
  const { id } = await created<{ id: number }>(path, { name: "clicked twice" });
  await page.goto(`${HOME}/integrations/${id}`);
  await page.getByRole("button", { name: "Generate a token" }).dblclick();
  await arrived(page.getByText("it is shown this once"));
  expect(await page.getByText("Revoke…").count()).toBe(1);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "clicked twice" }).waitFor();
  expect(page.url()).toBe(`${HOME}/integrations/${id}`);
  expect(await page.getByText("Revoke…").count()).toBe(1);
  expect(await page.getByText("it is shown this once").count()).toBe(0);
});

test("the reason of a refusal is in sight and has the focus", async () => {
  await page.setViewportSize({ width: 390, height: 500 });
  await page.goto(`${HOME}/export-keys`);
  await page.locator("#new").getByLabel("Name").fill("key");
  await page.locator("#new").getByLabel("Addresses").fill("nonsense");
  await page.getByRole("button", { name: "Create the key" }).click();
  const alert = page.getByRole("alert");
  await arrived(alert);
  expect(await page.locator(":focus").getAttribute("role")).toBe("alert");
  const box = await alert.boundingBox();
  expect(box?.y).toBeGreaterThanOrEqual(0);
  expect(box?.y).toBeLessThan(500);
  await page.setViewportSize({ width: 1280, height: 900 });
});

/** A list of exports as the service would answer it, the first so far. */
const listOf = (html: string, done: number, isBusy: boolean): string =>
  html.replace(
    /<div id="exports"[^>]*>/,
    `<div id="exports"${isBusy ? ' data-refresh="1"' : ""} data-said="${done} done">` +
      `<p><a href="#one">one</a> <a href="#two">two</a> ${done} done</p>`,
  );

test("progress moves, who has the focus keeps it, and the end is said", async () => {
  let looks = 0;
  await page.route(`${HOME}/exports`, async (route) => {
    const answer = await route.fetch();
    looks += 1;
    await route.fulfill({ response: answer, body: listOf(await answer.text(), looks, looks < 4) });
  });
  await page.goto(`${HOME}/exports`);
  await page.getByRole("link", { name: "two", exact: true }).focus();
  await page.getByText("4 done").first().waitFor();
  expect(await page.locator(":focus").textContent()).toBe("two");
  expect(await page.getByRole("status").textContent()).toBe("4 done");
  await page.unroute(`${HOME}/exports`);
});

test("a session that is over is not asked for again and again", async () => {
  let looks = 0;
  await page.route(`${HOME}/exports`, async (route) => {
    looks += 1;
    if (looks > 1) return route.fulfill({ status: 401, body: "" });
    const answer = await route.fetch();
    return route.fulfill({ response: answer, body: listOf(await answer.text(), 1, true) });
  });
  // The second look may come before the page counts as loaded.
  await Promise.all([
    page.waitForResponse((answer) => answer.status() === 401),
    page.goto(`${HOME}/exports`),
  ]);
  // As long as three looks more would take.
  await page.waitForTimeout(3_500);
  expect(looks).toBe(2);
  await page.unroute(`${HOME}/exports`);
});

test("saw no complaint of the browser", () => {
  expect(complaints.filter((text) => !/422|401/.test(text))).toEqual([]);
});
