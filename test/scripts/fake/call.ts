/** What the commands of the stand-in share: the account, a call, refusals. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Account } from "../account.ts";

/** A refusal: what goes to the standard error, and exit code 1. */
export class Refused extends Error {}

/** Ends a call as wrangler does that refuses it itself. */
export function refuse(message: string): never {
  throw new Refused(message);
}

/** Ends a call as one does that Cloudflare's API refuses, in wrangler's words. */
export function refuseApi(path: string, note: string, code: number): never {
  refuse(`A request to the Cloudflare API (${path}) failed.\n\n  ${note} [code: ${code}]\n`);
}

/** A database of wrangler.toml. */
export interface ConfiguredDatabase {
  readonly binding: string | undefined;
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly migrations: string | undefined;
}

/** What wrangler.toml says, as far as the commands need it. */
export interface Config {
  readonly folder: string;
  readonly name: string;
  readonly databases: readonly ConfiguredDatabase[];
  readonly buckets: readonly string[];
  readonly secrets: readonly string[];
}

/** A call that is being answered. */
export interface Call {
  readonly name: string;
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | true>>;
  readonly account: Account;
  readonly config: Config;
  readonly print: (line: string) => void;
}

/** The value of a flag that takes one. */
export function flagOf({ flags }: Pick<Call, "flags">, name: string): string | undefined {
  const value = flags[name];
  return value === true ? undefined : value;
}

/** A positional argument that the command needs, so that it is there. */
export function argumentOf({ positionals }: Pick<Call, "positionals">, index = 0): string {
  return positionals[index] ?? refuse(`There is no argument ${index}.`);
}

/** Reads a wrangler.toml that is written like that of the project. */
export function readConfig(path: string): Config {
  const source = readFileSync(path, "utf8");
  const parts = source.split(/^(?=\[)/m);
  const value = (part: string | undefined, key: string): string | undefined =>
    new RegExp(`^${key} *= *"([^"]*)"`, "m").exec(part ?? "")?.[1];
  const tables = (name: string): string[] => parts.filter((part) => part.startsWith(`[[${name}]]`));
  const required = /^required *= *\[([^\]]*)\]/m.exec(source)?.[1] ?? "";
  return {
    folder: dirname(path),
    name: value(parts[0], "name") ?? refuse("wrangler.toml has no name."),
    databases: tables("d1_databases").map((part) => ({
      binding: value(part, "binding"),
      name: value(part, "database_name"),
      id: value(part, "database_id"),
      migrations: value(part, "migrations_dir"),
    })),
    buckets: tables("r2_buckets").map((part) => value(part, "bucket_name") ?? ""),
    secrets: [...required.matchAll(/"([^"]*)"/g)].map(([, name]) => name ?? ""),
  };
}
