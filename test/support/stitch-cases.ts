/** The errors of push and validate (wire.md 2.2 and 2.6), each as a request and its answer. */
import { rightRecord } from "./stitch.ts";
import type { Tenant } from "./tenant.ts";

/** A request that is wrong in one place, and its answer. */
export interface ErrorCase {
  readonly name: string;
  /** JSON text; sent as it is. */
  readonly body: (tenant: Tenant) => string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly expected: (tenant: Tenant) => unknown;
  /** Where it is not that of push. */
  readonly validate?: { readonly status: number; readonly expected: unknown };
}

export const NOT_AUTHENTICATED = {
  status: "ERROR",
  error: "Not Authenticated.",
  errors: null,
} as const;

export const FORBIDDEN = {
  status: "ERROR",
  error: "Forbidden",
  errors: { error: "Access token is not associated with this client." },
} as const;

/** The body of every 422. */
export function unprocessable(reason: unknown, record: number): unknown {
  const error = "Request cannot be processed; see errors.";
  return { status: "ERROR", error, errors: [{ reason }], record };
}

const message = (text: string): unknown => ({ status: "ERROR", message: text });

/** A number that JSON.stringify would change: written into the text as it is. */
class Source {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): string {
    return `<${this.text}>`;
  }
}
const source = (text: string): Source => new Source(text);

const textOf = (records: unknown): string =>
  JSON.stringify(records).replaceAll(/"<([^"]*)>"/g, "$1");

/** Members of a record that is otherwise right, and the reason of its 422. */
type MemberCase = [name: string, members: Record<string, unknown>, reason: unknown];

const BLANK = ["can't be blank"];
const BOTH = ["should be an integer", "should be a number"];
const INTEGER = ["should be an integer"];
const ABOVE = ["can not be above 9223372036854775807"];
const BELOW = ["can not be below 0"];
const STRINGS = ["should be an array of strings"];
const INCLUDE = { data: ["data must include keys"] };
const NULL_KEY = { data: ["keys cannot not be null in data"] };
const SCALAR = { data: ["keys must be strings, numbers or booleans"] };
const OBJECT = { data: ["data must be an object"] };
const ACTION = { action: ["should be upsert, switch_view or activate_version"] };

const integerCases = (member: string): MemberCase[] => [
  [`${member} is text`, { [member]: "5" }, { [member]: BOTH }],
  [`${member} is true`, { [member]: true }, { [member]: BOTH }],
  [`${member} is an array`, { [member]: [5] }, { [member]: BOTH }],
  [`${member} is an object`, { [member]: {} }, { [member]: BOTH }],
  [`${member} has a fraction`, { [member]: 5.5 }, { [member]: INTEGER }],
  [`${member} has a zero fraction`, { [member]: source("5.0") }, { [member]: INTEGER }],
  [`${member} has an exponent`, { [member]: source("5e3") }, { [member]: INTEGER }],
];

const rangeCases = (member: string): MemberCase[] => [
  [`${member} above`, { [member]: source("9223372036854775808") }, { [member]: ABOVE }],
  [`${member} far above`, { [member]: source("1".repeat(400)) }, { [member]: ABOVE }],
  [`${member} below`, { [member]: -1 }, { [member]: BELOW }],
  [`${member} far below`, { [member]: source("-9223372036854775809") }, { [member]: BELOW }],
];

const MEMBERS: MemberCase[] = [
  ...["table_name", "sequence", "action", "key_names", "data"].flatMap((member): MemberCase[] => [
    [`${member} is missing`, { [member]: undefined }, { [member]: BLANK }],
    [`${member} is null`, { [member]: null }, { [member]: BLANK }],
  ]),
  ...["", " ", "\t\n"].map((text): MemberCase => [
    `table_name is ${JSON.stringify(text)}`,
    { table_name: text },
    { table_name: BLANK },
  ]),
  ["action is blank", { action: " " }, { action: BLANK }],
  ["key_names is empty", { key_names: [] }, { key_names: BLANK }],
  ...integerCases("client_id"),
  ...integerCases("sequence"),
  ...integerCases("table_version"),
  ...rangeCases("sequence"),
  ...rangeCases("table_version"),
  ["table_name is a number", { table_name: 5 }, { table_name: ["should be a string"] }],
  ["table_name is an array", { table_name: ["t"] }, { table_name: ["should be a string"] }],
  ["key_names is text", { key_names: "id" }, { key_names: STRINGS }],
  ["key_names is an object", { key_names: { id: 1 } }, { key_names: STRINGS }],
  ["key_names has a number", { key_names: ["id", 1] }, { key_names: STRINGS }],
  ["key_names has null", { key_names: ["id", null] }, { key_names: STRINGS }],
  ["action is a number", { action: 1 }, { action: ["should be a string"] }],
  ["action is unknown", { action: "delete" }, ACTION],
  ["action has another letter case", { action: "Upsert" }, ACTION],
  ["data is an array", { data: [{ id: 1 }] }, OBJECT],
  ["data is text", { data: "{}" }, OBJECT],
  ["data is a number", { data: source("1.50") }, OBJECT],
  ["a key is not in data", { data: { ID: 1 } }, INCLUDE],
  ["data is empty", { data: {} }, INCLUDE],
  ["a second key is not in data", { key_names: ["id", "x"] }, INCLUDE],
  ["a key is a member of Object only", { key_names: ["constructor"] }, INCLUDE],
  ["a key is a path", { key_names: ["a.b"], data: { a: { b: 1 } } }, INCLUDE],
  ["a key is null", { data: { id: null } }, NULL_KEY],
  ["a key is an object", { data: { id: { n: 1 } } }, SCALAR],
  ["a key is an array", { data: { id: [] } }, SCALAR],
  [
    "a key is too long",
    { data: { id: "k".repeat(257) } },
    { data: ["String keys cannot be longer than 256 characters"] },
  ],
  // Several members of one record: all in one reason.
  [
    "the documented key_properties",
    { key_names: undefined, key_properties: ["id"] },
    { key_names: BLANK, key_properties: ["unknown key"] },
  ],
  [
    "several are missing, several unknown",
    { sequence: undefined, table_name: undefined, seq: 1, table: "t" },
    { sequence: BLANK, table_name: BLANK, seq: ["unknown key"], table: ["unknown key"] },
  ],
  [
    "one is missing, others wrong",
    { sequence: undefined, table_name: 5, action: "x", key_names: "id", data: [], extra: null },
    {
      ...{ sequence: BLANK, table_name: ["should be a string"], ...ACTION, key_names: STRINGS },
      ...{ ...OBJECT, extra: ["unknown key"] },
    },
  ],
  [
    "members are wrong, none missing: unknown ones stay unnamed",
    { sequence: "5", data: [], extra: 1 },
    { sequence: BOTH, ...OBJECT },
  ],
  [
    "a wrong member and a key that is not in data",
    { sequence: -1, data: {} },
    { sequence: BELOW, ...INCLUDE },
  ],
  ["known members are never unknown", { action: undefined, namespace: 1 }, { action: BLANK }],
  [
    "switch_view without table_name",
    { action: "switch_view", table_name: "" },
    { table_name: BLANK },
  ],
  [
    "a wrong client_id of a later type",
    { client_id: "x", sequence: 1.5 },
    {
      ...{ client_id: BOTH, sequence: INTEGER },
    },
  ],
];

const malformed = (name: string, body: string): ErrorCase => ({
  name: `malformed: ${name}`,
  body: () => body,
  status: 400,
  expected: () => ({
    ...{ status: "ERROR", message: "Malformed json in the body!", error: parserText(body) },
    input: null,
  }),
});

function parserText(body: string): string {
  try {
    JSON.parse(body);
  } catch (error) {
    return (error as SyntaxError).message;
  }
  throw new Error("the text is not malformed");
}

const rootCase = (body: string): ErrorCase => ({
  name: `the root is ${body}`,
  body: () => body,
  status: 400,
  expected: () => message("An array of records is expected"),
});

const typeCase = (type: string): ErrorCase => ({
  name: `Content-Type: ${type}`,
  body: (tenant) => textOf([rightRecord(tenant)]),
  headers: { "Content-Type": type },
  status: 415,
  expected: () =>
    message(
      `Unsupported content-type ${type}. Please send application/json or application/transit+json`,
    ),
});

const clientCase = (name: string, first: unknown, ...others: unknown[]): ErrorCase => ({
  name: `client_id ${name}`,
  body: (tenant) =>
    textOf([first, ...others].map((client_id) => rightRecord(tenant, { client_id }))),
  status: 401,
  expected: () => NOT_AUTHENTICATED,
  validate: { status: 403, expected: NOT_AUTHENTICATED },
});

/** Every 422 about members, with the wrong record after right ones. */
const memberCase = ([name, members, reason]: MemberCase): ErrorCase => ({
  name,
  body: (tenant) =>
    textOf([
      rightRecord(tenant),
      rightRecord(tenant, { table_name: "other", data: { id: 2, more: 1 } }),
      rightRecord(tenant, { table_name: "third", ...members }),
      rightRecord(tenant, { action: "later" }),
    ]),
  status: 422,
  expected: () => unprocessable(reason, 2),
});

export const ERROR_CASES: readonly ErrorCase[] = [
  ...["{}", "null", "5", "1.50", '"[]"', "true", "[]", " [ ] "].map(rootCase),
  malformed("nothing", ""),
  malformed("only spaces", "  "),
  malformed("cut short", '[{"client_id":'),
  malformed("a comma too many", "[1,]"),
  malformed("two values", "[] []"),
  malformed("with decimals", '[{"a":1.50,"b":}]'),
  malformed("single quotes", "[{'a':1}]"),
  malformed("a leading zero", "[01]"),
  malformed("NaN", "[NaN]"),
  ...["text/plain", "application/x-www-form-urlencoded", "application/jsonl"].map(typeCase),
  ...["application/transit+msgpack", "*/*", "", "json"].map(typeCase),
  clientCase("missing", undefined),
  clientCase("null", null),
  clientCase("missing in the last of several", 9_999_999, 5, undefined),
  {
    name: "a record is no object",
    body: (tenant) => textOf([rightRecord(tenant), 5]),
    status: 401,
    expected: () => NOT_AUTHENTICATED,
    validate: { status: 403, expected: NOT_AUTHENTICATED },
  },
  {
    name: "several clients",
    body: (tenant) => textOf([rightRecord(tenant), rightRecord(tenant, { client_id: 9_999_999 })]),
    status: 422,
    expected: ({ clientId }) =>
      unprocessable(
        `The batch contains data points for multiple clients. Only client_id ${clientId} is allowed`,
        1,
      ),
  },
  {
    name: "another client",
    body: (tenant) => textOf([rightRecord(tenant, { client_id: 9_999_999 })]),
    status: 403,
    expected: () => FORBIDDEN,
    validate: { status: 403, expected: NOT_AUTHENTICATED },
  },
  ...MEMBERS.map(memberCase),
];
