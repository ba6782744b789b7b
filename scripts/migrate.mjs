/**
 * Applies the migrations of every D1 binding in wrangler.toml to the deployed databases, so that
 * a shard that was added there is never forgotten. `npm run deploy` does it before the Worker;
 * `npm run db:migrate` does it alone.
 */
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { wranglerOf } from "./deploy/wrangler.mjs";
import { ROOT } from "./install.mjs";
import { Stop, fail, isMain } from "./process.mjs";

/**
 * Applies what is missing, one database after the other, without asking.
 *
 * @param bindings of the databases: a deployment gives the databases names of its own.
 * @throws Stop that names the database whose migrations failed; those before it have theirs.
 */
export async function migrate(wrangler, bindings) {
  for (const binding of bindings) {
    console.log(`Migrations of ${binding}:`);
    try {
      await wrangler.show(["d1", "migrations", "apply", binding, "--remote"], { quiet: true });
    } catch (error) {
      if (!(error instanceof Stop) || error.message === "") throw error;
      throw new Stop(
        `The migrations of ${binding} failed; nothing after it was done.\n${error.message}`,
        error.code,
      );
    }
  }
}

async function main() {
  const configPath = join(ROOT, "wrangler.toml");
  const { d1_databases: databases } = unstable_readConfig({ config: configPath });
  await migrate(
    wranglerOf(configPath),
    databases.map(({ binding }) => binding),
  );
}

if (isMain(import.meta.url)) await main().catch(fail);
