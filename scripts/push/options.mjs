/** The command line: what can be said, and what it means. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EMPTY, TYPES } from "./columns.mjs";
import { UsageError } from "./errors.mjs";
import { RECORD_BYTES_MAX } from "./frames.mjs";
import { USAGE } from "./usage.mjs";

const OPTIONS = /** @type {const} */ ({
  table: { type: "string" },
  url: { type: "string", default: "http://localhost:8787" },
  token: { type: "string" },
  "token-file": { type: "string" },
  keys: { type: "string" },
  sequence: { type: "string" },
  "sequence-field": { type: "string" },
  "on-error": { type: "string", default: "stop" },
  "dry-run": { type: "boolean", default: false },
  format: { type: "string" },
  delimiter: { type: "string" },
  types: { type: "string" },
  empty: { type: "string" },
  "batch-rows": { type: "string" },
  "batch-bytes": { type: "string", default: "4000000" },
  concurrency: { type: "string", default: "1" },
  "no-gzip": { type: "boolean", default: false },
  retries: { type: "string", default: "10" },
  "retry-seconds": { type: "string", default: "600" },
  timeout: { type: "string", default: "180" },
  restart: { type: "boolean", default: false },
  "no-resume": { type: "boolean", default: false },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
});

/** Most records of one request: the limit of the service. */
const BATCH_ROWS_MAX = 20_000;

/** Rows of a request; the service names up to 1,000 bad ones, so that with skip none is lost. */
const BATCH_ROWS = { stop: 5_000, skip: 1_000 };

/** More requests at once only wait for each other at the database. */
const CONCURRENCY_MAX = 16;

const INT64_MAX = 2n ** 63n - 1n;

/** @typedef {ReturnType<typeof readOptions>} Options */

/**
 * Reads the command line. Throws a UsageError that says what is wrong.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment
 */
export function readOptions(args, environment) {
  const { values, positionals } = parsed(args);
  if (values.help) return { isHelp: /** @type {const} */ (true) };
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError(`name one file\n\n${USAGE}`);
  if (!values.table) throw new UsageError("--table is missing");
  if (/^\.\.?$/.test(values.table)) {
    throw new UsageError("--table cannot be . or .., which URLs take for steps of the path");
  }
  const path = file === "-" ? undefined : file;
  const onError = oneOf("on-error", values["on-error"], ["stop", "skip"]);
  const isSkipping = onError === "skip";
  const hasSequence = values.sequence !== undefined || values["sequence-field"] !== undefined;
  const concurrency = count("concurrency", values.concurrency, 1, CONCURRENCY_MAX);
  if (concurrency > 1 && !hasSequence) {
    throw new UsageError("--concurrency needs a sequence: without one the order of rows matters");
  }
  const rows = values["batch-rows"] ?? String(BATCH_ROWS[onError]);
  const batchRows = count("batch-rows", rows, 1, BATCH_ROWS_MAX);
  const batchBytes = count("batch-bytes", values["batch-bytes"], 1, RECORD_BYTES_MAX);
  const format = formatOf(path, values);
  return {
    isHelp: /** @type {const} */ (false),
    path,
    address: addressOf(values),
    token: tokenOf(values, environment),
    isTokenShown: values.token !== undefined,
    isDryRun: values["dry-run"],
    isSkipping,
    // Without --keys the table decides, and it may have none.
    mayAppend: !hasSequence || !values.keys?.trim(),
    concurrency,
    format,
    batchRows,
    batchBytes,
    identity: {
      ...identityOf(values),
      format: `${format.form}${format.isGzip ? ".gz" : ""}`,
      "batch-rows": batchRows,
      "batch-bytes": batchBytes,
    },
    isGzip: !values["no-gzip"],
    retries: count("retries", values.retries, 0, 1_000),
    retryMs: count("retry-seconds", values["retry-seconds"], 0, 86_400) * 1_000,
    timeoutMs: count("timeout", values.timeout, 1, 3_600) * 1_000,
    isRestart: values.restart,
    isResumable: path !== undefined && !values["no-resume"] && !values["dry-run"],
    isQuiet: values.quiet,
  };
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
  }
}

/** @typedef {ReturnType<typeof parsed>["values"]} Values */

/**
 * The options that decide what is sent and where: a load goes on only with the same ones.
 * @param {Values} values
 */
function identityOf(values) {
  const { table, url, keys = null, sequence = null, delimiter = null, types = null } = values;
  const { empty = null, "sequence-field": field = null, "on-error": onError } = values;
  const named = { "sequence-field": field, "on-error": onError };
  return { table, url, keys, sequence, ...named, delimiter, types, empty };
}

/**
 * The address of the requests.
 * @param {Values} values
 */
function addressOf(values) {
  if (values.sequence !== undefined) {
    if (values["sequence-field"] !== undefined) {
      throw new UsageError("give --sequence or --sequence-field, not both");
    }
    const isNumber = /^(?:0|[1-9]\d{0,18})$/.test(values.sequence);
    if (!isNumber || BigInt(values.sequence) > INT64_MAX) {
      throw new UsageError("--sequence must be an integer from 0 to 9223372036854775807");
    }
  }
  const base = URL.canParse(values.url) ? new URL(values.url) : undefined;
  if (base === undefined || !["http:", "https:"].includes(base.protocol)) {
    throw new UsageError("--url must be the http or https address of the service");
  }
  if (`${base.username}${base.password}${base.search}${base.hash}` !== "") {
    throw new UsageError("--url must have no user, query or fragment");
  }
  const path = base.pathname.replace(/\/+$/, "");
  const table = encodeURIComponent(values.table ?? "");
  const address = new URL(`${base.origin}${path}/api/v1/tables/${table}/rows`);
  const query = {
    keys: values.keys,
    sequence: values.sequence,
    sequence_field: values["sequence-field"],
    on_error: values["on-error"] === "skip" ? "skip" : undefined,
    dry_run: values["dry-run"] ? "1" : undefined,
  };
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return address;
}

/**
 * @param {Values} values
 * @param {NodeJS.ProcessEnv} environment
 */
function tokenOf(values, environment) {
  const path = values["token-file"];
  if (values.token !== undefined && path !== undefined) {
    throw new UsageError("give --token or --token-file, not both");
  }
  const token =
    path === undefined ? (values.token ?? environment["HEADGATE_TOKEN"]) : fileText(path);
  if (!token?.trim()) {
    throw new UsageError("there is no import token: set HEADGATE_TOKEN, or give --token-file");
  }
  // Here, since an error of the HTTP client would show it.
  if (!/^[\x21-\x7E]+$/.test(token.trim())) {
    throw new UsageError("the import token has characters that no token has");
  }
  return token.trim();
}

/** @param {string} path */
function fileText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--token-file: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * How the file is read.
 * @param {string | undefined} path
 * @param {Values} values
 */
function formatOf(path, values) {
  const named = values.format ?? /\.(\w+(?:\.gz)?)$/i.exec(path ?? "")?.[1] ?? "";
  const [, kind, gz] = /^(csv|tsv|ndjson|jsonl|json)(\.gz)?$/i.exec(named) ?? [];
  if (kind === undefined) {
    throw new UsageError("the format is not clear: give --format csv, tsv, ndjson or json");
  }
  const isGzip = gz !== undefined;
  const form = { csv: "csv", tsv: "csv", ndjson: "ndjson", jsonl: "ndjson", json: "json" }[
    /** @type {"csv"} */ (kind.toLowerCase())
  ];
  if (form !== "csv") {
    for (const name of /** @type {const} */ (["delimiter", "types", "empty"])) {
      if (values[name] !== undefined) throw new UsageError(`--${name} is for CSV only`);
    }
  }
  return {
    form: /** @type {"csv" | "ndjson" | "json"} */ (form),
    isGzip,
    delimiter: delimiterOf(values.delimiter ?? (/^tsv$/i.test(kind) ? "\t" : ",")),
    empty: oneOf("empty", values.empty ?? "null", EMPTY),
    types: typesOf(values),
  };
}

/** @param {string} text */
function delimiterOf(text) {
  const delimiter = text === "\\t" ? "\t" : text;
  if (!/^[\t\x20-\x7E]$/.test(delimiter) || delimiter === '"') {
    throw new UsageError("--delimiter must be one ASCII character, and no quote");
  }
  return delimiter;
}

/**
 * The type of each column that is named, and of the others. A sequence is a number for the
 * service, so its column is an integer.
 * @param {Values} values
 */
function typesOf({ types, "sequence-field": sequence }) {
  /** @type {Map<string, string>} */
  const named = new Map(sequence === undefined ? [] : [[sequence, "integer"]]);
  if (types === "auto") return { named, others: "auto" };
  for (const entry of types?.split(",") ?? []) {
    const [, column = "", type = ""] = /^(.+):(\w+)$/s.exec(entry) ?? [];
    if (!TYPES.includes(type)) {
      throw new UsageError(
        `--types: ${JSON.stringify(entry)} is not a column, a colon and one of ${TYPES.join(", ")}`,
      );
    }
    named.set(column, type);
  }
  return { named, others: "text" };
}

/**
 * @template {string} T
 * @param {string} name
 * @param {string} value
 * @param {readonly T[]} allowed
 * @returns {T}
 */
function oneOf(name, value, allowed) {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${name} must be ${allowed.join(" or ")}`);
  return found;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} min
 * @param {number} max
 */
function count(name, text, min, max) {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be an integer from ${min} to ${max}`);
}
