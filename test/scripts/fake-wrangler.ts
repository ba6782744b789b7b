/**
 * Stands in for wrangler in tests of the scripts: an account in a JSON file (FAKE_ACCOUNT), with
 * the answers, exit codes and refusals of the real one, the version of package.json. Tests compare
 * the two (fake-wrangler.test.ts).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Account } from "./account.ts";
import { type Call, flagOf, readConfig, refuse, Refused } from "./fake/call.ts";
import { parseCall } from "./fake/commands.ts";

/** What the real one asks of every call but these. */
function checkAccount(account: Account, { name, flags }: Pick<Call, "name" | "flags">): void {
  if (["whoami", "login", "types"].includes(name) || flags["dry-run"] === true) return;
  if (!account.loggedIn) {
    refuse(
      "In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN " +
        "environment variable for wrangler to work.",
    );
  }
  if (account.accounts.length > 1 && process.env["CLOUDFLARE_ACCOUNT_ID"] === undefined) {
    refuse("More than one account available but unable to select one in non-interactive mode.");
  }
}

/** Answers a call; returns its exit code. */
async function answer(account: Account, args: string[]): Promise<number> {
  const parsed = parseCall(args);
  checkAccount(account, parsed);
  const broken = account.broken?.[`${parsed.name} ${parsed.positionals.join(" ")}`.trim()];
  if (broken !== undefined) refuse(broken);
  const config = readConfig(resolve(flagOf(parsed, "config") ?? "wrangler.toml"));
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  const code = await parsed.command.run({ ...parsed, account, config, print });
  for (const line of lines) console.log(line);
  return code ?? 0;
}

async function main(path: string, args: string[]): Promise<void> {
  const account = JSON.parse(readFileSync(path, "utf8")) as Account;
  account.calls.push(args.join(" "));
  try {
    process.exitCode = await answer(account, args);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(`\n✘ [ERROR] ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    writeFileSync(path, JSON.stringify(account));
  }
}

await main(process.env["FAKE_ACCOUNT"] ?? "", process.argv.slice(2));
