/** What a native import answers where its records were stored, or would be. */
import * as z from "zod";
import { detailOf, fieldOf, jsonAnswer } from "../../http/answer.ts";
import type { Refusal } from "../../http/errors.ts";
import type { Tally } from "../../warehouse/tally.ts";
import { DESCRIBED_ERRORS_MAX } from "./limits.ts";

const Count = z.int().min(0);

/** One bad record of a request that skips them. */
export const NativeRecordError = z.strictObject({
  index: Count.meta({ description: "Of the record, counted from 0; empty lines do not count." }),
  field: z.nullable(z.string()).meta({ description: "The field that is the reason, if one is." }),
  code: z.string().meta({ description: "A code of the error table.", example: "key_null" }),
  reason: z.string().meta({ description: "The reason, in words." }),
});

/** The body of a 200, and of a 207, which alone has `errors_total` and `errors`. */
export const NativeAnswer = z
  .strictObject({
    received: Count.meta({ description: "Records in the body." }),
    inserted: Count.meta({ description: "Records whose key was not stored before." }),
    replaced: Count.meta({ description: "Records that replaced a stored row." }),
    stale: Count.meta({
      description:
        "Records that lost to a stored row with the same or a higher sequence, or to another record of the request with the same key.",
    }),
    skipped: Count.meta({ description: "Bad records that were left out." }),
    dry_run: z.boolean().meta({ description: "Whether nothing was stored, as was asked for." }),
    errors_total: Count.optional().meta({ description: "How many records were bad." }),
    errors: z
      .array(NativeRecordError)
      .optional()
      .meta({ description: `The first ${DESCRIBED_ERRORS_MAX} of them.` }),
  })
  .meta({
    example: { received: 3, inserted: 1, replaced: 1, stale: 1, skipped: 0, dry_run: false },
  });

/** The bad records of a request that skips them: all counted, the first ones described. */
export class BadRecords {
  #total = 0;
  #first: Refusal | undefined;
  readonly #described: z.infer<typeof NativeRecordError>[] = [];

  get total(): number {
    return this.#total;
  }

  get described(): readonly z.infer<typeof NativeRecordError>[] {
    return this.#described;
  }

  /** The refusal of the first of them. */
  get first(): Refusal | undefined {
    return this.#first;
  }

  add(index: number, refusal: Refusal): void {
    this.#total += 1;
    this.#first ??= refusal;
    if (this.#described.length === DESCRIBED_ERRORS_MAX) return;
    const { code } = refusal;
    this.#described.push({ index, field: fieldOf(refusal), code, reason: detailOf(refusal) });
  }
}

/**
 * The answer: 200, or 207 where records were skipped.
 *
 * @param headers besides those of any JSON answer.
 */
export function nativeAnswer(
  received: number,
  { inserted, replaced, stale }: Tally,
  bad: BadRecords,
  isDryRun: boolean,
  headers: Readonly<Record<string, string>>,
): Response {
  const counts = { received, inserted, replaced, stale, skipped: bad.total, dry_run: isDryRun };
  const answer: z.infer<typeof NativeAnswer> =
    bad.total === 0 ? counts : { ...counts, errors_total: bad.total, errors: [...bad.described] };
  return jsonAnswer(bad.total === 0 ? 200 : 207, JSON.stringify(answer), headers);
}
