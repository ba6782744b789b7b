import { describe, expect, test } from "vitest";
import { stillClock } from "../support/still-clock.ts";
import { newTenant, send, storedRows } from "../support/tenant.ts";
import {
  type Answer,
  checkAnswer,
  ENDPOINTS,
  expectRefused,
  IMPORTS,
  oneByOne,
  post,
} from "./surfaces.ts";

stillClock();

const STORING = IMPORTS.filter(({ name }) => /^(?:push|batch|rjmetrics v2)$/.test(name));
const SEQUENCED = IMPORTS.filter(({ surface }) => surface !== "rjmetrics");
const DIGITS = "1".repeat(1_000_000);

const recordOf = ({ text }: Answer): unknown => (JSON.parse(text) as { record?: number }).record;

describe("numbers", () => {
  // oxfmt-ignore
  const NUMBERS = [
    "1e400", "-1e400", "-0", "0.0", "-0.0e-0", "1e-400", "1E+999999999", "-1e-999999999",
    "1e99999999999999999999999", "9007199254740993", "0.1000000000000000055511151231257827",
    "9223372036854775808", "5e-324", "1.7976931348623159e308",
  ];

  test.each(NUMBERS)("%s is stored as it was sent, and as a key it is one row", async (number) => {
    for (const endpoint of STORING) {
      const tenant = await newTenant();
      const data = `{"id":${number},"n":${number},"list":[${number},{"n":${number}}]}`;
      const body = endpoint.body(tenant, { data });
      expect((await post(endpoint, tenant, body)).status).toBe(201);
      expect((await post(endpoint, tenant, body)).status).toBe(201);
      expect(await storedRows(tenant, "t")).toMatchObject([{ data }]);
    }
  });

  test("equal values are one key, however far apart their texts are", async () => {
    const pairs = [
      ["-0", "0e999999999"],
      ["1e999999999", "10e999999998"],
      ["1e-400", "0.1e-399"],
      ["100", "1e2"],
    ] as const;
    for (const pair of pairs) {
      for (const endpoint of STORING) {
        const tenant = await newTenant();
        for (const [index, number] of pair.entries()) {
          const text = { data: `{"id":${number}}`, sequence: String(index) };
          expect((await post(endpoint, tenant, endpoint.body(tenant, text))).status).toBe(201);
        }
        expect(await storedRows(tenant, "t")).toMatchObject([{ data: `{"id":${pair[1]}}` }]);
      }
    }
  });

  test.each([
    "1e400",
    "-1",
    "1e2",
    "1.0",
    "1e999999999",
    "-1e400",
    "1e-400",
    "9223372036854775808",
  ])("%s is no sequence and no version", async (number) => {
    const tenant = await newTenant();
    const bodies = SEQUENCED.map((endpoint) => {
      const body = endpoint.body(tenant, { sequence: number, data: '{"id":1}' });
      const versioned = endpoint.body(tenant, { data: '{"id":1}' });
      const version = versioned.replace('"table_name"', `"table_version":${number},"table_name"`);
      return { endpoint, bodies: [body, version] };
    });
    await expectRefused(() =>
      bodies.flatMap((one) => one.bodies.map((body) => post(one.endpoint, tenant, body))),
    );
  });

  test("-0 is the sequence 0", async () => {
    const tenant = await newTenant();
    for (const endpoint of SEQUENCED) {
      const body = endpoint.body(tenant, { sequence: "-0", data: '{"id":1}' });
      expect((await post(endpoint, tenant, body)).status).toBeLessThan(300);
    }
    expect(await storedRows(tenant, "t")).toMatchObject([{ sequence: "0" }]);
  });
});

describe("a number of 1,000,000 digits", () => {
  test.each([DIGITS, `0.${DIGITS}`, `1e${DIGITS}`, `-1.5e-${DIGITS}`])(
    "%.12s as a value is stored whole",
    async (number) => {
      for (const endpoint of STORING) {
        const tenant = await newTenant();
        const data = `{"id":1,"n":${number}}`;
        expect((await post(endpoint, tenant, endpoint.body(tenant, { data }))).status).toBe(201);
        const [row] = await storedRows(tenant, "t");
        expect(row?.data === data).toBe(true);
      }
    },
  );

  test.each([DIGITS, `0.${DIGITS}`, `1e${DIGITS}`, `-1.5e-${DIGITS}`])(
    "%.12s as a key is refused",
    async (number) => {
      const tenant = await newTenant();
      const answers = await expectRefused(() =>
        IMPORTS.map((endpoint) =>
          post(endpoint, tenant, endpoint.body(tenant, { data: `{"id":${number}}` })),
        ),
      );
      expect(answers.map(recordOf)).toEqual(answers.map(() => 0));
    },
  );

  test.each([DIGITS, `0.${DIGITS}`, `1e${DIGITS}`])("%.12s as a sequence", async (number) => {
    const tenant = await newTenant();
    const answers = await expectRefused(() =>
      SEQUENCED.map((endpoint) =>
        post(endpoint, tenant, endpoint.body(tenant, { sequence: number, data: '{"id":1}' })),
      ),
    );
    expect(answers.map(recordOf)).toEqual([0, 0, 0]);
  });

  test("against a schema with numbers", async () => {
    const [, , batch] = IMPORTS;
    if (batch === undefined) throw new Error("no batch");
    for (const keyword of ['"multipleOf":1e-15', '"maximum":1e999999999', '"type":"integer"']) {
      const tenant = await newTenant();
      const body = batch
        .body(tenant, { data: `{"id":1,"n":1e${DIGITS}}` })
        .replace('"schema":{}', `"schema":{"properties":{"n":{${keyword}}}}`);
      const { status } = await post(batch, tenant, body);
      expect(await storedRows(tenant, "t")).toHaveLength(status < 300 ? 1 : 0);
    }
  });
});

describe("texts of megabytes", () => {
  const huge = "x".repeat(4_000_000);
  const HUGE: readonly [
    string,
    (text: string) => { table?: string; keys?: string; data: string },
  ][] = [
    ["a value", (text) => ({ data: `{"id":1,"a":"${text}"}` })],
    ["a value deep inside", (text) => ({ data: `{"id":1,"a":[{"b":"${text}"}]}` })],
    ["a key", (text) => ({ data: `{"id":"${text}"}` })],
    ["a field's name", (text) => ({ data: `{"id":1,"${text}":1}` })],
    ["a name inside a field", (text) => ({ data: `{"id":1,"a":{"${text}":1}}` })],
    ["a key's name", (text) => ({ keys: `["${text}"]`, data: '{"id":1}' })],
  ];

  test.each(HUGE)("%s of 4,000,000 characters: the record is named", async (_name, make) => {
    const tenant = await newTenant();
    const answers = await expectRefused(() =>
      oneByOne(IMPORTS, (endpoint) => post(endpoint, tenant, endpoint.body(tenant, make(huge)))),
    );
    expect(answers.map(recordOf)).toEqual(answers.map(() => 0));
  });

  test("as a name of a table, a member, an action or a version", async () => {
    const tenant = await newTenant();
    for (const endpoint of SEQUENCED) {
      const body = endpoint.body(tenant, { data: '{"id":1}' });
      const bodies = [
        endpoint.body(tenant, { table: `"${huge}"`, data: '{"id":1}' }),
        body.replace('"upsert"', `"${huge}"`),
        body.replace('"table_name"', `"table_version":"${huge}","table_name"`),
        body.replace('"action"', `"${huge}"`),
      ];
      await expectRefused(() => oneByOne(bodies, (hostile) => post(endpoint, tenant, hostile)));
    }
  });

  test("a row of just below 1,900,000 bytes is stored", async () => {
    for (const endpoint of STORING) {
      const tenant = await newTenant();
      const data = `{"id":1,"a":"${"x".repeat(1_899_000)}"}`;
      expect((await post(endpoint, tenant, endpoint.body(tenant, { data }))).status).toBe(201);
      const [row] = await storedRows(tenant, "t");
      expect(row?.data === data).toBe(true);
    }
  });
});

describe("bodies that are no records", () => {
  const utf8 = new TextEncoder();
  // oxfmt-ignore
  const BODIES: readonly (string | number[])[] = [
    "", " ", "null", "0", "-1", '""', '"text"', "true", "{", "}", "[", "]", "[,]", "[1,]", "[null]",
    "[0]", '[""]', "[[]]", "[[{}]]", "nul", "NaN", "Infinity", "undefined", "'a'", "{a:1}", "//", "\0",
    "[]x", "[] []", "\ufeff", "\ufeff\ufeff[]", "[01]", "[+1]", "[.5]", "[1.]", "[1e]", '["\\x"]',
    '["\\ud8"]', '["\n"]', '["\t"]', "<xml/>", "a=1&b=2", "%5B%5D", '{"keys":["id"]', '["^ ", "a"]',
    [0xff], [0xfe, 0xff, 0, 0x5b], [0xc3, 0x28], [0x5b, 0x22, 0xff, 0x22, 0x5d], [0xed, 0xa0, 0x80],
    [0xc0, 0xaf], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x1f, 0x8b], [0],
  ];

  test("are refused, each by every endpoint", async () => {
    const tenant = await newTenant();
    // A token needs no body; every byte is part of some form.
    const endpoints = ENDPOINTS.filter(({ name }) => name !== "admin tokens");
    for (const body of BODIES) {
      const bytes = typeof body === "string" ? utf8.encode(body) : new Uint8Array(body);
      await expectRefused(() => endpoints.map((endpoint) => post(endpoint, tenant, bytes)));
    }
  });

  test("a byte order mark before a body is no part of it", async () => {
    for (const endpoint of STORING) {
      const tenant = await newTenant();
      const body = `\ufeff${endpoint.body(tenant, { data: '{"id":1}' })}`;
      expect((await post(endpoint, tenant, body)).status).toBe(201);
      expect(await storedRows(tenant, "t")).toHaveLength(1);
    }
  });

  test("cut off after each byte", async () => {
    const tenant = await newTenant();
    for (const endpoint of IMPORTS) {
      const whole = utf8.encode(endpoint.body(tenant, { data: '{"id":1,"é":"😀"}' }));
      const cut = Array.from(whole, (_, end) => whole.subarray(0, end));
      await expectRefused(() => cut.map((body) => post(endpoint, tenant, body)));
    }
  });

  test("forms of the export surface", async () => {
    const tenant = await newTenant();
    const path = "/0.1/export/1/copy?name=%00%ff%zz&name=&__proto__=1";
    for (const body of ["name=%", "name=%ff%fe", "&&==&", "name=a&name=b", "\0", "__proto__=1"]) {
      const headers = {
        "X-RJM-API-Key": tenant.exportKey,
        "Content-Type": "application/x-www-form-urlencoded",
      };
      const response = await send(path, { method: "POST", headers, body });
      expect((await checkAnswer("export", response)).status).toBe(404);
    }
  });
});
