/** Schemas in readable form: members with types, limits and words, nested as the data is. */
import type { FC } from "hono/jsx";
import type { JsonSchema, OpenApi } from "../openapi.ts";
import { schemaOf } from "../read.ts";
import { More, Words } from "./words.tsx";

interface Props {
  readonly document: OpenApi;
  readonly schema: JsonSchema;
}

/** A schema with all that is in it. */
export const SchemaView: FC<Props> = ({ document, schema: given }) => {
  const schema = schemaOf(document, given);
  return (
    <>
      <p class="schema-head">
        <span class="type">{typeOf(document, schema)}</span> <Limits schema={schema} />
        {schema.description === undefined ? null : (
          <span>
            {" "}
            <Words text={schema.description} />
          </span>
        )}
      </p>
      <Inside document={document} schema={schema} />
    </>
  );
};

/** What a schema has in it: members, elements, or the forms that it can have. */
const Inside: FC<Props> = ({ document, schema }) => {
  const { properties = {}, required = [], additionalProperties } = schema;
  const forms = formsOf(schema);
  if (forms.some((form) => hasInside(schemaOf(document, form)))) {
    return (
      <>
        <p class="hint">One of these forms:</p>
        <ol class="forms">
          {forms.map((form) => (
            <li>
              <SchemaView document={document} schema={form} />
            </li>
          ))}
        </ol>
      </>
    );
  }
  const { items = false } = schema;
  if (items !== false && hasInside(schemaOf(document, items))) {
    return (
      <div class="elements">
        <p class="hint">Each element:</p>
        <SchemaView document={document} schema={items} />
      </div>
    );
  }
  if (typeof additionalProperties === "object" && hasInside(additionalProperties)) {
    return (
      <div class="elements">
        <p class="hint">Each member, by its name:</p>
        <SchemaView document={document} schema={additionalProperties} />
      </div>
    );
  }
  const members = Object.entries(properties);
  if (members.length === 0) return null;
  return (
    <ul class="members">
      {members.map(([name, member]) => (
        <Member
          document={document}
          name={name}
          schema={member}
          isNeeded={required.includes(name)}
        />
      ))}
    </ul>
  );
};

const Member: FC<Props & { name: string; isNeeded: boolean }> = ({
  document,
  name,
  schema: given,
  isNeeded,
}) => {
  const schema = schemaOf(document, given);
  return (
    <li>
      <p>
        <code class="name">{name}</code> <span class="type">{typeOf(document, schema)}</span>{" "}
        {isNeeded ? <span class="needed">required</span> : null} <Limits schema={schema} />
      </p>
      {schema.description === undefined ? null : (
        <p class="hint">
          <Words text={schema.description} />
        </p>
      )}
      {given.$ref !== undefined && hasInside(schema) ? (
        <More summary={`Members of ${name}`}>
          <Inside document={document} schema={schema} />
        </More>
      ) : (
        <Inside document={document} schema={schema} />
      )}
    </li>
  );
};

/** Limits, choices and defaults. */
export const Limits: FC<{ schema: JsonSchema }> = ({ schema }) => {
  const { enum: choices = [], pattern, default: absent } = schema;
  const limits = [
    schema.format === "int64" ? "0 to 9223372036854775807" : span(schema.minimum, schema.maximum),
    counted(schema.minLength, schema.maxLength, "characters"),
    counted(schema.minItems, schema.maxItems, "elements"),
  ].filter((text) => text !== "");
  return (
    <span class="limits">
      {limits.join("; ")}
      {choices.length === 0 ? null : (
        <>
          {limits.length > 0 ? "; " : ""}one of{" "}
          {choices.map((choice, index) => (
            <>
              {index > 0 ? ", " : ""}
              <code>{JSON.stringify(choice)}</code>
            </>
          ))}
        </>
      )}
      {pattern === undefined || choices.length > 0 ? null : (
        <>
          {" "}
          matches <code>{pattern}</code>
        </>
      )}
      {absent === undefined ? null : (
        <>
          {" "}
          default <code>{JSON.stringify(absent)}</code>
        </>
      )}
    </span>
  );
};

function span(minimum: unknown, maximum: unknown): string {
  if (typeof minimum === "number" && typeof maximum === "number") {
    return `${number(minimum)} to ${number(maximum)}`;
  }
  if (typeof minimum === "number") return `${number(minimum)} or more`;
  return typeof maximum === "number" ? `at most ${number(maximum)}` : "";
}

function counted(minimum: number | undefined, maximum: number | undefined, what: string): string {
  const text = span(minimum, maximum);
  return text === "" ? "" : `${text} ${what}`;
}

const number = (value: number): string => value.toLocaleString("en");

/** The forms that a value can have, but null. */
function formsOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] {
  return (anyOf ?? oneOf ?? []).filter(({ type }) => type !== "null");
}

function hasInside(schema: JsonSchema): boolean {
  const { properties, items = false, additionalProperties, $ref } = schema;
  return (
    $ref !== undefined ||
    properties !== undefined ||
    (items !== false && hasInside(items)) ||
    (typeof additionalProperties === "object" && hasInside(additionalProperties)) ||
    formsOf(schema).some(hasInside)
  );
}

/** `list of integer`, `text or null`: the words for a JSON type. */
export function typeOf(document: OpenApi, given: JsonSchema): string {
  const schema = schemaOf(document, given);
  const { type, items = false, prefixItems = [], anyOf, oneOf } = schema;
  if ("const" in schema) return JSON.stringify(schema.const);
  const forms = anyOf ?? oneOf;
  if (forms !== undefined) {
    return [...new Set(forms.map((form) => typeOf(document, form)))].join(" or ");
  }
  if (Array.isArray(type)) return type.join(" or ");
  if (prefixItems.length > 0) {
    return `list of ${prefixItems.map((item) => typeOf(document, item)).join(", ")}`;
  }
  if (type === "array") {
    if (items === false) return "list";
    const element = typeOf(document, items);
    return element.includes(" or ") ? `list of (${element})` : `list of ${element}`;
  }
  if (schema.format === "date-time") return "instant (ISO 8601, UTC)";
  return typeof type === "string" ? (type === "string" ? "text" : type) : "any value";
}
