/**
 * Writes src/assets/openapi.json from src/docs/document.ts; with `--check` it writes nothing and
 * fails if the file differs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./install.mjs";
import { Stop, fail } from "./process.mjs";

const FILE = "src/assets/openapi.json";

/** What the code imports from the platform: classes that are extended, and never made here. */
const PLATFORM = `export class DurableObject {}
export class WorkflowEntrypoint {}`;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "cloudflare:workers") return next(specifier, context);
    return { url: `data:text/javascript,${encodeURIComponent(PLATFORM)}`, shortCircuit: true };
  },
});

async function main() {
  const { values } = parseArgs({ options: { check: { type: "boolean" } } });
  const { openApi } = await import("../src/docs/document.ts");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  // A member a line, so that changes can be read.
  const text = `${JSON.stringify(openApi(version), null, 1)}\n`;
  const path = join(ROOT, FILE);
  if (values.check !== true) {
    writeFileSync(path, text);
  } else if (readFileSync(path, "utf8") !== text) {
    throw new Stop(`${FILE} is not what the code says: run npm run docs:openapi.`);
  }
}

try {
  await main();
} catch (error) {
  fail(error);
}
