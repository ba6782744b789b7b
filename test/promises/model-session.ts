/** What a run of a program has: two clients, two isolates, and the model of their tables. */
import { newTenant, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate } from "../support/worker.ts";
import { ModelIntegration, type ModelTable } from "./model.ts";
import type { Wire } from "./model-wire.ts";

/** Which of two isolates of one deployment handles a request. */
export type Isolate = 0 | 1;

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of the native import: its Idempotency-Key came before. */
  readonly isReplay: boolean;
}

/** A table of the model, and the integration that it belongs to. */
export interface TableRef {
  readonly integration: number;
  readonly name: string;
  readonly table: ModelTable;
}

/** The element of a list that an index stands for; undefined in an empty list. */
export function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}

/** Client 0 has the integrations 0 and 1, client 1 has integration 2. */
export class Session {
  readonly integrations: readonly ModelIntegration[] = [0, 0, 1].map(
    (client) => new ModelIntegration(client),
  );
  /** The ids of the integrations. */
  readonly ids: readonly number[];
  readonly tenants: readonly [Tenant, Tenant];
  readonly #isolates: readonly [Env, Env] = [otherIsolate(), otherIsolate()];
  /** Of all requests: wrong export keys are counted by it, and no two programs share one. */
  readonly #address: string;

  private constructor(tenants: readonly [Tenant, Tenant], ids: readonly number[]) {
    const [{ clientId }] = tenants;
    this.tenants = tenants;
    this.ids = ids;
    this.#address = `10.${clientId >> 16}.${(clientId >> 8) & 255}.${clientId & 255}`;
  }

  /** A session with clients of its own. */
  static async begin(): Promise<Session> {
    const own = await newTenant();
    const foreign = await newTenant();
    const path = `/clients/${own.clientId}/integrations`;
    const none = new Session([own, foreign], []);
    const { text } = await none.admin(0, "POST", path, '{"name":"b"}');
    const { id } = JSON.parse(text) as { id: number };
    return new Session([own, foreign], [own.integrationId, id, foreign.integrationId]);
  }

  /** The answer of an isolate to a request. */
  send(isolate: Isolate, { init, url }: Wire): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("CF-Connecting-IP", this.#address);
    const { origin, pathname, search } = new URL(url);
    return callWorker(
      this.#isolates[isolate],
      `${pathname}${search}`,
      { ...init, headers },
      origin,
    );
  }

  /** The same, read as text. */
  async read(isolate: Isolate, wire: Wire): Promise<Answer> {
    const response = await this.send(isolate, wire);
    const isReplay = response.headers.get("idempotency-replayed") === "true";
    return { status: response.status, text: await response.text(), isReplay };
  }

  /** Calls the admin API; the body is JSON text. */
  admin(isolate: Isolate, method: string, path: string, body?: string): Promise<Answer> {
    const headers = {
      Authorization: "Bearer test-admin-token",
      "Content-Type": "application/json",
    };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    return this.read(isolate, { url: `https://headgate.example/admin/v1${path}`, init });
  }

  /** The tables of a client, in no certain order. */
  tables(client: number): TableRef[] {
    return this.integrations.flatMap((one, integration) => {
      if (one.client !== client) return [];
      return [...one.tables].map(([name, table]) => ({ integration, name, table }));
    });
  }
}
