/** The RJMetrics / Magento BI Data Import API and its sandbox (wire.md 3). */
import * as z from "zod";
import type { Media, Operation, Parameter } from "../operation.ts";
import { allErrorsOf, errorsOf } from "./errors-of.ts";

const CLIENT: Parameter = {
  in: "path",
  name: "cid",
  description: "The client of the key.",
  schema: z.int().min(1),
  example: 4231,
};

const TABLE: Parameter = {
  in: "path",
  name: "table",
  description: "The table; the first push to it makes it.",
  schema: z
    .string()
    .regex(/^[A-Za-z0-9_]+$/)
    .max(255),
  example: "orders",
};

const ok = (code: number, message: string): Record<string, Media> => {
  const media: Media = { schema: "RjmetricsOk", examples: { done: { code, message } } };
  // The type follows Accept: JSON where it is named, else text, as clients of old need it.
  return { "application/json": media, "text/html": media };
};

const POINT = { keys: ["id"], id: 1, status: "complete", total: 58.4 };

interface Place {
  readonly prefix: "" | "/sandbox";
  readonly version: "v1" | "v2";
}

const idOf = (name: string, { prefix, version }: Place): string =>
  `rjmetrics${prefix === "" ? "" : "Sandbox"}${name}${version.toUpperCase()}`;

function authenticate(place: Place): Operation {
  const { prefix, version } = place;
  return {
    id: idOf("Authenticate", place),
    method: "get",
    path: `${prefix}/${version}/client/{cid}/authenticate`,
    page: "rjmetrics",
    surface: "rjmetrics",
    summary: `Check a key (${prefix === "" ? version : `sandbox, ${version}`})`,
    credential: "importKey",
    parameters: [CLIENT],
    answers: {
      200: { description: "The key is the client's.", content: ok(200, "authenticated") },
    },
    errors: errorsOf("rjmetrics"),
  };
}

const DESCRIPTIONS = {
  v1: "As v2; a data point without `keys` is keyed by its field `id`.",
  v2: "The last write wins: a data point replaces the row with the same keys. All or nothing: if one is wrong, none is stored.",
} as const;

function push(place: Place): Operation {
  const { prefix, version } = place;
  const isSandbox = prefix !== "";
  const { keys: _, ...withoutKeys } = POINT;
  const points: Record<string, unknown> = { several: [POINT, { ...POINT, id: 2 }], one: POINT };
  if (version === "v1") points["without_keys"] = [withoutKeys];
  return {
    id: idOf("Push", place),
    method: "post",
    path: `${prefix}/${version}/client/{cid}/table/{table}/data`,
    page: "rjmetrics",
    surface: "rjmetrics",
    summary: isSandbox
      ? `Check data points (sandbox, ${version})`
      : `Store data points (${version})`,
    description: isSandbox
      ? "Every check and every answer of the real push; nothing is stored."
      : DESCRIPTIONS[version],
    credential: "importKey",
    parameters: [CLIENT, TABLE],
    body: {
      description:
        "At most 5,242,880 bytes after gzip is undone, and 100 data points, which is a setting. The Content-Type is not looked at.",
      content: {
        "application/json": {
          schema: version === "v1" ? "DataPointsV1" : "DataPoints",
          examples: points,
        },
      },
    },
    answers: {
      201: {
        description: isSandbox ? "All data points are right." : "Stored.",
        content: ok(201, "created"),
      },
    },
    errors: allErrorsOf("rjmetrics"),
  };
}

const status = (path: "/" | "/sandbox"): Operation => ({
  id: path === "/" ? "rjmetricsStatus" : "rjmetricsSandboxStatus",
  method: "get",
  path,
  page: "rjmetrics",
  surface: "rjmetrics",
  summary: path === "/" ? "Status" : "Status (sandbox)",
  credential: "none",
  answers: {
    200: {
      description: "The stores can be reached.",
      content: {
        "application/json": {
          schema: "RjmetricsOk",
          examples: { ok: { code: 200, message: "ok" } },
        },
      },
    },
    302: {
      description: "To the console, where Accept names `text/html` and not `application/json`.",
      headers: ["Location"],
    },
  },
  errors: ["unavailable", "internal"],
});

const PLACES: readonly Place[] = [
  { prefix: "", version: "v2" },
  { prefix: "", version: "v1" },
  { prefix: "/sandbox", version: "v2" },
  { prefix: "/sandbox", version: "v1" },
];

/** The operations of the RJMetrics surface. */
export const rjmetricsOperations: readonly Operation[] = [
  status("/"),
  ...PLACES.slice(0, 2).flatMap((place) => [authenticate(place), push(place)]),
  status("/sandbox"),
  ...PLACES.slice(2).flatMap((place) => [authenticate(place), push(place)]),
];
