import { afterEach, describe, expect, test, vi } from "vitest";
import { Admission } from "../../src/http/admission.ts";
import { ADMISSION_MS_MAX, IN_FLIGHT_BYTES_MAX } from "../../src/http/limits.ts";
import { stillClock } from "../support/still-clock.ts";
import { newTenant, pushText, send } from "../support/tenant.ts";
import { expectAllGivenBack, refusalCode } from "./given-back.ts";

stillClock();
afterEach(expectAllGivenBack);

describe("bytes under way", () => {
  test("up to the maximum, then refused with overloaded", () => {
    const [first, second, third] = [new Admission(), new Admission(), new Admission()];
    first.take(IN_FLIGHT_BYTES_MAX - 10);
    second.take(10);
    expect(refusalCode(() => third.take(1))).toBe("overloaded");
    expect(refusalCode(() => first.take(1))).toBe("overloaded");
    second.release();
    expect(refusalCode(() => third.take(10))).toBeUndefined();
    expect(refusalCode(() => second.take(1))).toBe("overloaded");
    for (const admission of [first, second, third]) admission.release();
  });

  test("a body alone is admitted whatever its size", () => {
    const admission = new Admission();
    admission.take(IN_FLIGHT_BYTES_MAX + 1);
    expect(refusalCode(() => new Admission().take(1))).toBe("overloaded");
    admission.release();
  });

  test("giving back twice gives back once", () => {
    const [first, second] = [new Admission(), new Admission()];
    first.take(IN_FLIGHT_BYTES_MAX);
    first.release();
    first.release();
    second.take(IN_FLIGHT_BYTES_MAX);
    expect(refusalCode(() => first.take(1))).toBe("overloaded");
    second.release();
  });

  test("a stranger's body gives way at once, one that is here whole does not", () => {
    const [stranger, known] = [new Admission(), new Admission()];
    let freed = 0;
    stranger.yieldToAll();
    stranger.mayGiveWay(() => (freed += 1));
    stranger.take(IN_FLIGHT_BYTES_MAX - 10);
    expect(refusalCode(() => known.take(11))).toBeUndefined();
    expect([stranger.gaveWay, freed]).toEqual([true, 1]);
    stranger.release();
    known.release();

    const whole = new Admission();
    whole.yieldToAll();
    whole.mayGiveWay(() => (freed += 1));
    whole.take(IN_FLIGHT_BYTES_MAX - 10);
    whole.noteArrived();
    expect(refusalCode(() => known.take(11))).toBe("overloaded");
    expect([whole.gaveWay, freed]).toEqual([false, 1]);
    whole.release();
  });

  test("what nobody gives back is taken back after a minute, when it is in the way", () => {
    const lost = new Admission();
    const next = new Admission();
    try {
      lost.take(IN_FLIGHT_BYTES_MAX);
      vi.setSystemTime(Date.now() + ADMISSION_MS_MAX);
      expect(() => next.take(1)).toThrow("overloaded");
      vi.setSystemTime(Date.now() + 1);
      next.take(IN_FLIGHT_BYTES_MAX);
      // Giving it back late changes nothing any more.
      lost.release();
      expect(() => new Admission().take(1)).toThrow("overloaded");
    } finally {
      lost.release();
      next.release();
    }
  });

  test("requests that fail, at any point, leave nothing under way", async () => {
    const tenant = await newTenant();
    const { clientId, token } = tenant;
    const bodies = ["", "[", "[]", "{}", "[{}]", "[1]", `[{"client_id":${clientId}}]`, "\u0000"];
    const answers = await Promise.all(
      ["push", "batch", "validate"].flatMap((endpoint) => [
        ...bodies.map((body) => pushText(tenant, body, {}, endpoint)),
        pushText(tenant, "abc", { "Content-Encoding": "gzip" }, endpoint),
        pushText(tenant, new Uint8Array([255]), {}, endpoint),
        pushText(tenant, " ".repeat(4_200_000), {}, endpoint),
      ]),
    );
    const path = `/v2/client/${clientId}/table/t/data?apikey=${token}`;
    for (const body of bodies) answers.push(await send(path, { method: "POST", body }));
    for (const answer of answers) {
      await answer.text();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
  });
});
