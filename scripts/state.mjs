/**
 * The mark that a folder of local state is prepared (scripts/prepare.mjs): it spares a second at
 * each start. Runs on Node 20 with nothing installed.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./install.mjs";

/** Where the local runtime keeps its D1 databases, below the state folder. */
const D1_FOLDER = "v3/d1/miniflare-D1DatabaseObject";

/** Beside the databases, so that whoever deletes them deletes the mark as well. */
const MARK = "v3/d1/headgate-prepared.json";

/**
 * Whether the state folder was prepared with the migrations, the demo data and the bindings of
 * now, and all its databases are still there.
 */
export function isPrepared(stateDir) {
  let mark;
  try {
    mark = JSON.parse(readFileSync(join(stateDir, MARK), "utf8"));
  } catch {
    return false;
  }
  const isThere = (name) => statSync(join(stateDir, D1_FOLDER, name), { throwIfNoEntry: false });
  return mark.inputs === inputs() && mark.databases.every((name) => isThere(name) !== undefined);
}

/** Sets the mark. Call it when everything is committed. */
export function markPrepared(stateDir) {
  const names = readdirSync(join(stateDir, D1_FOLDER));
  const databases = names.filter((name) => name.endsWith(".sqlite"));
  writeFileSync(join(stateDir, MARK), `${JSON.stringify({ inputs: inputs(), databases })}\n`);
}

/** A hash of all that decides what a prepared state is. */
function inputs() {
  const hash = createHash("sha256");
  for (const path of [
    "wrangler.toml",
    "scripts/demo.sql",
    "node_modules/wrangler/package.json",
    ...migrations(),
  ]) {
    const bytes = readFileSync(join(ROOT, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

function migrations() {
  const names = readdirSync(join(ROOT, "migrations"), { recursive: true });
  return names
    .filter((name) => name.endsWith(".sql"))
    .map((name) => join("migrations", name))
    .sort();
}
