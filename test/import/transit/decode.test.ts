import { describe, expect, it } from "vitest";
import { decodeTransit } from "../../../src/import/transit/decode.ts";
import { stringifyExact } from "../../../src/json/exact.ts";

/** The decoded value as exact JSON text. */
function decoded(text: string): string {
  return stringifyExact(decodeTransit(text));
}

/** The text of one scalar, decoded. */
function scalar(text: string): string {
  return decoded(JSON.stringify(text));
}

/** What is thrown for a body; fails where nothing is. */
function refusal(text: string): unknown {
  try {
    decodeTransit(text);
  } catch (error) {
    return error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

function expectRefused(text: string, message: RegExp): void {
  const error = refusal(text);
  expect(error).toBeInstanceOf(SyntaxError);
  expect(String(error)).toMatch(message);
}

describe("what a body may be", () => {
  it.each([
    ["[]", "[]"],
    ["{}", "{}"],
    ["null", "null"],
    ["5", "5"],
    ['"~:name"', '"name"'],
    ['["~#\'","text"]', '"text"'],
    ['["~#\'",null]', "null"],
    ['{"~#\'":1}', "1"],
    [' [ 1 , ["^ ", "a" , 1.50 ] ] ', '[1,{"a":1.50}]'],
  ])("%s is %s", (text, expected) => {
    expect(decoded(text)).toBe(expected);
  });

  it.each(["", " ", "[", "[1,]", "nil", '["a" "b"]', "[1]]", "\u0000"])("refuses %j", (text) => {
    expect(refusal(text)).toBeInstanceOf(SyntaxError);
  });
});

describe("maps", () => {
  it.each([
    ['["^ "]', "{}"],
    ['["^ ","a",1,"b",[2]]', '{"a":1,"b":[2]}'],
    ['{"a":1,"b":[2]}', '{"a":1,"b":[2]}'],
    ['["^ ","a",["^ ","b",["^ "]]]', '{"a":{"b":{}}}'],
    ['[["^ ","a",{"b":["^ ","c",1]}]]', '[{"a":{"b":{"c":1}}}]'],
    ['["^ ","",1]', '{"":1}'],
    ['["^ ","a",1,"b",2,"a",3]', '{"a":3,"b":2}'],
    ['["^ ","~:a",1,"a",2]', '{"a":2}'],
    ['["^ ","^ ",1]', '{"^ ":1}'],
  ])("%s is %s", (text, expected) => {
    expect(decoded(text)).toBe(expected);
  });

  it.each([
    ["~i1", "1"],
    ["~i12345", "12345"],
    ["~n9223372036854775808", "9223372036854775808"],
    ["~f1.50", "1.50"],
    ["~d1.0E10", "1.0E10"],
    ["~zNaN", "NaN"],
    ["~:name", "name"],
    ["~:a/b", "a/b"],
    ["~$symbol", "symbol"],
    ["~?t", "t"],
    ["~_", ""],
    ["~m1577934245678", "1577934245678"],
    ["~u5A2CBEA3-E8C6-428B-B525-21239370DD55", "5A2CBEA3-E8C6-428B-B525-21239370DD55"],
    ["~rhttp://x.y/", "http://x.y/"],
    ["~~tilde", "~tilde"],
    ["~^caret", "^caret"],
    ["~`tick", "`tick"],
    ["~", "~"],
    ["`tick", "`tick"],
    ["#a", "#a"],
  ])("the key %s is the text after the tag: %s", (key, name) => {
    const expected = JSON.stringify({ [name]: 1 });
    expect(decoded(JSON.stringify(["^ ", key, 1]))).toBe(expected);
    expect(decoded(JSON.stringify({ [key]: 1, [`${key}2`]: 2 }))).toContain(expected.slice(1, -1));
  });

  it("a key that is no string becomes its JSON text", () => {
    expect(decoded('["^ ",1.50,"a",null,"b",["~:k"],"c"]')).toBe(
      '{"1.50":"a","null":"b","[\\"k\\"]":"c"}',
    );
  });

  it.each(['["^ ","a"]', '["^ ","a",1,"b"]', '[["^ ","a",1],["^ ","b"]]'])(
    "refuses a key without a value: %s",
    (text) => {
      expectRefused(text, /a map has a key without a value/);
    },
  );
});

describe("tagged values", () => {
  it.each([
    ['["~#list",[1,[2]]]', "[1,[2]]"],
    ['["~#list",[]]', "[]"],
    ['["~#set",[3,1,2]]', "[3,1,2]"],
    ['{"~#set":[{"~#set":[1]},{"~#list":[2]}]}', "[[1],[2]]"],
    [
      '["~#cmap",[[1,2],"pair","text",5,null,6,"~:k",7,"~i8",8,"~m0",9,["^ ","a",1],10]]',
      '{"8":8,"[1,2]":"pair","text":5,"null":6,"k":7,"1970-01-01T00:00:00.000Z":9,"{\\"a\\":1}":10}',
    ],
    ['{"~#cmap":[[1.50,"~n007"],"x"]}', '{"[1.50,7]":"x"}'],
    ['["~#cmap",[]]', "{}"],
    ['["~#cmap",["a",1,"~:a",2]]', '{"a":2}'],
    ['["~#\'",["^ ","a",1]]', '{"a":1}'],
    ['["~#point",[1,2]]', "[1,2]"],
    ['["~#circle",[["~#point",[10,20]],5]]', "[[10,20],5]"],
    ['["~#link",["^ ","href","~rhttp://x.y/","rel","r"]]', '{"href":"http://x.y/","rel":"r"}'],
    ['["~#ratio",["~n1","~n3"]]', "[1,3]"],
    ['["~#X",5]', "5"],
    ['{"~#anything":null}', "null"],
    ['["~#m",1577934245678]', '"2020-01-02T03:04:05.678Z"'],
    ['{"~#t":"2020-01-02T03:04:05Z"}', '"2020-01-02T03:04:05.000Z"'],
    ['["~#f","58.40"]', "58.40"],
    ['["~#n",9223372036854775808]', "9223372036854775808"],
    ['["~#?",true]', "true"],
    ['["~#:","name"]', '"name"'],
    ['["~#u","5a2cbea3-e8c6-428b-b525-21239370dd55"]', '"5a2cbea3-e8c6-428b-b525-21239370dd55"'],
  ])("%s is %s", (text, expected) => {
    expect(decoded(text)).toBe(expected);
  });

  it.each([
    ['["~#set"]', /"~#set" has not exactly one value/],
    ['["~#set",[1],[2]]', /"~#set" has not exactly one value/],
    ['[1,"~#set"]', /"~#set" has not exactly one value/],
    ['"~#set"', /"~#set" has not exactly one value/],
    ['["^ ","~#set",[1]]', /"~#set" has not exactly one value/],
    ['{"~#set":[1],"a":2}', /"~#set" has not exactly one value/],
    ['["~#set",5]', /~#set is no array/],
    ['["~#list",["^ ","a",1]]', /~#list is no array/],
    ['["~#cmap",["^ ","a",1]]', /~#cmap is no array/],
    ['["~#cmap",[[1]]]', /a key without a value/],
  ])("refuses %s", (text, message) => {
    expectRefused(text, message);
  });
});

describe("strings", () => {
  it.each([
    ["", '""'],
    ["plain", '"plain"'],
    ["~~tilde", '"~tilde"'],
    ["~^caret", '"^caret"'],
    ["~`tick", '"`tick"'],
    ["~~#set", '"~#set"'],
    ["~^ ", '"^ "'],
    ["~~", '"~"'],
    ["~", '"~"'],
    ["`reserved", '"`reserved"'],
    ["^ ", '"^ "'],
    ["2020-01-02", '"2020-01-02"'],
    ["~:name", '"name"'],
    ["~:a", '"a"'],
    ["~:", '""'],
    ["~$name", '"name"'],
    ["~baGVsbG8=", '"aGVsbG8="'],
    ["~cx", '"x"'],
    ["~c~", '"~"'],
    ["~rhttp://www.詹姆斯.com/", '"http://www.詹姆斯.com/"'],
    ["~sground", '"ground"'],
    ["~Xapplication", '"application"'],
    ["~😀x", '"x"'],
  ])("%s is %s", (text, expected) => {
    expect(scalar(text)).toBe(expected);
  });

  it("keeps NUL and lone surrogates", () => {
    expect(decodeTransit('["\\u0000","~~\\ud800","\\ud83d"]')).toEqual([
      "\u0000",
      "~\ud800",
      "\ud83d",
    ]);
  });
});

describe("literals", () => {
  it.each([
    ["~?t", "true"],
    ["~?f", "false"],
    ["~_", "null"],
  ])("%s is %s", (text, expected) => {
    expect(scalar(text)).toBe(expected);
  });

  it.each(["~?", "~?true", "~?x"])("refuses %s", (text) => {
    expectRefused(JSON.stringify(text), /expected ~\?t or ~\?f/);
  });
});

describe("uuids", () => {
  it.each([
    ["~u5a2cbea3-e8c6-428b-b525-21239370dd55", "5a2cbea3-e8c6-428b-b525-21239370dd55"],
    ["~u5A2CBEA3-E8C6-428B-B525-21239370DD55", "5a2cbea3-e8c6-428b-b525-21239370dd55"],
    ["~u5a2cbea3e8c6428bb52521239370dd55", "5a2cbea3-e8c6-428b-b525-21239370dd55"],
  ])("%s is %s", (text, expected) => {
    expect(scalar(text)).toBe(`"${expected}"`);
  });

  it.each([
    ["[0,0]", "00000000-0000-0000-0000-000000000000"],
    ["[-1,-1]", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    ["[1,2]", "00000000-0000-0001-0000-000000000002"],
    ['["~i6497562571298882187","~i-5394145129484165803"]', "5a2bfabb-a824-c28b-b524-25958a315d55"],
    ["[9223372036854775807,-9223372036854775808]", "7fffffff-ffff-ffff-8000-000000000000"],
    ['["~n-9223372036854775808",-0]', "80000000-0000-0000-0000-000000000000"],
  ])("the halves %s are %s", (halves, expected) => {
    expect(decoded(`["~#u",${halves}]`)).toBe(`"${expected}"`);
    expect(decoded(`{"~#u":${halves}}`)).toBe(`"${expected}"`);
  });

  it.each([
    '"~u"',
    '"~u5a2cbea3-e8c6-428b-b525-21239370dd5"',
    '"~u5a2cbea3-e8c6-428b-b525-21239370dd5g"',
    '["~#u",[]]',
    '["~#u",[1]]',
    '["~#u",[1,2,3]]',
    '["~#u",[1,"2"]]',
    '["~#u",[1,2.0]]',
    '["~#u",[9223372036854775808,0]]',
    '["~#u",[0,-9223372036854775809]]',
    `["~#u",["~n${"9".repeat(200_000)}",0]]`,
  ])("refuses %.60s", (text) => {
    expectRefused(text, /expected (a UUID|the two halves|a half of a UUID)/);
  });
});
