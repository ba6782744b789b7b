/** `npm run push` against a service that fails as it is told to. */
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { type Fault, Folder, push, Service, start, TOKEN } from "./push-support.ts";

/** Some words; what they say is tested elsewhere. */
const REASON: unknown = expect.stringMatching(/\w/);

/** Longest wait for what must come, in ms: a busy machine takes some times as long as an idle one. */
const COMES_MS_MAX = 20_000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Rows `{"id":"1"}` to `{"id":"COUNT"}` as CSV, and as they are to be stored. */
function numbered(count: number): { csv: string; records: string[] } {
  const ids = Array.from({ length: count }, (_, index) => String(index + 1));
  return {
    csv: `id\n${ids.join("\n")}\n`,
    records: ids.map((id) => JSON.stringify({ id })),
  };
}

/** The arguments that each test needs. */
function into(service: Service, ...more: string[]): string[] {
  return ["--table", "orders", "--url", service.url, ...more];
}

describe("what is sent", () => {
  it("is each row of a CSV file as texts, in order", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const text = '\uFEFFid,"a ""b"", c",note\r\n007,"1\r\n2",\r\n\r\n+1, x ,""\n3,😀 \\N,"a""b"';
    const file = folder.write("rows.csv", text);
    const { code, stdout, stderr } = await push([file, ...into(service, "--keys", "id,lang")]);
    expect(code, stderr).toBe(0);
    expect(service.stored.map((record): unknown => JSON.parse(record))).toEqual([
      { id: "007", 'a "b", c': "1\r\n2", note: null },
      { id: "+1", 'a "b", c': " x ", note: "" },
      { id: "3", 'a "b", c': "😀 \\N", note: 'a"b' },
    ]);
    expect(stdout).toMatch(/^rows\.csv: 3 received, 3 inserted, 0 replaced, 0 stale, 0 skipped/);
    const [{ path, headers } = { path: "", headers: {} }] = service.seen;
    expect(path).toBe("/api/v1/tables/orders/rows?keys=id%2Clang");
    expect(headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/x-ndjson",
      "content-encoding": "gzip",
    });
    expect(readdirSync(folder.path)).toEqual(["rows.csv"]);
  });

  it("keeps the digits of numbers, and guesses none", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const csv = "a,b\n12345678901234567890.10,007\n-0,1e5\n+1, 1\ntrue,TRUE\n0.5,-3\n";
    const file = folder.write("rows.csv", csv);
    const { code, stderr } = await push([file, ...into(service, "--types", "auto")]);
    expect(code, stderr).toBe(0);
    expect(service.stored).toEqual([
      '{"a":12345678901234567890.10,"b":"007"}',
      '{"a":"-0","b":"1e5"}',
      '{"a":"+1","b":" 1"}',
      '{"a":true,"b":"TRUE"}',
      '{"a":0.5,"b":-3}',
    ]);
  });

  it.each([
    ["rows.ndjson", '{"a": 1.10}\n\n {"b":12345678901234567890}\r\n{"c":"é"}'],
    ["rows.jsonl", '{"a": 1.10}\n{"b":12345678901234567890}\n{"c":"é"}\n'],
    ["rows.json", ' [{"a": 1.10},\n{"b":12345678901234567890}\n, {"c":"é"}]\n'],
  ])("is each object of %s as it is written", async (name, text) => {
    using service = await Service.start();
    using folder = new Folder();
    const plain = folder.write(name, text);
    const packed = folder.write(`${name}.gz`, gzipSync(text));
    for (const file of [plain, packed]) {
      const { code, stderr } = await push([file, ...into(service, "--batch-rows", "2")]);
      expect(code, stderr).toBe(0);
    }
    const records = ['{"a": 1.10}', '{"b":12345678901234567890}', '{"c":"é"}'];
    expect(service.stored).toEqual([...records, ...records]);
  });

  it("comes from standard input", async () => {
    using service = await Service.start();
    const running = start(["-", "--format", "tsv", ...into(service, "--no-gzip")]);
    running.input("id\tname\n1\ta,b\n");
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(service.stored).toEqual(['{"id":"1","name":"a,b"}']);
    expect(service.seen[0]?.headers["content-encoding"]).toBeUndefined();
  });

  it("is one request at a time, and more only with a sequence", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const { csv, records } = numbered(40);
    const file = folder.write("rows.csv", csv);
    service.onRequest = () => pause(20);
    const args = [file, ...into(service, "--batch-rows", "4")];
    expect((await push(args)).code).toBe(0);
    expect(service.stored).toEqual(records);
    expect(service.runningMax).toBe(1);
    const refused = await push([...args, "--concurrency", "3"]);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain("needs a sequence");
    service.stored.length = 0;
    service.onRequest = async () => {
      // Those that are there wait until all that may come have come.
      const isFull = (): boolean => service.runningMax >= 3;
      await vi.waitUntil(isFull, { timeout: COMES_MS_MAX }).catch(() => undefined);
      await pause(20);
    };
    expect((await push([...args, "--concurrency", "3", "--sequence", "9"])).code).toBe(0);
    expect(service.stored.toSorted()).toEqual(records.toSorted());
    expect(service.runningMax).toBe(3);
    expect(service.seen.at(-1)?.path).toContain("sequence=9");
  });
});

describe("retries", () => {
  const passing: [string, Fault][] = [
    ["a connection that ends", "drop"],
    ["an answer that is lost", "lose"],
    ["429", { status: 429, headers: { "Retry-After": "0" } }],
    ["500", { status: 500, text: "no JSON" }],
    ["503", { status: 503, body: { status: 503, detail: "busy" } }],
  ];
  it.each(passing)("send the same bytes under the same key after %s", async (_name, fault) => {
    using service = await Service.start();
    using folder = new Folder();
    const { csv, records } = numbered(5);
    service.faults = [undefined, fault, fault];
    const file = folder.write("rows.csv", csv);
    const { code, stdout, stderr } = await push([file, ...into(service, "--batch-rows", "2")]);
    expect(code, stderr).toBe(0);
    expect(service.stored).toEqual(records);
    expect(stdout).toContain("5 received, 5 inserted");
    expect(stdout).toContain("2 retries");
    const [first, second, third, fourth, fifth] = service.seen;
    expect(new Set([second?.key, third?.key, fourth?.key]).size).toBe(1);
    expect(new Set([second?.body, third?.body, fourth?.body]).size).toBe(1);
    expect(new Set([first?.key, second?.key, fifth?.key]).size).toBe(3);
  });

  it("wait as long as Retry-After says", async () => {
    using service = await Service.start();
    using folder = new Folder();
    service.faults = [{ status: 429, headers: { "Retry-After": "1" } }];
    const file = folder.write("rows.csv", numbered(1).csv);
    expect((await push([file, ...into(service)])).code).toBe(0);
    const [first, second] = service.seen;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(995);
  });

  it("end after the attempts that are allowed, and the load goes on later", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const { csv, records } = numbered(4);
    const file = folder.write("rows.csv", csv);
    const args = [file, ...into(service, "--batch-rows", "2", "--retries", "1")];
    service.faults = [undefined, "lose", { status: 503, body: { detail: "busy" } }];
    const { code, stderr } = await push(args);
    expect(code).toBe(1);
    expect(stderr).toContain("503 busy; sent 2 times, given up");
    expect(stderr).toContain("2 rows are done; the same command goes on behind them");
    expect((await push(args)).code).toBe(0);
    expect(service.stored).toEqual(records);
  });

  it("are not made where the answer would be the same", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", 'id\n1\n"2\n2"\n3\n4\n');
    const problem = { title: "Bad", detail: "is null", code: "key_null", index: 2, field: "id" };
    service.faults = [{ status: 422, body: problem }];
    const { code, stderr } = await push([file, ...into(service)]);
    expect(code).toBe(1);
    // The header is line 1, and the second record has two lines.
    expect(stderr).toContain('line 5: 422 Bad: is null (key_null, field "id")');
    expect(service.seen).toHaveLength(1);
  });

  it("take the token to no other host", async () => {
    using service = await Service.start();
    using other = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", numbered(1).csv);
    service.faults = [{ status: 307, headers: { Location: `${other.url}/x` } }];
    const { code, stderr } = await push([file, ...into(service)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${other.url}/x; give that as --url`);
    expect(other.seen).toEqual([]);
  });
});

describe("rows that are left out", () => {
  it("are written with their line and reason", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const csv = "id,n\n1,1\n2,bad\n3,3\n4\n5,x\n6,6\n";
    const file = folder.write("rows.csv", csv);
    service.badness = (record) => (record.includes('"3"') ? "three" : undefined);
    const types = ["--types", "n:integer", "--on-error", "skip", "--batch-rows", "2"];
    const { code, stdout, stderr } = await push([file, ...into(service, ...types)]);
    expect(code, stderr).toBe(3);
    expect(service.stored).toEqual(['{"id":"1","n":1}', '{"id":"6","n":6}']);
    expect(stdout).toContain("6 received, 2 inserted, 0 replaced, 0 stale, 4 skipped");
    expect(service.seen[0]?.path).toContain("on_error=skip");
    const lines = folder.read("rows.csv.rejected.ndjson").trim().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        index: 1,
        line: 3,
        code: "field_type",
        field: "n",
        reason: REASON,
        record: "2,bad",
      },
      {
        index: 2,
        line: 4,
        code: "record_bad",
        field: null,
        reason: "three",
        record: { id: "3", n: 3 },
      },
      { index: 3, line: 5, code: "row_length", reason: REASON, record: "4" },
      {
        index: 4,
        line: 6,
        code: "field_type",
        field: "n",
        reason: REASON,
        record: "5,x",
      },
    ]);
  });

  it("are written once, also where the load was killed", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", numbered(9).csv);
    service.badness = (record) => (/[3579]/.test(record) ? "odd" : undefined);
    const args = [file, ...into(service, "--on-error", "skip", "--batch-rows", "2")];
    service.faults = [undefined, undefined, "hang"];
    const running = start(args);
    service.onRequest = () => {
      if (service.seen.length === 3) setTimeout(() => running.kill("SIGKILL"), 50);
    };
    expect(await running.ended).toMatchObject({ signal: "SIGKILL" });
    // As if it had been killed between the two files.
    folder.write("rows.csv.rejected.ndjson", `${folder.read("rows.csv.rejected.ndjson")}{"ind`);
    const { code, stdout } = await push(args);
    expect(code).toBe(3);
    expect(stdout).toContain("9 received, 5 inserted, 0 replaced, 0 stale, 4 skipped");
    const lines = folder.read("rows.csv.rejected.ndjson").trim().split("\n");
    const indexes = lines.map((line) => (JSON.parse(line) as { index: number }).index);
    expect(indexes).toEqual([2, 4, 6, 8]);
  });
});

describe("a load that was stopped", () => {
  it.each(["rows.csv", "rows.ndjson", "rows.json", "rows.csv.gz"])(
    "goes on after kill -9 at any batch, and applies none twice: %s",
    async (name) => {
      using service = await Service.start();
      using folder = new Folder();
      const { csv, records } = numbered(20);
      const texts: Record<string, string | Uint8Array> = {
        "rows.csv": csv,
        "rows.ndjson": records.join("\n"),
        "rows.json": `[${records.join(",\n")}]`,
        "rows.csv.gz": gzipSync(csv),
      };
      const file = folder.write(name, texts[name] ?? "");
      const args = [file, ...into(service, "--batch-rows", "3")];
      // Killed with a batch that is stored and not answered, again and again.
      for (const kept of [0, 1, 0, 3]) {
        const before = service.seen.length;
        service.faults = [...Array.from({ length: kept }, () => undefined), "hang"];
        const running = start(args);
        service.onRequest = () => {
          if (service.seen.length === before + kept + 1) {
            setTimeout(() => running.kill("SIGKILL"), 20);
          }
        };
        expect(await running.ended).toMatchObject({ signal: "SIGKILL" });
      }
      service.onRequest = () => undefined;
      const { code, stdout, stderr } = await push(args);
      expect(code, stderr).toBe(0);
      expect(service.stored).toEqual(records);
      expect(stderr).toContain("going on behind the 12 rows that are done");
      expect(stdout).toContain("20 received, 20 inserted");
      expect(readdirSync(folder.path)).toEqual([name]);
    },
  );

  it("goes on with several requests at once", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const { csv, records } = numbered(30);
    const file = folder.write("rows.csv", csv);
    const args = [file, ...into(service, "--batch-rows", "3", "--concurrency", "4")];
    args.push("--sequence-field", "id");
    // The second batch hangs, those behind it are stored and do not count yet. Four requests come
    // in any order.
    service.faultOf = (body) => (body.includes('"id":4}') ? "hang" : undefined);
    const running = start(args);
    const markIndex = (): number => {
      const text = folder.read("rows.csv.headgate-push.json");
      return (JSON.parse(text) as { mark: { index: number } }).mark.index;
    };
    await vi.waitFor(
      () => {
        expect(service.seen.length).toBeGreaterThanOrEqual(5);
        expect(markIndex()).toBe(3);
      },
      { timeout: COMES_MS_MAX },
    );
    running.kill("SIGKILL");
    expect(await running.ended).toMatchObject({ signal: "SIGKILL" });
    expect(markIndex()).toBe(3);
    service.faultOf = () => undefined;
    expect((await push(args)).code).toBe(0);
    const numbers = records.map((record) => record.replaceAll(/"(\d+)"/g, "$1"));
    expect(service.stored.toSorted()).toEqual(numbers.toSorted());
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends behind its request at %s", async (signal) => {
    using service = await Service.start();
    using folder = new Folder();
    const { csv, records } = numbered(9);
    const file = folder.write("rows.csv", csv);
    const args = [file, ...into(service, "--batch-rows", "3")];
    const running = start(args);
    service.onRequest = async () => {
      if (service.seen.length !== 2) return;
      running.kill(signal);
      // The signal is there before the answer.
      const isTaken = (): boolean => running.said().includes("stopping behind the request");
      await vi.waitUntil(isTaken, { timeout: COMES_MS_MAX }).catch(() => undefined);
    };
    const { code, stderr } = await running.ended;
    expect(code).toBe(signal === "SIGINT" ? 130 : 143);
    expect(stderr).toContain("stopped; 6 rows are done; the same command goes on behind them");
    expect(service.stored).toEqual(records.slice(0, 6));
    expect((await push(args)).code).toBe(0);
    expect(service.stored).toEqual(records);
  });

  it.each([
    ["a table without keys", ["--keys", ""], true],
    ["the table's own keys, with a sequence", ["--sequence", "1"], true],
    ["keys and a sequence", ["--keys", "id", "--sequence", "1"], false],
  ])("warns after a day, with %s: %j", async (_name, more, isWarned) => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", numbered(9).csv);
    const args = [file, ...into(service, "--batch-rows", "3", "--retries", "0", ...more)];
    service.faults = [undefined, { status: 503 }];
    expect((await push(args)).code).toBe(1);
    const name = "rows.csv.headgate-push.json";
    const state = JSON.parse(folder.read(name)) as object;
    const updated_at = new Date(Date.now() - 86_400_000).toISOString();
    folder.write(name, JSON.stringify({ ...state, updated_at }));
    const { code, stderr } = await push(args);
    expect(code).toBe(0);
    expect(stderr.includes("more than a day ago")).toBe(isWarned);
  });

  it("does not wait for the next attempt", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", numbered(9).csv);
    service.faults = [{ status: 503, headers: { "Retry-After": "60" } }];
    const running = start([file, ...into(service)]);
    service.onRequest = () => void setTimeout(() => running.kill("SIGINT"), 100);
    expect((await running.ended).code).toBe(130);
  });

  it("says what is other, and begins anew only when told to", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const { csv, records } = numbered(4);
    const file = folder.write("rows.csv", csv);
    const args = [file, ...into(service, "--batch-rows", "2", "--retries", "0")];
    const stopInTheMiddle = async (): Promise<void> => {
      service.faults = [undefined, { status: 503 }];
      expect((await push(args)).code).toBe(1);
    };
    await stopInTheMiddle();
    const other = await push([...args, "--keys", "id"]);
    expect(other).toMatchObject({ code: 2 });
    expect(other.stderr).toContain('keys: none then, "id" now');
    utimesSync(file, 1, 1);
    const changed = await push(args);
    expect(changed).toMatchObject({ code: 2 });
    expect(changed.stderr).toContain("--restart");
    service.stored.length = 0;
    expect((await push([...args, "--restart"])).code).toBe(0);
    expect(service.stored).toEqual(records);
    await stopInTheMiddle();
    service.stored.length = 0;
    expect((await push([...args, "--no-resume"])).code).toBe(0);
    expect(service.stored).toEqual(records);
  });

  it("is not taken for another where its state cannot be read", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", numbered(2).csv);
    for (const state of ["", "{}", '{"version":2}']) {
      folder.write("rows.csv.headgate-push.json", state);
      const { code, stderr } = await push([file, ...into(service)]);
      expect(code).toBe(2);
      expect(stderr).toContain("it is not a state that this version of the command writes");
    }
    expect(service.seen).toEqual([]);
    expect((await push([file, ...into(service, "--restart")])).code).toBe(0);
  });

  it("is not held up by one that had stored nothing", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", "id\n1\n");
    service.faults = [{ status: 401 }];
    expect((await push([file, ...into(service)])).code).toBe(1);
    folder.write("rows.csv", "id\n1\n2\n");
    expect((await push([file, ...into(service)])).code).toBe(0);
  });
});

describe("the token", () => {
  it("is in nothing that the command writes", async () => {
    using service = await Service.start();
    using folder = new Folder();
    const file = folder.write("rows.csv", numbered(4).csv);
    const secret = folder.write("token", `${TOKEN}\n`);
    const echo = { status: 422, body: { detail: `who is ${TOKEN}?\u001B[2J` } };
    const more = ["--batch-rows", "2", "--on-error", "skip"];
    for (const given of [
      ["--token", TOKEN],
      ["--token-file", secret],
    ]) {
      service.faults = [undefined, echo];
      const ended = await push([file, ...into(service, ...more, "--restart"), ...given], {});
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain("who is <token>?");
      expect(`${ended.stdout}${ended.stderr}`).not.toContain(TOKEN);
      expect(ended.stderr).not.toContain("\u001B[2J");
      expect(folder.read("rows.csv.headgate-push.json")).not.toContain(TOKEN);
    }
    expect((await push([file, ...into(service, "--token", TOKEN)], {})).stderr).toContain(
      "list of processes",
    );
  });

  it("is not shown where it cannot be one", async () => {
    const ended = await push(["x.csv", "--table", "t"], { HEADGATE_TOKEN: "a\nsecret" });
    expect(ended.code).toBe(2);
    expect(ended.stderr).not.toContain("secret");
  });
});

describe("what cannot be loaded", () => {
  it.each([
    ["a row with too few fields", "a,b\n1,2\n3\n", "line 3: the row has 1 fields, the header 2"],
    ["a row with too many", 'a,b\n"1\n1",2\n3,4,5\n', "line 4: the row has 3 fields"],
    ["a name that comes twice", "a,b,a\n", 'line 1: the header names "a" twice'],
    ["a column without a name", "a,,c\n", "line 1: the header has no name for column 2"],
    ["no header", "\n", "line 1: there is no header row"],
    ["an open quote", 'a\n1\n"2\n3\n', "a quote is open at the end of the file"],
    ["text behind a quote", 'a\n"1"2\n', "line 2: text behind the closing quote of field 1"],
    ["a carriage return", "a\n1\r2\n", "line 2: a carriage return outside quotes"],
    [
      "bytes that are not UTF-8",
      Uint8Array.of(97, 10, 0xe9, 10),
      "line 2: bytes that are not UTF-8",
    ],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 97, 0), "line 1: the file is UTF-16"],
  ])("%s", async (_name, text, reason) => {
    using service = await Service.start();
    using folder = new Folder();
    const { code, stderr } = await push([folder.write("rows.csv", text), ...into(service)]);
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
    expect(service.stored).toEqual([]);
  });

  it.each([
    ["rows.ndjson", '{"a":1}\n[2]\n', "line 2: the record is not a JSON object"],
    ["rows.ndjson", '{"a":1}\n{"a":\n', "line 2: not JSON"],
    ["rows.json", '{"a":1}', "line 1: the file is not a JSON array"],
    ["rows.json", '[{"a":1},\n]', "line 2: an element of the array is missing"],
    ["rows.json", '[{"a":1}\n{"a":2}]', "line 1: not JSON"],
    ["rows.json", '[{"a":1}', "line 1: the array is not closed"],
    ["rows.json", '[{"a":1}] x', "line 1: text behind the end of the array"],
    ["rows.csv.gz", "no gzip", "incorrect header check"],
  ])("%s with %j", async (name, text, reason) => {
    using service = await Service.start();
    using folder = new Folder();
    const { code, stderr } = await push([folder.write(name, text), ...into(service)]);
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("    at ");
  });

  it.each([
    [["--table", "t"], "name one file"],
    [["rows.csv"], "--table is missing"],
    [["rows.csv", "--table", "t", "--tabel", "t"], "--tabel"],
    [["rows.csv", "--table", ".."], "--table cannot be . or .."],
    [["rows.xml", "--table", "t"], "the format is not clear"],
    [["missing.csv", "--table", "t"], "missing.csv cannot be opened"],
    [["-", "--table", "t"], "the format is not clear"],
    [["rows.csv", "--table", "t", "--sequence", "x1"], "--sequence must be"],
    [["rows.csv", "--table", "t", "--url", "ftp://x"], "--url must be"],
    [["rows.csv", "--table", "t", "--url", "http://u:p@x"], "--url must have no user"],
    [["rows.csv", "--table", "t", "--types", "a:float"], '--types: "a:float"'],
    [["rows.csv", "--table", "t", "--batch-rows", "20001"], "--batch-rows must be"],
    [["rows.json", "--table", "t", "--delimiter", ";"], "--delimiter is for CSV only"],
  ])("a command line as %j", async (args, reason) => {
    const { code, stderr } = await push(args);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});

it("checks and stores nothing in a dry run", async () => {
  using service = await Service.start();
  using folder = new Folder();
  const file = folder.write("rows.csv", numbered(1).csv);
  const { code, stdout } = await push([file, ...into(service, "--dry-run")]);
  expect(code).toBe(0);
  expect(stdout).toContain("dry run");
  expect(service.seen[0]?.path).toContain("dry_run=1");
  expect(existsSync(`${file}.headgate-push.json`)).toBe(false);
});

it("prints nothing but errors with --quiet", async () => {
  using service = await Service.start();
  using folder = new Folder();
  service.faults = [{ status: 503 }];
  const file = folder.write("rows.csv", numbered(1).csv);
  const ended = await push([file, ...into(service, "--quiet")]);
  expect(ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
});
