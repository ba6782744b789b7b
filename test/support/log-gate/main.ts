/**
 * Searches files with the output of a server for credentials in its log lines:
 *
 *   node test/support/log-gate/main.ts 4 server.log
 *
 * The number is how many lines of requests there must be at least.
 */
import { readFileSync } from "node:fs";
import { LogSearch } from "./search.ts";

const [requestsMin = "0", ...files] = process.argv.slice(2);
const search = new LogSearch();
for (const file of files) search.take(readFileSync(file, "utf8"), file);
search.check(Number(requestsMin));
console.log(search.summary);
