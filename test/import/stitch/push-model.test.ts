import fc from "fast-check";
import { expect, it } from "vitest";
import { stillClock } from "../../support/still-clock.ts";
import { tableNames } from "../../support/stitch.ts";
import { newTenant, pushText, storedRows, type Tenant } from "../../support/tenant.ts";

stillClock();

/** Keys as JSON text. Few, so that they meet; neighbours, so that they could be taken for equal. */
const KEYS = ["1", '"1"', "9007199254740992", "9007199254740993", "true", '"é"'] as const;

/** Sequences and versions, as text: few, so that some are equal. */
const SEQUENCES = [
  ...["0", "1", "2", "10", "9007199254740992", "9007199254740993"],
  ...["1795241049244168800", "1795241049244168801", "9223372036854775806", "9223372036854775807"],
] as const;

interface Upsert {
  readonly key: string;
  readonly sequence: string;
  readonly version: string;
  /** Tells the record from all others. */
  readonly value: number;
}
type Step = Upsert | { readonly activate: string };

const version = fc.constantFrom("0", "1", "2", "9007199254740993");
const upsert = fc.record({
  key: fc.constantFrom(...KEYS),
  sequence: fc.constantFrom(...SEQUENCES),
  version,
  value: fc.constant(0),
});

/** Requests of up to twelve records each, the upserts numbered. */
function requestsOf(step: fc.Arbitrary<Step>, lengthMax: number): fc.Arbitrary<Step[][]> {
  const request = fc.array(step, { minLength: 1, maxLength: 12 });
  let value = 0;
  return fc
    .array(request, { minLength: 1, maxLength: lengthMax })
    .map((requests) =>
      requests.map((steps) =>
        steps.map((one) => ("activate" in one ? one : { ...one, value: (value += 1) })),
      ),
    );
}

function textOf({ clientId }: Tenant, step: Step): string {
  const head = `{"client_id":${clientId},"table_name":"t"`;
  if ("activate" in step) {
    return `${head},"action":"switch_view","sequence":0,"table_version":${step.activate}}`;
  }
  const { key, sequence, version: of, value } = step;
  const data = `{"k":${key},"value":${value}}`;
  return `${head},"action":"upsert","sequence":${sequence},"table_version":${of},"key_names":["k"],"data":${data}}`;
}

async function push(tenant: Tenant, steps: readonly Step[]): Promise<void> {
  const response = await pushText(tenant, `[${steps.map((one) => textOf(tenant, one)).join(",")}]`);
  expect([response.status, await response.text()]).toEqual([201, ""]);
}

/** What is stored, by key, in the order of {@link KEYS}. */
async function found(tenant: Tenant): Promise<Upsert[]> {
  const rows = (await storedRows(tenant, "t")).map((row): Upsert => {
    const match = /^\{"k":(.+),"value":(\d+)\}$/.exec(row.data);
    const { sequence, version: of } = row;
    return { key: String(match?.[1]), sequence, version: of, value: Number(match?.[2]) };
  });
  return inOrder(rows);
}

function inOrder(rows: Iterable<Upsert>): Upsert[] {
  const place = ({ key }: Upsert): number => KEYS.findIndex((one) => one === key);
  return [...rows].sort((a, b) => place(a) - place(b));
}

/** What wire.md 2.9 says is stored. */
class Model {
  readonly rows = new Map<string, Upsert>();
  #isKnown = false;
  #current = 0n;

  apply(step: Step): void {
    if ("activate" in step) this.#activate(BigInt(step.activate));
    else this.#upsert(step);
  }

  #upsert(step: Upsert): void {
    this.#isKnown = true;
    const stored = this.rows.get(step.key);
    if (stored !== undefined && BigInt(step.sequence) <= BigInt(stored.sequence)) return;
    this.rows.set(step.key, step);
  }

  #activate(to: bigint): void {
    if (!this.#isKnown || to < this.#current) return;
    this.#current = to;
    for (const [key, row] of this.rows) if (BigInt(row.version) < to) this.rows.delete(key);
  }
}

it("requests one after the other store what the model says, again when repeated", async () => {
  const step = fc.oneof(
    { weight: 9, arbitrary: upsert },
    { weight: 1, arbitrary: fc.record({ activate: version }) },
  );
  await fc.assert(
    fc.asyncProperty(requestsOf(step, 4), async (requests) => {
      const tenant = await newTenant();
      const model = new Model();
      for (const request of requests) {
        await push(tenant, request);
        for (const one of request) model.apply(one);
        expect(await found(tenant)).toEqual(inOrder(model.rows.values()));
      }
      const last = (requests.at(-1) ?? []).filter((one) => !("activate" in one));
      if (last.length === 0) return;
      await push(tenant, last);
      for (const one of last) model.apply(one);
      expect(await found(tenant)).toEqual(inOrder(model.rows.values()));
    }),
    { numRuns: 12 },
  );
});

it("any order and any batching of the same records gives the same rows", async () => {
  // One record for each key and sequence, so that no two are equal.
  const records = KEYS.flatMap((key, k) =>
    SEQUENCES.map((sequence, s): Upsert => ({ key, sequence, version: "0", value: k * 100 + s })),
  );
  const ways = fc.record({
    order: fc.shuffledSubarray(records, { minLength: records.length }),
    cuts: fc.array(fc.nat(records.length), { maxLength: 6 }),
    together: fc.boolean(),
  });
  const highest = SEQUENCES.length - 1;
  await fc.assert(
    fc.asyncProperty(ways, async ({ order, cuts, together }) => {
      const tenant = await newTenant();
      const bounds = [0, ...cuts, order.length].sort((a, b) => a - b);
      const parts = bounds
        .map((from, index) => order.slice(from, bounds[index + 1] ?? order.length))
        .filter((part) => part.length > 0);
      if (together) await Promise.all(parts.map((part) => push(tenant, part)));
      else for (const part of parts) await push(tenant, part);
      const values = (await found(tenant)).map(({ value }) => value);
      expect(values).toEqual(KEYS.map((_, k) => k * 100 + highest));
    }),
    { numRuns: 12 },
  );
});

it("requests at once leave the highest sequence of each key, with a value that belongs to it", async () => {
  await fc.assert(
    fc.asyncProperty(requestsOf(upsert, 8), async (requests) => {
      const tenant = await newTenant();
      const all = requests as Upsert[][];
      await Promise.all(all.map((request) => push(tenant, request)));
      const stored = new Map((await found(tenant)).map((row) => [row.key, row]));
      const keys = new Set(all.flat().map(({ key }) => key));
      expect(new Set(stored.keys())).toEqual(keys);
      for (const [key, row] of stored) {
        const candidates = winners(all, key);
        expect(candidates).toContainEqual(row);
      }
    }),
    { numRuns: 15 },
  );
});

/** The records of a key that may be stored: of each request the first with the highest sequence. */
function winners(requests: readonly Upsert[][], key: string): Upsert[] {
  const of = requests.map((request) => request.filter((one) => one.key === key));
  const highest = of.flat().reduce((max, { sequence }) => {
    return BigInt(sequence) > max ? BigInt(sequence) : max;
  }, -1n);
  return of.flatMap((records) => {
    const first = records.find(({ sequence }) => BigInt(sequence) === highest);
    return first === undefined ? [] : [first];
  });
}

it("first writes at once agree on one set of key names; the others are refused", async () => {
  for (let round = 0; round < 3; round += 1) {
    const tenant = await newTenant();
    const bodies = Array.from({ length: 8 }, (_, index) => {
      const name = index % 2 === 0 ? "a" : "b";
      const record = { client_id: tenant.clientId, table_name: "t", sequence: 1, action: "upsert" };
      const data = { a: index, b: index, by: name };
      return { name, text: JSON.stringify([{ ...record, key_names: [name], data }]) };
    });
    const answers = await Promise.all(
      bodies.map(async ({ name, text }) => {
        const { status } = await pushText(tenant, text);
        return { name, status };
      }),
    );
    const taken = answers.filter(({ status }) => status === 201);
    const kept = taken[0]?.name;
    expect(answers).toEqual(
      bodies.map(({ name }) => ({ name, status: name === kept ? 201 : 422 })),
    );
    expect(await tableNames(tenant)).toEqual(["t"]);
    const rows = (await storedRows(tenant, "t")).map(({ data }) => JSON.parse(data) as unknown);
    expect(rows).toHaveLength(4);
    expect(rows).toEqual(rows.map(() => expect.objectContaining({ by: kept }) as unknown));
  }
});
