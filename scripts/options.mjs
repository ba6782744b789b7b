/** The command lines of the scripts. Runs on Node 20 with nothing installed. */
import { parseArgs } from "node:util";
import { Stop } from "./process.mjs";

/**
 * The values of the options that the program was called with.
 *
 * @param options as parseArgs takes them; `--help` and `-h` go without saying.
 * @param usage what `--help` prints, and a wrong call after its reason.
 * @throws Stop for both.
 */
export function optionValues(options, usage) {
  let values;
  try {
    ({ values } = parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } } }));
  } catch (error) {
    throw new Stop(`${error.message}\n\n${usage}`, 2);
  }
  if (values.help) throw new Stop(usage, 0);
  return values;
}
