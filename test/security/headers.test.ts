/**
 * The headers that keep a browser safe, on every route, whoever asks: pages run nothing that is
 * not ours and stand in no frame, nothing is taken for another type than it says, and what has
 * data or secrets is kept by nobody. The routes are the router's.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { openSession } from "../../src/console/session/store.ts";
import { ASSET_FRESH_S } from "../../src/http/assets.ts";
import { app } from "../../src/http/app.ts";
import { csrfOf, ORIGIN } from "../console/session/console.ts";
import { accessHeaders, cookie, newVictim, rightShown, type Victim } from "../http/victim.ts";
import { testEnv } from "../support/env.ts";
import { exportedId } from "../support/exported.ts";
import { callWorker } from "../support/worker.ts";

let victim: Victim;
let session: Readonly<Record<string, string>>;
let csrf: string;

beforeAll(async () => {
  const made = await newVictim();
  victim = { ...made, exportId: await exportedId(made) };
  session = cookie(await openSession(testEnv)).headers;
  csrf = await csrfOf({ cookie: session["Cookie"] });
});

const routes = [
  ...new Set(
    app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll("{[1-9][0-9]*}", "")}`),
  ),
];

function pathOf(pattern: string, of: Victim): string {
  const { clientId: cid, integrationId: iid, tableId: tid } = of;
  let id = of.exportId;
  if (pattern.includes("/tokens/")) id = of.tokenId;
  if (pattern.includes("/export-keys/")) id = of.exportKeyId;
  if (/\/figures?\//.test(pattern)) id = of.figureId;
  if (/\/charts?\//.test(pattern)) id = of.chartId;
  const values: Record<string, unknown> = { cid, iid, tid, id, table: "t", file: "console.css" };
  return pattern.replaceAll(/:(\w+)/g, (_, name: string) => String(values[name]));
}

/** The answers to a route: of those that are let in, and of those that are not. */
async function answersTo(route: string): Promise<[who: string, answer: Response][]> {
  const [method = "", pattern = ""] = route.split(" ");
  const isConsole = pattern.startsWith("/console");
  // What is deleted or signed out is not there for the next test.
  const isLast = method === "DELETE" || /\/(?:revoke|delete|sign-out)$/.test(pattern);
  const own = isLast ? await newVictim() : victim;
  const path = pathOf(pattern, own);
  const right = isConsole ? session : rightShown(own, pattern).headers;
  const type = isConsole ? "application/x-www-form-urlencoded" : "application/json";
  const common = { Origin: ORIGIN, "Sec-Fetch-Site": "same-origin", "Content-Type": type };
  const body = method === "GET" ? null : isConsole ? `csrf=${csrf}` : "{}";
  const kinds: [string, Record<string, string>, string | null][] = [
    ["nobody", {}, body],
    ["a stranger", { ...accessHeaders("a.b.c").headers, Authorization: "Bearer x" }, body],
    ["a broken request", right, method === "GET" ? null : "%zz{"],
  ];
  if (!pattern.endsWith("/sign-out")) kinds.push(["the right one", right, body]);
  return Promise.all(
    kinds.map(async ([who, headers, sent]): Promise<[string, Response]> => {
      const init = { method, headers: { ...common, ...headers }, body: sent };
      return [who, await callWorker(testEnv, path, init)];
    }),
  );
}

/** What answers as the hosted services did, and with what their clients know. */
const IS_OLD_IMPORT = /^\/$|^\/sandbox|^\/v[12]\/|^\/healthz$/;
const IS_PUBLIC = /^\/(?:assets|docs|openapi\.json|healthz|sandbox)?(?:\/|$)/;

describe.each(routes)("%s", (route) => {
  const [, pattern = ""] = route.split(" ");

  test("has the headers of its kind, whoever asks", async () => {
    for (const [who, answer] of await answersTo(route)) {
      const text = await answer.text();
      const header = (name: string): string => answer.headers.get(name) ?? "";
      const type = header("content-type");
      const place = `${who}: ${answer.status} ${type} ${text.slice(0, 100)}`;
      expect(header("x-request-id"), place).toMatch(/^[\da-f-]{36}$/);
      expect(header("server") + header("x-powered-by"), place).toBe("");
      // No answer lets another site read it, or send credentials along.
      expect(header("access-control-allow-origin"), place).toBe("");
      if (!IS_OLD_IMPORT.test(pattern)) {
        expect(header("x-content-type-options"), place).toBe("nosniff");
      }
      expectKept(pattern, answer, place);
      if (type.startsWith("text/html") && !IS_OLD_IMPORT.test(pattern)) expectPage(answer, place);
      if (type.startsWith("text/html") && IS_OLD_IMPORT.test(pattern)) {
        expect(text, place).not.toMatch(/[<>]/);
      }
      const cookies = header("set-cookie");
      if (cookies !== "") {
        expect(cookies).toMatch(/^__Host-headgate=.*Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      }
    }
  });
});

/** How long an answer may be kept, and by whom. */
function expectKept(pattern: string, answer: Response, place: string): void {
  const kept = answer.headers.get("cache-control") ?? "";
  const isPublic = IS_PUBLIC.test(pattern) && answer.status < 400;
  if (isPublic && /^\/(?:assets|docs|openapi)/.test(pattern)) {
    expect(kept, place).toBe(`public, max-age=${ASSET_FRESH_S}`);
  } else if (!isPublic && answer.status !== 301 && answer.status !== 302) {
    expect(kept, place).toMatch(/^(?:no-store|private, no-cache)$/);
  }
}

/** The policy of a page: every source named, none of them unsafe, and no frame. */
function expectPage(answer: Response, place: string): void {
  const policy = answer.headers.get("content-security-policy") ?? "";
  const rules = new Map(
    policy.split("; ").map((rule): [string, string] => {
      const [name = "", ...sources] = rule.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  expect(rules.get("default-src"), place).toBe("'none'");
  expect(rules.get("frame-ancestors"), place).toBe("'none'");
  expect(rules.get("base-uri"), place).toBe("'none'");
  expect(["'self'", "'none'"], place).toContain(rules.get("form-action"));
  for (const [name, sources] of rules) {
    expect(["'none'", "'self'"], `${place} ${name}`).toContain(sources);
  }
  expect(answer.headers.get("referrer-policy"), place).toBe("same-origin");
  expect(answer.headers.get("cross-origin-opener-policy"), place).toBe("same-origin");
  expect(answer.headers.get("cross-origin-resource-policy"), place).toBe("same-origin");
}

test("the check of a policy fails for an unsafe one", () => {
  const headers = {
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  };
  expect(() => expectPage(new Response("", { headers }), "")).toThrow("script-src");
});
