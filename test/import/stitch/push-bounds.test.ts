import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { answerOf, rightRecord, storedAll } from "../../support/stitch.ts";
import { unprocessable } from "../../support/stitch-cases.ts";
import { testEnv } from "../../support/env.ts";
import { newTenant, pushRecords, pushText, storedRows, type Tenant } from "../../support/tenant.ts";
import { callWorker } from "../../support/worker.ts";

/** Push's limit (wire.md 2.5). */
const BYTES_MAX = 4_194_304;

/** A right body of so many bytes. */
function bodyOf(tenant: Tenant, bytes: number): string {
  const text = JSON.stringify([rightRecord(tenant, { data: { id: 1, e: "é" } })]);
  return text.slice(0, -1) + " ".repeat(bytes - new TextEncoder().encode(text).length) + "]";
}

function tooLarge(bytes: number): unknown {
  const message = `Request rejected: request size (${bytes} bytes) exceeds the maximum`;
  return { status: 413, body: { status: "ERROR", message } };
}

/** Pushes a stream: a body without Content-Length, unless one is given. */
function pushStream(
  tenant: Tenant,
  body: ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const Authorization = `Bearer ${tenant.token}`;
  return callWorker(testEnv, "/v2/import/push", {
    method: "POST",
    headers: { Authorization, "Content-Type": "application/json", ...headers },
    body,
  });
}

/** A stream of these pieces; one that is endless stays open after them. */
function streamOf(pieces: readonly Uint8Array[], isEndless = false): ReadableStream<Uint8Array> {
  const rest = [...pieces];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = rest.shift();
      if (piece !== undefined) controller.enqueue(piece);
      else if (isEndless) return new Promise(() => undefined);
      else controller.close();
      return undefined;
    },
  });
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The text in pieces of 64 KiB. */
function piecesOf(text: string): Uint8Array[] {
  const bytes = encode(text);
  const count = Math.ceil(bytes.length / 65_536);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536));
}

describe("the size of the body", () => {
  it("may be 4,194,304 bytes", async () => {
    const tenant = await newTenant();
    expect((await pushText(tenant, bodyOf(tenant, BYTES_MAX))).status).toBe(201);
    expect(await storedRows(tenant, "orders")).toHaveLength(1);
  });

  it("may not be one byte more", async () => {
    const tenant = await newTenant();
    const before = await storedAll();
    const response = await pushText(tenant, bodyOf(tenant, BYTES_MAX + 1));
    expect(await answerOf(response)).toEqual(tooLarge(BYTES_MAX + 1));
    expect(await storedAll()).toEqual(before);
  });

  it("is decided by Content-Length, without waiting for the body", async () => {
    const tenant = await newTenant();
    const headers = { "Content-Length": "4194305" };
    const response = await pushStream(tenant, streamOf([], true), headers);
    expect(await answerOf(response)).toEqual(tooLarge(BYTES_MAX + 1));
  });

  it("is counted while a body without Content-Length comes in", async () => {
    const tenant = await newTenant();
    const full = await pushStream(tenant, streamOf(piecesOf(bodyOf(tenant, BYTES_MAX))));
    expect(full.status).toBe(201);
    const over = streamOf(piecesOf(bodyOf(tenant, BYTES_MAX + 1)));
    expect(await answerOf(await pushStream(tenant, over))).toEqual(tooLarge(BYTES_MAX + 1));
  });

  it("is decided as soon as one byte too many has come", async () => {
    const tenant = await newTenant();
    const pieces = [encode(" ".repeat(BYTES_MAX)), encode(" ")];
    const response = await pushStream(tenant, streamOf(pieces, true));
    expect(await answerOf(response)).toEqual(tooLarge(BYTES_MAX + 1));
  });
});

describe("Content-Encoding", () => {
  const pushZipped = (tenant: Tenant, bytes: Uint8Array, coding = "gzip"): Promise<Response> =>
    pushText(tenant, bytes, { "Content-Encoding": coding });

  it.each(["gzip", "GZIP", "x-gzip", " gzip "])("%s is undone", async (coding) => {
    const tenant = await newTenant();
    const body = gzipSync(bodyOf(tenant, 500));
    expect((await pushZipped(tenant, body, coding)).status).toBe(201);
    expect(await storedRows(tenant, "orders")).toHaveLength(1);
  });

  it("identity is none", async () => {
    const tenant = await newTenant();
    expect((await pushZipped(tenant, encode(bodyOf(tenant, 500)), "identity")).status).toBe(201);
  });

  it("counts what comes out of gzip: at the limit, and one byte more", async () => {
    const tenant = await newTenant();
    const full = gzipSync(bodyOf(tenant, BYTES_MAX));
    expect((await pushZipped(tenant, full)).status).toBe(201);
    const over = gzipSync(bodyOf(tenant, BYTES_MAX + 1));
    expect(await answerOf(await pushZipped(tenant, over))).toEqual(tooLarge(BYTES_MAX + 1));
  });

  it("stops at a bomb", async () => {
    const tenant = await newTenant();
    const bomb = gzipSync(new Uint8Array(50_000_000));
    expect(bomb.length).toBeLessThan(BYTES_MAX);
    const answer = await answerOf(await pushZipped(tenant, bomb));
    expect(answer.status).toBe(413);
    const { message } = answer.body as { message: string };
    const bytes = Number(/\((\d+) bytes\)/.exec(message)?.[1]);
    // As far as it was read: not the size of the whole.
    expect(bytes).toBeGreaterThan(BYTES_MAX);
    expect(bytes).toBeLessThan(2 * BYTES_MAX);
  });

  it("reads on what is sent of a bomb, so that its sender gets the answer", async () => {
    const tenant = await newTenant();
    const bomb = gzipSync(new Uint8Array(20_000_000));
    const pieces = Array.from({ length: 10 }, (_, i) =>
      Uint8Array.from(bomb.subarray((i * bomb.length) / 10, ((i + 1) * bomb.length) / 10)),
    );
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces[sent];
        sent += 1;
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    });
    const response = await pushStream(tenant, body, { "Content-Encoding": "gzip" });
    expect(response.status).toBe(413);
    expect(sent).toBe(11);
  });

  it("answers 400 to broken gzip", async () => {
    const tenant = await newTenant();
    const right = gzipSync(bodyOf(tenant, 500));
    const wrongSum = Uint8Array.from(right);
    wrongSum[right.length - 6] = (wrongSum[right.length - 6] ?? 0) ^ 1;
    const broken = { cut: right.subarray(0, -9), empty: encode(""), plain: encode("[]"), wrongSum };
    const before = await storedAll();
    for (const [name, bytes] of Object.entries(broken)) {
      const answer = await answerOf(await pushZipped(tenant, bytes));
      expect(answer, name).toMatchObject({
        status: 400,
        body: {
          message: "Malformed json in the body!",
          error: "The gzip encoding of the body is broken.",
          input: null,
        },
      });
    }
    expect(await storedAll()).toEqual(before);
  });

  it.each(["br", "deflate", "zstd", "gzip, gzip", "aes128gcm"])("%s is refused", async (coding) => {
    const tenant = await newTenant();
    const message = `Unsupported content-encoding ${coding}. Please send gzip or none`;
    const answer = await answerOf(await pushZipped(tenant, encode("[]"), coding));
    expect(answer).toEqual({ status: 415, body: { status: "ERROR", message } });
  });
});

describe("the count of records", () => {
  const recordsOf = (tenant: Tenant, count: number): unknown[] =>
    Array.from({ length: count }, (_, id) => rightRecord(tenant, { data: { id } }));

  it("may be 10,000", async () => {
    const tenant = await newTenant();
    const response = await pushText(tenant, JSON.stringify(recordsOf(tenant, 10_000)));
    expect(response.status).toBe(201);
    expect(await storedRows(tenant, "orders")).toHaveLength(10_000);
  });

  it("may not be 10,001", async () => {
    const tenant = await newTenant();
    const response = await pushText(tenant, JSON.stringify(recordsOf(tenant, 10_001)));
    const message = "Request rejected: 10001 records exceed the maximum of 10000";
    expect(await answerOf(response)).toEqual({ status: 400, body: { status: "ERROR", message } });
    expect(await storedRows(tenant, "orders")).toEqual([]);
  });

  it("names the last of 10,000 that is wrong, and stores none", async () => {
    const tenant = await newTenant();
    const records = [...recordsOf(tenant, 9_999), rightRecord(tenant, { data: {} })];
    const answer = await answerOf(await pushText(tenant, JSON.stringify(records)));
    const reason = { data: ["data must include keys"] };
    expect(answer).toEqual({ status: 422, body: unprocessable(reason, 9_999) });
    expect(await storedRows(tenant, "orders")).toEqual([]);
  });
});

describe.each(["k", "é", "😀"])("texts of %s", (letter) => {
  it("are keys up to 256 code points", async () => {
    const tenant = await newTenant();
    const keys = { id: letter.repeat(256), other: letter.repeat(256) };
    const record = (data: object): Record<string, unknown> =>
      rightRecord(tenant, { key_names: ["id", "other"], data });
    expect((await pushRecords(tenant, [record({ ...keys, v: letter.repeat(999) })])).status).toBe(
      201,
    );
    expect(await storedRows(tenant, "orders")).toHaveLength(1);
    const long = [record(keys), record({ ...keys, other: letter.repeat(257) })];
    const reason = { data: ["String keys cannot be longer than 256 characters"] };
    const answer = await answerOf(await pushRecords(tenant, long));
    expect(answer).toEqual({ status: 422, body: unprocessable(reason, 1) });
  });

  it("are names of tables up to 255 code points", async () => {
    const tenant = await newTenant();
    const name = letter.repeat(255);
    expect((await pushRecords(tenant, [rightRecord(tenant, { table_name: name })])).status).toBe(
      201,
    );
    expect(await storedRows(tenant, name)).toHaveLength(1);
    const long = rightRecord(tenant, { table_name: name + letter });
    const reason = { table_name: ["can not be longer than 255 characters"] };
    const answer = await answerOf(await pushRecords(tenant, [long]));
    expect(answer).toEqual({ status: 422, body: unprocessable(reason, 0) });
  });
});
