/** The document as the Worker has it: an asset, read once. */
import type { Context } from "hono";
import type {
  Example,
  JsonSchema,
  MediaType,
  OpenApi,
  OperationObject,
  Reference,
  ResponseObject,
} from "./openapi.ts";
import type { PageName } from "./surfaces.ts";

type DocsContext = Context<{ Bindings: Env }>;

const known = new WeakMap<Env, OpenApi>();

/** Where the document is, among the assets and for programs. */
export const DOCUMENT_PATH = "/openapi.json";

/** The document, which changes with a deploy only. */
export async function readDocument({ env, req }: DocsContext): Promise<OpenApi> {
  const cached = known.get(env);
  if (cached !== undefined) return cached;
  const found = await env.ASSETS.fetch(new Request(new URL(DOCUMENT_PATH, req.url)));
  const document: OpenApi = await found.json();
  known.set(env, document);
  return document;
}

/** An operation with its place. */
export interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

/** The operations of a page, in the order of the document. */
export function operationsOf({ paths }: OpenApi, page: PageName): readonly Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(page))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** The name at the end of a reference. */
export function nameOf({ $ref }: Reference): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}

/** What a component is, or what it refers to. @throws Error where there is nothing. */
function resolved<T extends object>(value: T | Reference, byName: Readonly<Record<string, T>>): T {
  if (!("$ref" in value) || typeof value.$ref !== "string") return value as T;
  const found = byName[nameOf({ $ref: value.$ref })];
  if (found === undefined) throw new Error(`the document has no ${value.$ref}`);
  return found;
}

/** The schema itself; what stands beside a reference goes with it. */
export function schemaOf({ components }: OpenApi, schema: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  return { ...resolved({ $ref }, components.schemas), ...beside };
}

/** The answer itself. */
export function responseOf(
  { components }: OpenApi,
  response: ResponseObject | Reference,
): ResponseObject {
  return resolved(response, components.responses);
}

/** The examples of a body by their names. */
export function examplesOf(
  { components }: OpenApi,
  { examples = {} }: MediaType,
): readonly (readonly [string, Example])[] {
  return Object.entries(examples).map(([name, example]) => [
    name,
    resolved<Example>(example, components.examples),
  ]);
}

/** The codes of the error table in an answer: its examples that are the table's. */
export function codesOf(response: ResponseObject): readonly string[] {
  const examples = Object.values(response.content ?? {}).flatMap(({ examples: all = {} }) =>
    Object.entries(all),
  );
  const codes = examples.filter(([, example]) => "$ref" in example).map(([name]) => name);
  return [...new Set(codes)];
}

/** Where the members of each schema stand on a page: at the first operation that has it. */
export type Places = ReadonlyMap<string, OperationObject>;

/** The places of the bodies and answers of a page. */
export function placesOf(document: OpenApi, operations: readonly Placed[]): Places {
  const places = new Map<string, OperationObject>();
  for (const { operation } of operations) {
    const bodies = [
      operation.requestBody?.content ?? {},
      ...Object.values(operation.responses).map((one) => responseOf(document, one).content ?? {}),
    ];
    for (const { schema } of bodies.flatMap((content) => Object.values(content))) {
      if (schema.$ref === undefined || places.has(schema.$ref)) continue;
      places.set(schema.$ref, operation);
    }
  }
  return places;
}

/** The example of a parameter as it stands in an address. */
export function exampleText(example: unknown): string {
  if (Array.isArray(example)) return example.map(exampleText).join(",");
  return typeof example === "string" ? example : JSON.stringify(example);
}
