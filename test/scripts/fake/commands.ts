/**
 * The commands of the stand-in for wrangler, and how their arguments are read: it refuses
 * commands, flags and numbers of arguments that the real one refuses.
 */
import { type Call, refuse } from "./call.ts";
import {
  d1Create,
  d1Execute,
  d1Export,
  d1Info,
  d1List,
  d1Migrate,
  database,
  timeTravelInfo,
  timeTravelRestore,
} from "./d1.ts";
import { r2Create, r2List, rulesAdd, rulesList, rulesRemove } from "./r2.ts";
import { deploy, login, needWorker, secretList, secretPut, whoami } from "./worker.ts";

type Flags = Readonly<Record<string, "string" | "boolean" | "number">>;

/** A command: how many positional arguments it needs and may have, its flags by type. */
export interface Command {
  readonly positionals: readonly [number, number];
  readonly flags: Flags;
  /** Flags that have to be there. */
  readonly needs?: readonly string[];
  /** Answers a call; what it returns is the exit code. */
  readonly run: (call: Call) => number | undefined | void | Promise<void>;
}

const GLOBAL: Flags = { config: "string", cwd: "string", env: "string", "env-file": "string" };
const SHORT: Readonly<Record<string, string>> = {
  c: "config",
  e: "env",
  J: "jurisdiction",
  y: "yes",
};

/** Each is a part of what `wrangler <command> --help` of the real one says. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  whoami: { positionals: [0, 0], flags: { json: "boolean", account: "string" }, run: whoami },
  login: { positionals: [0, 0], flags: { device: "boolean" }, run: login },
  deploy: {
    positionals: [0, 1],
    flags: { "dry-run": "boolean", outdir: "string", "secrets-file": "string" },
    run: deploy,
  },
  tail: { positionals: [0, 1], flags: { format: "string", status: "string" }, run: needWorker },
  types: { positionals: [0, 1], flags: { check: "boolean" }, run: () => {} },
  "d1 list": { positionals: [0, 0], flags: { json: "boolean" }, run: d1List },
  "d1 create": {
    positionals: [1, 1],
    flags: { location: "string", jurisdiction: "string" },
    run: d1Create,
  },
  "d1 info": { positionals: [1, 1], flags: { json: "boolean" }, run: d1Info },
  "d1 execute": {
    positionals: [1, 1],
    flags: {
      remote: "boolean",
      local: "boolean",
      command: "string",
      file: "string",
      json: "boolean",
    },
    run: d1Execute,
  },
  "d1 export": {
    positionals: [1, 1],
    flags: { remote: "boolean", local: "boolean", output: "string", table: "string" },
    needs: ["output"],
    run: d1Export,
  },
  "d1 migrations apply": {
    positionals: [1, 1],
    flags: { remote: "boolean", local: "boolean" },
    run: d1Migrate,
  },
  "d1 migrations list": {
    positionals: [1, 1],
    flags: { remote: "boolean", local: "boolean" },
    run: (call) => void database(call),
  },
  "d1 time-travel info": {
    positionals: [1, 1],
    flags: { timestamp: "string", json: "boolean" },
    run: timeTravelInfo,
  },
  "d1 time-travel restore": {
    positionals: [1, 1],
    flags: { timestamp: "string", bookmark: "string", json: "boolean" },
    run: timeTravelRestore,
  },
  "r2 bucket list": { positionals: [0, 0], flags: {}, run: r2List },
  "r2 bucket create": { positionals: [1, 1], flags: { jurisdiction: "string" }, run: r2Create },
  "r2 bucket lifecycle list": { positionals: [1, 1], flags: {}, run: rulesList },
  "r2 bucket lifecycle add": {
    positionals: [1, 3],
    flags: { "expire-days": "number", "abort-multipart-days": "number", force: "boolean" },
    run: rulesAdd,
  },
  "r2 bucket lifecycle remove": {
    positionals: [1, 1],
    flags: { name: "string" },
    needs: ["name"],
    run: rulesRemove,
  },
  "secret list": {
    positionals: [0, 0],
    flags: { format: "string", name: "string" },
    run: secretList,
  },
  "secret put": { positionals: [1, 1], flags: { name: "string" }, run: secretPut },
  "workflows instances describe": {
    positionals: [1, 2],
    flags: { json: "boolean" },
    run: needWorker,
  },
};

/** A call as it was read. */
export interface Parsed extends Pick<Call, "name" | "positionals" | "flags"> {
  readonly command: Command;
}

/**
 * The command in the arguments of a call, with what it was given.
 *
 * @throws Refused where the real one would print its help and end with 1.
 */
export function parseCall(args: readonly string[]): Parsed {
  const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
  const plain = firstFlag === -1 ? args : args.slice(0, firstFlag);
  const name = [4, 3, 2, 1]
    .map((length) => plain.slice(0, length).join(" "))
    .find((candidate) => Object.hasOwn(COMMANDS, candidate));
  const command = COMMANDS[name ?? ""];
  if (name === undefined || command === undefined) refuse(`Unknown arguments: ${args.join(", ")}`);
  const given = parseFlags(args.slice(name.split(" ").length), { ...GLOBAL, ...command.flags });
  const [least, most] = command.positionals;
  const count = given.positionals.length;
  if (count < least)
    refuse(`Not enough non-option arguments: got ${count}, need at least ${least}`);
  if (count > most) refuse(`Unknown argument: ${given.positionals[most]}`);
  for (const flag of command.needs ?? []) {
    if (given.flags[flag] === undefined) refuse(`Missing required argument: ${flag}`);
  }
  return { name, command, ...given };
}

function parseFlags(args: readonly string[], types: Flags): Pick<Call, "positionals" | "flags"> {
  const flags: Record<string, string | true> = {};
  const positionals: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const found = /^(?:--([\w-]+)|-(\w))(?:=(.*))?$/s.exec(arg);
    if (found === null) {
      positionals.push(arg);
      continue;
    }
    const flag = found[1] ?? SHORT[found[2] ?? ""] ?? "";
    const type = types[flag];
    if (type === undefined) refuse(`Unknown argument: ${arg}`);
    flags[flag] = type === "boolean" ? true : valueOf(flag, type, found[3] ?? rest.shift());
  }
  return { flags, positionals };
}

function valueOf(flag: string, type: "string" | "number", value: string | undefined): string {
  if (value === undefined) refuse(`Not enough arguments following: ${flag}`);
  if (type === "number" && !/^\d+$/.test(value)) refuse(`Invalid number for --${flag}: ${value}`);
  return value;
}
