/** `npm run deploy` against an account that a stand-in for wrangler keeps. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Place, ROOT, type Rule } from "./account.ts";

const TOKEN = "a-token-of-29-characters-long";
const REPOSITORY_TOML = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
const sqlIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".sql"))
    .sort();

const EXPIRED: Rule = { id: "expired", enabled: true, prefix: "exports/", expireDays: 10 };
const DEFAULT_RULE: Rule = {
  id: "Default Multipart Abort Rule",
  enabled: true,
  prefix: "",
  uploadDays: 7,
};

/** A service that answers 200 to `GET /`, and to an admin token. */
async function service(adminToken: string): Promise<{ address: string } & Disposable> {
  const server = createServer((request, response) => {
    const isAdmin = request.url?.startsWith("/admin/") === true;
    const isAllowed = request.headers.authorization === `Bearer ${adminToken}`;
    response.writeHead(isAdmin && !isAllowed ? 401 : 200).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => void server.close(),
  };
}

describe.concurrent("a new account", () => {
  it("gets everything in one go, in the right order", async () => {
    using live = await service(TOKEN);
    using place = new Place({ address: live.address });
    const { code, stdout, stderr } = await place.deploy([], { ADMIN_TOKEN: TOKEN });
    expect(code, stderr).toBe(0);
    const { databases, buckets, workers } = place.account;
    expect(databases).toMatchObject([
      { name: "headgate-catalog", migrations: sqlIn("migrations/catalog") },
      { name: "headgate-shard-0", migrations: sqlIn("migrations/shard") },
    ]);
    expect(buckets).toEqual({ "headgate-exports": [DEFAULT_RULE, EXPIRED] });
    expect(workers).toEqual({ headgate: { secrets: { ADMIN_TOKEN: TOKEN }, versions: 1 } });
    // Only the ids are others; the comments stay.
    const ids = databases.map(({ uuid }) => uuid);
    expect(place.toml).toBe(
      REPOSITORY_TOML.replace("00000000-0000-0000-0000-000000000001", String(ids[0])).replace(
        "00000000-0000-0000-0000-000000000002",
        String(ids[1]),
      ),
    );
    expect(stdout).toContain(`deployed at ${live.address} and answers`);
    expect(stdout).toContain(`${live.address}/console`);
    expect(stdout).not.toContain(TOKEN);
    const calls = place.takeCalls();
    expect(calls.join("\n")).not.toContain(TOKEN);
    expect(calls.filter((call) => /migrations apply|secret put|^deploy/.test(call))).toEqual([
      "secret put ADMIN_TOKEN",
      "d1 migrations apply CATALOG --remote",
      "d1 migrations apply SHARD_0 --remote",
      "deploy",
    ]);
  });

  it("a second run changes nothing but the version", async () => {
    using place = new Place();
    expect((await place.deploy([], { ADMIN_TOKEN: TOKEN })).code).toBe(0);
    const [before, toml] = [place.account, place.toml];
    place.takeCalls();
    // The token that is set is kept, whatever the environment has.
    const again = await place.deploy([], { ADMIN_TOKEN: "another-token-of-some-length" });
    expect(again.code, again.stderr).toBe(0);
    const { workers, ...rest } = place.account;
    expect(place.toml).toBe(toml);
    expect(workers).toEqual({ headgate: { secrets: { ADMIN_TOKEN: TOKEN }, versions: 2 } });
    expect(rest).toMatchObject({ databases: before.databases, buckets: before.buckets });
    expect(place.takeCalls()).toEqual([
      "whoami --json",
      "r2 bucket lifecycle list headgate-exports",
      "secret list --format json",
      "d1 migrations apply CATALOG --remote",
      "d1 migrations apply SHARD_0 --remote",
      "deploy",
    ]);
  });

  it("a dry run says what would be done and changes nothing", async () => {
    using place = new Place();
    const before = place.account;
    const { code, stdout, stderr } = await place.deploy(["--dry-run"]);
    expect(code, stderr).toBe(0);
    expect({ ...place.account, calls: [] }).toEqual(before);
    expect(place.toml).toBe(REPOSITORY_TOML);
    for (const said of [
      "Would create the database headgate-catalog",
      "Would create the database headgate-shard-0",
      "Would create the bucket headgate-exports",
      "lifecycle add headgate-exports expired exports/ --expire-days 10",
      "Would ask for ADMIN_TOKEN",
      "CATALOG, SHARD_0",
      "Nothing was changed",
    ]) {
      expect(stdout).toContain(said);
    }
    expect(place.takeCalls().filter((call) => /create|add|put|apply/.test(call))).toEqual([]);
  });
});

describe.concurrent("what is there is kept", () => {
  it("finds databases by their names, and creates only those that are missing", async () => {
    const old = { name: "headgate-catalog", uuid: "11111111-2222-4333-8444-555555555555" };
    using place = new Place({ databases: [{ ...old, migrations: [] }] });
    expect((await place.deploy([], { ADMIN_TOKEN: TOKEN })).code).toBe(0);
    expect(place.account.databases).toHaveLength(2);
    expect(place.toml).toContain(`binding = "CATALOG"\ndatabase_name = "headgate-catalog"
database_id = "${old.uuid}"`);
  });

  it("a database that was added later, and ids that are set", async () => {
    using place = new Place();
    expect((await place.deploy([], { ADMIN_TOKEN: TOKEN })).code).toBe(0);
    const toml = `${place.toml}
[[d1_databases]]
binding = "SHARD_1" # no id yet
database_name = "headgate-shard-1"
migrations_dir = "migrations/shard"
`;
    place.edit(place.toml, toml);
    place.takeCalls();
    const { code, stderr } = await place.deploy();
    expect(code, stderr).toBe(0);
    const shard = place.account.databases.find(({ name }) => name === "headgate-shard-1");
    expect(shard?.migrations).toEqual(sqlIn("migrations/shard"));
    const line = 'binding = "SHARD_1" # no id yet\n';
    expect(place.toml).toBe(toml.replace(line, `${line}database_id = "${shard?.uuid}"\n`));
    expect(place.takeCalls().filter((call) => call.startsWith("d1 create"))).toEqual([
      "d1 create headgate-shard-1",
    ]);
  });

  it.each<{ name: string; rules: Rule[]; days?: string; expected: Rule[] }>([
    {
      name: "rules that are right",
      rules: [DEFAULT_RULE, EXPIRED],
      expected: [DEFAULT_RULE, EXPIRED],
    },
    {
      name: "the expiry of other EXPORT_DAYS is replaced",
      rules: [DEFAULT_RULE, EXPIRED],
      days: "30",
      expected: [DEFAULT_RULE, { ...EXPIRED, expireDays: 33 }],
    },
    {
      name: "a rule of the owner that does it counts",
      rules: [{ ...DEFAULT_RULE, expireDays: 90 }],
      expected: [{ ...DEFAULT_RULE, expireDays: 90 }],
    },
    {
      name: "one for another folder, or that is switched off, does not",
      rules: [
        { ...EXPIRED, id: "mine", prefix: "other/" },
        { ...DEFAULT_RULE, enabled: false },
      ],
      expected: [
        { ...EXPIRED, id: "mine", prefix: "other/" },
        { ...DEFAULT_RULE, enabled: false },
        EXPIRED,
        { id: "unfinished", enabled: true, prefix: "exports/", uploadDays: 7 },
      ],
    },
  ])("lifecycle: $name", async ({ rules, days, expected }) => {
    using place = new Place({ buckets: { "headgate-exports": rules } });
    if (days !== undefined) place.edit('EXPORT_DAYS = "7"', `EXPORT_DAYS = "${days}"`);
    const { code, stderr } = await place.deploy([], { ADMIN_TOKEN: TOKEN });
    expect(code, stderr).toBe(0);
    expect(place.account.buckets["headgate-exports"]).toEqual(expected);
  });
});

describe.concurrent("says what to do and changes nothing more", () => {
  it("nobody is logged in", async () => {
    using place = new Place({ loggedIn: false });
    const { code, stderr } = await place.deploy();
    expect(code).toBe(1);
    expect(stderr).toContain("npx wrangler login");
    expect(stderr).toContain("CLOUDFLARE_API_TOKEN");
    expect(place.takeCalls()).toEqual(["whoami --json"]);
  });

  it("several accounts: asks which, and takes the one that is named", async () => {
    const accounts = [
      { id: "account-1", name: "Ada" },
      { id: "account-2", name: "Grace" },
    ];
    using place = new Place({ accounts });
    const { code, stderr } = await place.deploy([], { ADMIN_TOKEN: TOKEN });
    expect(code).toBe(1);
    expect(stderr).toContain("Grace (account-2)");
    expect(place.account.databases).toEqual([]);
    const named = { ADMIN_TOKEN: TOKEN, CLOUDFLARE_ACCOUNT_ID: "account-2" };
    const second = await place.deploy([], named);
    expect(second.code, second.stderr).toBe(0);
    expect(second.stdout).toContain("Grace (account-2)");
    const stranger = await place.deploy([], { CLOUDFLARE_ACCOUNT_ID: "account-3" });
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toContain("account-3 is not one of yours");
  });

  it.each([
    ["", "there is no terminal to ask on"],
    ["fifteen-letters", "has fewer than 16 characters"],
    ["local-admin-token", "which everybody can read"],
    ["a token with spaces in it", "has spaces"],
  ])("the admin token %j", async (token, words) => {
    using place = new Place();
    const { code, stdout, stderr } = await place.deploy([], { ADMIN_TOKEN: token });
    expect(code).toBe(1);
    expect(stderr).toContain('The step "Admin token" failed');
    expect(stderr).toContain(words);
    expect(stderr).toContain("Done: Databases, Bucket and its lifecycle rules.");
    if (token !== "" && token !== "local-admin-token") {
      expect(stdout + stderr).not.toContain(token);
    }
    expect(place.account.workers).toEqual({});
    // Only the rest is done when it is run again.
    place.takeCalls();
    expect((await place.deploy([], { ADMIN_TOKEN: TOKEN })).code).toBe(0);
    expect(place.takeCalls().filter((call) => call.includes("create"))).toEqual([]);
  });

  it.each([
    ["d1 create headgate-shard-0", "Databases", "No step was finished before it"],
    ["r2 bucket create headgate-exports", "Bucket and its lifecycle rules", "Done: Databases."],
    ["secret list", "Admin token", "Done: Databases, Bucket"],
    ["d1 migrations apply SHARD_0", "Migrations", "Admin token."],
    ["deploy", "Worker", "Migrations."],
  ])("%s fails: the step is named, and a second run goes on", async (call, step, done) => {
    using place = new Place({ broken: { [call]: "Out of order." } });
    const { code, stderr } = await place.deploy([], { ADMIN_TOKEN: TOKEN });
    expect(code).toBe(1);
    expect(stderr).toContain(`The step "${step}" failed`);
    expect(stderr).toContain("Out of order.");
    expect(stderr).toContain(done);
    if (step !== "Worker") expect(place.takeCalls()).not.toContain("deploy");
    place.account = { ...place.account, broken: {} };
    const again = await place.deploy([], { ADMIN_TOKEN: TOKEN });
    expect(again.code, again.stderr).toBe(0);
    expect(place.account.databases).toHaveLength(2);
    expect(place.account.workers["headgate"]?.versions).toBe(1);
  });

  it("R2 is not enabled", async () => {
    using place = new Place({ r2Enabled: false });
    const { code, stderr } = await place.deploy([], { ADMIN_TOKEN: TOKEN });
    expect(code).toBe(1);
    expect(stderr).toContain("enable it in the dashboard");
  });

  it("a service that opens to the token of the example", async () => {
    using live = await service("local-admin-token");
    using place = new Place({
      address: live.address,
      workers: { headgate: { secrets: { ADMIN_TOKEN: "set by the button" }, versions: 0 } },
    });
    const { code, stderr } = await place.deploy();
    expect(code).toBe(1);
    expect(stderr).toContain("npx wrangler secret put ADMIN_TOKEN");
  });

  it("an option that it does not know", async () => {
    using place = new Place();
    const { code, stderr } = await place.deploy(["--dryrun"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Usage: npm run deploy");
    expect(place.takeCalls()).toEqual([]);
  });
});

it("a build of the button: ids and the secret are there, no terminal, no look at the user", async () => {
  using place = new Place({
    databases: [
      { name: "mine", uuid: "11111111-2222-4333-8444-555555555555", migrations: [] },
      { name: "rows", uuid: "11111111-2222-4333-8444-666666666666", migrations: [] },
    ],
    buckets: { "headgate-exports": [DEFAULT_RULE] },
    workers: { headgate: { secrets: { ADMIN_TOKEN: TOKEN }, versions: 0 } },
  });
  place.edit("00000000-0000-0000-0000-000000000001", "11111111-2222-4333-8444-555555555555");
  place.edit("00000000-0000-0000-0000-000000000002", "11111111-2222-4333-8444-666666666666");
  place.edit('"headgate-catalog"', '"mine"');
  const { code, stderr } = await place.deploy([], {
    WORKERS_CI: "1",
    CLOUDFLARE_API_TOKEN: "build",
    CLOUDFLARE_ACCOUNT_ID: "account-1",
  });
  expect(code, stderr).toBe(0);
  expect(place.takeCalls()).toEqual([
    "r2 bucket lifecycle list headgate-exports",
    "r2 bucket lifecycle add headgate-exports expired exports/ --expire-days 10",
    "secret list --format json",
    "d1 migrations apply CATALOG --remote",
    "d1 migrations apply SHARD_0 --remote",
    "deploy",
  ]);
});
