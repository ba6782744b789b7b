import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Admission } from "../../src/http/admission.ts";
import { readBody } from "../../src/http/body.ts";
import { decodeText, parseOrRefuse } from "../../src/http/parse.ts";
import { Refusal } from "../../src/http/errors.ts";
import {
  BODY_MS_MAX,
  IN_FLIGHT_BYTES_MAX,
  TRICKLE_BYTES_PER_S_MAX,
} from "../../src/http/limits.ts";
import { stillClock } from "../support/still-clock.ts";
import { expectAllGivenBack, refusalCode } from "./given-back.ts";

const LIMIT = 1_000;

function requestOf(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("https://headgate.example/", { method: "POST", body, headers });
}

/** A body that comes in pieces, without a Content-Length. */
function pieces(...sizes: readonly number[]): ReadableStream<Uint8Array> {
  const rest = [...sizes];
  return new ReadableStream({
    pull(controller) {
      const size = rest.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size).fill(97));
    },
  });
}

function sized(bytes: number): Request {
  return requestOf("a".repeat(bytes), { "Content-Length": String(bytes) });
}

function gzipped(plain: Uint8Array | string, coding = "gzip"): Request {
  return requestOf(gzipSync(plain), { "Content-Encoding": coding });
}

async function lengthOf(request: Request, bytesMax = LIMIT): Promise<number> {
  const admission = new Admission();
  try {
    return (await readBody(request, bytesMax, admission)).byteLength;
  } finally {
    admission.release();
  }
}

/** @throws Refusal where others have so much memory that there is none for so many bytes. */
function expectFits(bytes: number): void {
  const admission = new Admission();
  try {
    admission.take(bytes);
  } finally {
    admission.release();
  }
}

async function refusalOf(reading: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

afterEach(expectAllGivenBack);

describe("the limit is exact", () => {
  const ways: readonly [string, (bytes: number) => Request][] = [
    ["with Content-Length", sized],
    ["without it", (bytes) => requestOf(pieces(bytes))],
    ["in pieces", (bytes) => requestOf(pieces(1, bytes - 2, 1))],
    ["gzip", (bytes) => gzipped("a".repeat(bytes))],
  ];

  test.each(ways)("%s", async (_name, request) => {
    expect(await lengthOf(request(LIMIT - 1))).toBe(LIMIT - 1);
    expect(await lengthOf(request(LIMIT))).toBe(LIMIT);
    const refusal = await refusalOf(lengthOf(request(LIMIT + 1)));
    expect(refusal.code).toBe("body_too_large");
    expect(refusal.params).toEqual({ BYTES: LIMIT + 1, LIMIT });
  });

  test("no body is an empty one", async () => {
    expect(await lengthOf(requestOf(null))).toBe(0);
    expect(await lengthOf(requestOf(""))).toBe(0);
    expect(await lengthOf(requestOf(pieces()))).toBe(0);
    expect(await lengthOf(gzipped(""))).toBe(0);
  });

  test("a body that Content-Length tells to be too large is not read", async () => {
    const request = sized(LIMIT + 1);
    expect((await refusalOf(lengthOf(request))).code).toBe("body_too_large");
    expect(request.bodyUsed).toBe(false);
  });

  test("the bytes are those that came", async () => {
    const bytes = new Uint8Array(LIMIT).map((_, index) => index % 256);
    const admission = new Admission();
    const read = [
      await readBody(requestOf(bytes), LIMIT, admission),
      await readBody(requestOf(bytes, { "Content-Length": String(LIMIT) }), LIMIT, admission),
      await readBody(gzipped(bytes), LIMIT, admission),
    ];
    for (const one of read) expect([...one]).toEqual([...bytes]);
    admission.release();
  });
});

describe("Content-Encoding", () => {
  test.each(["gzip", "GZIP", " gzip ", "x-gzip"])("%j is undone", async (coding) => {
    expect(await lengthOf(gzipped("x".repeat(LIMIT), coding))).toBe(LIMIT);
  });

  test.each(["identity", "Identity", ""])("%j is none", async (coding) => {
    expect(await lengthOf(requestOf("abc", { "Content-Encoding": coding }))).toBe(3);
  });

  test.each([
    "br",
    "deflate",
    "zstd",
    "compress",
    "gzip, gzip",
    "identity, gzip",
    "x".repeat(9_000),
  ])("%.40j is refused", async (coding) => {
    const refusal = await refusalOf(lengthOf(requestOf("abc", { "Content-Encoding": coding })));
    expect(refusal.code).toBe("content_encoding");
    expect(refusal.params).toEqual({ TYPE: coding.slice(0, 1_000) });
  });

  test.each([
    ["no gzip at all", new TextEncoder().encode('[{"a":1}]')],
    ["nothing", new Uint8Array(0)],
    ["a gzip header only", gzipSync("abc").subarray(0, 10)],
    ["a gzip that ends early", gzipSync("abc".repeat(99)).subarray(0, -9)],
    [
      "a wrong checksum",
      gzipSync("abc").map((byte, i, all) => (i === all.length - 8 ? byte ^ 1 : byte)),
    ],
    ["bytes after its end", new Uint8Array([...gzipSync("abc"), 1, 2, 3])],
  ])("%s", async (_name, bytes) => {
    const request = requestOf(new Uint8Array(bytes), { "Content-Encoding": "gzip" });
    const refusal = await refusalOf(lengthOf(request));
    expect(refusal.code).toBe("body_malformed");
    expect(refusal.params).toEqual({ PARSER: "The gzip encoding of the body is broken." });
  });

  test("a gzip bomb is refused at the limit, not at its end", async () => {
    const bomb = gzipped(new Uint8Array(60_000_000));
    const refusal = await refusalOf(lengthOf(bomb));
    expect(refusal.code).toBe("body_too_large");
    expect(Number(refusal.params["BYTES"])).toBeLessThan(1_000_000);
  });
});

describe("bytes under way", () => {
  test.each<[string, () => Request]>([
    ["Content-Length", () => sized(100)],
    ["a stream", () => requestOf(pieces(50, 50))],
    ["gzip", () => gzipped("a".repeat(100))],
  ])(
    "a body with %s counts while it is worked on, and is refused where it is too much",
    async (_name, request) => {
      const own = new Admission();
      await readBody(request(), LIMIT, own);
      const other = new Admission();
      other.take(IN_FLIGHT_BYTES_MAX - 100);
      expect(refusalCode(() => new Admission().take(1))).toBe("overloaded");
      expect((await refusalOf(lengthOf(request()))).code).toBe("overloaded");
      own.release();
      expect(await lengthOf(request())).toBe(100);
      other.release();
    },
  );

  test("a stream that breaks off gives back what it took", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (controller.desiredSize === null) return;
        controller.enqueue(new Uint8Array(500));
        controller.error(new Error("the client hung up"));
      },
    });
    expect((await refusalOf(lengthOf(requestOf(body)))).code).toBe("body_malformed");
  });

  test("a body that is too large counts no more while the rest of it is thrown away", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        // Two pieces are too much; then the client sends nothing any more, and does not end.
        return pulled <= 2 ? controller.enqueue(new Uint8Array(600)) : new Promise(() => undefined);
      },
    });
    const reading = refusalOf(lengthOf(requestOf(body)));
    // oxlint-disable-next-line no-unmodified-loop-condition -- the stream counts them
    while (pulled < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expectAllGivenBack();
    expect((await reading).code).toBe("body_too_large");
  });
});

describe("a body that trickles", () => {
  stillClock();

  const LARGE = 20_000_000;

  /** A body that is sent by hand, and what reading it gives. */
  function sender(): {
    send: (bytes: number) => Promise<void>;
    end: () => Promise<void>;
    reading: Promise<number | string>;
  } {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const reading = lengthOf(requestOf(readable), LARGE).catch((error: unknown) =>
      error instanceof Refusal ? error.code : String(error),
    );
    return {
      // Resolves when it is read.
      send: (bytes) => writer.write(new Uint8Array(bytes)),
      end: () => writer.close(),
      reading,
    };
  }

  const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

  test("gives way to another one, and to nobody where there is room", async () => {
    const slow = sender();
    // Much at once, so that its mean speed stays high for minutes.
    await slow.send(LARGE - 1_000_000);
    for (let seconds = 0; seconds < 60; seconds += 15) {
      pass(15_000);
      await slow.send(1);
    }
    expectFits(IN_FLIGHT_BYTES_MAX - LARGE);
    expectFits(IN_FLIGHT_BYTES_MAX - 1_000);
    // Its memory is free at once, though nothing more has come of it.
    expectAllGivenBack();
    const ended = slow.send(1).then(slow.end);
    expect(await slow.reading).toBe("overloaded");
    await ended.catch(() => undefined);
  });

  test("gives way however small it is", async () => {
    const bytes = 60_000;
    // With a little room for what they send later.
    const count = Math.floor(IN_FLIGHT_BYTES_MAX / bytes) - 1;
    const slow = Array.from({ length: count }, sender);
    await Promise.all(slow.map(({ send }) => send(bytes)));
    expect(refusalCode(() => expectFits(2 * bytes))).toBe("overloaded");
    for (let seconds = 0; seconds < 60; seconds += 15) {
      pass(15_000);
      await Promise.all(slow.map(({ send }) => send(1)));
    }
    expectFits(2 * bytes);
    await Promise.all(slow.map(({ send, end }) => send(1).then(end, () => undefined)));
    const ends = await Promise.all(slow.map(({ reading }) => reading));
    // As many as were in the way, and no more.
    expect(ends.filter((end) => end === "overloaded").length).toBeLessThan(3);
    expect(ends).toContain("overloaded");
  });

  test("is not given up where that would not make room enough", async () => {
    const slow = sender();
    await slow.send(100_000);
    const others = new Admission();
    others.take(LARGE);
    pass(25_000);
    expect(refusalCode(() => expectFits(IN_FLIGHT_BYTES_MAX - LARGE + 1))).toBe("overloaded");
    await slow.end();
    expect(await slow.reading).toBe(100_000);
    others.release();
  });

  test("does not give way to itself when it goes on", () => {
    const [stalled, others] = [new Admission(), new Admission()];
    let freed = 0;
    stalled.mayGiveWay(() => (freed += 1));
    stalled.take(LARGE - 2_000_000);
    others.take(5_500_000);
    pass(25_000);
    // To give up what it has would make room enough for what comes.
    expect(refusalCode(() => stalled.take(1_000_000))).toBe("overloaded");
    expect([stalled.gaveWay, freed]).toEqual([false, 0]);
    // Another one is not refused.
    expectFits(1_000_000);
    expect([stalled.gaveWay, freed]).toEqual([true, 1]);
    stalled.release();
    others.release();
  });

  test("may pause between two pieces", async () => {
    const bursts = sender();
    await bursts.send(LARGE - 8_000_000);
    const others = new Admission();
    others.take(4_000_000);
    for (let piece = 0; piece < 6; piece += 1) {
      pass(18_000);
      others.take(1);
      expect(refusalCode(() => expectFits(IN_FLIGHT_BYTES_MAX - 15_000_000))).toBe("overloaded");
      await bursts.send(1_000_000);
    }
    await bursts.end();
    expect(await bursts.reading).toBe(LARGE - 2_000_000);
    others.release();
  });

  test("keeps its place while it comes at a modest speed", async () => {
    const modest = sender();
    await modest.send(LARGE - 3_000_000);
    for (let seconds = 0; seconds < 60; seconds += 15) {
      pass(15_000);
      await modest.send(TRICKLE_BYTES_PER_S_MAX * 15 + 1);
    }
    expect(refusalCode(() => expectFits(IN_FLIGHT_BYTES_MAX - 1_000))).toBe("overloaded");
    await modest.end();
    expect(await modest.reading).toBe(LARGE - 3_000_000 + 4 * (TRICKLE_BYTES_PER_S_MAX * 15 + 1));
  });

  test("has an end, however much room there is", async () => {
    const endless = sender();
    for (let ms = 0; ms < BODY_MS_MAX; ms += 20_000) {
      await endless.send(100);
      pass(20_000);
    }
    pass(1);
    const ended = endless.send(1).then(endless.end);
    expect(await endless.reading).toBe("unavailable");
    await ended.catch(() => undefined);
  });
});

describe("decodeText", () => {
  test("drops one byte order mark", () => {
    expect(decodeText(new TextEncoder().encode("\ufeff[]"))).toBe("[]");
    expect(decodeText(new TextEncoder().encode("\ufeff\ufeff"))).toBe("\ufeff");
    expect(decodeText(new TextEncoder().encode("é😀\0"))).toBe("é😀\0");
  });

  test.each([[[0xff]], [[0xc3]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]]])(
    "%j is not UTF-8",
    (bytes) => {
      expect(refusalCode(() => decodeText(new Uint8Array(bytes)))).toBe("body_malformed");
    },
  );
});

describe("parseOrRefuse", () => {
  test("hands the value on", () => {
    expect(parseOrRefuse(() => 7)).toBe(7);
  });

  test("what a parser throws is the caller's, all else is ours", () => {
    const thrown = (error: Error) => () =>
      parseOrRefuse(() => {
        throw error;
      });
    expect(refusalCode(thrown(new SyntaxError("bad")))).toBe("body_malformed");
    expect(refusalCode(thrown(new RangeError("stack")))).toBe("body_malformed");
    expect(refusalCode(thrown(new Refusal("not_found")))).toBe("not_found");
    expect(thrown(new TypeError("ours"))).toThrow(TypeError);
  });
});
