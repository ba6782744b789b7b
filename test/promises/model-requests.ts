/** Requests of the import surfaces as data: what a program consists of, and the model reads. */
import type { Fields } from "./model-values.ts";

/** What can be wrong with a record of push and validate, but for its keys and its client. */
export const RECORD_DEFECTS = [
  "no_sequence",
  "sequence_text",
  "sequence_fraction",
  "sequence_low",
  "sequence_high",
  "table_blank",
  "no_table",
  "bad_action",
  "no_keys",
  "keys_empty",
  "keys_text",
  "key_properties",
  "no_data",
  "data_array",
  "version_text",
] as const;

export type RecordDefect = (typeof RECORD_DEFECTS)[number];

/** What can be wrong with a message of a batch, but for its data. */
export const MESSAGE_DEFECTS = [
  "no_action",
  "no_sequence",
  "sequence_text",
  "sequence_high",
] as const;

export type MessageDefect = (typeof MESSAGE_DEFECTS)[number];

export interface StitchRecord {
  /** Whose `client_id` it has: the token's, another client's, or none. */
  readonly client: "own" | "foreign" | "absent";
  readonly table: string;
  readonly keys: readonly string[];
  readonly action: "upsert" | "switch_view" | "activate_version";
  /** Integers as text. */
  readonly sequence: string;
  readonly version: string | undefined;
  readonly fields: Fields;
  readonly defect: RecordDefect | undefined;
}

/** A body that is none of records. */
export type BadBody = "malformed" | "empty" | "object";

export interface PushRequest {
  readonly type: "push";
  readonly endpoint: "push" | "validate";
  readonly encoding: "json" | "transit";
  readonly accept: string | undefined;
  readonly bad: BadBody | undefined;
  readonly records: readonly StitchRecord[];
}

export interface BatchMessage {
  readonly action: StitchRecord["action"];
  readonly sequence: string;
  readonly version: string | undefined;
  readonly fields: Fields;
  readonly defect: MessageDefect | undefined;
}

export interface BatchRequest {
  readonly type: "batch";
  readonly table: string;
  readonly keys: readonly string[];
  readonly version: string | undefined;
  /** Which of SCHEMAS. */
  readonly schema: "any" | "types" | "text";
  readonly client: "own" | "foreign" | "absent";
  readonly bad: "malformed" | "no_messages" | "extra" | undefined;
  readonly messages: readonly BatchMessage[];
}

/** JSON Schemas of batches: the first two take all that programs send. */
export const SCHEMAS = {
  any: "{}",
  types:
    '{"type":"object","properties":{"n":{"type":["number","null"]},"when":{"type":"string","format":"date-time"}}}',
  text: '{"properties":{"s":{"type":"string"}}}',
} as const;

export interface Point {
  /** The value of `keys`; undefined where there is none. */
  readonly keys: readonly string[] | "text" | undefined;
  readonly fields: Fields;
}

export interface PointsRequest {
  readonly type: "points";
  readonly version: "v1" | "v2";
  readonly sandbox: "none" | "prefix" | "host";
  readonly table: string;
  /** Whose id the path has. */
  readonly client: "own" | "foreign" | "word";
  readonly bad: "malformed" | "empty" | "number" | "element" | undefined;
  /** One point stands without its array. */
  readonly isBare: boolean;
  readonly points: readonly Point[];
}

export interface NativeRecord {
  readonly sequence: string;
  readonly fields: Fields;
  readonly defect: "no_object" | "malformed" | "sequence_text" | undefined;
}

export interface NativeRequest {
  readonly type: "native";
  readonly table: string;
  readonly keys: readonly string[] | undefined;
  /** `each`: in the field `seq` of each record; else one for all, or none. */
  readonly sequence: "each" | { readonly all: string } | undefined;
  readonly isDry: boolean;
  readonly isSkipping: boolean;
  readonly isLines: boolean;
  readonly isGzip: boolean;
  readonly idempotencyKey: string | undefined;
  readonly bad: "option" | "malformed" | "empty" | undefined;
  readonly records: readonly NativeRecord[];
}

/** What an answer must be: its status, and its body in full or some of its members. */
export interface Expected {
  readonly status: number;
  /** The JSON of the body; `""` for none at all. */
  readonly body?: unknown;
  /** Members that the JSON of the body has. */
  readonly members?: object;
  /** Whether the header says that its Idempotency-Key came before. */
  readonly isReplay?: boolean;
}

/** Who sends: an integration by its token, and what its client is called in paths and records. */
export interface Sender<Integration> {
  /** Undefined where the token is missing, unknown or revoked. */
  readonly integration: Integration | undefined;
  readonly clientId: number;
}
