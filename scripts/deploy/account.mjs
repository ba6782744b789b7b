/** Which account a deployment goes to. */
import { createInterface } from "node:readline/promises";
import { Stop } from "../process.mjs";
import { isTerminal } from "./terminal.mjs";

const NOT_LOGGED_IN = `Cloudflare does not know you yet. Either
  npx wrangler login
or, where there is no browser, an API token with the rights of the template "Edit Cloudflare
Workers" and D1 Edit (https://dash.cloudflare.com/profile/api-tokens):
  export CLOUDFLARE_API_TOKEN=<token>
Then run npm run deploy again.`;

/**
 * The account: the one that CLOUDFLARE_ACCOUNT_ID or wrangler.toml names, or the only one there is;
 * else a terminal is asked.
 *
 * @returns `{ id, name }`; the name is undefined where wrangler was not asked.
 * @throws Stop where nobody is logged in, or there are several accounts and nobody to choose.
 */
export async function chooseAccount(wrangler, configured) {
  const named = process.env.CLOUDFLARE_ACCOUNT_ID || configured;
  // A build has both, and its token need not have the right to look at its user.
  if (named && process.env.CLOUDFLARE_API_TOKEN) return { id: named, name: undefined };
  const { code, stdout } = await wrangler.ask(["whoami", "--json"]);
  if (code !== 0) throw new Stop(NOT_LOGGED_IN);
  const { accounts = [] } = jsonOf(stdout);
  if (named) {
    const found = accounts.find(({ id }) => id === named);
    if (found !== undefined) return found;
    throw new Stop(`The account ${named} is not one of yours:\n${list(accounts)}`);
  }
  if (accounts.length === 1) return accounts[0];
  if (accounts.length === 0) throw new Stop("You are logged in, but no account was found.");
  if (!isTerminal()) {
    throw new Stop(
      `You have several accounts:\n${list(accounts)}\n` +
        "Say which: CLOUDFLARE_ACCOUNT_ID=<id> npm run deploy",
    );
  }
  return askFor(accounts);
}

function jsonOf(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Stop(`wrangler whoami --json answered what is no JSON:\n${stdout}`);
  }
}

function list(accounts) {
  return accounts.map(({ id, name }, index) => `  ${index + 1}. ${name} (${id})`).join("\n");
}

async function askFor(accounts) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(
      `You have several accounts:\n${list(accounts)}\nNumber: `,
    );
    const chosen = accounts[Number(answer.trim()) - 1];
    if (chosen === undefined) throw new Stop("That is none of the numbers; nothing was done.");
    return chosen;
  } finally {
    terminal.close();
  }
}
