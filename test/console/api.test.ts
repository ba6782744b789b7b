import { describe, expect, test } from "vitest";
import { ApiError, attempt, refusalOf } from "../../src/console/api.ts";
import { consoleRoutes } from "../../src/console/app.tsx";
import { testEnv } from "../support/env.ts";
import { newTenant } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";
import { Browser } from "./visit.ts";

describe("what a form's call came to", () => {
  test("its answer, or the reason of the refusal", async () => {
    expect(await attempt(Promise.resolve(7))).toEqual({ ok: true, value: 7 });
    const refused = Promise.reject(new ApiError(422, "name: must be"));
    expect(await attempt(refused)).toEqual({ ok: false, reason: "name: must be" });
    expect(await refusalOf(Promise.resolve())).toBeUndefined();
  });

  test.each([404, 500, 503])("%i is no refusal of the form", async (status) => {
    await expect(attempt(Promise.reject(new ApiError(status, "x")))).rejects.toThrow(ApiError);
  });
});

describe("paths that take forms only", () => {
  const pages = new Set(consoleRoutes.filter(({ methods }) => methods.GET).map(({ path }) => path));
  const paths = consoleRoutes.filter(({ path }) => !pages.has(path));

  test.each(paths.map(({ path }) => path))("GET %s leads to the page above", async (path) => {
    const browser = await Browser.signedIn();
    const asked = path.replaceAll(/:\w+/g, "7");
    const answer = await browser.get(asked);
    expect(answer.status).toBe(303);
    const way = answer.location?.slice("/console".length) ?? "";
    expect(asked.startsWith(`${way}/`)).toBe(true);
    expect(pages.has(path.split("/").slice(0, way.split("/").length).join("/"))).toBe(true);
  });
});

describe("no path leads to another one", () => {
  test.each([
    "/clients/1%2f..%2f2",
    "/clients/1%2fexport-keys",
    "/clients/1;x",
    "/clients/1%00",
    "/clients/%31",
    "/clients//tables",
    "//clients",
    "/%2e%2e/admin/v1/clients",
    "/clients/-1",
    "/clients/1e3",
    "/clients/٣",
    `/clients/${"9".repeat(400)}`,
  ])("%s", async (path) => {
    const browser = await Browser.signedIn();
    const answer = await browser.get(path);
    expect([301, 401, 404], answer.text).toContain(answer.status);
    expect(answer.text).not.toContain('"clients"');
  });

  test("an id of a table beyond all numbers is none", async () => {
    const browser = await Browser.signedIn();
    const { clientId } = await newTenant();
    const path = `/clients/${clientId}/exports`;
    expect((await browser.get(`${path}/new?table=${"9".repeat(400)}`)).status).toBe(404);
    expect((await browser.post(path, { table: "9".repeat(400) })).status).toBe(404);
    expect((await browser.post(path, { table: "1/../2" })).status).toBe(200);
  });
});

describe("methods", () => {
  test.each(["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])("%s changes nothing", async (method) => {
    const { headers } = await Browser.signedIn();
    const { clientId } = await newTenant();
    const answer = await callWorker(testEnv, `/console/clients/${clientId}`, { method, headers });
    expect(answer.status).toBe(method === "HEAD" ? 200 : 403);
    const select = testEnv.CATALOG.prepare("SELECT name FROM clients WHERE id = ?1");
    expect(await select.bind(clientId).first("name")).toBe("test");
  });
});
