/** What the descriptions of the admin API share. */
import * as z from "zod";
import type { ErrorCode } from "../../http/errors.ts";
import type { Answer, Body, Operation, Parameter } from "../operation.ts";
import type { SchemaName } from "../schemas/names.ts";
import { BODY, errorsOf } from "./errors-of.ts";

const id = (name: string, description: string, example: number): Parameter => ({
  in: "path",
  name,
  description,
  schema: z.int().min(1),
  example,
});

const IDS: Readonly<Record<string, Parameter>> = {
  cid: id("cid", "The id of a client.", 4231),
  iid: id("iid", "The id of an integration.", 1),
  tid: id("tid", "The id of a table.", 1),
};

type Admin = Omit<
  Operation,
  "page" | "surface" | "credential" | "errors" | "parameters" | "body"
> & {
  /** What `{id}` is the id of. */
  readonly what?: string;
  readonly query?: readonly Parameter[];
  readonly body?: Body;
  readonly errors?: readonly ErrorCode[];
};

/** An operation: its ids and the errors of ids and bodies follow from its path and body. */
export function adminOperation({ what = "", query = [], errors = [], ...rest }: Admin): Operation {
  const names = [...rest.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const ids = names.map((name) => IDS[name] ?? id("id", `The id of ${what}.`, 1));
  const codes: readonly ErrorCode[] = [
    ...(ids.length > 0 ? (["not_found"] as const) : []),
    ...(rest.body === undefined ? [] : ([...BODY, "admin_invalid"] as const)),
    ...errors,
  ];
  return {
    ...rest,
    path: `/admin/v1${rest.path}`,
    page: "admin",
    surface: "admin",
    credential: "adminToken",
    parameters: [...ids, ...query],
    errors: errorsOf("admin", ...codes),
  };
}

/** A JSON answer with one example. */
export const json = (description: string, schema: SchemaName, example: unknown): Answer => ({
  description,
  content: { "application/json": { schema, examples: { example } } },
});

/** A JSON body. */
export const body = (schema: SchemaName, examples: Readonly<Record<string, unknown>>): Body => ({
  content: { "application/json": { schema, examples } },
});

/** What is answered where there is nothing to say. */
export const NOTHING: Answer = { description: "Done." };

/** An instant for examples. */
export const AT = "2026-01-31T09:00:00.000Z";
