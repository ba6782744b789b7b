/** Points as the requests of each import surface (wire.md 2.4, 2.7, 2.8, 3.3; native import). */
import { NO_SEQUENCE } from "./history.ts";
import { dataText, fillingOf, type Point, type TableKind } from "./points.ts";

/** The client that pushes. */
export interface Pusher {
  readonly clientId: number;
  readonly token: string;
}

/** One request. */
export interface OrderRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A way to push points. */
export interface Surface {
  readonly name: string;
  /** Whether its points have sequences. */
  readonly isGiven: boolean;
  /** Whether the points may be of several tables. */
  readonly isMixed: boolean;
  /** Most points that it takes. */
  readonly pointsMax: number;
  /** @param mark differs from request to request. */
  readonly request: (pusher: Pusher, points: readonly Point[], mark: string) => OrderRequest;
}

const sequenceText = (point: Point): string => point.badSequence ?? String(point.sequence);

const dataOf = ({ id, write, sequence }: Point): string => dataText(id, write, sequence);

function post(path: string, type: string, body: string, token?: string): OrderRequest {
  const headers: Record<string, string> = { "Content-Type": type, Accept: "application/json" };
  if (token !== undefined) headers["Authorization"] = `Bearer ${token}`;
  return { method: "POST", path, headers, body };
}

const nameOf = (points: readonly Point[]): string => points[0]?.table.name ?? "";

const push: Surface = {
  name: "push",
  isGiven: true,
  isMixed: true,
  pointsMax: 10_000,
  request: ({ clientId, token }, points) => {
    const records = points.map(
      (point) =>
        `{"client_id":${clientId},"table_name":"${point.table.name}","action":"upsert",` +
        `"sequence":${sequenceText(point)},"key_names":["id"],"data":${dataOf(point)}}`,
    );
    return post("/v2/import/push", "application/json", `[${records.join(",")}]`, token);
  },
};

const transit: Surface = {
  name: "transit",
  isGiven: true,
  isMixed: true,
  pointsMax: 10_000,
  request: ({ clientId, token }, points) => {
    const records = points.map((point) => {
      const { id, write, sequence } = point;
      const data = `["^ ","id",${id},"w",${write},"s","~i${sequence}","t","${fillingOf(write)}"]`;
      return (
        `["^ ","client_id",${clientId},"table_name","${point.table.name}","action","upsert",` +
        `"sequence","~i${sequenceText(point)}","key_names",["id"],"data",${data}]`
      );
    });
    const body = `[${records.join(",")}]`;
    return post("/v2/import/push", "application/transit+json", body, token);
  },
};

const batch: Surface = {
  name: "batch",
  isGiven: true,
  isMixed: false,
  pointsMax: 20_000,
  request: ({ token }, points) => {
    const messages = points.map(
      (point) => `{"action":"upsert","sequence":${sequenceText(point)},"data":${dataOf(point)}}`,
    );
    const head = `{"table_name":"${nameOf(points)}","schema":{},"key_names":["id"]`;
    const body = `${head},"messages":[${messages.join(",")}]}`;
    return post("/v2/import/batch", "application/json", body, token);
  },
};

const lines = (points: readonly Point[]): string =>
  points
    .map(({ id, write, sequence, badSequence }) => {
      if (badSequence === undefined) return dataText(id, write, sequence);
      return `{"id":${id},"w":${write},"s":${badSequence},"t":""}`;
    })
    .join("\n");

const native: Surface = {
  name: "native",
  isGiven: true,
  isMixed: false,
  pointsMax: 10_000,
  request: ({ token }, points) =>
    post(
      `/api/v1/tables/${nameOf(points)}/rows?keys=id&sequence_field=s`,
      "application/x-ndjson",
      lines(points),
      token,
    ),
};

/** A record without its key is refused, as a bad sequence is where there are sequences. */
const keyed = (point: Point): string =>
  point.badSequence === undefined ? dataOf(point) : `{"w":${point.write}}`;

const nativeLast: Surface = {
  name: "native, the last wins",
  isGiven: false,
  isMixed: false,
  pointsMax: 10_000,
  request: ({ token }, points) =>
    post(
      `/api/v1/tables/${nameOf(points)}/rows?keys=id`,
      "application/json",
      `[${points.map(keyed).join(",")}]`,
      token,
    ),
};

const nativeOnce: Surface = {
  ...nativeLast,
  name: "native, once",
  request: (pusher, points, mark) => {
    const request = nativeLast.request(pusher, points, mark);
    return { ...request, headers: { ...request.headers, "Idempotency-Key": mark } };
  },
};

const rjmetrics: Surface = {
  name: "rjmetrics",
  isGiven: false,
  isMixed: false,
  pointsMax: 100,
  request: ({ clientId, token }, points) => {
    const objects = points.map((point) => `{"keys":["id"],${keyed(point).slice(1)}`);
    const path = `/v2/client/${clientId}/table/${nameOf(points)}/data?apikey=${token}`;
    return post(path, "application/json", `[${objects.join(",")}]`);
  },
};

const SURFACES = [push, transit, batch, native, nativeLast, nativeOnce, rjmetrics];

/** The surfaces that a table is written through. */
export function surfacesFor(kind: TableKind): readonly Surface[] {
  return kind === "mixed"
    ? SURFACES
    : SURFACES.filter(({ isGiven }) => isGiven === (kind === "given"));
}

/** The sequence that the history has for a point of a surface. */
export function sequenceFor(surface: Surface, sequence: bigint): bigint {
  return surface.isGiven ? sequence : NO_SEQUENCE;
}
