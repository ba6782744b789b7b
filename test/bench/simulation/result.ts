/** What came of a simulated run. */

/** How busy the servers of one kind were: shares of the time. */
export interface Utilisation {
  readonly mean: number;
  readonly max: number;
}

/** See the module's comment. Rates are of the time after the warm-up. */
export interface Result {
  /** Of the whole run: every request ends in exactly one of these. */
  readonly arrived: number;
  readonly committed: number;
  /** By an object that has too much to do, the queue in it, or a shard's own. */
  readonly refusedByObject: number;
  readonly refusedByRange: number;
  readonly refusedByShard: number;
  /** Because the catalogue did not answer. */
  readonly refusedByCatalogue: number;
  readonly requestsPerS: number;
  readonly pointsPerS: number;
  /** Share of the requests after the warm-up that were refused. */
  readonly refusedShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly commitsPerS: number;
  readonly requestsPerCommit: number;
  readonly rowsPerCommit: number;
  readonly statementsPerMb: number;
  /** Calls of objects for a request, and their time with a commit open, for what they cost. */
  readonly objectCallsPerRequest: number;
  readonly splits: number;
  readonly ranges: number;
  /** Ranges at the end of each second. */
  readonly rangesBySecond: readonly number[];
  readonly isolates: Utilisation;
  readonly objects: Utilisation;
  readonly shards: Utilisation;
  readonly catalogue: Utilisation;
  readonly catalogueReadsPerS: number;
  readonly catalogueWritesPerS: number;
  readonly catalogueRefused: number;
}

/** From this share on, the servers of a kind are taken for a limit. */
const BUSY_SHARE = 0.9;

/** What limits a run: the kinds of servers of which one is busy, or the busiest where none is. */
export function limitOf(result: Result): string {
  const areAllShards = result.shards.mean >= BUSY_SHARE;
  const kinds = [
    ["catalogue", result.catalogue.max],
    [areAllShards ? "all shards" : "one shard", result.shards.max],
    ["one object", result.objects.max],
    ["isolates", result.isolates.max],
  ] as const;
  const busy = kinds.filter(([, share]) => share >= BUSY_SHARE);
  if (busy.length > 0) return busy.map(([name]) => name).join(", ");
  const [name, share] = kinds.reduce((most, kind) => (kind[1] > most[1] ? kind : most));
  return `none (${name} ${Math.round(share * 100)} %)`;
}
