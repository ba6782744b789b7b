import { beforeAll, describe, expect, test } from "vitest";
import { freeId } from "../../admin/call.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { plainText, rowsOf } from "../page-text.ts";
import { Browser } from "../visit.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.signedIn();
});

describe("a new client", () => {
  test("has the id, the name and the time zone of the form", async () => {
    const id = await freeId();
    const fields = { name: "  Dune & Söhne ", id: String(id), time_zone: "America/New_York" };
    const answer = await browser.post("/clients", fields);
    expect(answer.status).toBe(303);
    expect(answer.location).toBe(`/console/clients/${id}`);
    const home = plainText((await browser.get(`/clients/${id}`)).text);
    expect(home).toContain("Dune & Söhne");
    expect(home).toContain("America/New_York");
    expect(home).toContain("No data has arrived yet");
  });

  test("gets a free id where the form has none", async () => {
    const answer = await browser.post("/clients", { name: "no id", id: "", time_zone: "" });
    expect(answer.location).toMatch(/^\/console\/clients\/\d{4,6}$/);
  });

  test.each([
    [{ name: "n", id: "12" }, "id: must be"],
    [{ name: "n", id: "12e3" }, "id: must be"],
    [{ name: " " }, "name: must have 1 to 200 characters"],
    [{ name: "n", time_zone: "Mars/Base" }, "time_zone: must be"],
  ])("refused: %o", async (fields, reason) => {
    const answer = await browser.post("/clients", { id: "", time_zone: "", ...fields });
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain(reason);
    // In sight, however long the list above the form is.
    expect(answer.text).toMatch(/role="alert" tabindex="-1" autofocus/);
    for (const value of Object.values(fields)) {
      expect(answer.text).toContain(`value="${value.trim()}"`);
    }
  });

  test("a taken id is refused, and changes nothing", async () => {
    const id = String(await freeId());
    await browser.post("/clients", { name: "first", id });
    const answer = await browser.post("/clients", { name: "second", id });
    expect(answer.status).toBe(422);
    expect(plainText(answer.text)).toContain(`The id ${id} is taken.`);
    expect((await browser.get(`/clients/${id}`)).text).toContain("first");
  });
});

describe("the list", () => {
  /** A deployment with these clients in the list; all else is as it is. */
  function envWith(count: number): Env {
    const results = Array.from({ length: count }, (_, index) => ({
      id: 1_000 + index,
      name: `Customer ${index}`,
      time_zone: "UTC",
      created_at: 0,
    }));
    return tapEnv(testEnv, async (call, next) => {
      const isList = call.statements.some(({ sql }) => sql.endsWith("FROM clients ORDER BY id"));
      const answer = await next();
      return isList ? Object.assign(answer as object, { results }) && answer : answer;
    });
  }

  test("shows a part of very many, and finds the others by name or id", async () => {
    const many = await Browser.signedIn(envWith(10_000));
    const all = await many.get("/clients");
    expect(rowsOf(all.text)).toHaveLength(500);
    expect(plainText(all.text)).toContain("The first 500 of 10,000 clients are shown");
    expect(all.text.length).toBeLessThan(500_000);
    for (const searched of ["cUSTOMER 9876", "10876"]) {
      const page = await many.get(`/clients?name=${encodeURIComponent(searched)}`);
      expect(rowsOf(page.text).map(([name]) => name)).toEqual(["Customer 9876"]);
    }
    const none = await many.get("/clients?name=%3Cb%3E");
    expect(plainText(none.text)).toContain("No client has a name or an id with “<b>”.");
    expect(none.text).not.toContain("<b>");
  });

  test("a few need no search", async () => {
    const few = await (await Browser.signedIn(envWith(3))).get("/clients");
    expect(rowsOf(few.text)).toHaveLength(3);
    expect(few.text).not.toContain('role="search"');
  });
});
