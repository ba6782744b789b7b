/** The project's wrangler.toml: what a deployment needs of it, and the ids that are put into it. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { unstable_readConfig } from "wrangler";
import { Stop } from "../process.mjs";

/** Ids of databases that nobody has created yet: nothing but zeros and a number. */
const PLACEHOLDER = /^0{8}-0{4}-0{4}-0{4}-\d{12}$/;

/** Days that R2 waits longer than the sweep of the Worker, whose task the expiry is. */
const EXPIRY_SPARE_DAYS = 3;

/**
 * Days after which R2 ends uploads that nobody finishes: that of R2's own rule for new buckets. With
 * less, exports that take longer would be begun anew.
 */
const UPLOAD_DAYS = 7;

/**
 * Reads a wrangler.toml.
 *
 * @returns `{ worker, accountId, databases, bucket, exportDays, expireDays, uploadDays }`;
 *   `databases` are `{ binding, name, id }`, with an undefined `id` where none was created yet.
 */
export function readSettings(configPath) {
  const config = unstable_readConfig({ config: configPath });
  const bucket = config.r2_buckets.find(({ binding }) => binding === "FILES")?.bucket_name;
  if (bucket === undefined) throw new Stop("wrangler.toml has no bucket with the binding FILES.");
  const exportDays = Number(config.vars.EXPORT_DAYS);
  if (!Number.isSafeInteger(exportDays) || exportDays < 1 || exportDays > 365) {
    throw new Stop('wrangler.toml: EXPORT_DAYS has to be a text from "1" to "365".');
  }
  return {
    worker: config.name,
    accountId: config.account_id,
    databases: config.d1_databases.map((entry) => ({
      binding: entry.binding,
      name: entry.database_name,
      id: isPlaceholder(entry.database_id) ? undefined : entry.database_id,
    })),
    bucket,
    exportDays,
    expireDays: exportDays + EXPIRY_SPARE_DAYS,
    uploadDays: UPLOAD_DAYS,
  };
}

function isPlaceholder(id) {
  return id === undefined || id === "" || PLACEHOLDER.test(id);
}

/**
 * Puts the id of a database into wrangler.toml; every other character stays as it is.
 *
 * @throws Stop that says what to write by hand, where the place is not found.
 */
export function writeDatabaseId(configPath, binding, id) {
  const text = withDatabaseId(readFileSync(configPath, "utf8"), binding, id);
  if (text === undefined) {
    throw new Stop(
      `wrangler.toml has no [[d1_databases]] that could be recognized for ${binding}: ` +
        `write database_id = "${id}" into it, and deploy again.`,
    );
  }
  // Beside it and renamed: there is no time at which half of the file is there.
  writeFileSync(`${configPath}.new`, text);
  renameSync(`${configPath}.new`, configPath);
}

/** The text of a wrangler.toml with that id, or undefined where the binding is not found. */
function withDatabaseId(text, binding, id) {
  // Headers of tables begin a line; the text before the first one is a part too.
  const parts = text.split(/^(?=[ \t]*\[)/m);
  const isWanted = (part) =>
    /^[ \t]*\[\[[ \t]*d1_databases[ \t]*\]\]/.test(part) && valueOf(part, "binding") === binding;
  const found = parts.findIndex(isWanted);
  if (found === -1) return undefined;
  parts[found] = withId(parts[found], id);
  return parts.join("");
}

function valueOf(part, key) {
  return new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*["']([^"'\\r\\n]*)["']`, "m").exec(part)?.[1];
}

function withId(part, id) {
  const line = /^([ \t]*database_id[ \t]*=[ \t]*)(?:"[^"\r\n]*"|'[^'\r\n]*')/m;
  if (line.test(part)) return part.replace(line, (_whole, before) => `${before}"${id}"`);
  // Without an id: after the line of the binding, with the end of line that this has.
  return part.replace(
    /^([ \t]*binding[ \t]*=[^\r\n]*)(\r?\n|$)/m,
    (_whole, head, end) => `${head}${end || "\n"}database_id = "${id}"${end || "\n"}`,
  );
}
