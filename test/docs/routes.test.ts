import { describe, expect, test } from "vitest";
import { OPERATIONS } from "../../src/docs/operations/all.ts";
import { openApi } from "../../src/docs/document.ts";
import { PAGES } from "../../src/docs/surfaces.ts";
import { app } from "../../src/http/app.ts";
import { ERRORS } from "../../src/http/errors.ts";
import { testEnv } from "../support/env.ts";
import { callWorker } from "../support/worker.ts";

/** What is for browsers, and no operation of an API. */
const IS_PAGE = /^\/(?:console|docs|assets)(?:\/|$)/;

test("each route is an operation of the document, and each operation a route", () => {
  const routed = app.routes
    .filter(({ method, path }) => method !== "ALL" && !IS_PAGE.test(path))
    .map(({ method, path }) => {
      const plain = path.replaceAll("{[1-9][0-9]*}", "").replaceAll(/:(\w+)/g, "{$1}");
      return `${method} ${plain}`;
    });
  const { paths } = openApi("0");
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual([...new Set(routed)].sort());
  expect(documented).toHaveLength(OPERATIONS.length);
});

test("ids of operations are unique and words of their own", () => {
  const ids = OPERATIONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]+$/);
});

test("all parameters of a path are described, and no others", () => {
  for (const { path, parameters = [] } of OPERATIONS) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = parameters.filter((one) => one.in === "path").map(({ name }) => name);
    expect(described, path).toEqual(inPath);
  }
});

describe("/openapi.json", () => {
  test("is the document that the code describes", async () => {
    const response = await callWorker(testEnv, "/openapi.json");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const served: { info: { version: string } } = await response.json();
    expect(served).toEqual(JSON.parse(JSON.stringify(openApi(served.info.version))));
  });

  test("can be asked for only if it changed", async () => {
    const first = await callWorker(testEnv, "/openapi.json");
    await first.text();
    const etag = first.headers.get("etag");
    expect(etag).not.toBeNull();
    const headers = { "If-None-Match": String(etag) };
    expect((await callWorker(testEnv, "/openapi.json", { headers })).status).toBe(304);
  });
});

describe("pages", () => {
  const paths = ["/docs", ...PAGES.map(({ name }) => `/docs/${name}`), "/docs/errors"];

  test.each(paths)("%s comes from the service alone, and without script", async (path) => {
    const response = await callWorker(testEnv, path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src");
    const html = await response.text();
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=|src="/);
    const links = [...html.matchAll(/<link[^>]*href="([^"]*)"/g)].map(([, href]) => href);
    for (const href of links) expect(href).toMatch(/^\/assets\//);
    const asked = [...html.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href);
    for (const href of asked) expect(href).toMatch(/^[/#]/);
  });

  test.each(paths)("what %s links to is there", async (path) => {
    const html = await (await callWorker(testEnv, path)).text();
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(id);
    for (const [, code] of html.matchAll(/href="\/docs\/errors#([^"]*)"/g)) {
      expect(Object.keys(ERRORS)).toContain(code);
    }
    const pages = new Set([...html.matchAll(/href="(\/docs[^"#]*)/g)].map(([, href]) => href));
    for (const page of pages) expect(paths).toContain(page);
  });

  test("each operation is on one page, with its address and a curl line for this deployment", async () => {
    for (const { name } of PAGES) {
      const html = await (await callWorker(testEnv, `/docs/${name}`)).text();
      const own = OPERATIONS.filter(({ page }) => page === name);
      for (const { id, path } of own) {
        expect(html).toContain(` id="${id}"`);
        expect(html).toContain(`<code>${path}</code>`);
      }
      const lines = [...html.matchAll(/curl -sS \\\n {2}&quot;https:\/\/headgate\.example\//g)];
      expect(lines).toHaveLength(own.length);
    }
  });

  test("the errors are those of the table, under the anchors that answers point to", async () => {
    const html = await (await callWorker(testEnv, "/docs/errors")).text();
    const codes = [...html.matchAll(/<section class="panel" id="(\w+)"/g)].map(([, id]) => id);
    expect(codes).toEqual(Object.keys(ERRORS));
    const answer = await callWorker(testEnv, "/admin/v1/clients");
    const { type }: { type: string } = await answer.json();
    const [page, anchor] = type.split("#");
    expect([page, codes.includes(anchor ?? "")]).toEqual(["/docs/errors", true]);
  });

  test("a page that is none is a 404", async () => {
    expect((await callWorker(testEnv, "/docs/nothing")).status).toBe(404);
  });
});
