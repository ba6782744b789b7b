import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { adminApp } from "../../src/admin/app.ts";
import { CLIENT_ID_ATTEMPTS, CLIENTS_MAX } from "../../src/admin/limits.ts";
import { Admission } from "../../src/http/admission.ts";
import { ADMIN_BODY_BYTES_MAX, IN_FLIGHT_BYTES_MAX } from "../../src/http/limits.ts";
import { testEnv } from "../support/env.ts";
import { send } from "../support/tenant.ts";
import {
  ADMIN_TOKEN,
  answerOf,
  anyNumber,
  anyText,
  call,
  expectProblem,
  expectRecent,
  freeId,
  isClient,
  member,
  newClient,
  statusesOf,
} from "./call.ts";

async function forget(id: unknown): Promise<void> {
  await testEnv.CATALOG.prepare("DELETE FROM clients WHERE id = ?1").bind(id).run();
}

describe("POST /clients", () => {
  it("creates a client with an id of 4 to 6 digits", async () => {
    const answer = await call("POST", "/clients", { name: "Shop" });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.json).toEqual({
      id: anyNumber,
      name: "Shop",
      time_zone: "UTC",
      created_at: anyText,
    });
    expect(String(member(answer, "id"))).toMatch(/^\d{4,6}$/);
    expectRecent(member(answer, "created_at"));
  });

  it("gives each client another id", async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => newClient()));
    expect(new Set(ids).size).toBe(10);
  });

  it("takes the id that is asked for, once", async () => {
    const id = await freeId();
    const first = await call("POST", "/clients", { name: "First", id });
    expect(member(first, "id")).toBe(id);
    const again = await call("POST", "/clients", { name: "Second", id });
    expectProblem(again, 409, "admin_conflict", `The id ${id} is taken.`);
    expect((await call("GET", "/clients")).text).not.toContain('"Second"');
  });

  it("gives an id that several ask for at the same time to one of them", async () => {
    const id = await freeId();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => call("POST", "/clients", { name: `${i}`, id })),
    );
    expect(statusesOf(answers)).toEqual([201, 409, 409, 409, 409]);
  });

  it.each([1_000, 999_999])("takes the id %i", async (id) => {
    // Another test's client may have got it by chance.
    const isTaken = await isClient(id);
    const answer = await call("POST", "/clients", { name: "Edge", id });
    expect(answer.status, answer.text).toBe(isTaken ? 409 : 201);
    if (!isTaken) await forget(id);
  });

  const wrongIds = [999, 1_000_000, 0, -4231, 4231.5, 1e300, "4231", null, true, [], {}];
  it.each(wrongIds)("refuses the id %o", async (id) => {
    const answer = await call("POST", "/clients", { name: "Shop", id });
    expectProblem(answer, 422, "admin_invalid", "id: must be an integer from 1000 to 999999");
  });

  const names = ["x", "\u{1F600}".repeat(200), "a".repeat(200), '"\\/<DETAIL>', "Ünïcode"];
  it.each(names.map((name, i) => ({ i, name })))(
    "takes name $i and gives it back",
    async ({ name }) => {
      const answer = await call("POST", "/clients", { name });
      expect(answer.status, answer.text).toBe(201);
      expect(member(answer, "name")).toBe(name);
      const clients = member(await call("GET", "/clients"), "clients");
      expect(clients).toContainEqual(answer.json);
    },
  );

  it("drops white space around a name", async () => {
    const answer = await call("POST", "/clients", { name: ` \t ${"b".repeat(200)} \n` });
    expect(member(answer, "name")).toBe("b".repeat(200));
  });

  const LENGTH = "name: must have 1 to 200 characters";
  const CONTROL = "name: must have no control characters";
  const wrongNames: [string, unknown, string][] = [
    ["an empty name", "", LENGTH],
    ["white space", "   ", LENGTH],
    ["201 characters", "a".repeat(201), LENGTH],
    ["201 characters of two units", "\u{1F600}".repeat(201), LENGTH],
    ["a NUL", "a\u0000b", CONTROL],
    ["a line feed", "a\nb", CONTROL],
    ["a DEL", "a\u007fb", CONTROL],
    ["a line separator", "a\u2028b", CONTROL],
    ["half a surrogate pair", "a\ud800b", CONTROL],
    ["a number", 5, "name: must be a string"],
    ["null", null, "name: must be a string"],
    ["a list", ["x"], "name: must be a string"],
    ["no name", undefined, "name: is missing"],
  ];
  it.each(wrongNames)("refuses %s", async (_, name, detail) => {
    expectProblem(await call("POST", "/clients", { name }), 422, "admin_invalid", detail);
  });

  it.each(["extra", "created_at", "constructor", "__proto__", ""])(
    "refuses the unknown member %o",
    async (name) => {
      const body = `{"name":"Shop",${JSON.stringify(name)}:1}`;
      const answer = await call("POST", "/clients", body);
      expectProblem(answer, 422, "admin_invalid", `${name}: is not known here`);
    },
  );
});

const ZONE_RULE = "a time zone of the IANA database, like America/New_York";

describe("the time zone", () => {
  const ZONES = ["America/New_York", "Europe/Kyiv", "Asia/Kolkata", "Etc/GMT+5", "utc"];
  it.each(ZONES)("%s is kept as it is written", async (time_zone) => {
    const answer = await call("POST", "/clients", { name: "Shop", time_zone });
    expect(answer.status, answer.text).toBe(201);
    expect(member(answer, "time_zone")).toBe(time_zone);
    const clients = member(await call("GET", "/clients"), "clients");
    expect(clients).toContainEqual(answer.json);
  });

  const WRONG = ["", "Mars/Olympus", "+05:30", "America", " UTC", "UTC\n", "x".repeat(1_000)];
  it.each([...WRONG, 5, null, []])("cannot be %o", async (time_zone) => {
    const id = await newClient();
    for (const answer of [
      await call("POST", "/clients", { name: "Shop", time_zone }),
      await call("PATCH", `/clients/${id}`, { name: "Other", time_zone }),
    ]) {
      expectProblem(answer, 422, "admin_invalid", `time_zone: must be ${ZONE_RULE}`);
    }
    const clients = member(await call("GET", "/clients"), "clients");
    expect(clients).toContainEqual({ id, name: "Shop", time_zone: "UTC", created_at: anyText });
  });
});

describe("PATCH /clients/:cid", () => {
  it("changes what it names, and nothing else", async () => {
    const id = await newClient("Old");
    const other = await newClient("Other");
    const expected = { id, name: "Old", time_zone: "UTC", created_at: anyText };
    const changes = [
      {},
      { name: " New " },
      { time_zone: "Europe/Berlin" },
      { name: "Newest", time_zone: "Asia/Kolkata" },
    ];
    for (const change of changes) {
      const answer = await call("PATCH", `/clients/${id}`, change);
      expect(answer.status, answer.text).toBe(200);
      Object.assign(expected, change, "name" in change ? { name: change.name?.trim() } : {});
      expect(answer.json).toEqual(expected);
    }
    const clients = member(await call("GET", "/clients"), "clients");
    expect(clients).toContainEqual(expected);
    expect(clients).toContainEqual({
      id: other,
      name: "Other",
      time_zone: "UTC",
      created_at: anyText,
    });
  });

  it("of a client that does not exist is a 404", async () => {
    expectProblem(await call("PATCH", "/clients/1", { name: "x" }), 404, "not_found");
    const beyond = `/clients/${"9".repeat(30)}`;
    expectProblem(await call("PATCH", beyond, { name: "x" }), 404, "not_found");
  });

  it.each([{ id: 4231 }, { created_at: 0 }, { name: "" }, { name: null }])(
    "refuses %o",
    async (change) => {
      const id = await newClient();
      const answer = await call("PATCH", `/clients/${id}`, change);
      expectProblem(answer, 422, "admin_invalid");
    },
  );
});

describe("ids that are chosen", () => {
  /** Creates a client while the first ids that are tried are taken; how many were tried. */
  async function createWithTaken(taken: number) {
    let tried = 0;
    const batch = async (statements: D1PreparedStatement[]): Promise<D1Result[]> => {
      tried += 1;
      const [count, insert] = statements;
      if (count === undefined || insert === undefined) throw new Error("two statements expected");
      if (tried > taken) return testEnv.CATALOG.batch(statements);
      const counted = await count.all();
      return [counted, { ...counted, results: [] }];
    };
    const CATALOG = { prepare: (sql: string) => testEnv.CATALOG.prepare(sql), batch };
    const request = new Request("https://headgate.example/clients", {
      method: "POST",
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
      body: '{"name":"Shop"}',
    });
    const env = { ...testEnv, CATALOG: CATALOG as D1Database };
    const answer = await answerOf(await adminApp.fetch(request, env, createExecutionContext()));
    return { answer, tried };
  }

  it("are tried again where they are taken", async () => {
    const { answer, tried } = await createWithTaken(CLIENT_ID_ATTEMPTS - 1);
    expect(answer.status, answer.text).toBe(201);
    expect(tried).toBe(CLIENT_ID_ATTEMPTS);
  });

  it("are given up after some attempts", async () => {
    const { answer, tried } = await createWithTaken(Infinity);
    expectProblem(answer, 409, "admin_conflict", "No free id was found.");
    expect(tried).toBe(CLIENT_ID_ATTEMPTS);
  });
});

describe("bodies", () => {
  it.each(["[]", "null", '"x"', "5", "true", '[{"name":"x"}]'])(
    "refuses %s, which is no object",
    async (body) => {
      const answer = await call("POST", "/clients", body);
      expectProblem(answer, 422, "admin_invalid", "The body must be a JSON object.");
    },
  );

  it.each(["", "{", '{"name":}', "name=x", "{'name':'x'}", '{"name":"x"}}'])(
    "refuses %o, which is no JSON",
    async (body) => {
      expectProblem(await call("POST", "/clients", body), 400, "body_malformed", /\w/);
    },
  );

  it("refuses a request without a body", async () => {
    expectProblem(await call("POST", "/clients"), 400, "body_malformed");
  });

  it("refuses nesting of any depth without a failure", async () => {
    const body = "[".repeat(400_000);
    expect([400, 422]).toContain((await call("POST", "/clients", body)).status);
    const balanced = `{"name":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    expect([400, 422]).toContain((await call("POST", "/clients", balanced)).status);
  });

  it("accepts any Content-Type", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "nonsense"]) {
      const headers = { "Content-Type": type };
      expect((await call("POST", "/clients", { name: "Shop" }, headers)).status).toBe(201);
    }
  });

  it("accepts the largest body and refuses one byte more", async () => {
    const fill = (bytes: number): string => `{"name":"Shop"}${" ".repeat(bytes - 15)}`;
    const fits = await call("POST", "/clients", fill(ADMIN_BODY_BYTES_MAX));
    expect(fits.status).toBe(201);
    const answer = await call("POST", "/clients", fill(ADMIN_BODY_BYTES_MAX + 1));
    expectProblem(answer, 413, "body_too_large", /1000001 bytes .* maximum of 1000000/);
  });

  it("reads a gzipped body, and refuses a broken one", async () => {
    const plain = new Blob(['{"name":"Shop"}']).stream();
    const gzipped = plain.pipeThrough(new CompressionStream("gzip"));
    const body = new Uint8Array(await new Response(gzipped).arrayBuffer());
    const post = async (bytes: Uint8Array) => {
      const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Encoding": "gzip" };
      return answerOf(await send("/admin/v1/clients", { method: "POST", headers, body: bytes }));
    };
    expect((await post(body)).status).toBe(201);
    expectProblem(await post(body.slice(0, 12)), 400, "body_malformed", /gzip/);
  });

  it("refuses a body that is not UTF-8", async () => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const body = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const answer = await answerOf(
      await send("/admin/v1/clients", { method: "POST", headers, body }),
    );
    expectProblem(answer, 400, "body_malformed", "The body is not valid UTF-8.");
  });

  it("gives their share of the memory back, however they are answered", async () => {
    for (const body of ['{"name":"Shop"}', '{"name":""}', "{", "x".repeat(2_000_000)]) {
      await call("POST", "/clients", body);
      // Refused where anything else is under way: it asks for all that there is.
      const share = new Admission();
      expect(() => share.take(IN_FLIGHT_BYTES_MAX), body.slice(0, 20)).not.toThrow();
      share.release();
    }
  });

  it("refuses a Content-Encoding that it does not read", async () => {
    const headers = { "Content-Encoding": "br" };
    const answer = await call("POST", "/clients", { name: "Shop" }, headers);
    expectProblem(answer, 415, "content_encoding", /br/);
  });
});

describe("GET /clients", () => {
  it("lists every client, in the order of the ids", async () => {
    const ids = [await newClient("One"), await newClient("Two")];
    const clients = member(await call("GET", "/clients"), "clients") as { id: number }[];
    const listed = clients.map(({ id }) => id);
    expect(listed).toEqual([...listed].sort((a, b) => a - b));
    expect(listed).toEqual(expect.arrayContaining(ids));
  });

  it("lists no more than may be created", async () => {
    const { CATALOG } = testEnv;
    const [count] = (await CATALOG.prepare("SELECT count(*) AS n FROM clients").all()).results;
    const missing = CLIENTS_MAX - Number(count?.["n"]);
    // From 700000 on no test asks for an id, and a random one that is taken is another again.
    await CATALOG.prepare(
      `INSERT INTO clients (id, name, created_at)
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
      SELECT 700000 + n, 'filler', 0 FROM numbers WHERE true ON CONFLICT DO NOTHING`,
    )
      .bind(missing - 1)
      .run();
    while ((await call("POST", "/clients", { name: "Last" })).status === 201);
    const { results } = await CATALOG.prepare("SELECT count(*) AS n FROM clients").all();
    expect(results).toEqual([{ n: CLIENTS_MAX }]);
    const full = "A deployment has at most 10000 clients.";
    const answer = await call("POST", "/clients", { name: "One more" });
    expectProblem(answer, 409, "admin_conflict", full);
    expect(member(await call("GET", "/clients"), "clients")).toHaveLength(CLIENTS_MAX);
    await CATALOG.prepare("DELETE FROM clients WHERE name IN ('filler', 'Last')").run();
  });
});
