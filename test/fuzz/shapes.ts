/**
 * Bodies that become much more memory than they have bytes, each of one kind of value, and where
 * each surface takes them.
 */
import { CLIENT_ID, IMPORT_TOKEN } from "../e2e/constants.ts";
import { Buffer } from "../../src/buffer.ts";
import type { Input } from "./request.ts";

/** A text of about so many bytes that is JSON, but for those that are not meant to be. */
export type Shape = (bytes: number) => string;

const listOf =
  (item: string): Shape =>
  (bytes) =>
    `[${`${item},`.repeat(Math.floor(bytes / (item.length + 1)))}${item}]`;

const objectOf =
  (member: (index: number) => string): Shape =>
  (bytes) => {
    const members: string[] = [];
    for (let length = 2; length < bytes;) {
      const one = member(members.length);
      members.push(one);
      length += one.length + 1;
    }
    return `{${members.join(",")}}`;
  };

/** By what they are made of. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  "[[[[ unclosed": (bytes) => "[".repeat(bytes),
  "[[[[ closed": (bytes) => "[".repeat(bytes / 2) + "]".repeat(bytes / 2),
  '{"a":{"a": unclosed': (bytes) => '{"a":'.repeat(bytes / 5),
  "[[],[],": listOf("[]"),
  "[{},{},": listOf("{}"),
  '[{"a":1},': listOf('{"a":1}'),
  "[[[[[[]]]]],": listOf("[[[[[]]]]]"),
  "[0,0,": listOf("0"),
  "[-0,-0,": listOf("-0"),
  "[1.5,1.5,": listOf("1.5"),
  "[1.50,1.50,": listOf("1.50"),
  "[1e3,1e3,": listOf("1e3"),
  "[9007199254740993,": listOf("9007199254740993"),
  '["","",': listOf('""'),
  '["ab","ab",': listOf('"ab"'),
  "[null,null,": listOf("null"),
  '{"a1":1,"a2":1 (names differ)': objectOf((index) => `"a${index}":1`),
  '{"0":1,"1":1 (names are numbers)': objectOf((index) => `"${index * 7919}":1`),
  '{"a":1,"a":1 (names equal)': objectOf(() => '"a":1'),
  '[{"a1":1},{"a2":1}': (bytes) =>
    `[${Array.from({ length: bytes / 12 }, (_, index) => `{"a${index}":1}`).join(",")}]`,
  "one string": (bytes) => JSON.stringify("a".repeat(bytes)),
  "one string of \\u0001": (bytes) => `"${"\\u0001".repeat(bytes / 6)}"`,
  "one string of é": (bytes) => `"${"é".repeat(bytes / 2)}"`,
  "one string of one 💡 and a": (bytes) => `"💡${"a".repeat(bytes)}"`,
  "one number": (bytes) => "9".repeat(bytes),
  spaces: (bytes) => `[${" ".repeat(bytes)}`,
};

/** Shapes of Transit. */
export const TRANSIT_SHAPES: Readonly<Record<string, Shape>> = {
  "cache references": (bytes) =>
    `[["^ ","long_name_of_a_member",1],${'["^ ","^0",1],'.repeat(bytes / 14)}1]`,
  "references to 40 long names": (bytes) => {
    const names = Array.from(
      { length: 40 },
      (_, i) => `"${String.fromCharCode(97 + (i % 26)).repeat(60)}${i}",1`,
    );
    const again = names
      .map((_, i) => `"^${String.fromCharCode(48 + i).replace("\\", "\\\\")}",1`)
      .join(",");
    return `[["^ ",${names.join(",")}],${`["^ ",${again}],`.repeat(bytes / (again.length + 8))}1]`;
  },
  "tagged sets": listOf('["~#set",[]]'),
  "big integers": listOf('"~n1"'),
  decimals: listOf('"~f1.0"'),
  instants: listOf('"~m0"'),
  keywords: listOf('"~:a"'),
  "composite keys": listOf('["~#cmap",[[1],1]]'),
};

const LIMITS = {
  push: 4_194_304,
  validate: 4_194_304,
  batch: 20_000_000,
  rjmetrics: 5_242_880,
  native: 20_000_000,
} as const;

/** The surfaces that take large bodies. */
export const SURFACES = Object.keys(LIMITS) as (keyof typeof LIMITS)[];

/** The largest body of a surface, in bytes. */
export function bytesMaxOf(surface: (typeof SURFACES)[number]): number {
  return LIMITS[surface];
}

const TARGETS = {
  push: "/v2/import/push",
  validate: "/v2/import/validate",
  batch: "/v2/import/batch",
  rjmetrics: `/v2/client/${CLIENT_ID}/table/shapes/data?apikey=${IMPORT_TOKEN}`,
  native: "/api/v1/tables/shapes/rows?keys=id",
} as const;

/** A request with a body. */
export function bodyInput(
  surface: (typeof SURFACES)[number],
  text: string | Uint8Array,
  type = "application/json",
): Input {
  return {
    route: surface,
    method: "POST",
    target: TARGETS[surface],
    headers: [
      ["Authorization", `Bearer ${IMPORT_TOKEN}`],
      ["Accept", "application/json"],
      ["Content-Type", type],
    ],
    body: Buffer.from(text),
    framing: "length",
  };
}

/** Most bytes of one record, some below what a row may have. */
const RECORD_BYTES = 1_500_000;

/** Right records that hold such values and make a body of at most so many bytes. */
export function inRecords(
  surface: (typeof SURFACES)[number],
  shape: Shape,
  bytesMax: number,
): string {
  const count = Math.max(1, Math.floor(bytesMax / (RECORD_BYTES + 1_000)));
  const values = Array.from({ length: count }, () =>
    shape(Math.min(RECORD_BYTES, bytesMax - 1_000)),
  );
  const data = values.map((value, id) => `{"id":${id},"value":${value}}`);
  switch (surface) {
    case "push":
    case "validate":
      return `[${data.map((one) => `{"client_id":${CLIENT_ID},"table_name":"shapes","sequence":1,"action":"upsert","key_names":["id"],"data":${one}}`).join(",")}]`;
    case "batch":
      return `{"table_name":"shapes","schema":{"type":"object"},"key_names":["id"],"messages":[${data.map((one) => `{"action":"upsert","sequence":1,"data":${one}}`).join(",")}]}`;
    case "rjmetrics":
      return `[${data.map((one) => `{"keys":["id"],${one.slice(1)}`).join(",")}]`;
    case "native":
      return `[${data.join(",")}]`;
  }
}
