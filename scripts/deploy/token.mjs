/** The admin token: whether it is set, where a new one comes from, and which are refused. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../install.mjs";
import { Stop } from "../process.mjs";
import { refused } from "./wrangler.mjs";
import { askHidden, isTerminal } from "./terminal.mjs";

const NAME = "ADMIN_TOKEN";

/** Fewest characters: 16 random ones cannot be guessed, and who types fewer has not drawn them. */
const CHARACTERS_MIN = 16;

/** Bytes of a token that is drawn here: 43 characters. */
const RANDOM_BYTES = 32;

/** How often a terminal is asked before it ends. */
const ATTEMPTS = 3;

const NOBODY_TO_ASK = `The secret ${NAME} is not set, and there is no terminal to ask on. Either
  ADMIN_TOKEN=<at least ${CHARACTERS_MIN} random characters> npm run deploy
or first
  npx wrangler secret put ADMIN_TOKEN
In the dashboard: Workers & Pages, the Worker, Settings, Variables and Secrets.`;

/** Whether the Worker has the secret; it also has none where it was never deployed. */
export async function hasToken(wrangler) {
  const args = ["secret", "list", "--format", "json"];
  const answer = await wrangler.ask(args);
  if (answer.code !== 0) {
    // The words of wrangler, or of the API, for a Worker that is not there yet.
    if (/Worker ".*" not found|\[code: 100(?:07|90)\]/.test(answer.stdout + answer.stderr)) {
      return false;
    }
    throw refused(args, answer);
  }
  return JSON.parse(answer.stdout).some(({ name }) => name === NAME);
}

/**
 * A token for a deployment that has none: asked for on a terminal, else out of the environment.
 *
 * @returns `{ token, isDrawn }`: one that was drawn here is known to nobody yet.
 * @throws Stop that says what to do, where there is none or it is weak.
 */
export async function newToken() {
  if (isTerminal()) return askForToken();
  const token = process.env[NAME];
  if (token === undefined || token === "") throw new Stop(NOBODY_TO_ASK);
  const weakness = weaknessOf(token);
  if (weakness !== undefined) throw new Stop(`ADMIN_TOKEN of the environment ${weakness}.`);
  return { token, isDrawn: false };
}

/** Sets the secret; on a new account this creates an empty Worker of that name. */
export async function putToken(wrangler, token) {
  await wrangler.demand(["secret", "put", NAME], token);
}

/** The token of the local server, which everybody can read in the repository. */
export function localToken() {
  const example = readFileSync(join(ROOT, ".dev.vars.example"), "utf8");
  return /^ADMIN_TOKEN=(\S*)/m.exec(example)?.[1];
}

/** What is wrong with a token, as the end of a sentence, or undefined. */
function weaknessOf(token) {
  if (token === localToken()) return "is that of the local server, which everybody can read";
  // Others cannot be sent in a header, or are cut off on their way to the secret.
  if (!/^[\x21-\x7e]*$/.test(token)) return "has spaces or characters that are not ASCII";
  if (token.length < CHARACTERS_MIN) return `has fewer than ${CHARACTERS_MIN} characters`;
  return undefined;
}

async function askForToken() {
  console.log(
    `The admin token opens the console and the admin API. Type one of at least ${CHARACTERS_MIN}\n` +
      "characters (it is not shown), or press Enter to have one drawn.",
  );
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const token = await askHidden("Admin token: ");
    if (token === "") {
      return { token: randomBytes(RANDOM_BYTES).toString("base64url"), isDrawn: true };
    }
    const weakness = weaknessOf(token);
    if (weakness !== undefined) {
      console.log(`That one ${weakness}.`);
      continue;
    }
    if ((await askHidden("Once more: ")) === token) {
      return { token, isDrawn: false };
    }
    console.log("The two are not the same.");
  }
  throw new Stop("No admin token was set.");
}
