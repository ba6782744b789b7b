/** Bodies as the programs of wire.md 6 send them, and the types their languages have. */
import { describe, expect, it } from "vitest";
import { decodeTransit } from "../../../src/import/transit/decode.ts";
import { integerText, isObject, stringifyExact } from "../../../src/json/exact.ts";

function decoded(text: string): string {
  return stringifyExact(decodeTransit(text));
}

describe("python-stitch-client", () => {
  const record = (head: string, when: string, key: string, client: string, table: string) =>
    `["^ ",${head},["^ ","id",0,"f",1.0,"s","~~tilde","s2","~^caret",` +
    `"big","~n9223372036854775808","i53","~i9007199254740993","${when}","~m1577934245678"],` +
    `"${key}",["id"],"${client}",7723,"${table}","orders"]`;
  const expected = (sequence: number) =>
    `{"action":"upsert","sequence":${sequence},"data":{"id":0,"f":1.0,"s":"~tilde",` +
    `"s2":"^caret","big":9223372036854775808,"i53":9007199254740993,` +
    `"when":"2020-01-02T03:04:05.678Z"},"key_names":["id"],"client_id":7723,` +
    `"table_name":"orders"}`;

  it("reads two records, the second with references", () => {
    const first = record(
      '"action","upsert","sequence",1565880017000,"data"',
      "when",
      "key_names",
      "client_id",
      "table_name",
    );
    const second = record('"^0","upsert","^1",1565880017001,"^2"', "^3", "^4", "^5", "^6");
    expect(decoded(`[${first},${second}]`)).toBe(
      `[${expected(1565880017000)},${expected(1565880017001)}]`,
    );
  });

  it("reads its types", () => {
    const text =
      '[["^ ","dec","~f58.40","dece","~f1E+3","decn","~fNaN","nan","~zNaN","none",null,' +
      '"neg","~n-9223372036854775808","bool",true,"kw","~:keyword","set",["~#set",[1,2]],' +
      '"tup",[1,2],"uri","~rhttp://x.y/","cmap",{"~#cmap":[[1,2],"pair","plain","x"]},' +
      '"ints",["^ ","~i1","one","~i12345","long"],"small",1e-07,"large",1e+22]]';
    expect(decoded(text)).toBe(
      '[{"dec":58.40,"dece":1E+3,"decn":null,"nan":null,"none":null,' +
        '"neg":-9223372036854775808,"bool":true,"kw":"keyword","set":[1,2],' +
        '"tup":[1,2],"uri":"http://x.y/","cmap":{"[1,2]":"pair","plain":"x"},' +
        '"ints":{"1":"one","12345":"long"},"small":1e-07,"large":1e+22}]',
    );
  });

  it("reads its verbose form", () => {
    const text =
      '[{"when":"~t2020-01-02T03:04:05.678901+00:00","naive":"~t2020-01-02T03:04:05",' +
      '"set":{"~#set":[1,2]},"cmap":{"~#cmap":[[1,2],"pair"]},"s":"~~tilde"}]';
    expect(decodeTransit(text)).toEqual([
      {
        when: "2020-01-02T03:04:05.678Z",
        naive: "2020-01-02T03:04:05.000Z",
        set: [1, 2],
        cmap: { "[1,2]": "pair" },
        s: "~tilde",
      },
    ]);
  });
});

describe("java-stitch-client and clojure-stitch-client", () => {
  it("reads two records, the second with references", () => {
    const first =
      '["^ ","sequence",1565880017000,"key_names",["id"],"data",["^ ","big",' +
      '"~n9223372036854775808","dec","~f58.40","d","~m1577934245678","id",1],' +
      '"namespace","event_tracking","action","upsert","table_version",0,' +
      '"table_name","people","client_id",7723]';
    const second =
      '["^ ","^0","~i9223372036854775807","^1",["id"],"^2",["^ ","id",2,"double",4.0E11,' +
      '"list",["~#list",[1,"~:kw"]]],"^3","event_tracking","^4","switch_view","^5",0,' +
      '"^6","people","^7",7723]';
    expect(decoded(`[${first},${second}]`)).toBe(
      '[{"sequence":1565880017000,"key_names":["id"],"data":{"big":9223372036854775808,' +
        '"dec":58.40,"d":"2020-01-02T03:04:05.678Z","id":1},"namespace":"event_tracking",' +
        '"action":"upsert","table_version":0,"table_name":"people","client_id":7723},' +
        '{"sequence":9223372036854775807,"key_names":["id"],"data":{"id":2,"double":4.0E11,' +
        '"list":[1,"kw"]},"namespace":"event_tracking","action":"switch_view",' +
        '"table_version":0,"table_name":"people","client_id":7723}]',
    );
  });

  it("reads Clojure's keywords as keys, as the wire's names", () => {
    const text =
      '[["^ ","~:client_id",7723,"~:table_name","t","~:data",["^ ","~:id",1]],' +
      '["^ ","^0",7723,"^1","t","^2",["^ ","~:id",2]]]';
    expect(decodeTransit(text)).toEqual([
      { client_id: 7723, table_name: "t", data: { id: 1 } },
      { client_id: 7723, table_name: "t", data: { id: 2 } },
    ]);
  });
});

describe("stitchdata-php", () => {
  it("takes its seconds as milliseconds and its unescaped ` as it is", () => {
    expect(decodeTransit('[["^ ","at","~m1577934245","s","`x","empty",[]]]')).toEqual([
      { at: "1970-01-19T06:18:54.245Z", s: "`x", empty: [] },
    ]);
  });
});

describe("a program that sends plain JSON as Transit", () => {
  it("is understood", () => {
    expect(decoded('[{"client_id":7723,"sequence":9007199254740993,"data":{"a":1.50}}]')).toBe(
      '[{"client_id":7723,"sequence":9007199254740993,"data":{"a":1.50}}]',
    );
  });
});

describe("the sequence (wire.md 2.4)", () => {
  it.each([
    ["1565880017000", "1565880017000"],
    ['"~i9223372036854775807"', "9223372036854775807"],
    ['"~n9223372036854775807"', "9223372036854775807"],
    ["9223372036854775807", "9223372036854775807"],
    ["1.0", undefined],
    ["1e3", undefined],
    ['"~f1"', "1"],
    ['"~f1.0"', undefined],
    ['"12"', undefined],
  ])("%s is the integer %s", (text, digits) => {
    const record = decodeTransit(`["^ ","sequence",${text}]`);
    expect(isObject(record) && integerText(record.sequence)).toBe(digits);
  });
});
