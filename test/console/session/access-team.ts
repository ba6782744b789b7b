/** A team of Cloudflare Access with keys of its own, which answers for its certs. */
import { vi } from "vitest";
import { Buffer } from "../../../src/buffer.ts";
import { envWith } from "./console.ts";

export const AUDIENCE = "a".repeat(64);

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** A key pair and its public half as Access publishes it. */
export interface TeamKey {
  readonly kid: string;
  readonly pair: CryptoKeyPair;
  readonly jwk: Record<string, unknown>;
}

export async function newKey(kid: string): Promise<TeamKey> {
  const pair = (await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const { n, e } = (await crypto.subtle.exportKey("jwk", pair.publicKey)) as JsonWebKey;
  return { kid, pair, jwk: { kid, kty: "RSA", alg: "RS256", use: "sig", n, e } };
}

export const base64url = (text: string | Uint8Array): string =>
  Buffer.from(text as string).toString("base64url");

/** Header, claims and a signature over them. */
export async function signedWith(key: TeamKey, header: object, claims: unknown): Promise<string> {
  const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const signature = await crypto.subtle.sign(ALGORITHM, key.pair.privateKey, Buffer.from(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
}

let teams = 0;

/** A team that no other test knows, whose keys no isolate has asked for. */
export class Team {
  readonly domain: string;
  readonly issuer: string;
  readonly env: Env;
  /** What it publishes now. */
  keys: unknown[] = [];
  /** How it answers; the keys as they are, unless a test says otherwise. */
  answer: () => Response | Promise<Response> = () => Response.json({ keys: this.keys });
  /** How often it was asked. */
  asked = 0;

  constructor() {
    teams += 1;
    this.domain = `team-${teams}-${Date.now()}.cloudflareaccess.com`;
    this.issuer = `https://${this.domain}`;
    this.env = envWith({ ACCESS_TEAM_DOMAIN: this.domain, ACCESS_AUDIENCE: AUDIENCE });
  }

  /** Stands in for the network; other addresses are errors. */
  serve(): void {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
      const url = input instanceof Request ? input.url : input.toString();
      if (url !== `${this.issuer}/cdn-cgi/access/certs`) throw new Error(`no such host: ${url}`);
      this.asked += 1;
      return this.answer();
    });
  }

  /** The claims of a token that is good now, as Access makes them. */
  claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
    const seconds = Math.floor(Date.now() / 1000);
    return {
      aud: [AUDIENCE],
      email: "owner@example.com",
      exp: seconds + 3600,
      iat: seconds - 10,
      nbf: seconds - 10,
      iss: this.issuer,
      type: "app",
      identity_nonce: "6ei69kawdKzMIAPF",
      sub: "7335d417-61da-459d-899c-0a01c76a2f94",
      country: "PT",
      ...changes,
    };
  }

  /** A token of the team, with some claims changed. */
  token(key: TeamKey, changes: Record<string, unknown> = {}): Promise<string> {
    return signedWith(key, { alg: "RS256", kid: key.kid, typ: "JWT" }, this.claims(changes));
  }
}
