import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Admission } from "../../src/http/admission.ts";
import { readBody } from "../../src/http/body.ts";
import { Refusal } from "../../src/http/errors.ts";
import {
  ANNOUNCED_MS_MAX,
  ROOM_BYTES_MAX,
  ROOM_LOOK_MS,
  ROOM_WAIT_MS_MAX,
  ROOM_WAITERS_MAX,
  SMALL_BODY_BYTES,
} from "../../src/http/limits.ts";
import { pieceReader } from "../../src/http/pieces.ts";
import { waitInTurn } from "../../src/http/room.ts";
import { expectAllGivenBack } from "./given-back.ts";

const LARGE = 4_000_000;

let admissions: Admission[] = [];

function newAdmission(): Admission {
  const admission = new Admission();
  admissions.push(admission);
  return admission;
}

function requestOf(bytes: number): Request {
  const headers = { "Content-Length": String(bytes) };
  const body = new Uint8Array(bytes).map((_, index) => index % 251);
  return new Request("https://headgate.example/", { method: "POST", body, headers });
}

/** What became of a promise so far. */
function outcomeOf(promise: Promise<unknown>): { value: unknown } {
  const outcome: { value: unknown } = { value: "waits" };
  promise.then(
    () => (outcome.value = "done"),
    (error: unknown) => (outcome.value = error instanceof Refusal ? error.code : error),
  );
  return outcome;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});

afterEach(async () => {
  // Who still waits has its turn, and gives it back.
  for (let i = 0; i < ROOM_WAITERS_MAX + 2; i += 1) {
    for (const admission of admissions) admission.release();
    await vi.advanceTimersByTimeAsync(ROOM_LOOK_MS);
  }
  vi.useRealTimers();
  for (const admission of admissions) admission.release();
  admissions = [];
  expectAllGivenBack();
});

describe("room for large bodies", () => {
  test("who finds room does not wait", async () => {
    newAdmission().take(ROOM_BYTES_MAX - LARGE);
    const outcome = outcomeOf(newAdmission().waitForRoom(LARGE));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.value).toBe("done");
  });

  test("a body alone has room whatever its size", async () => {
    const outcome = outcomeOf(newAdmission().waitForRoom(2 * ROOM_BYTES_MAX));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.value).toBe("done");
  });

  test("who finds none has its turn when others are done, the first first", async () => {
    const holder = newAdmission();
    holder.take(ROOM_BYTES_MAX);
    const [first, second] = [newAdmission(), newAdmission()];
    const one = outcomeOf(first.waitForRoom(ROOM_BYTES_MAX));
    const two = outcomeOf(second.waitForRoom(10));
    await vi.advanceTimersByTimeAsync(10 * ROOM_LOOK_MS);
    expect([one.value, two.value]).toEqual(["waits", "waits"]);
    holder.release();
    await vi.advanceTimersByTimeAsync(2 * ROOM_LOOK_MS);
    // What the first announces takes the room, although nothing more of it has come.
    expect([one.value, two.value]).toEqual(["done", "waits"]);
    first.release();
    await vi.advanceTimersByTimeAsync(2 * ROOM_LOOK_MS);
    expect(two.value).toBe("done");
  });

  test("who waits too long is refused with overloaded", async () => {
    newAdmission().take(ROOM_BYTES_MAX);
    const outcome = outcomeOf(newAdmission().waitForRoom(LARGE));
    await vi.advanceTimersByTimeAsync(ROOM_WAIT_MS_MAX - ROOM_LOOK_MS);
    expect(outcome.value).toBe("waits");
    await vi.advanceTimersByTimeAsync(2 * ROOM_LOOK_MS);
    expect(outcome.value).toBe("overloaded");
  });

  test("so is who comes when too many wait", async () => {
    newAdmission().take(ROOM_BYTES_MAX);
    for (let i = 0; i < ROOM_WAITERS_MAX; i += 1) outcomeOf(newAdmission().waitForRoom(LARGE));
    const outcome = outcomeOf(newAdmission().waitForRoom(LARGE));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.value).toBe("overloaded");
  });

  test("what is only announced keeps nobody out, and does not count for long", async () => {
    await newAdmission().waitForRoom(ROOM_BYTES_MAX);
    const outcome = outcomeOf(newAdmission().waitForRoom(LARGE));
    await vi.advanceTimersByTimeAsync(ANNOUNCED_MS_MAX - ROOM_LOOK_MS);
    expect(outcome.value).toBe("waits");
    await vi.advanceTimersByTimeAsync(3 * ROOM_LOOK_MS);
    expect(outcome.value).toBe("done");
  });

  test("small bodies take none of it from one large one", async () => {
    for (let i = 0; i < ROOM_BYTES_MAX / SMALL_BODY_BYTES; i += 1) {
      newAdmission().take(SMALL_BODY_BYTES);
    }
    const [one, two] = [newAdmission(), newAdmission()].map((own) =>
      outcomeOf(own.waitForRoom(2 * LARGE)),
    );
    await vi.advanceTimersByTimeAsync(10 * ROOM_LOOK_MS);
    expect([one?.value, two?.value]).toEqual(["done", "waits"]);
  });

  test("one that comes in small pieces for ever has none after a while", async () => {
    const slow = newAdmission();
    await slow.waitForRoom(ROOM_BYTES_MAX);
    slow.take(ROOM_BYTES_MAX - 1_000);
    const outcome = outcomeOf(newAdmission().waitForRoom(LARGE));
    for (let ms = 0; ms < ANNOUNCED_MS_MAX; ms += ROOM_LOOK_MS) {
      slow.take(1);
      await vi.advanceTimersByTimeAsync(ROOM_LOOK_MS);
    }
    expect(outcome.value).toBe("waits");
    await vi.advanceTimersByTimeAsync(3 * ROOM_LOOK_MS);
    expect(outcome.value).toBe("done");
  });

  test("one that is here counts as what it is, however slowly it came", async () => {
    const slow = newAdmission();
    await slow.waitForRoom(ROOM_BYTES_MAX);
    slow.take(LARGE);
    await vi.advanceTimersByTimeAsync(2 * ANNOUNCED_MS_MAX);
    slow.noteArrived();
    const [one, two] = [newAdmission(), newAdmission()].map((own) =>
      outcomeOf(own.waitForRoom(LARGE)),
    );
    await vi.advanceTimersByTimeAsync(3 * ROOM_LOOK_MS);
    expect([one?.value, two?.value]).toEqual(["done", "waits"]);
  });

  test("who could not look for long, since the thread was busy, keeps its place", async () => {
    let hasRoom = false;
    const first = outcomeOf(waitInTurn(() => hasRoom));
    await vi.advanceTimersByTimeAsync(ROOM_LOOK_MS / 2);
    const second = outcomeOf(waitInTurn(() => hasRoom));
    await vi.advanceTimersByTimeAsync(ROOM_LOOK_MS * 0.7);
    vi.setSystemTime(Date.now() + 3_000);
    // The second one looks first, and stands behind the first one again afterwards.
    await vi.advanceTimersByTimeAsync(ROOM_LOOK_MS);
    hasRoom = true;
    await vi.advanceTimersByTimeAsync(2 * ROOM_LOOK_MS);
    expect([first.value, second.value]).toEqual(["done", "done"]);
  });

  test("one that ended without a word does not stand in the way", async () => {
    // Its timers died with it.
    const { setTimeout: timer } = globalThis;
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    const lost = outcomeOf(waitInTurn(() => false));
    globalThis.setTimeout = timer;
    const next = outcomeOf(waitInTurn(() => true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([lost.value, next.value]).toEqual(["waits", "waits"]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect([lost.value, next.value]).toEqual(["waits", "done"]);
  });
});

describe("reading", () => {
  test("a large body waits when it has begun, and comes whole", async () => {
    vi.useRealTimers();
    const holder = newAdmission();
    holder.take(ROOM_BYTES_MAX);
    const own = newAdmission();
    const reading = readBody(requestOf(LARGE), LARGE, own);
    const outcome = outcomeOf(reading);
    // The small ones go by.
    const small = await readBody(requestOf(SMALL_BODY_BYTES), LARGE, newAdmission());
    expect(small.byteLength).toBe(SMALL_BODY_BYTES);
    expect(outcome.value).toBe("waits");
    holder.release();
    const bytes = await reading;
    expect(bytes.byteLength).toBe(LARGE);
    expect(bytes.every((byte, index) => byte === index % 251)).toBe(true);
    // No more room than the body needs.
    expect(bytes.buffer.byteLength).toBe(LARGE);
    // From now on it has its part of the room for as long as it is worked on.
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    await vi.advanceTimersByTimeAsync(2 * ANNOUNCED_MS_MAX);
    const next = outcomeOf(newAdmission().waitForRoom(ROOM_BYTES_MAX));
    await vi.advanceTimersByTimeAsync(2 * ROOM_LOOK_MS);
    expect(next.value).toBe("waits");
  });

  test("who has only begun to send takes no more memory than the runtime's own pieces", async () => {
    const asked: number[] = [];
    const stream = new ReadableStream({
      type: "bytes",
      pull: ({ byobRequest }) => {
        const { view } = byobRequest ?? {};
        asked.push(view?.byteLength ?? 0);
        byobRequest?.respond(view?.byteLength ?? 0);
      },
    });
    const reader = pieceReader(stream);
    for (let i = 0; i < 4; i += 1) await reader.read();
    await reader.cancel();
    expect(asked.slice(0, 4)).toEqual([4_096, 65_536, 65_536, 65_536]);
  });
});
