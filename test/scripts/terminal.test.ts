/** The questions of `npm run deploy` on a terminal, which Python's pty plays. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Account, type Ended, Place, ROOT, run } from "./account.ts";

const TOKEN = "typed-by-hand-0123456789";

/**
 * Types lines when words are asked for: pairs of the words and what is typed. It prints what the
 * terminal showed, and ends with the program's exit code.
 */
const PLAYER = `
import json, os, pty, select, sys
steps, argv = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
shown, seen = "", 0
while True:
    ready, _, _ = select.select([terminal], [], [], 50)
    try:
        data = os.read(terminal, 65536) if ready else b""
    except OSError:
        data = b""
    if not data:
        break
    shown += data.decode("utf-8", "replace")
    while steps and steps[0][0] in shown[seen:]:
        words, keys = steps.pop(0)
        seen = shown.index(words, seen) + len(words)
        os.write(terminal, keys.encode())
sys.stdout.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

async function play(place: Place, steps: [words: string, keys: string][]): Promise<Ended> {
  const player = join(place.folder, "player.py");
  writeFileSync(player, PLAYER);
  const command = [process.execPath, join(ROOT, "scripts/deploy.mjs"), "--config", place.config];
  const args = [player, JSON.stringify(steps), ...command];
  return run("python3", args, place.environment({ TERM: "xterm" }));
}

const secretOf = ({ workers }: Account): string | undefined =>
  workers["headgate"]?.secrets["ADMIN_TOKEN"];

it("a token is typed twice and not shown", async () => {
  using place = new Place();
  const { code, stdout } = await play(place, [
    ["Admin token: ", "short\r"],
    ["Admin token: ", `${TOKEN}x\u007f\r`],
    ["Once more: ", "something else\r"],
    ["Admin token: ", `${TOKEN}\r`],
    ["Once more: ", `${TOKEN}\r`],
  ]);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain("has fewer than 16 characters");
  expect(stdout).toContain("The two are not the same");
  expect(stdout).not.toContain(TOKEN);
  expect(secretOf(place.account)).toBe(TOKEN);
  expect(place.account.workers["headgate"]?.versions).toBe(1);
});

it("Enter draws one, which is shown once", async () => {
  using place = new Place();
  const { code, stdout } = await play(place, [["Admin token: ", "\r"]]);
  expect(code, stdout).toBe(0);
  const secret = secretOf(place.account);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(stdout.split(String(secret))).toHaveLength(2);
});

it("ctrl-C ends it, and nothing more is done", async () => {
  using place = new Place();
  const { code, stdout } = await play(place, [["Admin token: ", "half\u0003"]]);
  expect(code, stdout).toBe(130);
  expect(stdout).toContain("Broken off");
  expect(place.account.workers).toEqual({});
});

it("of several accounts one is chosen by its number", async () => {
  const accounts = [
    { id: "account-1", name: "Ada" },
    { id: "account-2", name: "Grace" },
  ];
  using place = new Place({ accounts });
  const { code, stdout } = await play(place, [
    ["Number: ", "2\r"],
    ["Admin token: ", "\r"],
  ]);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain("Grace (account-2)");
});
