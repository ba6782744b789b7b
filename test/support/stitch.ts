/** What the tests of the Stitch surface share: right records, answers, and all that is stored. */
import { testEnv } from "./env.ts";
import type { Tenant } from "./tenant.ts";

/** A record that push takes, with members of the test's choice; undefined removes one. */
export function rightRecord(
  tenant: Tenant,
  members: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const record = {
    client_id: tenant.clientId,
    table_name: "orders",
    sequence: 1,
    action: "upsert",
    key_names: ["id"],
    data: { id: 1, status: "new" },
    ...members,
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** An answer, its body as JSON where it is typed so. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Reads an answer; a body that is typed as JSON and is none fails the test. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
}

/** Tables at the end of the catalogue whose rows {@link storedAll} looks at: a test's own and more. */
const NEWEST_TABLES = 50;

/**
 * What there is of tables, columns and rows of all tenants, in figures: equal before and after
 * says that nothing was written. Of rows only those of the newest tables, because files of tests
 * share their databases.
 */
export async function storedAll(): Promise<string[]> {
  const newest = await testEnv.CATALOG.prepare("SELECT max(id) AS id FROM tables").first<number>(
    "id",
  );
  const catalogue = ["tables", "columns"].map((name) =>
    testEnv.CATALOG.prepare(`SELECT count(*), max(id) FROM ${name}`).all(),
  );
  const types = testEnv.CATALOG.prepare("SELECT total(types) FROM columns").all();
  const rows = [testEnv.SHARD_0, testEnv.SHARD_1].map((shard) =>
    shard
      .prepare(
        `SELECT table_id, count(*), total(sequence), total(version), total(length(data)), max(key)
         FROM rows WHERE table_id > ?1 GROUP BY table_id`,
      )
      .bind((newest ?? 0) - NEWEST_TABLES)
      .all(),
  );
  const answers = await Promise.all([...catalogue, types, ...rows]);
  return answers.map(({ results }) => JSON.stringify(results));
}

/** The names of a tenant's tables, in the order of their creation. */
export async function tableNames(tenant: Tenant): Promise<string[]> {
  const { results } = await testEnv.CATALOG.prepare(
    "SELECT name FROM tables WHERE integration_id = ?1 ORDER BY id",
  )
    .bind(tenant.integrationId)
    .all<{ name: string }>();
  return results.map(({ name }) => JSON.parse(name) as string);
}

/** Bindings in which every call to the catalogue fails with this message. */
export function brokenCatalogue(message: string): Env {
  const fail = (): never => {
    throw new Error(message);
  };
  const CATALOG = new Proxy(testEnv.CATALOG, { get: () => fail });
  return new Proxy<Env>(testEnv, {
    get: (target, name) => (name === "CATALOG" ? CATALOG : (Reflect.get(target, name) as unknown)),
  });
}
