/**
 * The command line of the benchmark: `npm run bench -- --quick`.
 */
import { parseArgs } from "node:util";

/** What to run and for how long. */
export interface Options {
  /** Pushes under load, pushes to a large table, exports of tables, or reports of a table. */
  command: "push" | "grown" | "export" | "report";
  /** Fewer cases, rounds and rows. */
  quick: boolean;
  /** Write what is measured to recorded.json. */
  record: boolean;
  /** Also compare with PostgreSQL, where it is installed. */
  postgres: boolean;
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
  /** Rows of the table that pushes meet. */
  grownRows: number;
  /** Rounds of each case, each with every contestant once. */
  rounds: number;
  /** Length of one window of load, in ms. */
  windowMs: number;
  /** When the timed runs stop taking more than one round, in ms from their start. */
  budgetMs: number;
}

const USAGE = `npm run bench -- [options]
  --quick             fewer cases and rounds, 100,000 stored rows
  --only TEXT         only the cases and comparisons whose title contains TEXT
  --counts            only the counts of D1 calls
  --rows N            rows stored before the second half of the cases (a multiple of 10,000)
  --entry             through the entry Worker that Miniflare puts in front of each Worker
  --profile FILE      write a CPU profile of the Worker under load and print its top functions
  --profile-points N  points in a body of the profile run: 1 (default), 100 or 10000
  --bundle FILE       measure this bundle instead of building one
  --no-postgres       without PostgreSQL
  --record            write what is measured to test/bench/recorded.json
  --json              print JSON
  --check             exit with 1 where a target is missed

npm run bench -- grown [options]
  --rows N            rows of the table instead of 10,000,000
  --quick             1,000,000 rows
  --bundle, --entry, --record, --json and --check as above

npm run bench -- export [options]
  --rows N,N,…        sizes of the tables instead of 100,000, 1,000,000 and 10,000,000 rows
  --quick             100,000 and 1,000,000 rows
  --profile FILE      write a CPU profile of one export, of 1,000,000 or --rows rows
  --bundle, --no-postgres, --record, --json and --check as above

npm run bench -- report [options]
  --rows N            rows of the table instead of 1,000,000
  --quick             100,000 rows
  --bundle, --no-postgres, --record, --json and --check as above
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
      record: { type: "boolean", default: false },
      "no-postgres": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      counts: { type: "boolean", default: false },
      entry: { type: "boolean", default: false },
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
  if (values.record && (quick || values.counts || values.only !== "")) {
    throw new Error("Only a whole run is recorded.");
  }
  const given = tokens.flatMap((token) => (token.kind === "option" ? token.name : []));
  if (command !== "push") refuseOthers(command, given);
  const rows = values.rows ?? (quick ? "100000" : "1000000");
  return {
    command,
    quick,
    record: values.record,
    postgres: !values["no-postgres"] && command !== "grown",
    json: values.json,
    only: values.only,
    countsOnly: values.counts,
    direct: !values.entry,
    check: values.check,
    bundle: values.bundle,
    profile: values.profile,
    profilePoints: wholeNumber(values["profile-points"]),
    storedRows: command === "push" ? wholeNumber(rows) : 0,
    exportRows: command === "export" ? exportRows(values.rows, quick, values.profile) : [],
    reportRows: command === "report" ? someRows(rows) : 0,
    grownRows: command === "grown" ? someRows(values.rows ?? (quick ? "1000000" : "10000000")) : 0,
    rounds: quick ? 3 : 5,
    windowMs: quick ? 200 : 450,
    budgetMs: quick ? 20_000 : 200_000,
  };
}

function commandOf(positionals: string[]): Options["command"] {
  const [command, ...others] = positionals;
  if (command === undefined) return "push";
  const known = (["grown", "export", "report"] as const).find((name) => name === command);
  if (known === undefined || others.length > 0) {
    throw new Error(`There is no benchmark ${positionals.join(" ")}.`);
  }
  return known;
}

const EXPORT_ROWS = "100000,1000000,10000000";
const COMMON_OPTIONS = ["rows", "quick", "bundle", "record", "json", "check"];
const OPTIONS = {
  grown: [...COMMON_OPTIONS, "entry"],
  export: [...COMMON_OPTIONS, "no-postgres", "profile"],
  report: [...COMMON_OPTIONS, "no-postgres"],
};

function refuseOthers(command: keyof typeof OPTIONS, given: string[]): void {
  const other = given.find((name) => !OPTIONS[command].includes(name));
  if (other !== undefined) throw new Error(`--${other} is not for ${command}.`);
}

function someRows(rows: string): number {
  const count = wholeNumber(rows);
  if (count === 0) throw new Error("The table has rows.");
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
