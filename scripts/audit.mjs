/**
 * Asks the registry for known weaknesses of the packages that run in production
 * (`npm audit --omit=dev`). Those that only build and test are named, and end nothing: they see
 * no request. A registry that keeps no such list, a mirror mostly, is said in one line.
 *
 *   node scripts/audit.mjs
 */
import { spawnSync } from "node:child_process";
import { ROOT } from "./install.mjs";

/** How long an answer is waited for, in ms. */
const PATIENCE_MS = 60_000;

/** What `npm audit` says, as JSON; undefined where the registry was not reached or has no list. */
function audit(...options) {
  const args = ["audit", "--json", "--audit=true", "--fetch-retries=1", ...options];
  const { stdout } = spawnSync("npm", args, {
    cwd: ROOT,
    encoding: "utf8",
    timeout: PATIENCE_MS,
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
  try {
    const report = JSON.parse(stdout);
    return report.vulnerabilities === undefined ? { missing: report.message } : report;
  } catch {
    return { missing: "no answer" };
  }
}

/** One line for each package: its name and how bad it is. */
function linesOf({ vulnerabilities }) {
  return Object.values(vulnerabilities).map(({ name, severity, range }) => {
    return `  ${name} ${range}: ${severity}`;
  });
}

function main() {
  const runtime = audit("--omit=dev");
  if (runtime.missing !== undefined) {
    console.log(`NOT DONE: this registry has no list of known weaknesses (${runtime.missing}).`);
    return;
  }
  const found = linesOf(runtime);
  if (found.length > 0) {
    console.error(`Known weaknesses of packages that run in production:\n${found.join("\n")}`);
    process.exitCode = 1;
    return;
  }
  console.log("No known weakness of a package that runs in production.");
  const all = audit();
  const others = all.missing === undefined ? linesOf(all) : [];
  if (others.length > 0) console.log(`Of those that only build and test:\n${others.join("\n")}`);
}

main();
