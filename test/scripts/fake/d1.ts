/** `wrangler d1` of the stand-in. */
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../account.ts";
import {
  argumentOf,
  type Call,
  type ConfiguredDatabase,
  flagOf,
  refuse,
  refuseApi,
} from "./call.ts";

export function d1List({ account, flags, print }: Call): void {
  const list = account.databases.map(({ name, uuid }) => ({
    uuid,
    name,
    created_at: "2026-11-20T08:00:00.000Z",
    version: "production",
  }));
  if (flags["json"] === true) print(JSON.stringify(list, null, 2));
  else for (const { uuid, name } of list) print(`│ ${uuid} │ ${name} │`);
}

export function d1Create(call: Call): void {
  const { account, print } = call;
  const name = argumentOf(call);
  if (account.databases.some((entry) => entry.name === name)) {
    refuseApi("/d1/database", "A database with that name already exists", 7502);
  }
  account.databases.push({ name, uuid: randomUUID(), migrations: [] });
  print(`✅ Successfully created DB '${name}' in region WEUR\nCreated your new D1 database.\n`);
  print("To access your new D1 Database in your Worker, add the following snippet […]");
}

interface Found {
  /** Undefined where the database is not in wrangler.toml. */
  readonly entry: ConfiguredDatabase | undefined;
  readonly found: Account["databases"][number];
}

/** The database of a name or a binding. */
export function database(call: Call): Found {
  const wanted = argumentOf(call);
  const entry = call.config.databases.find(
    ({ binding, name }) => wanted === binding || wanted === name,
  );
  const found = call.account.databases.find(({ uuid, name }) =>
    entry === undefined ? name === wanted : uuid === entry.id,
  );
  if (found !== undefined) return { entry, found };
  if (entry !== undefined) {
    const note = `The database ${entry.id} could not be found`;
    refuseApi(`/d1/database/${entry.id}/query`, note, 7404);
  }
  refuse(`Couldn't find a D1 DB with the name or binding '${wanted}' in your wrangler.toml file.`);
}

export function d1Info(call: Call): void {
  call.print(`│ DB │ ${database(call).found.uuid} │`);
}

export function d1Execute(call: Call): void {
  const { command, file, remote } = call.flags;
  if ((command === undefined) === (file === undefined)) {
    refuse("Error: must provide either --command or --file");
  }
  if (remote !== true) refuse("The stand-in has no local databases.");
  database(call);
  call.print("🚣 Executed 1 command");
}

export function d1Export(call: Call): void {
  if (call.flags["remote"] !== true) refuse("The stand-in has no local databases.");
  database(call);
  call.print(`🌀 Downloading SQL to ${flagOf(call, "output")}\nDone!`);
}

export function d1Migrate(call: Call): void {
  if (call.flags["remote"] !== true) refuse("The stand-in has no local databases.");
  const { entry, found } = database(call);
  if (entry?.migrations === undefined) refuse("No migrations are configured for that database.");
  const files = readdirSync(join(call.config.folder, entry.migrations))
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const missing = files.filter((name) => !found.migrations.includes(name));
  if (missing.length === 0) call.print("✅ No migrations to apply!");
  else call.print(`Migrations to be applied:\n${missing.map((name) => `│ ${name} │`).join("\n")}`);
  found.migrations.push(...missing);
}

export function timeTravelInfo(call: Call): void {
  database(call);
  call.print("⚠️ The current bookmark is '00000085-0000024c-00004c6d-8e61117bf38d7adb'");
}

export function timeTravelRestore(call: Call): void {
  const [timestamp, bookmark] = [flagOf(call, "timestamp"), flagOf(call, "bookmark")];
  if ((timestamp === undefined) === (bookmark === undefined)) {
    refuse("Provide either a timestamp, or a bookmark");
  }
  if (timestamp !== undefined && !Number.isFinite(Date.parse(timestamp))) {
    refuse(`Invalid timestamp '${timestamp}'. Please provide a valid Unix timestamp or RFC3339.`);
  }
  database(call);
  call.print("⚡️ Time travel in progress…\n↩️ To undo this operation, you can restore to the […]");
}
