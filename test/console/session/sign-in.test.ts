import { afterEach, describe, expect, test, vi } from "vitest";
import {
  FAILURES_MAX,
  RETURN_PATH_CHARACTERS_MAX,
  SIGN_IN_BYTES_MAX,
} from "../../../src/console/session/limits.ts";
import { testEnv } from "../../support/env.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import {
  ADMIN_TOKEN,
  cookieOf,
  csrfOf,
  envWith,
  newAddress,
  seenBy,
  signedIn,
  visit,
} from "./console.ts";

const RIGHT = { token: ADMIN_TOKEN };
const WRONG = { token: "wrong" };

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the form", () => {
  test("is for password managers, screen readers and browsers without script", async () => {
    const response = await visit("/console/sign-in?to=/console/clients/4231%3Fa=%22b");
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    const page = await response.text();
    expect(page).toMatch(/<form method="post" action="\/console\/sign-in"/);
    expect(page).toMatch(/<label for="field-token">/);
    const input = /<input id="field-token"[^>]*>/.exec(page)?.[0] ?? "";
    expect(input).toContain('type="password"');
    expect(input).toContain('autocomplete="current-password"');
    expect(input).toContain("autofocus");
    expect(input).toContain('aria-describedby="field-token-hint"');
    expect(page).toContain('name="to" value="/console/clients/4231?a=%22b"');
    expect(page).not.toContain('role="alert"');
    expect(page).not.toContain("/console/sign-out");
  });

  test("says what was wrong, and does not repeat what was entered", async () => {
    const form = { token: "<b>my secret</b>", to: "/console/clients/7" };
    const response = await visit("/console/sign-in", { form, address: newAddress() });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Cookie /);
    expect(response.headers.get("set-cookie")).toBeNull();
    const page = await response.text();
    expect(page).toMatch(/role="alert" id="sign-in-error"/);
    expect(page).toMatch(/aria-describedby="[^"]*sign-in-error"/);
    expect(page).toContain('name="to" value="/console/clients/7"');
    expect(page).not.toContain("my secret");
  });

  test("leads on at once where one is signed in", async () => {
    const cookie = await signedIn();
    const response = await visit("/console/sign-in?to=/console/clients/7", { cookie });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/console/clients/7");
  });
});

describe("a sign-in", () => {
  test("sets a cookie that only this host gets, and no script", async () => {
    const form = { ...RIGHT, to: "/console/clients/7?page=2" };
    const response = await visit("/console/sign-in", { form, address: newAddress() });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/console/clients/7?page=2");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const [cookie = "", ...attributes] = (response.headers.get("set-cookie") ?? "").split("; ");
    expect(cookie).toMatch(/^__Host-headgate=[0-9a-f]{64}$/);
    expect(attributes.sort()).toEqual([
      "HttpOnly",
      "Max-Age=43200",
      "Path=/",
      "SameSite=Strict",
      "Secure",
    ]);
    expect(await seenBy({ cookie })).toMatchObject({ who: "admin token", by: "token" });
  });

  test("white space around the token is none of it", async () => {
    const form = { token: ` ${ADMIN_TOKEN}\t` };
    expect((await visit("/console/sign-in", { form, address: newAddress() })).status).toBe(303);
  });

  test("ends the session that the browser had", async () => {
    const old = await signedIn();
    const response = await visit("/console/sign-in", {
      form: RIGHT,
      cookie: old,
      address: newAddress(),
    });
    expect(cookieOf(response)).not.toBe(old);
    expect(await seenBy({ cookie: old })).toBeUndefined();
  });

  test.each([
    "//evil.example",
    "https://evil.example/console",
    "/console/../admin/v1",
    "/console\\@evil.example",
    "/console\r\nX: y",
  ])("leads to %j never", async (to) => {
    const form = { ...RIGHT, to };
    const response = await visit("/console/sign-in", { form, address: newAddress() });
    expect(response.headers.get("location")).toBe("/console");
    const page = await visit(`/console/sign-in?to=${encodeURIComponent(to)}`);
    expect(await page.text()).toContain('name="to" value="/console"');
  });

  test.each(["token=", "token=++", "to=/console", "", `token=${ADMIN_TOKEN}&token=${ADMIN_TOKEN}`])(
    "with the form %j is none, and no attempt",
    async (form) => {
      const address = newAddress();
      for (let index = 0; index <= FAILURES_MAX; index += 1) {
        expect((await visit("/console/sign-in", { form, address })).status).toBe(422);
      }
      expect((await visit("/console/sign-in", { form: RIGHT, address })).status).toBe(303);
    },
  );

  const elsewhere: Record<string, string>[] = [
    { Origin: "https://evil.example" },
    { Origin: "http://headgate.example" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Origin: "", "Sec-Fetch-Site": "" },
  ];
  test.each(elsewhere)("from elsewhere (%j) is none, and no attempt", async (headers) => {
    const address = newAddress();
    for (let index = 0; index <= FAILURES_MAX; index += 1) {
      const response = await visit("/console/sign-in", { form: WRONG, address, headers });
      expect(response.status).toBe(403);
      expect(response.headers.get("set-cookie")).toBeNull();
    }
    expect((await visit("/console/sign-in", { form: RIGHT, address })).status).toBe(303);
  });

  test("that is too large is refused", async () => {
    const bytes = SIGN_IN_BYTES_MAX - "token=".length;
    for (const [length, status] of [
      [bytes, 401],
      [bytes + 1, 413],
    ] as const) {
      const form = { token: "x".repeat(length) };
      const response = await visit("/console/sign-in", { form, address: newAddress() });
      expect(response.status).toBe(status);
    }
  });

  test("leads back to the longest path", async () => {
    const to = `/console/${"€".repeat(RETURN_PATH_CHARACTERS_MAX - "/console/".length)}`;
    const form = { ...RIGHT, to };
    const response = await visit("/console/sign-in", { form, address: newAddress() });
    expect(response.status).toBe(303);
  });
});

describe("after ten failures", () => {
  test("the right token is refused as well, and says when it is not", async () => {
    quietConsole();
    const address = newAddress();
    for (let index = 0; index < FAILURES_MAX; index += 1) {
      expect((await visit("/console/sign-in", { form: WRONG, address })).status).toBe(401);
    }
    for (const form of [WRONG, RIGHT]) {
      const response = await visit("/console/sign-in", { form, address });
      expect(response.status).toBe(429);
      const seconds = Number(response.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(14 * 60);
      expect(seconds).toBeLessThanOrEqual(15 * 60);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).toContain("15 min");
    }
    // A stranger locks out nobody but those of the same address.
    await signedIn();
  });

  test("nothing is compared any more, however many come at once", async () => {
    quietConsole();
    const address = newAddress();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => visit("/console/sign-in", { form: WRONG, address })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(FAILURES_MAX);
    expect(statuses.filter((status) => status === 429)).toHaveLength(100 - FAILURES_MAX);
  });

  test("a success before begins anew", async () => {
    const log = vi.spyOn(console, "error");
    const address = newAddress();
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < FAILURES_MAX - 1; index += 1) {
        expect((await visit("/console/sign-in", { form: WRONG, address })).status).toBe(401);
      }
      expect((await visit("/console/sign-in", { form: RIGHT, address })).status).toBe(303);
    }
    expect(log).not.toHaveBeenCalled();
  });

  test("there is one line in the log", async () => {
    const log = quietConsole();
    const address = newAddress();
    for (let index = 0; index < 15; index += 1) {
      await visit("/console/sign-in", { form: WRONG, address });
    }
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
      { level: "error", event: "sign_in_failures", address },
    ]);
  });
});

describe("a sign-out", () => {
  test("ends the session here and in the browser", async () => {
    const cookie = await signedIn();
    const other = await signedIn();
    const csrf = await csrfOf({ cookie });
    const response = await visit("/console/sign-out", { cookie, form: { csrf } });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/console/sign-in");
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-headgate=; Max-Age=0; Path=\/;/);
    expect(await seenBy({ cookie })).toBeUndefined();
    expect(await seenBy({ cookie: other })).toBeDefined();
  });

  test("is none of another site's, and none by a link", async () => {
    const cookie = await signedIn();
    expect((await visit("/console/sign-out", { cookie, form: {} })).status).toBe(403);
    await visit("/console/sign-out", { cookie });
    expect(await seenBy({ cookie })).toBeDefined();
  });
});

describe("without a way in", () => {
  test.each([undefined, ""])("(ADMIN_TOKEN %o) every path says so", async (token) => {
    const cookie = await signedIn();
    const env = envWith({ ADMIN_TOKEN: token });
    for (const [path, form] of [
      ["/console/sign-in", undefined],
      ["/console/sign-in", { token: "" }],
      ["/console/clients", undefined],
      ["/console/clients", { csrf: "" }],
    ] as const) {
      const response = await visit(path, { env, cookie, ...(form === undefined ? {} : { form }) });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.text()).toContain("wrangler secret put ADMIN_TOKEN");
    }
  });

  test.each([
    [{ ACCESS_TEAM_DOMAIN: "team.cloudflareaccess.com" }, "ACCESS_AUDIENCE must be"],
    [{ ACCESS_AUDIENCE: "abc" }, "ACCESS_TEAM_DOMAIN must be"],
    [{ ACCESS_TEAM_DOMAIN: "https://team.example/", ACCESS_AUDIENCE: "a" }, "ACCESS_TEAM_DOMAIN"],
    [{ ACCESS_TEAM_DOMAIN: "team.example@evil.example", ACCESS_AUDIENCE: "a" }, "must be a host"],
  ])("(Access set up by half: %j) every path says so", async (settings, text) => {
    const env = envWith(settings);
    for (const path of ["/console/sign-in", "/console/clients"]) {
      const response = await visit(path, { env });
      expect(response.status).toBe(503);
      expect(await response.text()).toContain(text);
    }
  });
});

test("no token and no cookie is in the log", async () => {
  const lines: unknown[] = [];
  for (const level of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(line));
  }
  const address = newAddress();
  for (let index = 0; index <= FAILURES_MAX; index += 1) {
    await visit("/console/sign-in", { form: { token: "guessed-secret" }, address });
  }
  const cookie = await signedIn();
  await visit("/console/clients", { cookie, form: {} });
  const text = JSON.stringify(lines);
  expect(text).toContain("sign_in_failures");
  for (const secret of ["guessed-secret", cookie.slice(-64), testEnv.ADMIN_TOKEN]) {
    expect(text).not.toContain(secret);
  }
});
