/**
 * The OpenAPI 3.1 document of all surfaces, from the schemas that the code checks with and the
 * one error table. Made while developing (scripts/openapi.mjs) and served as it is, so nothing of
 * this is in the Worker.
 */
import { type ErrorAnswer, type ErrorCode, ERRORS } from "../http/errors.ts";
import type { Surface } from "../http/surfaces.ts";
import { inlineSchema, schemas } from "./components.ts";
import type {
  Example,
  HeaderObject,
  MediaType,
  OpenApi,
  OperationObject,
  ParameterObject,
  Reference,
  RequestBody,
  ResponseObject,
  SecurityScheme,
} from "./openapi.ts";
import type { Answer, Credential, Media, Operation, Parameter } from "./operation.ts";
import { OPERATIONS } from "./operations/all.ts";
import type { SchemaName } from "./schemas/names.ts";
import { PAGES } from "./surfaces.ts";

const HEADERS = {
  "X-Request-Id": "Names the request in the service's log; every answer has it.",
  "Retry-After": "In how many seconds the same request should be sent again.",
  "RateLimit-Policy":
    'The limit that counts: its name, requests (`q`) and seconds (`w`), as in `"export";q=600;w=10`.',
  RateLimit: "Only when nothing is left: the limit's name and the seconds to wait (`t`).",
  "WWW-Authenticate": "The kind of credential that is missing: `Bearer`.",
  Allow: "The methods that the path has.",
  Location: "Where to go.",
  ETag: "Names the file, for conditions.",
  "Accept-Ranges": "`bytes`: a part of the file can be asked for.",
  "Content-Range": "Which bytes of how many; on a 416 only how many.",
  "Content-Disposition": "The name of the file.",
  "Idempotency-Replayed": "`true` where the Idempotency-Key came before.",
} as const;

const SECURITY: Readonly<Record<Exclude<Credential, "none">, SecurityScheme>> = {
  importToken: {
    type: "http",
    scheme: "bearer",
    description: "An import token of an integration.",
  },
  importKey: {
    type: "apiKey",
    in: "query",
    name: "apikey",
    description: "An import token of an integration.",
  },
  exportKey: {
    type: "apiKey",
    in: "header",
    name: "X-RJM-API-Key",
    description: "An export key, from an address that the key admits.",
  },
  adminToken: {
    type: "http",
    scheme: "bearer",
    description: "The ADMIN_TOKEN of the deployment.",
  },
};

const ERROR_SCHEMAS: Readonly<Record<Surface, SchemaName>> = {
  push: "StitchError",
  validate: "StitchError",
  stitch: "StitchError",
  batch: "BatchError",
  rjmetrics: "ReasonsError",
  export: "ReasonsError",
  admin: "Problem",
  native: "NativeProblem",
};

/** Surfaces whose answers always have the headers of a limit. */
const LIMITED: ReadonlySet<Surface> = new Set(["native", "export", "admin"]);

const header = (name: string): Record<string, Reference> => ({
  [name]: { $ref: `#/components/headers/${name}` },
});

/** @param version of the service. */
export function openApi(version: string): OpenApi {
  const refusals = new Refusals();
  return {
    openapi: "3.1.1",
    info: {
      title: "Headgate",
      version,
      summary: "Data import and export",
      description:
        "Imports over the Stitch, RJMetrics / Magento BI and native APIs, exports over the Magento BI Export API, and an admin API. Errors are explained at `/docs/errors`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This deployment" }],
    tags: PAGES.map(({ name, title, lead }) => ({
      name,
      description: `${title}. ${lead}`,
    })),
    paths: paths(refusals),
    components: {
      securitySchemes: SECURITY,
      headers: Object.fromEntries(
        Object.entries(HEADERS).map(([name, description]): [string, HeaderObject] => [
          name,
          { description, schema: { type: name === "Retry-After" ? "integer" : "string" } },
        ]),
      ),
      schemas: schemas(),
      responses: refusals.byName,
      examples: errorExamples(),
    },
  };
}

/** The answers with errors, each of which many operations give. */
class Refusals {
  readonly byName: Record<string, ResponseObject> = {};

  /** The name is the surface and status, and a number where it is not the first of these. */
  refer(surface: Surface, status: number, codes: readonly ErrorCode[]): Reference {
    const response = refusal(surface, status, codes);
    const text = JSON.stringify(response);
    for (let number = 1; ; number += 1) {
      const name = `${surface}.${status}${number === 1 ? "" : `.${number}`}`;
      const known = this.byName[name];
      if (known !== undefined && JSON.stringify(known) !== text) continue;
      this.byName[name] = response;
      return { $ref: `#/components/responses/${name}` };
    }
  }
}

function paths(refusals: Refusals): OpenApi["paths"] {
  const all: Record<string, Record<string, OperationObject>> = {};
  for (const operation of OPERATIONS) {
    const { path, method } = operation;
    all[path] = { ...all[path], [method]: operationObject(operation, refusals) };
  }
  return all;
}

function operationObject(operation: Operation, refusals: Refusals): OperationObject {
  const { id, page, summary, description, credential, parameters = [], body } = operation;
  return {
    operationId: id,
    tags: [page],
    summary,
    ...(description === undefined ? {} : { description }),
    security: credential === "none" ? [] : [{ [credential]: [] }],
    parameters: parameters.map(parameterObject),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: responses(operation, refusals),
  };
}

function parameterObject({ schema, example, ...rest }: Parameter): ParameterObject {
  return {
    ...rest,
    // A member of the path is always there.
    ...(rest.in === "path" ? { required: true } : {}),
    schema: inlineSchema(schema),
    ...(example === undefined ? {} : { example }),
  };
}

function requestBody({ description, isOptional, content }: NonNullable<Operation["body"]>) {
  return {
    ...(description === undefined ? {} : { description }),
    required: isOptional !== true,
    content: mapped(content, mediaType),
  } satisfies RequestBody;
}

function mediaType({ schema, examples }: Media): MediaType {
  return {
    schema: schema === undefined ? {} : { $ref: `#/components/schemas/${schema}` },
    ...(examples === undefined
      ? {}
      : { examples: mapped(examples, (value): Example => ({ value })) }),
  };
}

function responses(operation: Operation, refusals: Refusals): OperationObject["responses"] {
  const { surface, errors, answers, credential } = operation;
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errors) {
    const { status } = errorAnswer(code, surface);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const isLimited = credential !== "none" && LIMITED.has(surface);
  const limit = isLimited ? header("RateLimit-Policy") : {};
  const made: (readonly [string | number, ResponseObject | Reference])[] = [
    ...Object.entries(answers).map(([status, answer]) => [status, success(answer, limit)] as const),
    ...[...byStatus].map(
      ([status, codes]) => [status, refusals.refer(surface, status, codes)] as const,
    ),
  ];
  return Object.fromEntries(made);
}

function success(
  { description, content, headers = [] }: Answer,
  limit: Readonly<Record<string, Reference>>,
): ResponseObject {
  const named = headers.map(header);
  return {
    description,
    headers: Object.assign({}, header("X-Request-Id"), ...named, limit) as Record<
      string,
      Reference
    >,
    ...(content === undefined ? {} : { content: mapped(content, mediaType) }),
  };
}

/** The answer of one status, whose examples are the rows of the table by their codes. */
function refusal(surface: Surface, status: number, codes: readonly ErrorCode[]): ResponseObject {
  const causes = codes.map((code) => `\`${code}\`: ${ERRORS[code].cause}`);
  return {
    description: causes.join("\n\n"),
    headers: {
      ...header("X-Request-Id"),
      ...(status === 429 || status === 503 ? header("Retry-After") : {}),
      ...(codes.includes("rate_limited")
        ? { ...header("RateLimit-Policy"), ...header("RateLimit"), ...header("Retry-After") }
        : {}),
      ...(status === 401 && surface !== "rjmetrics" ? header("WWW-Authenticate") : {}),
      ...(status === 405 ? header("Allow") : {}),
      ...(status === 416 ? header("Content-Range") : {}),
    },
    content: refusalContent(surface, codes),
  };
}

function refusalContent(surface: Surface, codes: readonly ErrorCode[]): Record<string, MediaType> {
  const content: Record<string, MediaType> = {};
  for (const type of typesOf(surface)) {
    const own = codes.filter((code) => isText(code, surface) === (type === "text/plain"));
    if (own.length === 0) continue;
    content[type] = {
      schema:
        type === "text/plain"
          ? { type: "string" }
          : { $ref: `#/components/schemas/${ERROR_SCHEMAS[surface]}` },
      examples: Object.fromEntries(
        own.map((code) => [code, { $ref: `#/components/examples/${surface}.${code}` }]),
      ),
    };
  }
  return content;
}

/** The types of error bodies (http/answer.ts). */
function typesOf(surface: Surface): readonly string[] {
  if (surface === "admin" || surface === "native") return ["application/problem+json"];
  if (surface === "rjmetrics") return ["application/json", "text/html"];
  return ["application/json", "text/plain"];
}

function isText(code: ErrorCode, surface: Surface): boolean {
  return errorAnswer(code, surface).text === true;
}

/** Those that an operation refers to: a text in capitals and brackets stands for a value. */
function errorExamples(): Record<string, Example> {
  const examples: Record<string, Example> = {};
  for (const { surface, errors } of OPERATIONS) {
    for (const code of errors) {
      const { body, text } = errorAnswer(code, surface);
      const value: unknown = text === true ? body : JSON.parse(body);
      examples[`${surface}.${code}`] = { summary: ERRORS[code].cause, value };
    }
  }
  return examples;
}

function errorAnswer(code: ErrorCode, surface: Surface): ErrorAnswer {
  const answer = ERRORS[code].answers[surface];
  if (answer === undefined) throw new Error(`${code} has no answer on the surface ${surface}`);
  return answer;
}

function mapped<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
