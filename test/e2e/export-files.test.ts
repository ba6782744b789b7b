/** The file of an export in the hands of real programs: curl, unzip, Python and others. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { memberName } from "../../src/export/file/file-name.ts";
import { CLIENT_ID, EXPORT_KEY } from "./constants.ts";
import { BASE, exportCall, newSchema, stitch, tableId } from "./service.ts";

const KEY = `X-RJM-API-Key: ${EXPORT_KEY}`;

/** Column names that a header row has to quote, the first one with a byte order mark. */
const COLUMNS = ["\uFEFFid", 'say "hi"', "a,b", "line\r\nbreak", "é 漢 😀", "=1+1", " "];

/** Names that are hard on a zip, on a header or on a file system. */
const NAMES = [
  "a/b\\c",
  'say "hi", all; x=y',
  "line\r\nSet-Cookie: a=b",
  "nul\0tab\tdel\x7f",
  "é 漢 😀",
  "..",
  "../../etc/passwd",
  ".hidden",
  "-rf",
  "CON",
  "12:00 x|<y>?*[z]",
  "50%2e%2f",
  "x".repeat(300),
  "é".repeat(300),
  "漢".repeat(300),
  "😀".repeat(300),
];

interface Started {
  readonly export_id: number;
}

let folder: string;
let exportId: number;

/** Runs a program in the folder; fails where the program does. */
async function run(program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: "C.UTF-8", PYTHONUTF8: "1" };
  return (await promisify(execFile)(program, args, { cwd: folder, env })).stdout;
}

const curl = (path: string, ...args: string[]): Promise<string> =>
  run("curl", "-sS", "-H", KEY, ...args, `${BASE}/0.1${path}`);

function isThere(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((path) => existsSync(join(path, program)));
}

/** Runs Python's program text with arguments and reads the JSON that it prints. */
async function python(text: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await run("python3", "-c", text, ...args));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headgate-files-"));
  const schema = await newSchema();
  const data = Object.fromEntries(COLUMNS.map((name, index) => [name, index]));
  const record = { client_id: CLIENT_ID, table_name: "odd", action: "upsert", sequence: 1, data };
  const answer = await stitch(schema, "push", [{ ...record, key_names: [COLUMNS[0]] }]);
  if (answer.status !== 201) throw new Error(answer.text);
  const path = `/client/${CLIENT_ID}/table/${await tableId(schema, "odd")}/export`;
  exportId = (await exportCall<Started>("POST", path)).json.export_id;
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Saves the file of an export once it is there. */
async function save(id: number, file: string): Promise<void> {
  await vi.waitFor(() => curl(`/export/${id}`, "-f", "-o", file), { timeout: 60_000 });
}

const IN_PYTHON = `
import csv, io, json, os, sys, zipfile
found = {}
for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall("python")
        (name,) = archive.namelist()
        text = archive.read(name).decode("utf-8")
        found[name] = list(csv.reader(io.StringIO(text, newline="")))
print(json.dumps(found))
`;

describe("files with odd names", () => {
  const members = NAMES.map(memberName);
  const files = NAMES.map((_, index) => `odd-${index}.zip`);
  const unpacked = async (place: string): Promise<string[]> => {
    const names = await readdir(join(folder, place));
    return names.sort();
  };

  beforeAll(async () => {
    for (const [index, name] of NAMES.entries()) {
      const body = new URLSearchParams({ name });
      const copy = await exportCall<Started>("POST", `/export/${exportId}/copy`, { body });
      await save(copy.json.export_id, `odd-${index}.zip`);
    }
  });

  it("are unpacked by Python, and each has the header row first", async () => {
    await mkdir(join(folder, "python"));
    const rows = [COLUMNS, COLUMNS.map((_, index) => String(index))];
    const expected = Object.fromEntries(members.map((member) => [member, rows]));
    expect(await python(IN_PYTHON, ...files)).toEqual(expected);
    expect(await unpacked("python")).toEqual(members.toSorted());
  });

  it("are tested and unpacked by unzip", async () => {
    await run("unzip", "-tqq", "odd-*.zip");
    await run("unzip", "-qq", "odd-*.zip", "-d", "unzip");
    expect(await unpacked("unzip")).toEqual(members.toSorted());
  });

  it.skipIf(!isThere("bsdtar"))("are unpacked by bsdtar", async () => {
    await mkdir(join(folder, "bsdtar"));
    for (const file of files) await run("bsdtar", "-xf", file, "-C", "bsdtar");
    expect(await unpacked("bsdtar")).toEqual(members.toSorted());
  });

  it.skipIf(!isThere("7z"))("are tested by 7z", async () => {
    expect(await run("7z", "t", "odd-*.zip")).toContain("Everything is Ok");
  });
});

describe("curl", () => {
  let whole: Uint8Array;
  const statusOf = async (...args: string[]): Promise<string> =>
    curl(`/export/${exportId}`, "-o", "answer", "-w", "%{http_code}", ...args);
  const answer = async (): Promise<Uint8Array> =>
    new Uint8Array(await readFile(join(folder, "answer")));

  beforeAll(async () => {
    await save(exportId, "whole.zip");
    whole = new Uint8Array(await readFile(join(folder, "whole.zip")));
  });

  it("-I shows the headers of the file", async () => {
    const head = await curl(`/export/${exportId}`, "-I");
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(new RegExp(`^content-length: ${whole.length}\\r$`, "im"));
    expect(head).toMatch(/^accept-ranges: bytes\r$/im);
    expect(head).toMatch(/^etag: "[^"]+"\r$/im);
    expect(head).toMatch(/^last-modified: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/im);
  });

  it("--range gets a part", async () => {
    for (const [range, first, end] of [
      ["0-99", 0, 100],
      ["100-", 100, undefined],
      ["-50", -50, undefined],
    ] as const) {
      expect(await statusOf("--range", range)).toBe("206");
      expect(await answer()).toEqual(whole.slice(first, end));
    }
    expect(await statusOf("--range", "0-0,5-9")).toBe("200");
    expect(await answer()).toEqual(whole);
    expect(await statusOf("--range", "999999999-")).toBe("416");
  });

  it("-C - resumes a download, at any place and at the end", async () => {
    for (const have of [1, 100, whole.length - 1, whole.length]) {
      await writeFile(join(folder, "answer"), whole.slice(0, have));
      expect(await statusOf("-C", "-")).toBe(have === whole.length ? "416" : "206");
      expect(await answer()).toEqual(whole);
    }
  });

  it("--etag-compare and -z get it only if it is another one", async () => {
    expect(await statusOf("--etag-save", "tag")).toBe("200");
    expect(await statusOf("--etag-compare", "tag")).toBe("304");
    await copyFile(join(folder, "whole.zip"), join(folder, "late.zip"));
    expect(await statusOf("-z", "late.zip")).toBe("304");
    await run("python3", "-c", "import os; os.utime('late.zip', (0, 0))");
    expect(await statusOf("-z", "late.zip")).toBe("200");
  });

  it("gets an answer to bytes that are no text", async () => {
    const bytes = ["If-Match: \\xff", "Range: bytes=\\xfe-", 'If-None-Match: "\\xc3('];
    const script = `
import os, sys
args = [text.encode().decode("unicode_escape").encode("latin-1") for text in sys.argv[2:]]
os.execvp("curl", [b"curl", b"-sS", b"-o", b"answer", b"-w", b"%{http_code}", *args, sys.argv[1]])`;
    const url = `${BASE}/0.1/export/${exportId}`;
    const statuses = bytes.map((field) =>
      run("python3", "-c", script, url, "-H", KEY, "-H", field),
    );
    expect(await Promise.all(statuses)).toEqual(["412", "200", "200"]);
  });
});
