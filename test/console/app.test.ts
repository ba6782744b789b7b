import { beforeAll, describe, expect, test } from "vitest";
import { consoleRoutes } from "../../src/console/app.tsx";
import { testEnv } from "../support/env.ts";
import { tapEnv } from "../support/tap.ts";
import { pushText, send } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";
import { newVictim, type Victim } from "../http/victim.ts";
import { Browser } from "./visit.ts";

/** What a name may be, to be shown and nothing else. */
const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;`;

let browser: Browser;
let victim: Victim;

/** The ids of the victim in place of the names in a path. */
function pathOf(pattern: string): string {
  const ids: Record<string, number> = {
    cid: victim.clientId,
    iid: victim.integrationId,
    tid: victim.tableId,
    id: victim.exportId,
  };
  if (pattern.includes("/tokens/")) ids["id"] = victim.tokenId;
  if (pattern.includes("/export-keys/")) ids["id"] = victim.exportKeyId;
  if (pattern.includes("/figures/")) ids["id"] = victim.figureId;
  if (pattern.includes("/charts/")) ids["id"] = victim.chartId;
  return pattern.replaceAll(/:(\w+)/g, (_, id: string) => String(ids[id]));
}

const pages = consoleRoutes.filter(({ methods }) => methods.GET).map(({ path }) => path);
const forms = consoleRoutes.filter(({ methods }) => methods.POST).map(({ path }) => path);

beforeAll(async () => {
  browser = await Browser.signedIn();
  victim = await newVictim();
  const record = {
    client_id: victim.clientId,
    table_name: HOSTILE,
    action: "upsert",
    sequence: 1,
    key_names: ["id"],
    data: { id: 1, [HOSTILE]: HOSTILE },
  };
  const answer = await pushText(victim, JSON.stringify([record]));
  if (answer.status !== 201) throw new Error(await answer.text());
  const { CATALOG } = testEnv;
  await CATALOG.batch([
    CATALOG.prepare("UPDATE clients SET name = ?2 WHERE id = ?1").bind(victim.clientId, HOSTILE),
    CATALOG.prepare("UPDATE integrations SET name = ?2 WHERE id = ?1").bind(
      victim.integrationId,
      HOSTILE,
    ),
    CATALOG.prepare("UPDATE exports SET name = ?2 WHERE id = ?1").bind(victim.exportId, HOSTILE),
    CATALOG.prepare("UPDATE reports SET name = ?2 WHERE client_id = ?1").bind(
      victim.clientId,
      HOSTILE,
    ),
    CATALOG.prepare("UPDATE export_keys SET name = ?2 WHERE client_id = ?1").bind(
      victim.clientId,
      HOSTILE,
    ),
  ]);
});

describe.each(pages)("GET %s", (path) => {
  test("shows what is there, and runs nothing of it", async () => {
    const page = await browser.get(path === "/" ? "" : pathOf(path));
    if (path.endsWith("/file")) {
      // The victim's export has expired: back to its page, which says so.
      expect(page.status).toBe(303);
      return;
    }
    expect(page.status, page.text).toBe(200);
    expect(page.text).not.toMatch(
      /<(?:script(?! src="\/assets\/)|img|iframe|object|embed|base)\b/i,
    );
    const withoutValues = page.text.replaceAll(/"[^"]*"/g, '""');
    expect(withoutValues).not.toMatch(/<[^>]*\s(?:style|on\w+)=/i);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(page.headers.get("referrer-policy")).toBe("same-origin");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-type")).toBe("text/html; charset=UTF-8");
  });

  test("is shown to nobody who is not signed in", async () => {
    const answer = await callWorker(testEnv, `/console${pathOf(path)}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toMatch(/^\/console\/sign-in\?to=/);
    expect(await answer.text()).toBe("");
  });

  test("an id that names nothing is a page, too", async () => {
    if (!path.includes(":")) return;
    const page = await browser.get(path.replaceAll(/:\w+/g, "999999999"));
    expect(page.status).toBe(404);
    expect(page.text).toContain("Nothing here");
  });
});

describe.each(forms)("POST %s", (path) => {
  test("takes no form of another page, and none of nobody", async () => {
    const before = await catalogue();
    expect((await browser.post(pathOf(path), { csrf: "other" })).status).toBe(403);
    const foreign = await callWorker(testEnv, `/console${pathOf(path)}`, { method: "POST" });
    expect(foreign.status).toBe(401);
    expect(await catalogue()).toEqual(before);
  });
});

/** All that a form of the victim's pages could change. */
async function catalogue(): Promise<unknown> {
  const tables = ["clients", "integrations", "export_keys", "exports", "reports"] as const;
  const { CATALOG } = testEnv;
  return Promise.all(
    tables.map(async (table) => {
      const column = table === "clients" ? "id" : "client_id";
      const select = CATALOG.prepare(`SELECT * FROM ${table} WHERE ${column} = ?1`);
      return (await select.bind(victim.clientId).all()).results;
    }),
  );
}

describe("the rest of the console", () => {
  test("a slash at the end is one too many", async () => {
    const answer = await browser.get("/");
    expect(answer.status).toBe(301);
    expect(answer.location).toMatch(/\/console$/);
  });

  test("paths that do not exist are a page, other methods, too", async () => {
    expect((await browser.get("/nothing")).status).toBe(404);
    expect((await browser.get("/clients/x")).status).toBe(404);
    expect((await browser.get("/clients/01")).status).toBe(404);
    expect((await browser.post("/clients/1/nothing")).status).toBe(404);
  });

  // oxfmt-ignore
  test.each([
    "..%2f..", "%2F", "%00", "%E0%A4%A", "%", "%zz", "//", "///x", "\\", "*", ":cid", "é",
    "__proto__", "constructor", "x".repeat(16_000), "%41".repeat(5_000), "/a".repeat(4_000),
  ])("%.20s after a path is no page, and no defect", async (tail) => {
    for (const base of ["/", "/clients/", "/clients/1001/tables/"]) {
      const page = await browser.get(`${base}${tail}`);
      expect([301, 404], `${base}${tail.slice(0, 50)}`).toContain(page.status);
      const form = await browser.post(`${base}${tail}`);
      expect([404, 403], `${base}${tail.slice(0, 50)}`).toContain(form.status);
    }
  });

  test.each(["PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])(
    "%s changes nothing",
    async (method) => {
      const before = await catalogue();
      for (const path of ["", `/clients/${victim.clientId}`]) {
        const answer = await callWorker(testEnv, `/console${path}`, { method });
        expect([401, 403, 404]).toContain(answer.status);
        expect(answer.headers.get("cache-control")).toBe("no-store");
        await answer.text();
      }
      expect(await catalogue()).toEqual(before);
    },
  );

  test("the files that it needs are there, for everybody", async () => {
    for (const [file, type] of [
      ["console.css", "text/css"],
      ["picture.css", "text/css"],
      ["console.js", "text/javascript"],
      ["icon.svg", "image/svg+xml"],
    ] as const) {
      const answer = await send(`/assets/${file}`);
      expect(answer.status, file).toBe(200);
      expect(answer.headers.get("content-type")).toContain(type);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      await answer.text();
    }
    expect((await send("/assets/nothing")).status).toBe(404);
    expect((await send("/assets/..%2fconsole.css")).status).toBe(404);
  });

  test("a store that does not answer is said on a page", async () => {
    const env = tapEnv(testEnv, (call, next) =>
      call.statements.some(({ sql }) => sql.includes("FROM clients"))
        ? Promise.reject(new Error("Network connection lost."))
        : next(),
    );
    const page = await (await Browser.signedIn(env)).get("/clients");
    expect(page.status).toBe(503);
    expect(page.text).toContain("That did not work");
    expect(page.text).not.toContain("Network");
  });
});
