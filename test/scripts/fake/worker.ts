/** The user, the Worker and its secrets in the stand-in for wrangler. */
import { appendFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { argumentOf, type Call, refuse, refuseApi } from "./call.ts";

/** Its exit code is 1 where nobody is logged in and JSON was asked for. */
export function whoami({ account, flags, print }: Call): number | undefined {
  const isJson = flags["json"] === true;
  if (!account.loggedIn) {
    print(
      isJson ? '{"loggedIn":false}' : "You are not authenticated. Please run `wrangler login`.",
    );
    return isJson ? 1 : undefined;
  }
  const user = { loggedIn: true, authType: "OAuth Token", email: "ada@example.com" };
  if (isJson) print(JSON.stringify({ ...user, accounts: account.accounts }, null, 2));
  else print(`👋 You are logged in with an OAuth Token, associated with the email ${user.email}.`);
  return undefined;
}

export function login({ account, print }: Call): void {
  account.loggedIn = true;
  print("Successfully logged in.");
}

export function needWorker({ account, config, positionals: [first], name }: Call): void {
  const worker = name === "tail" ? (first ?? config.name) : config.name;
  if (account.workers[worker] === undefined) {
    refuseApi(`/workers/scripts/${worker}`, "This Worker does not exist on your account.", 10007);
  }
}

export function secretList({ account, config, print }: Call): void {
  const worker = account.workers[config.name];
  if (worker === undefined) {
    refuse(
      `Worker "${config.name}" not found.\n\nIf this is a new Worker, run \`wrangler deploy\` first ` +
        "to create it.\nOtherwise, check that the Worker name is correct […]",
    );
  }
  const list = Object.keys(worker.secrets).map((name) => ({ name, type: "secret_text" }));
  print(JSON.stringify(list, null, "  "));
}

export async function secretPut(call: Call): Promise<void> {
  const { account, config, print } = call;
  const key = argumentOf(call);
  const value = (await text(process.stdin)).trimEnd();
  print(`🌀 Creating the secret for the Worker "${config.name}"`);
  if (account.workers[config.name] === undefined) {
    print(`🌀 Creating new Worker "${config.name}"...`);
  }
  const worker = (account.workers[config.name] ??= { secrets: {}, versions: 0 });
  worker.secrets[key] = value;
  print(`✨ Success! Uploaded secret ${key}`);
}

export function deploy({ account, config, flags, print }: Call): void {
  if (flags["dry-run"] === true) {
    print("--dry-run: exiting now.");
    return;
  }
  const worker = account.workers[config.name];
  const missing = config.secrets.filter((key) => worker?.secrets[key] === undefined);
  if (worker === undefined || missing.length > 0) {
    refuse(`The following required secrets have not been set: ${missing.join(", ")}`);
  }
  for (const { binding, id } of config.databases) {
    if (!account.databases.some(({ uuid }) => uuid === id)) {
      const note = `binding ${binding} of type d1 must have a valid \`id\` specified`;
      refuseApi(`/workers/scripts/${config.name}`, note, 10021);
    }
  }
  for (const bucket of config.buckets) {
    if (account.buckets[bucket] === undefined) {
      refuseApi(`/workers/scripts/${config.name}`, `R2 bucket '${bucket}' not found.`, 10085);
    }
  }
  worker.versions += 1;
  writeOutput(config.name, account.address);
  print(`Deployed ${config.name} triggers (0.50 sec)\n  ${account.address}`);
}

/** What the real one writes for programs: a JSON object a line. */
function writeOutput(name: string, address: string): void {
  const path = process.env["WRANGLER_OUTPUT_FILE_PATH"];
  if (path === undefined) return;
  const lines = [
    { type: "wrangler-session", version: 1 },
    { type: "deploy", version: 1, worker_name: name, targets: [address, "schedule: */10 * * * *"] },
  ];
  for (const line of lines) appendFileSync(path, `${JSON.stringify(line)}\n`);
}
