/** Whether the document's schemas take a value, by a validator that works in the Worker's runtime. */
import { type Schema, Validator } from "@cfworker/json-schema";
import { openApi } from "../../src/docs/document.ts";

/** Only the schemas: the validator would take the ids of examples for those of schemas. */
const definitions = JSON.parse(
  JSON.stringify(openApi("0").components.schemas).replaceAll("#/components/schemas/", "#/$defs/"),
) as Record<string, Schema>;
for (const schema of Object.values(definitions)) delete schema["examples"];

const validators = new Map<string, Validator>();

/** Whether the schema of that name takes a value. */
export function schemaTakes(name: string, value: unknown): boolean {
  let validator = validators.get(name);
  if (validator === undefined) {
    validator = new Validator({ $defs: definitions, $ref: `#/$defs/${name}` }, "2020-12");
    validators.set(name, validator);
  }
  return validator.validate(value).valid;
}
