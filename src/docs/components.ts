/** The schemas of the document, made by zod from those of the code. */
import * as z from "zod";
import type { JsonSchema } from "./openapi.ts";
import { ANSWERS, REQUESTS } from "./schemas/names.ts";
import { NOTES } from "./schemas/notes.ts";

type Mutable = { [keyword: string]: unknown };

/** The highest int64, as JSON text: no double holds it (wire.md 2.4). */
const INT64_MAX_TEXT = "9223372036854775807";

/** All schemas by their names. */
export function schemas(): Readonly<Record<string, JsonSchema>> {
  return { ...made(REQUESTS, "input"), ...made(ANSWERS, "output") };
}

/** A schema that stands where it is used, as those of parameters do. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  // Beside the parameter, where readers look for them.
  const { description: __, example: ___, ...rest } = made as Mutable;
  return tidied(rest, false) as JsonSchema;
}

function made(
  byName: Readonly<Record<string, z.ZodType>>,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(byName)) registry.add(schema, { id });
  const { schemas: all } = z.toJSONSchema(registry, {
    io,
    unrepresentable: "any",
    // The names are the registry's; words for people are in the schemas' own metadata.
    override({ zodSchema, jsonSchema }) {
      const meta = z.globalRegistry.get(zodSchema);
      if (meta !== undefined) Object.assign(jsonSchema, meta);
      if ("example" in jsonSchema) {
        Object.assign(jsonSchema, { examples: [jsonSchema["example"]] });
        delete jsonSchema["example"];
      }
    },
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(all).map(([name, schema]) => {
      const { $schema: _, $id: __, id: ___, ...rest } = schema;
      const tidy = tidied(rest, io === "output") as Mutable;
      for (const [place, note] of Object.entries(NOTES[name] ?? {})) addNote(tidy, place, note);
      return [name, tidy];
    }),
  );
}

/**
 * Without what says nothing: bounds that every integer of JavaScript has, and in answers, which
 * may get more members in time, that there are no others.
 */
function tidied(value: unknown, isAnswer: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => tidied(item, isAnswer));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([keyword, item]) => {
    if (keyword === "additionalProperties") return !(isAnswer && item === false);
    return Math.abs(Number(item)) !== Number.MAX_SAFE_INTEGER || typeof item !== "number";
  });
  const tidy = Object.fromEntries(
    entries.map(([keyword, item]) => [keyword, tidied(item, isAnswer)]),
  );
  // The format says it, and in fewer words than the pattern that zod adds.
  if (tidy["format"] === "date-time") delete tidy["pattern"];
  if (tidy["format"] !== "int64") return tidy;
  return { ...tidy, maximum: JSON.rawJSON(INT64_MAX_TEXT) };
}

/** Adds to the schema of a member. @throws Error where there is no such member. */
function addNote(schema: Mutable, place: string, note: JsonSchema): void {
  const steps = place === "" ? [] : place.split(/\.|(?=\[\])|(?=\|)/);
  let at: Mutable | undefined = schema;
  for (const step of steps) at = stepInto(at, step);
  if (at === undefined) throw new Error(`there is no member ${place}`);
  Object.assign(at, note);
}

function stepInto(schema: Mutable | undefined, step: string): Mutable | undefined {
  if (step === "[]") return schema?.["items"] as Mutable | undefined;
  if (step === "*") return schema?.["additionalProperties"] as Mutable | undefined;
  if (step.startsWith("|")) return (schema?.["anyOf"] as Mutable[] | undefined)?.[+step.slice(1)];
  return (schema?.["properties"] as Record<string, Mutable> | undefined)?.[step];
}
