/** Import tokens that come and go meanwhile (promise P4: one that is revoked opens nothing). */
import { ADMIN_TOKEN } from "../../bench/workers.ts";
import { CLIENT_ID } from "../../e2e/constants.ts";
import type { Verdict } from "./model.ts";
import type { Lane } from "./stitch-lanes.ts";
import type { Sending, Wire } from "./wire.ts";

/** Headers of the operator. */
export const ADMIN_HEADERS = { Authorization: `Bearer ${ADMIN_TOKEN}` } as const;

/** Tokens that are good at a time. */
const GOOD_MAX = 3;

/** Revoked tokens that each audit looks at, the newest ones. */
const REVOKED_CHECKED_MAX = 30;

interface Token {
  readonly id: number;
  readonly token: string;
}

/** The tokens that this run has made. */
export class Tokens {
  readonly #wire: Wire;
  readonly #path: string;
  #good: Token[] = [];
  readonly #revoked: Token[] = [];

  private constructor(wire: Wire, path: string) {
    this.#wire = wire;
    this.#path = path;
  }

  /** Those of the demo client's first integration. */
  static async of(wire: Wire): Promise<Tokens> {
    const integrations = `/admin/v1/clients/${CLIENT_ID}/integrations`;
    const { text } = await wire.call(integrations, { headers: ADMIN_HEADERS });
    const [first] = (JSON.parse(text) as { integrations: { id: number }[] }).integrations;
    return new Tokens(wire, `${integrations}/${first?.id}/tokens`);
  }

  /** Makes some, then revokes the oldest, and so on. */
  lane(): Lane {
    return () => {
      const oldest = this.#good.length < GOOD_MAX ? undefined : this.#good.shift();
      return oldest === undefined ? this.#create() : this.#revoke(oldest);
    };
  }

  /** Compares what each token opens with what was acknowledged. */
  async audit(): Promise<Verdict> {
    const revoked = this.#revoked.slice(-REVOKED_CHECKED_MAX);
    const expected = [
      ...this.#good.map(({ token }): [string, number] => [token, 200]),
      ...revoked.map(({ token }): [string, number] => [token, 401]),
    ];
    const findings = [];
    for (const [token, status] of expected) {
      const path = `/v2/client/${CLIENT_ID}/authenticate?apikey=${token}`;
      const answer = await this.#wire.call(path);
      if (answer.status === status) continue;
      const kind = status === 200 ? ("lost" as const) : ("wrong" as const);
      findings.push({ kind, text: `a token: ${answer.status} instead of ${status}` });
    }
    return { checks: expected.length, findings };
  }

  /** Revokes tokens whose creation was never answered: an integration has at most 100. */
  async removeUnknown(): Promise<void> {
    const { text } = await this.#wire.call(this.#path, { headers: ADMIN_HEADERS });
    const { tokens } = JSON.parse(text) as { tokens: { id: number; hint: string }[] };
    const known = new Set(this.#good.map(({ id }) => id));
    for (const { id } of tokens.slice(1).filter((token) => !known.has(token.id))) {
      await this.#wire.call(`${this.#path}/${id}`, { method: "DELETE", headers: ADMIN_HEADERS });
    }
  }

  #create(): Sending {
    return {
      name: "create a token",
      method: "POST",
      path: this.#path,
      headers: ADMIN_HEADERS,
      statuses: [201],
      points: 0,
      tables: [],
      acknowledge: (text) => this.#good.push(JSON.parse(text) as Token),
    };
  }

  #revoke(token: Token): Sending {
    return {
      name: "revoke a token",
      method: "DELETE",
      path: `${this.#path}/${token.id}`,
      headers: ADMIN_HEADERS,
      // The first time may have taken effect without an answer.
      statuses: [204, 404],
      points: 0,
      tables: [],
      acknowledge: () => this.#revoked.push(token),
    };
  }
}
