import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/http/errors.ts";
import { compileSchema } from "../../../src/import/stitch/schema.ts";
import { check, object } from "./schema-support.ts";

function unusable(schema: string): unknown {
  try {
    compileSchema(object(schema));
  } catch (error) {
    if (error instanceof Refusal && error.code === "batch_schema_unusable") {
      return error.params["REASON"];
    }
    throw error;
  }
  return undefined;
}

describe("$ref", () => {
  const definitions = `"definitions":{
    "id":{"type":"integer"},
    "a/b~c d":{"type":"null"},
    "deep":{"properties":{"x":{"type":"null"}}},
    "list":[{"type":"boolean"}],
    "alias":{"$ref":"#/definitions/id"},
    "~1":{"type":"array"}
  }`;
  it.each([
    ["#/definitions/id", "integer"],
    ["#/definitions/alias", "integer"],
    ["#/definitions/a~1b~0c%20d", "null"],
    ["#/definitions/a~1b~0c d", "null"],
    ["#/definitions/a%7E1b%7e0c%20d", "null"],
    ["#/definitions/deep/properties/x", "null"],
    ["#/definitions/list/0", "boolean"],
    ["#/definitions/~01", "array"],
  ])("%s", (reference, expected) => {
    const schema = `{${definitions},"properties":{"v":{"$ref":"${reference}"}}}`;
    expect(check(schema, '{"v":"text"}')).toBe(`/v: expected: ${expected}, found: string`);
  });

  it("ignores what stands beside it", () => {
    const schema = `{${definitions},"properties":{"v":{"$ref":"#/definitions/id","maximum":1,"type":"x"}}}`;
    expect(check(schema, '{"v":2}')).toBeUndefined();
  });

  it("follows data that contains itself", () => {
    const schema = `{"properties":{"next":{"anyOf":[{"type":"null"},{"$ref":"#"}]},"id":{"type":"integer"}},"required":["id"]}`;
    expect(check(schema, '{"id":1,"next":{"id":2,"next":null}}')).toBeUndefined();
    expect(check(schema, '{"id":1,"next":{"id":2,"next":{"next":null}}}')).toBe(
      "/next/next: required key [id] not found",
    );
  });

  it("may be the name of a property", () => {
    expect(check('{"properties":{"$ref":{"type":"string"}}}', '{"$ref":1}')).toBe(
      "/$ref: expected: string, found: integer",
    );
  });
});

describe("unusable schemas", () => {
  it("gives wire.md's words for an unknown type", () => {
    expect(unusable('{"properties":{"a":{"type":"strnig"}}}')).toBe("unknown type: [strnig]");
    expect(unusable('{"type":["null","any"]}')).toBe("unknown type: [any]");
    expect(unusable(`{"type":"${"x".repeat(9_999)}"}`)).toBe(`unknown type: [${"x".repeat(100)}…]`);
  });

  it.each([
    ['{"type":null}', "#/type: expected string or array of strings, found: null"],
    ['{"type":[1.50]}', "#/type: expected array of strings, found: array"],
    ['{"type":[]}', "#/type: expected at least 1 type"],
    ['{"properties":[]}', "#/properties: expected object, found: array"],
    [
      '{"properties":{"a/b":"string"}}',
      "#/properties/a~1b: expected object or boolean, found: string",
    ],
    ['{"properties":{"a":1.0}}', "#/properties/a: expected object or boolean, found: number"],
    ['{"required":"id"}', "#/required: expected array of strings, found: string"],
    ['{"required":[1]}', "#/required: expected array of strings, found: array"],
    [
      '{"additionalProperties":"no"}',
      "#/additionalProperties: expected object or boolean, found: string",
    ],
    ['{"patternProperties":{"(":{}}}', "#/patternProperties: invalid regular expression: ("],
    ['{"items":null}', "#/items: expected object or boolean, found: null"],
    ['{"items":[1]}', "#/items/0: expected object or boolean, found: number"],
    [
      '{"items":[],"additionalItems":1}',
      "#/additionalItems: expected object or boolean, found: number",
    ],
    ['{"enum":{}}', "#/enum: expected array, found: object"],
    ['{"enum":[]}', "#/enum: expected at least 1 item"],
    ['{"anyOf":{}}', "#/anyOf: expected array, found: object"],
    ['{"anyOf":[]}', "#/anyOf: expected at least 1 item"],
    ['{"oneOf":[1]}', "#/oneOf/0: expected object or boolean, found: number"],
    ['{"not":[]}', "#/not: expected object or boolean, found: array"],
    ['{"minimum":"0"}', "#/minimum: expected number, found: string"],
    ['{"exclusiveMaximum":"0"}', "#/exclusiveMaximum: expected boolean or number, found: string"],
    ['{"multipleOf":0.0}', "#/multipleOf: expected number above 0, found: 0.0"],
    ['{"multipleOf":-1}', "#/multipleOf: expected number above 0, found: -1"],
    ['{"maxLength":-1}', "#/maxLength: expected integer from 0, found: -1"],
    ['{"minItems":1.5}', "#/minItems: expected integer from 0, found: 1.5"],
    ['{"minProperties":"1"}', "#/minProperties: expected number, found: string"],
    ['{"uniqueItems":1}', "#/uniqueItems: expected boolean, found: number"],
    [
      '{"dependencies":{"a":1}}',
      "#/dependencies/a: expected array of strings or schema, found: number",
    ],
    ['{"pattern":1}', "#/pattern: expected string, found: number"],
    ['{"pattern":"a("}', "#/pattern: invalid regular expression: a("],
    ['{"format":1}', "#/format: expected string, found: number"],
    ['{"$ref":1}', "#/$ref: expected string, found: number"],
    ['{"$ref":"#/definitions/a"}', "#/$ref: cannot be resolved: #/definitions/a"],
    ['{"$ref":"#/constructor"}', "#/$ref: cannot be resolved: #/constructor"],
    ['{"$ref":"#/%zz"}', "#/$ref: cannot be resolved: #/%zz"],
    ['{"$ref":"http://a.example/b.json"}', "#/$ref: cannot be resolved: http://a.example/b.json"],
    ['{"$ref":"#/a","a":1}', "#/a: expected object or boolean, found: number"],
    ['{"$ref":"#/a","a":{"type":"x"}}', "unknown type: [x]"],
    ['{"$ref":"#"}', "#: $ref leads back to itself"],
    ['{"allOf":[{"$ref":"#"}]}', "#: $ref leads back to itself"],
    ['{"not":{"$ref":"#"}}', "#: $ref leads back to itself"],
    ['{"dependencies":{"a":{"$ref":"#"}}}', "#: $ref leads back to itself"],
    [
      '{"properties":{"a":{"$ref":"#/b"}},"b":{"$ref":"#/c"},"c":{"anyOf":[{"$ref":"#/b"}]}}',
      "#/b: $ref leads back to itself",
    ],
  ])("%s", (schema, reason) => {
    expect(unusable(schema)).toBe(reason);
  });

  it.each([
    '{"required":true}',
    '{"properties":{"a":{"required":false,"type":"string"}}}',
    '{"exclusiveMinimum":true}',
    '{"definitions":{"unused":{"type":"x"}}}',
    '{"title":1,"default":{"type":"x"},"const":1,"if":{"type":"x"},"inclusion":"automatic"}',
    '{"id":"http://a.example/b.json","$schema":"http://json-schema.org/draft-04/schema#"}',
  ])("takes %s", (schema) => {
    expect(unusable(schema)).toBeUndefined();
  });
});

describe("timestampFields", () => {
  it("names the properties that say date-time", () => {
    const schema = object(`{
      "properties": {
        "plain": {"format": "date-time"},
        "list": {"type": ["null", "string"], "format": "date-time"},
        "any": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]},
        "one": {"oneOf": [{"allOf": [{"format": "date-time"}]}]},
        "reference": {"$ref": "#/definitions/instant"},
        "beside": {"$ref": "#/definitions/text", "format": "date-time"},
        "other": {"format": "date"},
        "negated": {"not": {"format": "date-time"}},
        "nested": {"properties": {"inner": {"format": "date-time"}}},
        "items": {"items": {"format": "date-time"}},
        "boolean": true,
        "__proto__": {"format": "date-time"}
      },
      "definitions": {
        "instant": {"anyOf": [{"$ref": "#/definitions/nullable"}, {"format": "date-time"}]},
        "nullable": {"type": "null"},
        "text": {"type": "string"}
      }
    }`);
    const { timestampFields } = compileSchema(schema);
    expect([...timestampFields]).toEqual(["plain", "list", "any", "one", "reference", "__proto__"]);
  });

  it("finds the properties behind combinators and $ref", () => {
    const schema = object(`{
      "anyOf": [{"$ref": "#/definitions/row"}, {"properties": {"b": {"format": "date-time"}}}],
      "definitions": {"row": {"properties": {
        "a": {"format": "date-time"},
        "parent": {"$ref": "#/definitions/row"}
      }}}
    }`);
    expect([...compileSchema(schema).timestampFields]).toEqual(["a", "b"]);
  });
});

describe("a Singer schema", () => {
  const schema = `{"type":"object","properties":{
    "id":{"type":["null","integer"],"minimum":-9223372036854775808,"maximum":9223372036854775807},
    "amt":{"type":["null","number"],"multipleOf":1e-22},
    "at":{"type":["null","string"],"format":"date-time"}
  }}`;

  it.each([
    ['{"id":1,"amt":-9999999999999999.9999999999999999999999,"at":null}', undefined],
    ['{"id":9223372036854775807,"at":"2020-01-13T21:25:03+0000"}', undefined],
    [
      '{"id":9223372036854775808}',
      "/id: expected maximum: 9223372036854775807, actual: 9223372036854775808",
    ],
    [
      '{"amt":0.00000000000000000000001}',
      "/amt: 0.00000000000000000000001 is not a multiple of 1e-22",
    ],
    ['{"id":"1"}', "/id: expected: [null, integer], found: string"],
    ['{"at":"yesterday"}', "/at: [yesterday] is not a valid date-time"],
  ])("%s", (record, expected) => {
    expect(check(schema, record)).toBe(expected);
  });
});
