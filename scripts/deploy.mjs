/**
 * `npm run deploy`: everything from an account to a service that answers (scripts/deploy/run.mjs).
 * Needs only Node 20 and npm: it installs what is missing and runs the rest on the Node of the
 * package `node`. It may be repeated at any time; what is right is left as it is.
 */
import { join } from "node:path";
import { COMPILE_CACHE, NODE, ROOT, install } from "./install.mjs";
import { Stop, fail, start, stopped } from "./process.mjs";

async function main() {
  await install();
  const args = [join(ROOT, "scripts/deploy/run.mjs"), ...process.argv.slice(2)];
  const options = {
    stdio: "inherit",
    // Saves half a second of reading wrangler.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  };
  const { code, signal } = await start(NODE, args, options).ended;
  if (signal !== undefined) throw stopped(signal);
  if (code !== 0) throw new Stop("", code);
}

await main().catch(fail);
