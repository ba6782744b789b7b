import { describe, expect, test } from "vitest";

import {
  type DefinitionMembers,
  definitionText,
  readAsked,
  readDefinition,
} from "../../src/export/definition.ts";
import { DEFINITION_BYTES_MAX } from "../../src/export/limits.ts";
import { COLUMNS, column, objectOf } from "../filter/support.ts";

const asked = (json: string): DefinitionMembers => objectOf(json);
const read = (json: string) => readAsked(asked(json), COLUMNS);

describe("readAsked", () => {
  test("nothing is every column and every row", () => {
    for (const json of [
      "{}",
      '{"columns":null,"filters":null,"filter_logic":null,"spreadsheet_safe":null}',
      '{"filters":[],"spreadsheet_safe":false}',
    ]) {
      const definition = read(json);
      expect(definition).toEqual({ spreadsheetSafe: false });
      expect(definitionText(definition)).toBe("{}");
    }
  });

  test("columns in their order, filters and options", () => {
    const definition = read(`{"columns":["total","__proto__","status"],"spreadsheet_safe":true,
      "filters":[{"column":"total","operator":"less","value":1.10}],"filter_logic":"[A]"}`);
    expect(definition.columns).toEqual(["total", "__proto__", "status"]);
    expect(definition.filter?.conditions).toHaveLength(1);
    const text = definitionText(definition);
    expect(text).toBe(
      '{"columns":["total","__proto__","status"],"filters":[{"id":"A","column":"total","operator":"less","value":1.10,"kind":"number"}],"filter_logic":"[A]","spreadsheet_safe":true}',
    );
    expect(readDefinition(text)).toEqual(definition);
    expect(definitionText(readDefinition(text))).toBe(text);
  });

  test.each<[json: string, complaint: string]>([
    ['{"columns":[]}', "columns: must be a list of one name or more"],
    ['{"columns":"status"}', "columns: must be a list of one name or more"],
    ['{"columns":{}}', "columns: must be a list of one name or more"],
    ['{"columns":["status","total",1]}', "columns[2]: must be a text"],
    ['{"columns":["status","near"]}', 'columns[1]: the table has no column "near"'],
    ['{"columns":["toString"]}', 'columns[0]: the table has no column "toString"'],
    ['{"columns":["status","total","status"]}', 'columns[2]: "status" is there already'],
    ['{"filters":[{"column":"near"}]}', 'filters[0].column: the table has no column "near"'],
    ['{"filter_logic":"[A]"}', "filter_logic: at character 2: no filter has the id A"],
    ['{"spreadsheet_safe":1}', "spreadsheet_safe: must be true or false"],
    ['{"spreadsheet_safe":"true"}', "spreadsheet_safe: must be true or false"],
  ])("%s is refused", (json, complaint) => {
    expect(() => read(json)).toThrow(complaint);
  });

  test("what would be too long to keep is refused", () => {
    const names = Array.from({ length: 600 }, (_, index) => `${index}${"€".repeat(300)}`);
    const columns = names.map((name) => column(name, "string"));
    const wanted = (count: number) => readAsked({ columns: names.slice(0, count) }, columns);
    expect(wanted(500).columns).toHaveLength(500);
    expect(() => wanted(600)).toThrow(
      new RegExp(
        `^definition: columns and filters take \\d+ of at most ${DEFINITION_BYTES_MAX} bytes$`,
      ),
    );
  });
});

describe("readDefinition", () => {
  test("of every export before there were definitions", () => {
    expect(readDefinition("{}")).toEqual({ spreadsheetSafe: false });
  });

  test.each([
    ["", "JSON"],
    ["[]", "definition: must be an object"],
    ["null", "definition: must be an object"],
    ['{"columns":[]}', "columns: must be a list"],
    ['{"filters":[{}]}', "filters[0].column: is missing"],
  ])("%j is none", (text, message) => {
    expect(() => readDefinition(text)).toThrow(message);
  });
});
