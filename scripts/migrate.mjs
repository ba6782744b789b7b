/**
 * Applies the migrations of every D1 binding in wrangler.toml to the deployed databases, so that
 * a shard that was added there is never forgotten. `npm run deploy` calls it before the Worker.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { ROOT } from "./install.mjs";
import { Stop, fail } from "./process.mjs";

function main() {
  const { d1_databases: databases } = unstable_readConfig({ config: join(ROOT, "wrangler.toml") });
  for (const { binding } of databases) {
    console.log(`Migrations of ${binding}:`);
    try {
      // By binding, since a deployment gives the databases names of its own.
      execFileSync("wrangler", ["d1", "migrations", "apply", binding, "--remote"], {
        cwd: ROOT,
        stdio: "inherit",
      });
    } catch (error) {
      throw new Stop(
        `The migrations of ${binding} failed; nothing after it was done.`,
        error.status,
      );
    }
  }
}

try {
  main();
} catch (error) {
  fail(error);
}
