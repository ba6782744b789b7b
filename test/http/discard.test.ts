import { describe, expect, test, vi } from "vitest";
import { discardBody, discardRest } from "../../src/http/discard.ts";
import { stillClock } from "../support/still-clock.ts";

function requestOf(body: BodyInit | null): Request {
  return new Request("https://headgate.example/", { method: "POST", body });
}

/** A body of so many pieces that counts those that were asked for. */
class Pieces {
  asked = 0;
  readonly stream: ReadableStream<Uint8Array>;

  constructor(
    most: number,
    end: (controller: ReadableStreamDefaultController) => void,
    bytes = 1_000,
  ) {
    this.stream = new ReadableStream({
      pull: (controller) => {
        if (this.asked === most) return end(controller);
        this.asked += 1;
        controller.enqueue(new Uint8Array(bytes));
      },
    });
  }
}

describe("discardBody", () => {
  test("reads a body to its end that nobody has read", async () => {
    const request = requestOf("x".repeat(100_000));
    await discardBody(request);
    expect(request.bodyUsed).toBe(true);
  });

  test("asks for all pieces", async () => {
    const pieces = new Pieces(50, (controller) => controller.close());
    await discardBody(requestOf(pieces.stream));
    expect(pieces.asked).toBe(50);
  });

  test("leaves a body alone that was read, and none", async () => {
    const read = requestOf("abc");
    expect(await read.text()).toBe("abc");
    await expect(discardBody(read)).resolves.toBeUndefined();
    await expect(discardBody(requestOf(null))).resolves.toBeUndefined();
  });

  test("never throws where the client hangs up", async () => {
    const pieces = new Pieces(3, (controller) => controller.error(new Error("gone")));
    await expect(discardBody(requestOf(pieces.stream))).resolves.toBeUndefined();
    expect(pieces.asked).toBe(3);
  });

  test("does not wait for a client that waits for its answer", async () => {
    const pieces = new Pieces(2, () => undefined);
    await expect(discardBody(requestOf(pieces.stream))).resolves.toBeUndefined();
  });
});

describe("however slow the machine is", () => {
  stillClock();

  test("discardRest ends with a body that never ends", async () => {
    const bytes = 25_000;
    const pieces = new Pieces(Infinity, () => undefined, bytes);
    await discardRest(pieces.stream.getReader());
    expect(pieces.asked * bytes).toBeGreaterThanOrEqual(100_000_000);
    expect(pieces.asked * bytes).toBeLessThan(100_100_000);
  });
});

test("discardRest counts the piece of a read that a late timer gave up", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  let asked = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        asked += 1;
        // By the clock the first timer comes late, and the piece only after it.
        if (asked === 1) vi.setSystemTime(Date.now() + 1_000);
        await new Promise((resolve) => setTimeout(resolve, 400));
        controller.enqueue(new Uint8Array(100_000_000));
      },
    },
    { highWaterMark: 0 },
  );
  try {
    await discardRest(stream.getReader());
  } finally {
    vi.useRealTimers();
  }
  // The first piece is all that is thrown away: another read would ask for the second.
  expect(asked).toBe(1);
});
