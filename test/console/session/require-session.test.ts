import { describe, expect, test, vi } from "vitest";
import { SESSION_IDLE_MS } from "../../../src/console/session/limits.ts";
import { newSecret } from "../../../src/http/credentials/secrets.ts";
import { csrfOf, envWith, type Seen, seenBy, signedIn, visit } from "./console.ts";

describe("a page", () => {
  test("without a session leads to the sign-in, and back", async () => {
    const response = await visit("/console/clients/4231/tables?after=%22a%22&b=c");
    expect(response.status).toBe(303);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const location = new URL(response.headers.get("location") ?? "", "https://headgate.example");
    expect(location.pathname).toBe("/console/sign-in");
    expect(location.searchParams.get("to")).toBe("/console/clients/4231/tables?after=%22a%22&b=c");
  });

  test("HEAD does the same", async () => {
    expect((await visit("/console/clients", { method: "HEAD" })).status).toBe(303);
  });

  test.each([
    "__Host-headgate=",
    "__Host-headgate=1",
    `__Host-headgate=${newSecret()}`,
    `__Host-headgate=${"0".repeat(10_000)}`,
    `${"__Host-headgate=; ".repeat(500)}`,
    `__Host-headgate="' OR 1=1 --"`,
    "__Host-headgate",
    "=; ;;=",
    "x".repeat(10_000),
  ])("with the cookie %.40s likewise", async (cookie) => {
    expect((await visit("/console/clients", { cookie })).status).toBe(303);
  });

  test("is not opened by a cookie of almost that name, or in other letters", async () => {
    const cookie = await signedIn();
    const secret = cookie.slice(-64);
    for (const other of [
      `headgate=${secret}`,
      `x__Host-headgate=${secret}`,
      `__host-headgate=${secret}`,
      `__Host-headgate=${secret}0`,
      `__Host-headgate=${secret.slice(1)}`,
    ]) {
      expect(await seenBy({ cookie: other }), other).toBeUndefined();
    }
  });

  test("is opened by the right one among others", async () => {
    const cookie = await signedIn();
    for (const all of [
      `a=b; ${cookie}; c=d`,
      `__Host-headgate=garbage; ${cookie}`,
      `${"x=y; ".repeat(2000)}${cookie}`,
    ]) {
      expect(await seenBy({ cookie: all })).toMatchObject({ who: "admin token" });
    }
  });

  test("is closed when the session is over", async () => {
    const cookie = await signedIn();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + SESSION_IDLE_MS });
    try {
      expect(await seenBy({ cookie })).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
    expect(await seenBy({ cookie })).toBeDefined();
  });

  test("is closed when the admin token is another", async () => {
    const cookie = await signedIn();
    expect(await seenBy({ cookie, env: envWith({ ADMIN_TOKEN: "rotated" }) })).toBeUndefined();
  });
});

describe("a link on another site", () => {
  const headers = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document" };

  test.each(["/console/clients/7?a=b", "/console/sign-in?to=/console/clients/7%3Fa=b"])(
    "to %s loads the page once more from here",
    async (path) => {
      const response = await visit(path, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get("refresh")).toBe("0; url=/console/clients/7?a=b");
      expect(await response.text()).toContain('href="/console/clients/7?a=b"');
    },
  );

  test("that goes on without a session ends at the form, not in a circle", async () => {
    const again = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document" };
    const first = await visit("/console/clients/7", { headers: again });
    expect(first.status).toBe(303);
    const second = await visit(first.headers.get("location") ?? "", { headers: again });
    expect(second.status).toBe(200);
    expect(second.headers.get("refresh")).toBeNull();
    expect(await second.text()).toContain('type="password"');
  });

  test("in a frame, or with a session, has no detour", async () => {
    const framed = { ...headers, "Sec-Fetch-Dest": "iframe" };
    expect((await visit("/console/clients/7", { headers: framed })).status).toBe(303);
    const cookie = await signedIn();
    expect(await seenBy({ cookie, headers })).toBeDefined();
  });
});

describe("a form", () => {
  test("of the session is taken, and read by the page, too", async () => {
    const cookie = await signedIn();
    const csrf = await csrfOf({ cookie });
    const response = await visit("/console/clients", { cookie, form: { csrf, name: "Ä & b" } });
    expect(response.status).toBe(200);
    const { form } = await response.json<Seen>();
    expect(form).toEqual({ csrf: [csrf], name: ["Ä & b"] });
  });

  test("has the same tag each time, and another in each session", async () => {
    const [one, other] = [await signedIn(), await signedIn()];
    const csrf = await csrfOf({ cookie: one });
    expect(csrf).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toContain(csrf);
    expect(await csrfOf({ cookie: one })).toBe(csrf);
    expect(await csrfOf({ cookie: other })).not.toBe(csrf);
  });

  test("without its tag, with a wrong one or that of another session is refused", async () => {
    const cookie = await signedIn();
    const csrf = await csrfOf({ cookie });
    const foreign = await csrfOf({ cookie: await signedIn() });
    for (const form of [
      "",
      "csrf=",
      `csrf=${newSecret()}`,
      `csrf=${foreign}`,
      `csrf=${csrf}0`,
      `csrf=${csrf}&csrf=${csrf}`,
      `CSRF=${csrf}`,
    ]) {
      const response = await visit("/console/clients", { cookie, form });
      expect(response.status, form).toBe(403);
      expect(await response.text()).toContain("Nothing was changed");
    }
  });

  test("with the tag in the query is refused", async () => {
    const cookie = await signedIn();
    const csrf = await csrfOf({ cookie });
    expect((await visit(`/console/clients?csrf=${csrf}`, { cookie, form: {} })).status).toBe(403);
  });

  test.each([
    [{ Origin: "https://evil.example" }, 403],
    [{ Origin: "https://evil.example", "Sec-Fetch-Site": "" }, 403],
    [{ Origin: "https://headgate.example:8443" }, 403],
    [{ Origin: "http://headgate.example" }, 403],
    [{ Origin: "https://headgate.example.evil.example" }, 403],
    [{ "Sec-Fetch-Site": "cross-site" }, 403],
    [{ "Sec-Fetch-Site": "same-site" }, 403],
    [{ "Sec-Fetch-Site": "none" }, 403],
    [{ "Sec-Fetch-Site": "cross-site", Origin: "" }, 403],
    [{ "Sec-Fetch-Site": "cross-site", Origin: "null" }, 403],
    [{ "Sec-Fetch-Site": "", Origin: "null" }, 403],
    [{ "Sec-Fetch-Site": "", Origin: "" }, 403],
    // An old browser; a page that sends no referrer; both are there.
    [{ "Sec-Fetch-Site": "" }, 200],
    [{ Origin: "null" }, 200],
    [{ Origin: "" }, 200],
    [{}, 200],
  ])("with the right tag and the headers %j: %i", async (headers, status) => {
    const cookie = await signedIn();
    const csrf = await csrfOf({ cookie });
    const response = await visit("/console/clients", { cookie, form: { csrf }, headers });
    expect(response.status).toBe(status);
  });

  test("of nobody is refused, and keeps what was entered out of every address", async () => {
    const response = await visit("/console/clients", { form: { csrf: newSecret(), a: "b" } });
    expect(response.status).toBe(401);
    expect(response.headers.get("location")).toBeNull();
    expect(await response.text()).toContain("/console/sign-in");
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("by %s has the same rules", async (method) => {
    const cookie = await signedIn();
    const csrf = await csrfOf({ cookie });
    expect((await visit("/console/clients", { method, cookie, form: {} })).status).toBe(403);
    expect((await visit("/console/clients", { method, cookie, form: { csrf } })).status).toBe(404);
  });

  test("that is no form is refused", async () => {
    const cookie = await signedIn();
    const headers = { "Content-Type": "application/json" };
    expect((await visit("/console/clients", { cookie, form: "{}", headers })).status).toBe(415);
  });
});
