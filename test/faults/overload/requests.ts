/** The requests of the load: the import surfaces, each with a table of its own. */
import { CLIENT_ID, IMPORT_TOKEN } from "../../e2e/constants.ts";

/** The surfaces of the load, by the name of their table. */
export const SURFACES = ["push", "rjmetrics", "native"] as const;
export type SurfaceName = (typeof SURFACES)[number];

/** How many points a request of each surface has. */
export const POINTS: Readonly<Record<SurfaceName, number>> = {
  push: 300,
  rjmetrics: 100,
  native: 200,
};

/** The point of a request: its id is made of both, its sequence is the request's number. */
export function idOf(request: number, point: number): number {
  return request * 1_000 + point;
}

/** The number of the first request: all have as many digits, so that a body is made once. */
export const FIRST_REQUEST = 10_000_001;
const PLACE = "10000000";

const NOTE = "call before delivery, ring twice; ".repeat(4);

type Data = ReturnType<typeof dataOf>;
type Form = (data: readonly Data[]) => readonly unknown[];

function dataOf(point: number) {
  const request = Number(PLACE);
  return { id: idOf(request, point), sku: `SKU-${point}`, value: point / 100, note: NOTE, request };
}

const FORMS: Readonly<Record<SurfaceName, Form>> = {
  push: (data) =>
    data.map((one) => ({
      ...{ client_id: CLIENT_ID, table_name: "push", action: "upsert", key_names: ["id"] },
      ...{ sequence: one.request, data: one },
    })),
  rjmetrics: (data) => data.map((one) => ({ keys: ["id"], ...one })),
  native: (data) => data,
};

const PATHS: Readonly<Record<SurfaceName, string>> = {
  push: "/v2/import/push",
  rjmetrics: `/v2/client/${CLIENT_ID}/table/rjmetrics/data?apikey=${IMPORT_TOKEN}`,
  native: "/api/v1/tables/native/rows?keys=id&sequence_field=request",
};

/** The requests of a surface: one body of which each has other digits. */
export class RequestSource {
  readonly head: string;
  readonly #template: Uint8Array;
  readonly #places: number[] = [];

  constructor(surface: SurfaceName, port: number) {
    const data = Array.from({ length: POINTS[surface] }, (_, point) => dataOf(point));
    // Of one byte each: an index in the text is one in the bytes.
    const text = JSON.stringify(FORMS[surface](data));
    this.#template = new TextEncoder().encode(text);
    for (const { index } of text.matchAll(new RegExp(PLACE, "g"))) this.#places.push(index);
    this.head = [
      `POST ${PATHS[surface]} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      ...(surface === "rjmetrics" ? [] : [`Authorization: Bearer ${IMPORT_TOKEN}`]),
      "Content-Type: application/json",
      `Content-Length: ${this.#template.byteLength}`,
      "\r\n",
    ].join("\r\n");
  }

  /** The body of the request with this number, from FIRST_REQUEST on. */
  body(request: number): Uint8Array {
    const body = this.#template.slice();
    const digits = new TextEncoder().encode(String(request));
    for (const place of this.#places) body.set(digits, place);
    return body;
  }
}
