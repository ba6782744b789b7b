/** What a simulated deployment is like, and the load on it. All times in ms. */

/** Clients that do not wait for answers, or connections that send again after each. */
export type ClientLoad =
  | { readonly kind: "open"; readonly requestsPerS: number }
  | { readonly kind: "closed"; readonly connections: number; readonly clientMs: number };

/** CPU time of a request or a part of one. */
export interface CpuCost {
  readonly perRequestMs: number;
  readonly perPointMs: number;
}

/** How long a database is busy. */
export interface DatabaseCost {
  /** Of a transaction: the call, the commit, and replication where there is one. */
  readonly perCommitMs: number;
  /** Of each statement of it after the first. */
  readonly perStatementMs: number;
  readonly perRowMs: number;
}

/** See the module's comment. */
export interface Parameters {
  readonly seed: number;
  /** How long requests come, and after how long the figures begin. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly load: ClientLoad;
  /** Points of a request in the mean; their distribution is exponential unless it is fixed. */
  readonly points: number;
  readonly hasFixedPoints: boolean;
  /** Bytes of a point as it travels to the database. */
  readonly pointBytes: number;
  readonly tables: number;
  /** Exponent of Zipf's law over the tables; 0 for equal ones. */
  readonly zipfExponent: number;
  /** Tables of one client, which has one import token. */
  readonly tablesPerClient: number;
  readonly shards: number;
  readonly isolates: number;
  readonly worker: CpuCost;
  readonly object: CpuCost;
  readonly shard: DatabaseCost;
  readonly catalogueReadMs: number;
  readonly catalogueWriteMs: number;
  /** Least time between two notes that an isolate writes for a client; 0 for no notes. */
  readonly noteStepMs: number;
  /** An object or a database whose queue is longer than this refuses as overloaded. */
  readonly queueMsMax: number;
  /** There and back: from an isolate to an object, and from either to a database. */
  readonly objectRttMs: number;
  readonly databaseRttMs: number;
  readonly splitRequestsPerS: number;
  /** All of it in one thread, as in the local runtime. */
  readonly isOneThread: boolean;
}
