/** Random requests of the import surfaces: mostly right, and with everything that can be wrong. */
import fc from "fast-check";
import {
  type BatchMessage,
  type BatchRequest,
  MESSAGE_DEFECTS,
  type NativeRecord,
  type NativeRequest,
  type Point,
  type PointsRequest,
  type PushRequest,
  RECORD_DEFECTS,
  type StitchRecord,
} from "./model-requests.ts";
import type { Fields } from "./model-values.ts";

/** A choice that shrinks to its first alternative. */
export const SHRINKING = { withCrossShrink: true } as const;

/** One choice with weights: the most usual one first, which is what shrinking goes to. */
export function often<const T>(weight: number, usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    SHRINKING,
    { weight, arbitrary: fc.constant(usual) },
    ...others.map((other) => ({ weight: 1, arbitrary: fc.constant(other) })),
  );
}

/** Tables with their usual key names. */
const TABLES = new Map<string, readonly string[]>([
  ["orders", ["id"]],
  ["lines_2", ["lang", "id"]],
  ["Ünïcode, 1/2", ["id"]],
  ["log", []],
]);
const KEY_SETS: readonly (readonly string[])[] = [["id"], ["id", "lang"], ["x"], ["id", "id"]];

const table = often(6, ...([...TABLES.keys()] as [string, ...string[]]));

/** Key values: few, so that they meet, and neighbours that could be taken for equal. */
const KEYS = ["1", "1.0", "1e0", '"1"', "2", "3", "true", "0", "-0", "58.40", "58.4"];
const WIDE_KEYS = ["9007199254740992", "9007199254740993", '""', '"é"'];
const BAD_KEYS = ["null", "[1]", '{"a":1}', `"${"k".repeat(257)}"`];
const NUMBERS = ["0", "1", "1.0", "-0", "58.40", "1e3", "9007199254740993", "null"];
const LONG_NUMBER = "-9999999999999999.9999999999999999999999";
const TEXTS = [
  "",
  "x",
  'a"b,c',
  "line\r\nbreak",
  "=1+1",
  "~t",
  "^ ",
  "`",
  " ",
  "2019-08-01 14:22:32",
];
const ANY = ["true", "null", "[]", '{"a":[1.50,"~x",null]}', '{"a":{"b":"c"}}', ...NUMBERS];
const TIMES = ['"2020-01-13T21:25:03+0000"', '"2020-01-13T21:25:03Z"'];

const key = fc.oneof(
  SHRINKING,
  { weight: 24, arbitrary: fc.constantFrom(...KEYS, ...WIDE_KEYS) },
  { weight: 1, arbitrary: fc.constantFrom(...BAD_KEYS) },
);

function field(name: string, value: fc.Arbitrary<string>, freq: number): fc.Arbitrary<Fields> {
  const none: Fields = [];
  const one = value.map((json): Fields => [[name, json]]);
  return fc.oneof(
    SHRINKING,
    { weight: 1, arbitrary: fc.constant(none) },
    { weight: freq, arbitrary: one },
  );
}

const fields: fc.Arbitrary<Fields> = fc
  .tuple(
    field("id", key, 40),
    field("lang", fc.constantFrom('"en"', '"de"'), 20),
    field("n", fc.constantFrom(...NUMBERS, LONG_NUMBER), 2),
    field("s", fc.constantFrom(...TEXTS.map((text) => JSON.stringify(text)), "null"), 2),
    field("x", fc.constantFrom(...ANY), 1),
    field("when", fc.constantFrom(...TIMES), 1),
    fc.boolean(),
  )
  .map(([id, lang, n, s, x, when, isReversed]) => {
    const all = [...id, ...lang, ...n, ...s, ...x, ...when];
    return isReversed ? all.reverse() : all;
  });

const SEQUENCES = ["1", "0", "2", "3", "1795241049244168800", "1795241049244168801"] as const;
const sequence = fc.constantFrom(...SEQUENCES, "9007199254740993", "9223372036854775807");
const version = fc.option(fc.constantFrom("0", "1", "2", "9007199254740993"), { nil: undefined });
const action = often(9, "upsert" as const, "switch_view", "activate_version");
const keysOr = fc.oneof(
  SHRINKING,
  { weight: 24, arbitrary: fc.constant("usual" as const) },
  { weight: 1, arbitrary: fc.constantFrom(...KEY_SETS) },
);

/** The key names that are meant; surfaces that need one take `id` for an append-only table. */
function keysFor(name: string, keys: "usual" | readonly string[], none: readonly string[]) {
  if (keys !== "usual") return keys;
  const usual = TABLES.get(name) ?? ["id"];
  return usual.length === 0 ? none : usual;
}

/** A list with something in it, which shrinks to its first element. */
function list<T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.tuple(of, fc.array(of, { maxLength: 5 })).map(([first, more]) => [first, ...more]);
}

const record: fc.Arbitrary<StitchRecord> = fc
  .record({
    client: often(200, "own" as const, "foreign", "absent"),
    table,
    keys: keysOr,
    action,
    sequence,
    version,
    fields,
    defect: often<StitchRecord["defect"]>(400, undefined, ...RECORD_DEFECTS),
  })
  .map((made): StitchRecord => {
    const { action: does, defect, keys, table: name } = made;
    const ofUpserts = /^(no_keys|keys|key_prop|no_data|data)/.test(defect ?? "");
    const wrong = does !== "upsert" && ofUpserts ? undefined : defect;
    return { ...made, keys: keysFor(name, keys, ["id"]), defect: wrong };
  });

/** Requests of this surface. */
export const push: fc.Arbitrary<PushRequest> = fc.record({
  type: fc.constant("push"),
  endpoint: often(5, "push" as const, "validate"),
  encoding: fc.constantFrom("json", "transit"),
  accept: fc.constantFrom(
    undefined,
    "*/*",
    "application/json",
    "text/html, application/json;q=0.5",
  ),
  bad: often<PushRequest["bad"]>(60, undefined, "malformed", "empty", "object"),
  records: list(record),
});

const message: fc.Arbitrary<BatchMessage> = fc.record({
  action,
  sequence,
  version: often<string | undefined>(6, undefined, "0", "1", "2"),
  fields,
  defect: often<BatchMessage["defect"]>(120, undefined, ...MESSAGE_DEFECTS),
});

/** Requests of this surface. */
export const batch: fc.Arbitrary<BatchRequest> = fc
  .record({
    type: fc.constant("batch" as const),
    table,
    keys: keysOr,
    version,
    schema: often(3, "any" as const, "types", "text"),
    client: often(30, "absent" as const, "own", "foreign"),
    bad: often<BatchRequest["bad"]>(40, undefined, "malformed", "no_messages", "extra"),
    messages: list(message),
  })
  .map((made) => ({ ...made, keys: keysFor(made.table, made.keys, []) }));

const pointKeys = fc.oneof(
  SHRINKING,
  { weight: 30, arbitrary: fc.constant("usual" as const) },
  { weight: 1, arbitrary: fc.constantFrom(...KEY_SETS, [], "text" as const, undefined) },
);

/** Requests of this surface. */
export const points: fc.Arbitrary<PointsRequest> = fc
  .record({
    type: fc.constant("points" as const),
    version: fc.constantFrom("v2" as const, "v1"),
    sandbox: often(6, "none" as const, "prefix", "host"),
    table: often(5, "orders", "lines_2", "log", "a-b"),
    client: often(30, "own" as const, "foreign", "word"),
    bad: often<PointsRequest["bad"]>(40, undefined, "malformed", "empty", "number", "element"),
    isBare: fc.boolean(),
    points: list(fc.record({ keys: pointKeys, fields })),
  })
  .map((made) => {
    const all = made.points.map(({ keys, fields: own }): Point => {
      if (keys === "text" || keys === undefined) return { keys, fields: own };
      return { keys: keysFor(made.table, keys, ["id"]), fields: own };
    });
    return { ...made, isBare: made.isBare && all.length === 1, points: all };
  });

const nativeRecord: fc.Arbitrary<NativeRecord> = fc.record({
  sequence,
  fields,
  defect: often<NativeRecord["defect"]>(60, undefined, "no_object", "malformed", "sequence_text"),
});

/** Requests of this surface. */
export const native: fc.Arbitrary<NativeRequest> = fc
  .record({
    type: fc.constant("native" as const),
    table,
    keys: fc.oneof(
      SHRINKING,
      { weight: 12, arbitrary: keysOr },
      { weight: 2, arbitrary: fc.constant(undefined) },
    ),
    sequence: fc.oneof(
      fc.constantFrom<NativeRequest["sequence"][]>(undefined, "each"),
      sequence.map((all) => ({ all })),
    ),
    isDry: often(5, false, true),
    isSkipping: fc.boolean(),
    isLines: fc.boolean(),
    isGzip: often(4, false, true),
    idempotencyKey: fc.option(fc.constantFrom("k1", "k2"), { nil: undefined }),
    bad: often<NativeRequest["bad"]>(40, undefined, "option", "malformed", "empty"),
    records: list(nativeRecord),
  })
  .map((made) => {
    const { bad, keys, isLines, records } = made;
    return {
      ...made,
      // Of lines each is malformed by itself, which is a defect of a record.
      bad: isLines && bad === "malformed" ? undefined : bad,
      keys: keys === undefined ? undefined : keysFor(made.table, keys, []),
      records: records.map((one): NativeRecord => {
        return one.defect === "malformed" && !isLines ? { ...one, defect: undefined } : one;
      }),
    };
  });
