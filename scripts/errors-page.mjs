/**
 * Writes docs/errors.md from the table in src/http/errors.ts; with `--check` it writes nothing
 * and fails if the page differs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AGAIN, namedAnswers } from "../src/docs/error-words.ts";
import { ERRORS } from "../src/http/errors.ts";
import { MEMBER_TEXTS } from "../src/import/stitch/record.ts";
import { ROOT } from "./install.mjs";
import { Stop, fail } from "./process.mjs";

const PAGE = "docs/errors.md";

const HEAD = `# Errors

Every refusal that a caller can meet, by its code. The old import and export surfaces answer in the
bodies of the services they replace, without the code; the native import has it as \`code\`, and the
end of \`type\` is the code there and in the admin API. A text in capitals and angle brackets, as
\`<LIMIT>\`, stands for a value. Where one record of many is at fault, the body of an import also has
the member \`record\`: its index, counted from 0; on the native import \`index\` and \`field\`.

This page is written by \`npm run docs:errors\` from \`src/http/errors.ts\`.
`;

function section(code, { cause, hint, retry, answers }) {
  const rows = namedAnswers(answers).map(
    ({ surfaces, answer }) => `| ${surfaces} | ${answer.status} | ${cell(answer)} |`,
  );
  return `## ${code}

${cause}

- **What to do:** ${hint}
- **Send again:** ${AGAIN[retry]}

| Surface | Status | Body |
| --- | --- | --- |
${rows.join("\n")}
${NOTES[code] ?? ""}`;
}

/** What follows a section's table. */
const NOTES = {
  record_members: `
The \`reason\` of push and validate is an object: the wrong members, each with a list of these texts.

${Object.values(MEMBER_TEXTS)
  .map((text) => `- \`${text}\``)
  .join("\n")}
`,
};

/** A body as code in a table's cell, where only the bar has a meaning of its own. */
function cell({ body, text }) {
  const code = `\`${body.replaceAll("|", "\\|")}\``;
  return text === true ? `${code} (plain text)` : code;
}

function main() {
  const { values } = parseArgs({ options: { check: { type: "boolean" } } });
  const sections = Object.entries(ERRORS).map(([code, row]) => section(code, row));
  const page = [HEAD, ...sections].join("\n");
  const path = join(ROOT, PAGE);
  if (values.check !== true) {
    writeFileSync(path, page);
  } else if (readFileSync(path, "utf8") !== page) {
    throw new Stop(`${PAGE} is not what src/http/errors.ts says: run npm run docs:errors.`);
  }
}

try {
  main();
} catch (error) {
  fail(error);
}
