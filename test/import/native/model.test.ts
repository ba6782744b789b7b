import fc from "fast-check";
import { expect, test } from "vitest";
import { newTenant } from "../../support/tenant.ts";
import { type NativeBody, NDJSON, postText, storedData } from "./support.ts";

/** A record, or a defect; ids are few, so that keys meet. */
interface ModelRecord {
  readonly id: number | null;
  readonly at: number;
  readonly value: number;
}

interface ModelRequest {
  readonly records: readonly ModelRecord[];
  /** From each record's `at`, or none. */
  readonly hasSequence: boolean;
  readonly isLines: boolean;
  readonly isDry: boolean;
}

const record: fc.Arbitrary<ModelRecord> = fc.record({
  id: fc.oneof({ weight: 8, arbitrary: fc.nat(4) }, fc.constant(null)),
  at: fc.nat(5),
  value: fc.nat(),
});

const request: fc.Arbitrary<ModelRequest> = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 8 }),
  hasSequence: fc.boolean(),
  isLines: fc.boolean(),
  isDry: fc.boolean(),
});

interface Stored {
  readonly sequence: number;
  readonly text: string;
}

/**
 * What a request does to the rows, by the rules of docs/native-import.md. The rows of one request
 * and key are settled among themselves first: without sequences the last stays, with them the
 * first of the highest.
 */
function applied(rows: Map<number, Stored>, { records, hasSequence }: ModelRequest) {
  const good = records.flatMap(({ id, ...rest }) => (id === null ? [] : [{ id, ...rest }]));
  const winners = new Map<number, Stored>();
  for (const one of good) {
    const known = winners.get(one.id);
    if (hasSequence && known !== undefined && known.sequence >= one.at) continue;
    winners.set(one.id, { sequence: hasSequence ? one.at : -1, text: JSON.stringify(one) });
  }
  const counts = { inserted: 0, replaced: 0 };
  for (const [id, row] of winners) {
    const known = rows.get(id);
    if (hasSequence && known !== undefined && known.sequence >= row.sequence) continue;
    if (known === undefined) counts.inserted += 1;
    else counts.replaced += 1;
    rows.set(id, row);
  }
  const stale = good.length - counts.inserted - counts.replaced;
  return { received: records.length, ...counts, stale, skipped: records.length - good.length };
}

function bodyOf({ records, isLines }: ModelRequest): string {
  const texts = records.map((one) => JSON.stringify(one));
  return isLines ? texts.join("\n") : `[${texts.join()}]`;
}

/** Whether a table is with sequences or without is one choice: mixing them is another rule's. */
test("any requests give the counts and the rows of a plain model", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 5 }), fc.boolean(), async (all, sequenced) => {
      const tenant = await newTenant();
      const rows = new Map<number, Stored>();
      for (const one of all.map((made) => ({ ...made, hasSequence: sequenced }))) {
        const query = `keys=id&on_error=skip${sequenced ? "&sequence_field=at" : ""}${
          one.isDry ? "&dry_run=1" : ""
        }`;
        const headers = one.isLines ? NDJSON : {};
        const { body, status } = await postText(tenant, bodyOf(one), { query, headers });
        const expected = applied(one.isDry ? new Map(rows) : rows, one);
        expect(status).toBe(expected.skipped > 0 ? 207 : 200);
        const { received, inserted, replaced, stale, skipped }: NativeBody = body;
        expect({ received, inserted, replaced, stale, skipped }).toEqual(expected);
      }
      const texts = [...rows].sort(([a], [b]) => a - b).map(([, { text }]) => text);
      expect(await storedData(tenant)).toEqual(texts);
    }),
    { numRuns: 40 },
  );
});
