/** Chromium, as Debian has it, and pages of the served console in it. */
import { accessSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { expect } from "vitest";
import { ADMIN_TOKEN } from "../../e2e/constants.ts";
import { BASE } from "../../e2e/service.ts";

/** Where the browser may be; the first that is there is taken. */
const PLACES = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

function executablePath(): string {
  for (const path of PLACES) {
    if (path === undefined) continue;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one.
    }
  }
  throw new Error("There is no Chromium: install it, or name it in the variable CHROMIUM.");
}

/** A browser without a window. */
export function launch(): Promise<Browser> {
  // The tests may run as root in a container, where Chromium's own sandbox cannot.
  return chromium.launch({ executablePath: executablePath(), args: ["--no-sandbox"] });
}

/** The console's address: a browser keeps a Secure cookie of localhost without TLS. */
export const CONSOLE = `${BASE.replace("127.0.0.1", "localhost")}/console`;

/** How a page is looked at. */
export interface Look {
  readonly width: 1280 | 390;
  readonly scheme: "light" | "dark";
}

/** All of them. */
export const LOOKS: readonly Look[] = [
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 390, scheme: "light" },
  { width: 390, scheme: "dark" },
];

/** A context of its own, whose pages must not complain. */
export async function newContext(
  browser: Browser,
  options: Partial<Look> & {
    readonly script?: boolean;
    readonly state?: Awaited<ReturnType<BrowserContext["storageState"]>>;
  } = {},
): Promise<BrowserContext> {
  const { width = 1280, scheme = "light", script = true, state } = options;
  return browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 900 },
    colorScheme: scheme,
    javaScriptEnabled: script,
    acceptDownloads: true,
    ...(state === undefined ? {} : { storageState: state }),
  });
}

/** Signs in with the admin token. */
export async function signIn(page: Page): Promise<void> {
  await page.goto(CONSOLE);
  await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(CONSOLE);
}

/**
 * Waits for something on the page that comes, and then for the rest of that page: what is read
 * or counted at once behind it would else be that of a page that is half there.
 */
export async function arrived(what: Locator): Promise<void> {
  await what.first().waitFor();
  await what.page().waitForLoadState();
}

/** What a page says of itself that it should not: errors of scripts, refused styles, lost files. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}

/** What axe-core finds, but for what it calls minor. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  // As a text, as all that runs in the page: the test runner renames what a function refers to.
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact !== "minor")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

/** Expects that the page needs no sideways scrolling, as a phone would. */
export async function expectFits(page: Page): Promise<void> {
  // As a text: the types of the tests are those of a Worker, which has no document.
  const expression = "({ page: document.documentElement.scrollWidth, window: innerWidth })";
  const widths = await page.evaluate<{ page: number; window: number }>(expression);
  expect(widths.page, page.url()).toBeLessThanOrEqual(widths.window);
}

/** Keeps a picture of the page in the folder of the variable SCREENSHOTS, if there is one. */
export async function keepScreenshot(page: Page, name: string, look: Look): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}-${look.width}-${look.scheme}.png`);
  await page.screenshot({ path, fullPage: true });
}
