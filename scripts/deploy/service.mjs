/** The Worker itself: its deployment, and whether it answers afterwards. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../process.mjs";
import { localToken } from "./token.mjs";

/**
 * How long a new address may take until it answers, and how often it is asked: a name below
 * workers.dev takes up to some minutes where the account had none. Not waited for to the end.
 */
const ANSWER_MS = Number(process.env.HEADGATE_ANSWER_MS ?? 30_000);
const POLL_MS = 1_000;

/** Longest time for one request, in ms. */
const REQUEST_MS = 10_000;

/** Deploys; returns the Worker's address, or undefined where it has none. */
export async function deployWorker(wrangler) {
  const folder = mkdtempSync(join(tmpdir(), "headgate-deploy-"));
  const path = join(folder, "output.ndjson");
  try {
    await wrangler.show(["deploy"], { env: { WRANGLER_OUTPUT_FILE_PATH: path } });
    return addressOf(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The first address in what wrangler wrote: one JSON object a line, `targets` among texts. */
function addressOf(path) {
  let lines;
  try {
    lines = readFileSync(path, "utf8").trim().split("\n");
  } catch {
    return undefined;
  }
  const entries = lines.map((line) => JSON.parse(line));
  const targets = entries.find(({ type }) => type === "deploy")?.targets ?? [];
  const target = targets.find((text) => /^(?:https?:\/\/)?[\w.-]+\.[\w.:-]+(?:\/\S*)?$/.test(text));
  if (target === undefined) return undefined;
  const address = target.startsWith("http") ? target : `https://${target}`;
  return address.replace(/\/\*?$/, "");
}

/**
 * Looks whether the service answers, and prints what comes next.
 *
 * @throws Stop where the admin token is the one that everybody knows, which a page that offers
 *   the example's value makes easy.
 */
export async function checkService(address) {
  if (address === undefined) {
    console.log("\nDeployed. It has no address yet: give it a route or a domain (wrangler.toml).");
    return;
  }
  const status = await firstStatus(address);
  if (status === 200) await refuseLocalToken(address);
  const state =
    status === 200
      ? "and answers"
      : `but GET / answers ${status ?? "not yet"}: a new address can take some minutes`;
  console.log(`
Headgate is deployed at ${address} ${state}.

Console:   ${address}/console (with the admin token)
Admin API: ${address}/admin/v1

Next: a client, an integration with an import token, an export key: in the console, or as the
README says under "Deploy". Commit wrangler.toml: it has the ids of your databases.`);
}

async function firstStatus(address) {
  const until = Date.now() + ANSWER_MS;
  for (;;) {
    const status = await statusOf(`${address}/`);
    if (status === 200 || Date.now() > until) return status;
    await sleep(POLL_MS);
  }
}

async function refuseLocalToken(address) {
  const token = localToken();
  if (token === undefined) return;
  const headers = { Authorization: `Bearer ${token}` };
  if ((await statusOf(`${address}/admin/v1/clients`, headers)) !== 200) return;
  throw new Stop(
    `\nHeadgate is deployed at ${address}, but its admin token is the one of .dev.vars.example,\n` +
      "which everybody can read. Replace it now: npx wrangler secret put ADMIN_TOKEN",
  );
}

/** The status of a GET, or undefined where nothing answered. */
async function statusOf(url, headers = {}) {
  try {
    const answer = await fetch(url, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return undefined;
  }
}
