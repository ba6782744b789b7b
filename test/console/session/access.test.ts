import { createHmac } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Buffer } from "../../../src/buffer.ts";
import { ACCESS_KEYS_MS, ACCESS_KEYS_PAUSE_MS } from "../../../src/console/session/limits.ts";
import type { Session } from "../../../src/console/session/session.ts";
import { testEnv } from "../../support/env.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { AUDIENCE, base64url, newKey, signedWith, Team, type TeamKey } from "./access-team.ts";
import { csrfOf, envWith, newAddress, seenBy, signedIn, visit } from "./console.ts";

let key: TeamKey;
let other: TeamKey;
let team: Team;

beforeAll(async () => {
  key = await newKey("key-1");
  other = await newKey("key-2");
});

beforeEach(() => {
  quietConsole();
  team = new Team();
  team.keys = [key.jwk];
  team.serve();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function setNow(now: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now });
}

/** Whom the console sees behind a token. */
function whoBy(token: string, env: Env = team.env): Promise<Session | undefined> {
  return seenBy({ env, headers: { "Cf-Access-Jwt-Assertion": token } });
}

describe("a token of Access", () => {
  test("signs a person in", async () => {
    expect(await whoBy(await team.token(key))).toMatchObject({
      who: "owner@example.com",
      by: "access",
    });
  });

  test("signs a program in, by its client id", async () => {
    const claims = { email: undefined, sub: "", common_name: "88bf3b6d.access" };
    expect(await whoBy(await team.token(key, claims))).toMatchObject({ who: "88bf3b6d.access" });
    expect(await whoBy(await team.token(key, { ...claims, email: "" }))).toBeDefined();
  });

  test("is taken from the cookie where there is no header", async () => {
    const token = await team.token(key);
    const cookie = `a=b; CF_Authorization=${token}; c=d`;
    expect(await seenBy({ env: team.env, cookie })).toMatchObject({ by: "access" });
    const headers = { "Cf-Access-Jwt-Assertion": "x" };
    expect(await seenBy({ env: team.env, cookie, headers })).toBeUndefined();
  });

  test("with one audience as a text", async () => {
    expect(await whoBy(await team.token(key, { aud: AUDIENCE }))).toBeDefined();
    expect(await whoBy(await team.token(key, { aud: ["x", AUDIENCE] }))).toBeDefined();
  });

  test("is nothing where Access is not set up", async () => {
    const token = await team.token(key);
    for (const env of [testEnv, envWith({ ACCESS_TEAM_DOMAIN: "", ACCESS_AUDIENCE: "" })]) {
      expect(await whoBy(token, env)).toBeUndefined();
    }
    expect(team.asked).toBe(0);
  });

  test("leads from the sign-in to the console", async () => {
    const headers = { "Cf-Access-Jwt-Assertion": await team.token(key) };
    const response = await visit("/console/sign-in?to=/console/clients/7", {
      env: team.env,
      headers,
    });
    expect(response.headers.get("location")).toBe("/console/clients/7");
  });
});

describe("a token is refused", () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const wrongClaims: [string, () => Record<string, unknown>][] = [
    ["of another audience", () => ({ aud: ["b".repeat(64)] })],
    ["of an audience that begins alike", () => ({ aud: [`${AUDIENCE}a`] })],
    ["of no audience", () => ({ aud: undefined })],
    ["of an empty audience", () => ({ aud: [] })],
    ["of an audience that is no text", () => ({ aud: [[AUDIENCE]] })],
    ["of another team", () => ({ iss: "https://evil.cloudflareaccess.com" })],
    ["of the team without https", () => ({ iss: team.domain })],
    ["of a team that begins alike", () => ({ iss: `${team.issuer}.evil.example` })],
    ["of nobody's", () => ({ iss: undefined })],
    ["that ended", () => ({ exp: seconds() - 61 })],
    ["that never ends", () => ({ exp: undefined })],
    ["whose end is a text", () => ({ exp: "9999999999" })],
    ["whose end is null", () => ({ exp: null })],
    ["that does not hold yet", () => ({ nbf: seconds() + 61 })],
    ["of the future", () => ({ iat: seconds() + 61, nbf: undefined })],
    ["of no time", () => ({ iat: undefined })],
    ["for no name", () => ({ email: undefined })],
    ["for an empty name", () => ({ email: "" })],
    ["for a name of control characters", () => ({ email: "a@b.example\r\nX: y" })],
    ["for a name that is no text", () => ({ email: ["owner@example.com"] })],
  ];
  test.each(wrongClaims)("%s", async (_, changes) => {
    // Else what is of the future could be of now by the time that it is looked at.
    setNow(seconds() * 1000);
    expect(await whoBy(await team.token(key, changes()))).toBeUndefined();
  });

  test("a minute of difference between clocks is none", async () => {
    const now = seconds();
    setNow(now * 1000);
    for (const changes of [
      { exp: now - 59 },
      { nbf: now + 60 },
      { iat: now + 60, nbf: now + 60 },
    ]) {
      expect(await whoBy(await team.token(key, changes)), JSON.stringify(changes)).toBeDefined();
    }
  });

  const wrongHeaders: [string, object][] = [
    ["none", { alg: "none", kid: "key-1" }],
    ["None", { alg: "None", kid: "key-1" }],
    ["RS512", { alg: "RS512", kid: "key-1" }],
    ["PS256", { alg: "PS256", kid: "key-1" }],
    ["rs256", { alg: "rs256", kid: "key-1" }],
    ["a list", { alg: ["RS256"], kid: "key-1" }],
    ["absent", { kid: "key-1" }],
    ["RS256 with an extension", { alg: "RS256", kid: "key-1", crit: ["exp"], exp: 1 }],
    ["RS256 without a key", { alg: "RS256" }],
    ["RS256 with a number as key", { alg: "RS256", kid: 1 }],
    ["RS256 with an unknown key", { alg: "RS256", kid: "key-9" }],
    ["RS256 with a key of objects", { alg: "RS256", kid: "__proto__" }],
  ];
  test.each(wrongHeaders)("whose algorithm is %s", async (_, header) => {
    expect(await whoBy(await signedWith(key, header, team.claims()))).toBeUndefined();
  });

  test("without a signature", async () => {
    const none = `${base64url('{"alg":"none","kid":"key-1"}')}.${base64url(JSON.stringify(team.claims()))}`;
    const [header = "", payload = ""] = (await team.token(key)).split(".");
    for (const token of [`${none}.`, none, `${header}.${payload}.`, `${header}.${payload}`]) {
      expect(await whoBy(token)).toBeUndefined();
    }
  });

  test("signed by HS256 with the public key as its secret", async () => {
    const spki = await crypto.subtle.exportKey("spki", key.pair.publicKey);
    const der = Buffer.from(new Uint8Array(spki as ArrayBuffer));
    const pem = `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
    const header = base64url(JSON.stringify({ alg: "HS256", kid: "key-1", typ: "JWT" }));
    const text = `${header}.${base64url(JSON.stringify(team.claims()))}`;
    for (const secret of [pem, der, JSON.stringify(key.jwk), String(key.jwk["n"])]) {
      const signature = createHmac("sha256", secret).update(text).digest("base64url");
      expect(await whoBy(`${text}.${signature}`)).toBeUndefined();
    }
  });

  test("signed by another key, under the name of a known one", async () => {
    expect(await whoBy(await team.token({ ...other, kid: "key-1" }))).toBeUndefined();
  });

  test("signed by a key that it brings along", async () => {
    const header = {
      alg: "RS256",
      kid: "key-2",
      jwk: other.jwk,
      jku: "https://evil.example/keys",
      x5u: "https://evil.example/cert",
    };
    expect(await whoBy(await signedWith(other, header, team.claims()))).toBeUndefined();
  });

  test("changed after it was signed, at any place", async () => {
    const token = await team.token(key);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = base64url(JSON.stringify(team.claims({ email: "evil@example.com" })));
    expect(await whoBy(`${header}.${claims}.${signature}`)).toBeUndefined();
    expect(await whoBy(`${payload}.${header}.${signature}`)).toBeUndefined();
    for (let at = 0; at < token.length - 1; at += 17) {
      const changed = token[at] === "A" ? "B" : "A";
      expect(await whoBy(`${token.slice(0, at)}${changed}${token.slice(at + 1)}`)).toBeUndefined();
    }
  });

  test("with two signatures, or of another form", async () => {
    const token = await team.token(key);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const json = { payload, signatures: [{ protected: header, signature }] };
    for (const text of [
      `${token}.${signature}`,
      `${token}, ${token}`,
      `${token} ${token}`,
      `Bearer ${token}`,
      `${header}.${payload}..${signature}`,
      `${token}=`,
      `${token}==`,
      JSON.stringify(json),
      "..",
      "...",
      "a.b.c",
      "x".repeat(20_000),
    ]) {
      expect(await whoBy(text), text.slice(0, 40)).toBeUndefined();
    }
  });

  test("with claims that are no object", async () => {
    const header = { alg: "RS256", kid: "key-1" };
    for (const claims of [null, [], "text", 1, [team.claims()]]) {
      expect(await whoBy(await signedWith(key, header, claims))).toBeUndefined();
    }
  });

  test("and longer than a token is", async () => {
    expect(await whoBy(await team.token(key, { groups: "x".repeat(20_000) }))).toBeUndefined();
  });

  test("but the admin token still signs in", async () => {
    const headers = { "Cf-Access-Jwt-Assertion": "a.b.c" };
    const page = await visit("/console/clients", { env: team.env, headers });
    expect(page.status).toBe(303);
    const cookie = await signedIn(team.env);
    expect(await seenBy({ env: team.env, cookie, headers })).toMatchObject({ by: "token" });
  });
});

describe("the keys of a team", () => {
  test("are asked for once an hour", async () => {
    const now = Date.now();
    setNow(now);
    for (let index = 0; index < 5; index += 1) await whoBy(await team.token(key));
    expect(team.asked).toBe(1);
    setNow(now + ACCESS_KEYS_MS - 1);
    expect(await whoBy(await team.token(key))).toBeDefined();
    expect(team.asked).toBe(1);
    setNow(now + ACCESS_KEYS_MS);
    team.keys = [other.jwk];
    expect(await whoBy(await team.token(key))).toBeUndefined();
    expect(await whoBy(await team.token(other))).toBeDefined();
    expect(team.asked).toBe(2);
  });

  test("are asked for again for a new one, at most once a minute", async () => {
    const now = Date.now();
    setNow(now);
    await whoBy(await team.token(key));
    for (let index = 0; index < 20; index += 1) await whoBy(await team.token(other));
    expect(team.asked).toBe(1);
    team.keys = [key.jwk, other.jwk];
    setNow(now + ACCESS_KEYS_PAUSE_MS);
    expect(await whoBy(await team.token(other))).toBeDefined();
    expect(await whoBy(await team.token(key))).toBeDefined();
    const unknown = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        whoBy(await team.token({ ...key, kid: `made-up-${index}` })),
      ),
    );
    expect(unknown.every((session) => session === undefined)).toBe(true);
    expect(team.asked).toBe(2);
  });

  test("are asked for by one of many who come with an unknown one", async () => {
    const now = Date.now();
    setNow(now);
    await whoBy(await team.token(key));
    const token = await team.token(other);
    setNow(now + ACCESS_KEYS_PAUSE_MS);
    const gate = Promise.withResolvers<void>();
    const answer = team.answer;
    team.answer = async () => {
      await gate.promise;
      return answer();
    };
    let refused = 0;
    const requests = Array.from({ length: 20 }, async () => {
      if ((await whoBy(token)) === undefined) refused += 1;
    });
    await vi.waitFor(() => expect(refused).toBe(19), { timeout: 60_000 });
    team.keys = [key.jwk, other.jwk];
    gate.resolve();
    await Promise.all(requests);
    expect(refused).toBe(19);
    expect(team.asked).toBe(2);
  });

  const troubles: [string, () => Response][] = [
    ["a failure", () => new Response("down", { status: 503 })],
    ["a redirect", () => Response.redirect("https://evil.example/keys")],
    ["a page", () => new Response("<html>")],
    ["other JSON", () => Response.json({ keys: "none" })],
    ["null", () => Response.json(null)],
    [
      "no network",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
  ];
  test.each(troubles)("that are %s let nobody in, and are left in peace", async (_, answer) => {
    const log = vi.spyOn(console, "error");
    const now = Date.now();
    setNow(now);
    const good = team.answer;
    team.answer = answer;
    for (let index = 0; index < 5; index += 1) {
      expect(await whoBy(await team.token(key))).toBeUndefined();
    }
    expect(team.asked).toBe(1);
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
      expect.objectContaining({ event: "access_keys_failed", issuer: team.issuer }),
    ]);
    team.answer = good;
    setNow(now + 10_000);
    expect(await whoBy(await team.token(key))).toBeDefined();
  });

  test("of other kinds, and too short ones, are left out", async () => {
    const short = (await crypto.subtle.generateKey(
      {
        name: "RSASSA-PKCS1-v1_5",
        hash: "SHA-256",
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
      },
      true,
      ["sign", "verify"],
    )) as CryptoKeyPair;
    const { n, e } = (await crypto.subtle.exportKey("jwk", short.publicKey)) as JsonWebKey;
    team.keys = [
      null,
      { kid: "ec", kty: "EC", crv: "P-256", x: "AA", y: "AA" },
      { kid: "oct", kty: "oct", k: "c2VjcmV0" },
      { kid: "short", kty: "RSA", n, e },
      { ...key.jwk, kid: "enc", use: "enc" },
      { ...key.jwk, kid: "rs512", alg: "RS512" },
      key.jwk,
    ];
    expect(await whoBy(await team.token({ ...key, kid: "short", pair: short }))).toBeUndefined();
    expect(await whoBy(await team.token({ ...key, kid: "enc" }))).toBeUndefined();
    expect(await whoBy(await team.token({ ...key, kid: "rs512" }))).toBeUndefined();
    expect(await whoBy(await team.token(key))).toBeDefined();
  });
});

describe("forms of somebody whom Access signed in", () => {
  test("carry a tag of the person, which stays when Access renews the token", async () => {
    const { env } = team;
    const as = async (changes: Record<string, unknown>) => ({
      env,
      headers: { "Cf-Access-Jwt-Assertion": await team.token(key, changes) },
    });
    const me = await as({ identity_nonce: "1" });
    const csrf = await csrfOf(me);
    expect(await csrfOf(await as({ identity_nonce: "2" }))).toBe(csrf);
    const stranger = await csrfOf(await as({ email: "other@example.com" }));
    expect(stranger).not.toBe(csrf);
    const rotated = envWith({
      ACCESS_TEAM_DOMAIN: team.domain,
      ACCESS_AUDIENCE: AUDIENCE,
      ADMIN_TOKEN: "rotated",
    });
    expect(await csrfOf({ ...me, env: rotated })).not.toBe(csrf);
    const ofCookie = await csrfOf({ cookie: await signedIn() });
    expect((await visit("/console/clients", { ...me, form: { csrf } })).status).toBe(200);
    for (const wrong of [stranger, ofCookie, ""]) {
      const response = await visit("/console/clients", { ...me, form: { csrf: wrong } });
      expect(response.status).toBe(403);
    }
  });

  test("from another site are refused", async () => {
    const token = { "Cf-Access-Jwt-Assertion": await team.token(key) };
    const csrf = await csrfOf({ env: team.env, headers: token });
    const headers = { ...token, "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" };
    const response = await visit("/console/clients", { env: team.env, headers, form: { csrf } });
    expect(response.status).toBe(403);
  });

  test("sign out of Access, and of the session beside it", async () => {
    const cookie = await signedIn(team.env);
    const headers = { "Cf-Access-Jwt-Assertion": await team.token(key) };
    const visiting = { env: team.env, headers, cookie, address: newAddress() };
    const csrf = await csrfOf(visiting);
    const response = await visit("/console/sign-out", { ...visiting, form: { csrf } });
    expect(response.headers.get("location")).toBe("/cdn-cgi/access/logout");
    expect(await seenBy({ env: team.env, cookie })).toBeUndefined();
  });
});
