/** Comparisons of the tables that the Worker shows with those of the model. */
import { expect } from "vitest";
import type { ModelTable } from "./model.ts";
import { jsonOf } from "./model-compare.ts";
import type { Isolate, Session, TableRef } from "./model-session.ts";
import { exact, objectText } from "./model-values.ts";

interface ShownTable {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly key_names: readonly string[];
}

/** The tables of a client as the admin API has them. */
async function shownTables(session: Session, client: 0 | 1): Promise<readonly ShownTable[]> {
  const path = `/clients/${session.tenants[client].clientId}/tables`;
  return jsonOf<{ tables: ShownTable[] }>(await session.admin(0, "GET", path)).tables;
}

/** A client has the tables of the model and no other, with their key names. */
export async function lookAtTables(session: Session, client: 0 | 1): Promise<void> {
  const inOrder = (list: readonly (readonly unknown[])[]): string[] =>
    list.map((one) => JSON.stringify(one)).sort();
  const shown = (await shownTables(session, client)).map((one) => [
    session.ids.indexOf(one.integration_id),
    one.name,
    [...one.key_names].sort(),
  ]);
  const meant = session
    .tables(client)
    .map(({ integration, name, table }) => [integration, name, [...table.keyNames].sort()]);
  expect(inOrder(shown)).toEqual(inOrder(meant));
}

/** The id of a table of the model; fails where the Worker does not have it. */
export async function tableIdOf(session: Session, ref: TableRef): Promise<number> {
  const client = ref.integration === 2 ? 1 : 0;
  const of = session.ids[ref.integration];
  const shown = await shownTables(session, client);
  const found = shown.find((one) => one.integration_id === of && one.name === ref.name);
  expect(found, `table ${ref.name}`).toBeDefined();
  return found?.id ?? 0;
}

/** A table has the columns and the rows of the model; rows are read in small pages. */
export async function lookAtTable(
  session: Session,
  isolate: Isolate,
  ref: TableRef,
): Promise<void> {
  const client = ref.integration === 2 ? 1 : 0;
  const id = await tableIdOf(session, ref);
  const path = `/clients/${session.tenants[client].clientId}/tables/${id}`;
  const { columns } = jsonOf<{ columns: unknown }>(await session.admin(isolate, "GET", path));
  expect({ table: ref.name, columns }).toEqual({ table: ref.name, columns: ref.table.columns });
  const rows: unknown[] = [];
  let after = "";
  for (;;) {
    const answer = await session.admin(isolate, "GET", `${path}/rows?limit=7${after}`);
    expect(answer.status).toBe(200);
    // Numbers of the answer are compared by their digits.
    const page = exact(answer.text) as { rows: unknown[]; next: string | null };
    rows.push(...page.rows);
    if (page.next === null) break;
    after = `&after=${encodeURIComponent(page.next.slice(1))}`;
  }
  const shown = { table: ref.name, rows: sorted(rows) };
  expect(shown).toEqual({ table: ref.name, rows: sorted(rowsOf(ref.table)) });
}

function rowsOf({ rows }: ModelTable): unknown[] {
  return [...rows.values()].map(({ fields, sequence }) => ({
    sequence: sequence === undefined ? null : `$${sequence}`,
    data: exact(objectText(fields)),
  }));
}

/** In an order that depends on nothing but the elements; the order of members is not compared. */
function sorted(list: readonly unknown[]): unknown[] {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, one: unknown) => {
      const isPlain = typeof one === "object" && one !== null && !Array.isArray(one);
      return isPlain ? Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)) : one;
    });
  return list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
