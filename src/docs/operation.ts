/** How an operation is described in src/docs/operations, before it becomes OpenAPI. */
import type * as z from "zod";
import type { ErrorCode } from "../http/errors.ts";
import type { Surface } from "../http/surfaces.ts";
import type { PageName } from "./surfaces.ts";
import type { SchemaName } from "./schemas/names.ts";

/** A credential; `none` for what everybody may ask. */
export type Credential = "importToken" | "importKey" | "exportKey" | "adminToken" | "none";

/** A member of the path, the query or the headers. */
export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: unknown;
}

/** What a body can be: a schema with examples, each of which can be sent as it is. */
export interface Media {
  /** Absent for what is no JSON: a text or a file. */
  readonly schema?: SchemaName;
  readonly examples?: Readonly<Record<string, unknown>>;
}

/** An answer that is no error of the table. */
export interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, Media>>;
  readonly headers?: readonly string[];
}

/** A body. */
export interface Body {
  readonly description?: string;
  readonly isOptional?: true;
  readonly content: Readonly<Record<string, Media>>;
}

/** One operation. */
export interface Operation {
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** With `{name}` for the members of the path. */
  readonly path: string;
  readonly page: PageName;
  /** Whose error answers it gives. */
  readonly surface: Surface;
  readonly summary: string;
  readonly description?: string;
  readonly credential: Credential;
  readonly parameters?: readonly Parameter[];
  readonly body?: Body;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Rows of the error table (http/errors.ts) that it can answer with. */
  readonly errors: readonly ErrorCode[];
}
