/** Runs a program against the Worker and against the model, and compares after every command. */
import { evictDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { testEnv } from "../support/env.ts";
import { ModelExports } from "./model-exports.ts";
import { jsonOf, same, sameAnswer } from "./model-compare.ts";
import { lookAtTable, lookAtTables } from "./model-look.ts";
import { native, points } from "./model-points.ts";
import type { Command, ImportRequest } from "./model-program.ts";
import type { Expected, Sender } from "./model-requests.ts";
import { type Answer, type Isolate, pick, Session } from "./model-session.ts";
import type { ModelIntegration } from "./model.ts";
import { batch, push } from "./model-stitch.ts";
import {
  batchWire,
  type Names,
  nativeWire,
  pointsWire,
  pushWire,
  type Wire,
} from "./model-wire.ts";

/** How long a revoked token may still be taken where it was used before, in ms (wire.md 2.2). */
const REVOCATION_MS = 30_000;
const DAY_MS = 86_400_000;
const TIMES_MS = { "31 s": REVOCATION_MS + 1_000, "8 days": 8 * DAY_MS } as const;

interface Token {
  readonly id: number;
  readonly text: string;
  readonly integration: number;
  revokedAt: number | undefined;
  /** Isolates that may know it from before it was revoked. */
  readonly usedIn: Set<Isolate>;
}

interface Sent {
  readonly token: Token | undefined;
  readonly text: string | undefined;
  readonly request: ImportRequest;
}

/** One program: two clients, three integrations, and all that the model knows of them. */
export class ModelRun {
  readonly #session: Session;
  readonly #exports: ModelExports;
  readonly #tokens: Token[];
  readonly #sent: Sent[] = [];

  private constructor(session: Session) {
    const [own, foreign] = session.tenants;
    this.#session = session;
    this.#exports = new ModelExports(session);
    this.#tokens = [
      { id: own.tokenId, text: own.token, integration: 0 },
      { id: foreign.tokenId, text: foreign.token, integration: 2 },
    ].map((token) => ({ ...token, revokedAt: undefined, usedIn: new Set() }));
  }

  /** A run with clients of its own. */
  static async begin(): Promise<ModelRun> {
    return new ModelRun(await Session.begin());
  }

  /** Does one command; fails where the Worker's answer is not the model's. */
  async step(command: Command): Promise<void> {
    const { isolate } = command;
    switch (command.type) {
      case "import": {
        const { request, token } = command;
        const known = typeof token === "number" ? pick(this.#tokens, token) : undefined;
        const text = token === "unknown" ? "no-such-token" : known?.text;
        return this.#import(isolate, { token: known, text, request });
      }
      case "repeat": {
        const sent = pick(this.#sent, command.of);
        return sent === undefined ? undefined : this.#import(isolate, sent);
      }
      case "makeToken":
        return this.#makeToken(isolate, command.integration % 2);
      case "revokeToken":
        return this.#revokeToken(isolate, command.token);
      case "pass":
        vi.setSystemTime(Date.now() + TIMES_MS[command.time]);
        // An Idempotency-Key is kept for 24 hours (docs/native-import.md).
        if (command.time === "8 days") {
          for (const { repeats } of this.#session.integrations) repeats.clear();
        }
        return;
      case "evict":
        return this.#evict();
      case "look": {
        const ref = pick(this.#session.tables(0), command.table);
        return ref === undefined ? undefined : lookAtTable(this.#session, isolate, ref);
      }
      default:
        return this.#exports.step(isolate, command);
    }
  }

  /** Compares all tables, columns, rows and exports of both clients. */
  async finish(): Promise<void> {
    for (const client of [0, 1] as const) {
      await lookAtTables(this.#session, client);
      for (const ref of this.#session.tables(client)) await lookAtTable(this.#session, 0, ref);
    }
    await this.#exports.finish();
  }

  async #import(isolate: Isolate, sent: Sent): Promise<void> {
    const { request, text, token } = sent;
    this.#sent.push(sent);
    const [own, foreign] = this.#session.tenants.map(({ clientId }) => clientId);
    const ids = token?.integration === 2 ? [foreign, own] : [own, foreign];
    const names: Names = { token: text, own: ids[0] ?? 0, foreign: ids[1] ?? 0 };
    const answer = await this.#session.read(isolate, await wireOf(names, request));
    const isTaken = this.#isTaken(isolate, sent, answer);
    const integration = isTaken ? this.#session.integrations[token?.integration ?? 0] : undefined;
    sameAnswer(answer, expectedOf({ integration, clientId: names.own }, request));
  }

  /** Whether a token is taken; where both are allowed, what the answer says. */
  #isTaken(isolate: Isolate, { request, token }: Sent, { text }: Answer): boolean {
    if (token === undefined) return false;
    if (token.revokedAt === undefined) {
      token.usedIn.add(isolate);
      return true;
    }
    const isOver = Date.now() - token.revokedAt > REVOCATION_MS;
    if (!token.usedIn.has(isolate) || isOver) return false;
    // Once refused for its token, always refused. The other texts can have another reason.
    if (/Not authorized\.|Not Authorized|"unauthorized"/.test(text)) token.usedIn.delete(isolate);
    // A push without a client says "Not Authenticated." of a token that is taken.
    const isPush = request.type === "push" && request.endpoint === "push";
    const refused = isPush ? /Not authorized\./ : /Authorization failed|Not Authenticated/;
    return token.usedIn.has(isolate) && !refused.test(text);
  }

  async #makeToken(isolate: Isolate, integration: number): Promise<void> {
    const { ids, tenants } = this.#session;
    const path = `/clients/${tenants[0].clientId}/integrations/${ids[integration]}/tokens`;
    const answer = await this.#session.admin(isolate, "POST", path);
    const { id, token: text } = jsonOf<{ id: number; token: string }>(answer, 201);
    this.#tokens.push({ id, text, integration, revokedAt: undefined, usedIn: new Set() });
  }

  async #revokeToken(isolate: Isolate, index: number): Promise<void> {
    const { ids, tenants } = this.#session;
    const token = pick(this.#tokens, index);
    if (token === undefined) return;
    const of = ids[token.integration];
    const path = `/clients/${tenants[0].clientId}/integrations/${of}/tokens/${token.id}`;
    const { status } = await this.#session.admin(isolate, "DELETE", path);
    // The token of the other client is nothing that this path names.
    const isThere = token.revokedAt === undefined && token.integration !== 2;
    same({ token: token.id, status }, { token: token.id, status: isThere ? 204 : 404 });
    if (!isThere) return;
    token.revokedAt = Date.now();
    // The isolate that revokes forgets at once.
    token.usedIn.delete(isolate);
  }

  /** All objects of all tables end and start anew. */
  async #evict(): Promise<void> {
    const { results } = await testEnv.CATALOG.prepare(
      "SELECT id, ranges FROM tables WHERE integration_id IN (?1, ?2, ?3)",
    )
      .bind(...this.#session.ids)
      .all<{ id: number; ranges: string }>();
    for (const { id, ranges } of results) {
      for (const [start] of JSON.parse(ranges) as [number, number][]) {
        const stub = testEnv.TABLE_RANGE.getByName(`${id}:${start}`);
        // One that never ran cannot be evicted.
        await evictDurableObject(stub).catch(() => undefined);
      }
    }
  }
}

function wireOf(names: Names, request: ImportRequest): Wire | Promise<Wire> {
  switch (request.type) {
    case "push":
      return pushWire(names, request);
    case "batch":
      return batchWire(names, request);
    case "points":
      return pointsWire(names, request);
    default:
      return nativeWire(names, request);
  }
}

function expectedOf(sender: Sender<ModelIntegration>, request: ImportRequest): Expected {
  switch (request.type) {
    case "push":
      return push(sender, request);
    case "batch":
      return batch(sender, request);
    case "points":
      return points(sender, request);
    default:
      return native(sender, request);
  }
}
