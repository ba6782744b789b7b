import { describe, expect, test } from "vitest";
import { setupProblem } from "../../../src/console/session/setup.ts";
import { callWorker } from "../../support/worker.ts";
import { envWith, ORIGIN } from "./console.ts";

describe("the admin token", () => {
  test.each(["two words", "schlüssel", "a\nb", ""])(
    "%j opens nothing, and that is said",
    async (token) => {
      const env = envWith({ ADMIN_TOKEN: token });
      expect(setupProblem(env, ORIGIN)?.repair).toBe("wrangler secret put ADMIN_TOKEN");
      for (const path of ["/console", "/console/sign-in"]) {
        const answer = await callWorker(env, path);
        expect(answer.status).toBe(503);
        const text = await answer.text();
        expect(text).toContain("wrangler secret put ADMIN_TOKEN");
        if (token !== "") expect(text).not.toContain(token);
      }
    },
  );

  test.each(["x", "a/+=b", "!~"])("%j is one", (token) => {
    expect(setupProblem(envWith({ ADMIN_TOKEN: token }), ORIGIN)).toBeUndefined();
  });
});
