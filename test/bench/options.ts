/**
 * The command line of the benchmark: `npm run bench -- --quick`.
 */
import { parseArgs } from "node:util";

/** What to run and for how long. */
export interface Options {
  /** Pushes under load, exports of tables, or reports of a table. */
  command: "push" | "export" | "report";
  /** Fewer cases, rounds and stored rows: under 40 s instead of under 4 minutes. */
  quick: boolean;
  /** Also the Transit case. */
  transit: boolean;
  /** One JSON document on standard output instead of the tables. */
  json: boolean;
  /** Only the cases whose title contains this text. */
  only: string;
  /** Only the counts of D1 calls, without timed runs. */
  countsOnly: boolean;
  /** Talk to the Workers' own sockets, past the entry Worker that Miniflare puts in front. */
  direct: boolean;
  /** Exit with 1 where a target is missed. */
  check: boolean;
  /** A bundle that is there already; empty where the benchmark builds it. */
  bundle: string;
  /** Where to write a CPU profile; empty for none. A profile run measures nothing else. */
  profile: string;
  /** Points in a body of the profile run. */
  profilePoints: number;
  /** Rows stored before the second half of the cases. */
  storedRows: number;
  /** Sizes of the tables that are exported, in rows, the smallest first. */
  exportRows: readonly number[];
  /** Rows of the table that figures are asked of. */
  reportRows: number;
  /** Rounds of each case, each with every contestant once. */
  rounds: number;
  /** Length of one window of load, in ms. */
  windowMs: number;
  /** When the timed runs stop taking more than one round, in ms from their start. */
  budgetMs: number;
}

const USAGE = `npm run bench -- [options]
  --quick             fewer cases and rounds, 100,000 stored rows; under 40 s
  --transit           also 10,000 points as Transit
  --only TEXT         only the cases whose title contains TEXT
  --counts            only the counts of D1 calls
  --rows N            rows stored before the second half of the cases (a multiple of 10,000)
  --direct            past the entry Worker that Miniflare puts in front of each Worker
  --bundle FILE       measure this bundle instead of building one
  --profile FILE      write a CPU profile of the Worker under load and print its top functions
  --profile-points N  points in a body of the profile run: 1 (default), 100 or 10000
  --json              print JSON
  --check             exit with 1 where a target is missed

npm run bench -- export [options]
  --rows N,N,…        sizes of the tables instead of 100,000, 1,000,000 and 10,000,000 rows
  --quick             100,000 and 1,000,000 rows
  --profile FILE      write a CPU profile of one export, of 1,000,000 or --rows rows
  --bundle, --json and --check as above

npm run bench -- report [options]
  --rows N            rows of the table instead of 1,000,000
  --quick             100,000 rows
  --bundle, --json and --check as above
`;

/** Reads the command line; prints the usage and ends the process on `--help` or a wrong option. */
export function readOptions(args: string[]): Options {
  try {
    return parse(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function parse(args: string[]): Options {
  const { values, positionals, tokens } = parseArgs({
    args,
    allowPositionals: true,
    tokens: true,
    options: {
      quick: { type: "boolean", default: false },
      transit: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      counts: { type: "boolean", default: false },
      direct: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      bundle: { type: "string", default: "" },
      profile: { type: "string", default: "" },
      "profile-points": { type: "string", default: "1" },
      rows: { type: "string" },
    },
  });
  if (values.help) throw new Error("Benchmarks of the built Worker.");
  const quick = values.quick;
  const command = commandOf(positionals);
  const given = tokens.flatMap((token) => (token.kind === "option" ? token.name : []));
  if (command !== "push") refuseOthers(command, given);
  const rows = values.rows ?? (quick ? "100000" : "1000000");
  return {
    command,
    quick,
    transit: values.transit,
    json: values.json,
    only: values.only,
    countsOnly: values.counts,
    direct: values.direct,
    check: values.check,
    bundle: values.bundle,
    profile: values.profile,
    profilePoints: wholeNumber(values["profile-points"]),
    storedRows: command === "push" ? wholeNumber(rows) : 0,
    exportRows: command === "export" ? exportRows(values.rows, quick, values.profile) : [],
    reportRows: command === "report" ? reportRows(rows) : 0,
    rounds: quick ? 3 : 5,
    windowMs: quick ? 200 : 450,
    budgetMs: quick ? 20_000 : 200_000,
  };
}

function commandOf(positionals: string[]): Options["command"] {
  const [command, ...others] = positionals;
  if (command === undefined) return "push";
  if ((command !== "export" && command !== "report") || others.length > 0) {
    throw new Error(`There is no benchmark ${positionals.join(" ")}.`);
  }
  return command;
}

const EXPORT_ROWS = "100000,1000000,10000000";
const REPORT_OPTIONS = ["rows", "quick", "bundle", "json", "check"];
const EXPORT_OPTIONS = [...REPORT_OPTIONS, "profile"];

function refuseOthers(command: "export" | "report", given: string[]): void {
  const known = command === "export" ? EXPORT_OPTIONS : REPORT_OPTIONS;
  const other = given.find((name) => !known.includes(name));
  if (other !== undefined) throw new Error(`--${other} is not for ${command}s.`);
}

function reportRows(rows: string): number {
  const count = wholeNumber(rows);
  if (count === 0) throw new Error("A table of reports has rows.");
  return count;
}

/** The sizes of the tables; a profile is of one export. */
function exportRows(rows: string | undefined, quick: boolean, profile: string): number[] {
  const byDefault = profile !== "" ? "1000000" : quick ? "100000,1000000" : EXPORT_ROWS;
  const sizes = (rows ?? byDefault).split(",").map(wholeNumber);
  if (sizes.includes(0)) throw new Error("A table to export has rows.");
  if (profile !== "" && sizes.length > 1) throw new Error("A profile is of one size.");
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${text} is no whole number.`);
  return Number(text);
}
