import { describe, expect, it } from "vitest";
import { INTEGRATIONS_MAX } from "../../src/admin/limits.ts";
import { testEnv } from "../support/env.ts";
import {
  anyNumber,
  anyText,
  call,
  expectProblem,
  expectRecent,
  member,
  newClient,
  NO_CLIENT,
  statusesOf,
} from "./call.ts";

const pathOf = (clientId: number): string => `/clients/${clientId}/integrations`;

describe("POST …/integrations", () => {
  it("creates an integration", async () => {
    const clientId = await newClient();
    const answer = await call("POST", pathOf(clientId), { name: " Orders " });
    expect(answer.status).toBe(201);
    const integration = {
      id: anyNumber,
      name: "Orders",
      nested_values: "json",
      created_at: anyText,
    };
    expect(answer.json).toEqual(integration);
    expectRecent(member(answer, "created_at"));
    expect((await call("GET", pathOf(clientId))).json).toEqual({ integrations: [answer.json] });
  });

  it("creates one whose nested values are columns and subtables", async () => {
    const clientId = await newClient();
    const answer = await call("POST", pathOf(clientId), { name: "N", nested_values: "tables" });
    expect(answer.status).toBe(201);
    expect(member(answer, "nested_values")).toBe("tables");
    await call("POST", pathOf(clientId), { name: "J", nested_values: "json" });
    const list = member(await call("GET", pathOf(clientId)), "integrations");
    expect(list).toMatchObject([{ nested_values: "tables" }, { nested_values: "json" }]);
  });

  it("creates another one for the same name", async () => {
    const clientId = await newClient();
    const first = await call("POST", pathOf(clientId), { name: "Orders" });
    const second = await call("POST", pathOf(clientId), { name: "Orders" });
    expect(second.status).toBe(201);
    expect(member(second, "id")).not.toBe(member(first, "id"));
  });

  it("answers 404 for a client that does not exist", async () => {
    const answer = await call("POST", pathOf(3), { name: "Orders" });
    expectProblem(answer, 404, "not_found");
  });

  it.each([
    [{}, "name: is missing"],
    [{ name: "" }, "name: must have 1 to 200 characters"],
    [{ name: "x", id: 1 }, "id: is not known here"],
    [{ name: "x", nested_values: "text" }, 'nested_values: must be "json" or "tables"'],
    [{ name: "x", nested_values: null }, 'nested_values: must be "json" or "tables"'],
  ])("refuses %o", async (body, detail) => {
    const clientId = await newClient();
    const answer = await call("POST", pathOf(clientId), body);
    expectProblem(answer, 422, "admin_invalid", detail);
    expect((await call("GET", pathOf(clientId))).json).toEqual({ integrations: [] });
  });

  it("refuses more than a client may have", async () => {
    const clientId = await newClient();
    await testEnv.CATALOG.prepare(
      `INSERT INTO integrations (client_id, name, created_at)
      WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
      SELECT ?1, 'filler', 0 FROM numbers`,
    )
      .bind(clientId, INTEGRATIONS_MAX)
      .run();
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => call("POST", pathOf(clientId), { name: "Last" })),
    );
    expect(statusesOf(answers)).toEqual([201, 409, 409]);
    const answer = await call("POST", pathOf(clientId), { name: "One more" });
    const detail = "A client has at most 1000 integrations.";
    expectProblem(answer, 409, "admin_conflict", detail);
    expect(member(await call("GET", pathOf(clientId)), "integrations")).toHaveLength(1_000);
    expect((await call("POST", pathOf(await newClient()), { name: "Other" })).status).toBe(201);
  });
});

describe("GET …/integrations", () => {
  it("lists those of the client, and no others", async () => {
    const [clientId, otherId] = [await newClient(), await newClient()];
    const names = ["One", "Two", "Three"];
    for (const name of names) await call("POST", pathOf(clientId), { name });
    await call("POST", pathOf(otherId), { name: "Foreign" });
    const list = member(await call("GET", pathOf(clientId)), "integrations");
    expect(list).toMatchObject(names.map((name) => ({ name })));
  });

  it("answers 404 for a client that does not exist", async () => {
    expectProblem(await call("GET", pathOf(NO_CLIENT)), 404, "not_found");
  });
});
