/** The requests of a program as they go over the wire. */
import type { BatchRequest, NativeRequest, PointsRequest, PushRequest } from "./model-requests.ts";
import { SCHEMAS, type StitchRecord } from "./model-requests.ts";
import { nativeText } from "./model-points.ts";
import { exact, type Fields, objectText } from "./model-values.ts";

/** Who sends: a token's text, the id of its client, and that of another one. */
export interface Names {
  readonly token: string | undefined;
  readonly own: number;
  readonly foreign: number;
}

/** A request: an absolute URL and what fetch takes. */
export interface Wire {
  readonly url: string;
  readonly init: RequestInit;
}

const HOST = "https://headgate.example";

/** A POST of a body; the token goes where the surface wants it. */
function post(url: string, body: BodyInit, headers: Record<string, string | undefined>): Wire {
  const own = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return { url, init: { method: "POST", headers: own, body } };
}

function bearer({ token }: Names): Record<string, string | undefined> {
  return { Authorization: token === undefined ? undefined : `Bearer ${token}` };
}

/** The members of a record: those that it should have, changed by its defect. */
function recordFields(record: StitchRecord, { foreign, own }: Names): Fields {
  const { action, client, defect, fields, keys, sequence, table, version } = record;
  const members = new Map<string, string>();
  if (client !== "absent") members.set("client_id", String(client === "own" ? own : foreign));
  members.set("table_name", JSON.stringify(table));
  members.set("action", JSON.stringify(action));
  members.set("sequence", sequence);
  if (version !== undefined) members.set("table_version", version);
  if (action === "upsert") {
    members.set("key_names", JSON.stringify(keys));
    members.set("data", objectText(fields));
  }
  const changes: Partial<Record<NonNullable<typeof defect>, [string, string | undefined]>> = {
    no_sequence: ["sequence", undefined],
    sequence_text: ["sequence", `"${sequence}"`],
    sequence_fraction: ["sequence", "1.0"],
    sequence_low: ["sequence", "-1"],
    sequence_high: ["sequence", "9223372036854775808"],
    table_blank: ["table_name", '" "'],
    no_table: ["table_name", undefined],
    bad_action: ["action", '"delete"'],
    no_keys: ["key_names", undefined],
    keys_empty: ["key_names", "[]"],
    keys_text: ["key_names", '"id"'],
    key_properties: ["key_names", undefined],
    no_data: ["data", undefined],
    data_array: ["data", "[]"],
    version_text: ["table_version", '"1"'],
  };
  const [name, json] = (defect === undefined ? undefined : changes[defect]) ?? [];
  if (name !== undefined && json === undefined) members.delete(name);
  if (name !== undefined && json !== undefined) members.set(name, json);
  if (defect === "key_properties") members.set("key_properties", JSON.stringify(keys));
  return [...members];
}

/** A writer of Transit: numbers in the forms that clients use, map keys by the rolling cache. */
class TransitWriter {
  readonly #codes = new Map<string, string>();

  text(json: string): string {
    return JSON.stringify(this.#value(exact(json)), (_, value: unknown) => {
      const isPlain = typeof value === "string" && value.startsWith("\u0000");
      return isPlain ? JSON.rawJSON(value.slice(1)) : value;
    });
  }

  /** From the marks of `exact`; plain numbers get a mark of their own. */
  #value(value: unknown): unknown {
    if (typeof value === "string") {
      return value.startsWith("#") ? this.#number(value.slice(1)) : this.#string(value.slice(1));
    }
    if (Array.isArray(value)) return value.map((one) => this.#value(one));
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value).flatMap(([name, one]) => [
      this.#key(name),
      this.#value(one),
    ]);
    return ["^ ", ...members];
  }

  #number(text: string): string {
    if (text.includes(".") && text !== "1.0") return `~f${text}`;
    if (/^\d{17}/.test(text)) return `~n${text}`;
    return text.length > 3 && /^\d+$/.test(text) ? `~i${text}` : `\u0000${text}`;
  }

  #string(text: string): string {
    return /^[~^`]/.test(text) ? `~${text}` : text;
  }

  #key(name: string): string {
    if (name.length < 4) return name;
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    this.#codes.set(name, `^${String.fromCharCode(48 + this.#codes.size)}`);
    return name;
  }
}

/** Push or validate. */
export function pushWire(names: Names, request: PushRequest): Wire {
  const { accept, bad, encoding, endpoint } = request;
  const records = request.records.map((record) => objectText(recordFields(record, names)));
  const array = `[${records.join()}]`;
  const isTransit = encoding === "transit";
  const bodies = { malformed: `${array.slice(0, -1)},`, empty: "[]", object: records[0] ?? "{}" };
  const json = bad === undefined ? array : bodies[bad];
  const body = isTransit && bad !== "malformed" ? new TransitWriter().text(json) : json;
  return post(`${HOST}/v2/import/${endpoint}`, body, {
    ...bearer(names),
    Accept: accept,
    "Content-Type": isTransit ? "application/transit+json" : "application/json",
  });
}

/** A batch. */
export function batchWire(names: Names, request: BatchRequest): Wire {
  const { bad, client, keys, messages, schema, table, version } = request;
  const texts = messages.map(({ action, defect, fields, sequence, version: own }) => {
    const members: Fields = [
      ...(defect === "no_action" ? [] : [["action", JSON.stringify(action)] as const]),
      ...(action === "upsert" ? [["data", objectText(fields)] as const] : []),
      ...(own === undefined ? [] : [["table_version", own] as const]),
    ];
    if (defect === "no_sequence") return objectText(members);
    const isWrong = defect === "sequence_text" || defect === "sequence_high";
    const wrong = defect === "sequence_text" ? `"${sequence}"` : "9223372036854775808";
    return objectText([...members, ["sequence", isWrong ? wrong : sequence]]);
  });
  const body = objectText([
    ["table_name", JSON.stringify(table)],
    ["schema", SCHEMAS[schema]],
    ...(keys.length === 0 ? [] : [["key_names", JSON.stringify(keys)] as const]),
    ...(version === undefined ? [] : [["table_version", version] as const]),
    ...(client === "absent" ? [] : [["client_id", String(names[client])] as const]),
    ...(bad === "extra" ? [["extra", "1"] as const] : []),
    ...(bad === "no_messages" ? [] : [["messages", `[${texts.join()}]`] as const]),
  ]);
  const headers = { ...bearer(names), "Content-Type": "application/json" };
  return post(`${HOST}/v2/import/batch`, bad === "malformed" ? body.slice(1) : body, headers);
}

/** A push to the RJMetrics surface. */
export function pointsWire(names: Names, request: PointsRequest): Wire {
  const { bad, client, isBare, sandbox, table, version } = request;
  const texts = request.points.map(({ fields, keys }) => {
    const text = keys === "text" ? '"id"' : JSON.stringify(keys);
    return objectText(keys === undefined ? fields : [["keys", text], ...fields]);
  });
  const array = isBare ? texts.join() : `[${texts.join()}]`;
  const bodies = {
    malformed: `${array}]`,
    empty: "[]",
    number: "7",
    element: `[7,${texts.join()}]`,
  };
  const host = sandbox === "host" ? "https://sandbox-connect.headgate.example" : HOST;
  const base = sandbox === "prefix" ? `${host}/sandbox` : host;
  const id = client === "word" ? "mine" : names[client];
  const query = names.token === undefined ? "" : `?apikey=${names.token}`;
  const url = `${base}/${version}/client/${id}/table/${table}/data${query}`;
  return post(url, bad === undefined ? array : bodies[bad], { Accept: "application/json" });
}

/** A native import; gzipped where asked for. */
export async function nativeWire(names: Names, request: NativeRequest): Promise<Wire> {
  const { bad, idempotencyKey, isGzip, isLines, keys, sequence, table } = request;
  const texts = request.records.map((record) => nativeText(record, request));
  const good = isLines ? texts.join("\r\n\n") : `[${texts.join()}]`;
  const bodies = { option: good, malformed: `${good}]`, empty: isLines ? "\n" : "[]" };
  const text = bad === undefined ? good : bodies[bad];
  const query = new URLSearchParams();
  if (keys !== undefined) query.set("keys", keys.join());
  if (sequence === "each") query.set("sequence_field", "seq");
  else if (sequence !== undefined) query.set("sequence", sequence.all);
  if (request.isDry) query.set("dry_run", "1");
  if (request.isSkipping) query.set("on_error", "skip");
  if (bad === "option") query.set("colour", "blue");
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const body = isGzip ? await new Response(stream).arrayBuffer() : text;
  return post(`${HOST}/api/v1/tables/${encodeURIComponent(table)}/rows?${query.toString()}`, body, {
    ...bearer(names),
    "Content-Type": isLines ? "application/x-ndjson" : "application/json",
    "Content-Encoding": isGzip ? "gzip" : undefined,
    "Idempotency-Key": idempotencyKey,
  });
}
