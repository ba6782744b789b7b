/** `npm run push` against the Worker. */
import { describe, expect, it } from "vitest";
import { Folder, push, start } from "../scripts/push-support.ts";
import { Door } from "./door.ts";
import { BASE, newSchema, rowsOf, rowsText, type Schema } from "./service.ts";

/** The arguments and the environment that each test needs. */
function into(
  schema: Schema,
  base = BASE,
): { args: string[]; environment: Record<string, string> } {
  return {
    args: ["--table", "items", "--url", base],
    environment: { HEADGATE_TOKEN: schema.token },
  };
}

/** A request whose sender is killed before it is answered. */
interface Kill {
  /** Its number, of all that come. */
  readonly request: number;
  /** Whether the service has stored the batch by then, or not heard of it. */
  readonly isStored: boolean;
  /** Resolves at that moment, to the service's status where it has answered. */
  readonly moment: PromiseWithResolvers<number | undefined>;
}

const killAt = (request: number, isStored: boolean): Kill => ({
  request,
  isStored,
  moment: Promise.withResolvers(),
});

/** The service behind a door that keeps back the answers to those who are killed. */
function doorWith(kills: readonly Kill[]): Promise<Door> {
  let requests = 0;
  return Door.open(async (_, forward) => {
    requests += 1;
    const kill = kills.find(({ request }) => request === requests);
    if (kill === undefined) return forward();
    kill.moment.resolve(kill.isStored ? (await forward()).status : undefined);
    return new Promise(() => undefined);
  });
}

/** Runs the command until its request is kept back, and kills it. */
async function runAndKill(
  { moment, isStored }: Kill,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  const running = start(args, environment);
  const ended = running.ended.then(({ stderr }) => {
    throw new Error(`the command ended by itself: ${stderr}`);
  });
  const status = await Promise.race([moment.promise, ended]);
  expect(status).toBe(isStored ? 200 : undefined);
  running.kill("SIGKILL");
  expect((await running.ended).signal).toBe("SIGKILL");
}

describe("a file that is loaded", () => {
  it("has its rows in the table, texts and digits as they were", async () => {
    const schema = await newSchema();
    using folder = new Folder();
    const csv = '\uFEFFid,name,amount\r\n1,"a ""b"", \n😀",1.10\r\n2,,12345678901234567890.5\r\n';
    const file = folder.write("items.csv", csv);
    const { args, environment } = into(schema);
    const types = ["--keys", "id", "--types", "id:integer,amount:decimal"];
    const { code, stdout, stderr } = await push([file, ...args, ...types], environment);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("2 received, 2 inserted, 0 replaced");
    const rows = await rowsOf(schema, "items");
    expect(rows.map(({ data }) => data["name"])).toEqual(['a "b", \n😀', null]);
    const text = await rowsText(schema, "items");
    expect(text).toMatch(/"amount": ?1\.10[,}]/);
    expect(text).toMatch(/"amount": ?12345678901234567890\.5[,}]/);
    const again = await push([file, ...args, ...types], environment);
    expect(again.stdout).toContain("2 received, 0 inserted, 2 replaced");
  });

  it("is replaced by higher sequences only", async () => {
    const schema = await newSchema();
    using folder = new Folder();
    const { args, environment } = into(schema);
    const load = async (text: string): Promise<string> => {
      const file = folder.write("items.csv", text);
      const more = ["--keys", "id", "--sequence-field", "at", "--concurrency", "2"];
      const { code, stdout, stderr } = await push([file, ...args, ...more], environment);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    await load("id,at,name\n1,5,new\n2,5,new\n");
    expect(await load("id,at,name\n1,4,old\n2,6,newest\n")).toContain("1 replaced, 1 stale");
    const rows = await rowsOf(schema, "items");
    expect(rows.map(({ data }) => data["name"])).toEqual(["new", "newest"]);
  });

  it("leaves bad rows out when told to, and names them", async () => {
    const schema = await newSchema();
    using folder = new Folder();
    const { args, environment } = into(schema);
    const file = folder.write("items.csv", "id,name\n1,a\n,b\n3\n4,d\n");
    const more = ["--keys", "id", "--types", "id:integer"];
    const stopped = await push([file, ...args, ...more, "--batch-rows", "2"], environment);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(/items\.csv: line (3|4): /);
    const skip = ["--on-error", "skip", "--restart"];
    const { code, stdout } = await push([file, ...args, ...more, ...skip], environment);
    expect(code).toBe(3);
    expect(stdout).toContain("4 received, 2 inserted, 0 replaced, 0 stale, 2 skipped");
    const lines = folder.read("items.csv.rejected.ndjson").trim().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { index: 1, line: 3, record: { id: null, name: "b" } },
      { index: 2, line: 4, code: "row_length", record: "3" },
    ]);
    const rows = await rowsOf(schema, "items");
    expect(rows.map(({ data }) => data["id"])).toEqual([1, 4]);
  });

  it("is not loaded with a wrong token", async () => {
    using folder = new Folder();
    const { args } = into({ clientId: 0, integrationId: 0, token: "", tokenId: 0 });
    const file = folder.write("items.csv", "id\n1\n");
    const { code, stderr } = await push([file, ...args], { HEADGATE_TOKEN: "no-such-token" });
    expect(code).toBe(1);
    expect(stderr).toContain("401");
    expect(stderr).not.toContain("no-such-token");
  });
});

it("applies each row of a table without keys once, also when the command is killed", async () => {
  const schema = await newSchema();
  using folder = new Folder();
  const ids = Array.from({ length: 800 }, (_, index) => index + 1);
  const file = folder.write("items.ndjson", ids.map((id) => `{"id":${id}}\n`).join(""));
  // In the middle of the 40 batches of the load.
  const kills = [killAt(8, false), killAt(16, true)];
  using door = await doorWith(kills);
  const { args, environment } = into(schema, door.base);
  const all = [file, ...args, "--keys", "", "--batch-rows", "20"];
  for (const kill of kills) await runAndKill(kill, all, environment);
  const { code, stdout, stderr } = await push(all, environment);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("going on behind the 280 rows that are done");
  expect(stdout).toContain("800 received, 800 inserted");
  const rows = await rowsOf(schema, "items");
  expect(rows.map(({ data }) => data["id"])).toEqual(ids);
});
