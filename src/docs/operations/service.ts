/** What belongs to no surface: the health of the service, and the document itself. */
import * as z from "zod";
import type { Operation } from "../operation.ts";

const health: Operation = {
  id: "health",
  method: "get",
  path: "/healthz",
  page: "service",
  surface: "rjmetrics",
  summary: "Health, for a monitor",
  credential: "none",
  answers: {
    200: {
      description: "The stores can be reached.",
      content: { "application/json": { schema: "Health", examples: { ok: { status: "ok" } } } },
    },
    503: {
      description: "A store cannot be reached.",
      headers: ["Retry-After"],
      content: { "application/json": { schema: "Health" } },
    },
  },
  errors: ["internal"],
};

const document: Operation = {
  id: "openapi",
  method: "get",
  path: "/openapi.json",
  page: "service",
  surface: "rjmetrics",
  summary: "This document",
  credential: "none",
  parameters: [
    {
      in: "header",
      name: "If-None-Match",
      description: "Only another document than this, by its ETag.",
      schema: z.string().optional(),
      example: '"abc"',
    },
  ],
  answers: {
    200: {
      description: "An OpenAPI 3.1 document of all surfaces.",
      headers: ["ETag"],
      content: { "application/json": {} },
    },
    304: { description: "The document is the one that the request knows." },
  },
  errors: ["internal"],
};

/** The operations of the service itself. */
export const serviceOperations: readonly Operation[] = [health, document];
