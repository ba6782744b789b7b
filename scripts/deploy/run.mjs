/**
 * The steps of `npm run deploy` (scripts/deploy.mjs), in order. Each looks first and does only
 * what is missing, so that all of them can be repeated after any failure.
 */
import { resolve, join } from "node:path";
import { ROOT } from "../install.mjs";
import { migrate } from "../migrate.mjs";
import { optionValues } from "../options.mjs";
import { Stop, fail } from "../process.mjs";
import { chooseAccount } from "./account.mjs";
import { RULES_OF_NEW, createBucket, readRules, rulesToDo, tooEarly } from "./bucket.mjs";
import { readSettings, writeDatabaseId } from "./config.mjs";
import { checkService, deployWorker } from "./service.mjs";
import { hasToken, newToken, putToken } from "./token.mjs";
import { wranglerOf } from "./wrangler.mjs";

const USAGE = `Usage: npm run deploy -- [options]
  --dry-run       says what would be done, and changes nothing
  --config FILE   another wrangler.toml, for a second deployment (default: the project's)`;

function readOptions() {
  const options = {
    "dry-run": { type: "boolean", default: false },
    config: { type: "string", default: join(ROOT, "wrangler.toml") },
  };
  const values = optionValues(options, USAGE);
  return { isDry: values["dry-run"], configPath: resolve(values.config) };
}

/** Creates the databases whose ids are placeholders, or finds them, and notes their ids. */
async function prepareDatabases({ wrangler, settings, configPath, isDry }) {
  const missing = settings.databases.filter(({ id }) => id === undefined);
  const kept = settings.databases.length - missing.length;
  if (kept > 0) console.log(`${kept} of ${settings.databases.length} have their id.`);
  if (missing.length === 0) return;
  let ids = await databaseIds(wrangler);
  for (const { binding, name } of missing) {
    if (name === undefined) throw new Stop(`wrangler.toml has no database_name for ${binding}.`);
    if (!ids.has(name)) {
      console.log(`${isDry ? "Would create" : "Creating"} the database ${name}.`);
      if (isDry) continue;
      await wrangler.demand(["d1", "create", name]);
      ids = await databaseIds(wrangler);
    }
    const id = ids.get(name);
    if (id === undefined) throw new Stop(`The new database ${name} is not in wrangler d1 list.`);
    console.log(`${isDry ? "Would write" : "Writing"} the id ${id} of ${name} into ${configPath}.`);
    if (!isDry) writeDatabaseId(configPath, binding, id);
  }
}

async function databaseIds(wrangler) {
  const list = JSON.parse(await wrangler.demand(["d1", "list", "--json"]));
  return new Map(list.map(({ name, uuid }) => [name, uuid]));
}

async function prepareBucket({ wrangler, settings, isDry }) {
  const { bucket } = settings;
  let rules = await readRules(wrangler, bucket);
  if (rules === undefined) {
    console.log(`${isDry ? "Would create" : "Creating"} the bucket ${bucket}.`);
    if (!isDry) {
      await createBucket(wrangler, bucket);
      rules = await readRules(wrangler, bucket);
    }
  }
  const toDo = rulesToDo(rules ?? RULES_OF_NEW, settings);
  if (toDo.length === 0) console.log(`${bucket} is there, with its rules.`);
  for (const args of toDo) {
    console.log(`${isDry ? "Would run" : "Running"} wrangler ${args.join(" ")}`);
    if (!isDry) await wrangler.demand(args);
  }
  for (const name of tooEarly(rules ?? RULES_OF_NEW, settings)) {
    console.log(
      `Note: the rule "${name}" of ${bucket} deletes files before EXPORT_DAYS ` +
        `(${settings.exportDays}) are over.`,
    );
  }
}

async function prepareToken({ wrangler, isDry }) {
  if (await hasToken(wrangler)) {
    console.log("ADMIN_TOKEN is set.");
    return;
  }
  if (isDry) {
    console.log("Would ask for ADMIN_TOKEN, or take it from the environment, and set it.");
    return;
  }
  const { token, isDrawn } = await newToken();
  await putToken(wrangler, token);
  console.log("ADMIN_TOKEN is set now.");
  if (isDrawn) {
    console.log(`It is shown only this once; put it where you keep secrets:\n\n  ${token}\n`);
  }
}

async function applyMigrations({ wrangler, settings, isDry }) {
  const bindings = settings.databases.map(({ binding }) => binding);
  if (isDry) console.log(`Would apply those that are missing in ${bindings.join(", ")}.`);
  else await migrate(wrangler, bindings);
}

async function deploy(plan) {
  if (plan.isDry) await plan.wrangler.show(["deploy", "--dry-run"], { quiet: true });
  else plan.address = await deployWorker(plan.wrangler);
}

/** What is done, in this order: a migration comes before the code that needs it. */
const STEPS = [
  { name: "Databases", run: prepareDatabases },
  { name: "Bucket and its lifecycle rules", run: prepareBucket },
  { name: "Admin token", run: prepareToken },
  { name: "Migrations", run: applyMigrations },
  { name: "Worker", run: deploy },
];

async function runSteps(plan) {
  const done = [];
  for (const { name, run } of STEPS) {
    console.log(`\n${done.length + 1}/${STEPS.length} ${name}`);
    try {
      await run(plan);
    } catch (error) {
      if (!(error instanceof Stop) || error.message === "") throw error;
      const before =
        done.length === 0 ? "No step was finished before it" : `Done: ${done.join(", ")}`;
      throw new Stop(
        `\nThe step "${name}" failed.\n${error.message}\n\n${before}. ` +
          "Run npm run deploy again when it is repaired: what is right is left as it is.",
        error.code,
      );
    }
    done.push(name);
  }
}

function introduction({ settings, isDry }, { id, name }) {
  const names = settings.databases.map((database) => database.name).join(", ");
  return `${isDry ? "A dry run: nothing is changed. " : ""}Headgate goes to the account ${
    name === undefined ? id : `${name} (${id})`
  }:
  the Worker ${settings.worker}, the databases ${names},
  the bucket ${settings.bucket}, the secret ADMIN_TOKEN.
What is there already is kept.`;
}

async function main() {
  const { isDry, configPath } = readOptions();
  const settings = readSettings(configPath);
  const account = await chooseAccount(wranglerOf(configPath), settings.accountId);
  const wrangler = wranglerOf(configPath, { CLOUDFLARE_ACCOUNT_ID: account.id });
  const plan = { wrangler, settings, configPath, isDry, address: undefined };
  console.log(introduction(plan, account));
  await runSteps(plan);
  if (isDry) console.log("\nNothing was changed.");
  else await checkService(plan.address);
}

await main().catch(fail);
