/** What a release answers of what it has stored: the lists of the export surface and the admin API. */
import { CLIENT_ID, EXPORT_KEY } from "../e2e/constants.ts";
import { ADMIN_TOKEN, type Client } from "./client.ts";
import { type Credentials, OTHER_CLIENT_ID } from "./traffic.ts";

interface Listed {
  readonly tables: readonly { readonly id: number }[];
  readonly integrations: readonly { readonly id: number }[];
}

/** Answers by their paths, each number as its source text: two that differ must not look equal. */
export type Answers = Record<string, unknown>;

/** The JSON of an answer with its numbers as texts. */
function exact(text: string): unknown {
  return JSON.parse(text, (_, value: unknown, context) =>
    typeof value === "number" ? context.source : value,
  );
}

/** Reads the lists of both clients. Exports are left out: they go on by themselves. */
export async function readAnswers(client: Client, credentials: Credentials): Promise<Answers> {
  const answers: Answers = {};
  const ask = async (path: string, headers: Record<string, string>): Promise<Listed> => {
    const text = await (await client.send(path, 200, { headers })).text();
    answers[path] = exact(text);
    return JSON.parse(text) as Listed;
  };
  const admin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  await ask("/admin/v1/clients", admin);
  const keys = { [CLIENT_ID]: EXPORT_KEY, [OTHER_CLIENT_ID]: credentials.otherKey };
  for (const [id, key] of Object.entries(keys)) {
    const own = `/admin/v1/clients/${id}`;
    await ask(`${own}/export-keys`, admin);
    await ask(`${own}/tables`, admin);
    for (const integration of (await ask(`${own}/integrations`, admin)).integrations) {
      await ask(`${own}/integrations/${integration.id}/tokens`, admin);
    }
    const reader = { "X-RJM-API-Key": key };
    const tables = `/0.1/client/${id}/table`;
    for (const table of (await ask(tables, reader)).tables) {
      await ask(`${tables}/${table.id}`, reader);
      await ask(`${own}/tables/${table.id}/rows`, admin);
    }
  }
  return answers;
}
