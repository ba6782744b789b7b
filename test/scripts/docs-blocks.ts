/** The commands of the README and of docs/: what stands in fenced blocks of `sh`, and answers. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./account.ts";

/** A block, and where its first line is. */
export interface Block {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The pages: README.md and docs/*.md. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.sort().map((name) => `docs/${name}`)];
}

/**
 * The blocks of a page in one language, in order; what is indented in lists comes without its
 * indent.
 */
export function blocksOf(file: string, language = "sh"): Block[] {
  const blocks: Block[] = [];
  let indent: string | undefined;
  let [first, lines]: [number, string[]] = [0, []];
  for (const [index, line] of readFileSync(join(ROOT, file), "utf8").split("\n").entries()) {
    const fence = /^( *)```(\w*)$/.exec(line);
    if (indent === undefined) {
      if (fence?.[2] === language) [indent, first, lines] = [fence[1] ?? "", index + 2, []];
    } else if (fence?.[2] === "") {
      blocks.push({ file, line: first, text: lines.join("\n") });
      indent = undefined;
    } else {
      lines.push(line.startsWith(indent) ? line.slice(indent.length) : line);
    }
  }
  if (indent !== undefined) throw new Error(`${file}: a block without an end`);
  return blocks;
}

/**
 * Blocks as one script, as who reads a page from its top runs them: variables and functions hold
 * for the later ones. It ends with the first line that fails; {@link lastBlock} names it.
 */
export function scriptOf(blocks: readonly Block[]): string {
  const parts = blocks.map(({ file, line, text }) => `echo "${MARK} ${file}:${line}" >&2\n${text}`);
  return ["set -euo pipefail", ...parts, ""].join("\n");
}

const MARK = "-- block";

/** The place of the block that a script of {@link scriptOf} came to, from its standard error. */
export function lastBlock(stderr: string): string | undefined {
  const marks = stderr.split("\n").filter((line) => line.startsWith(MARK));
  return marks.at(-1)?.slice(MARK.length + 1);
}

/** A page without its blocks. */
function proseOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8").replaceAll(/^ *```[^]*?^ *```$/gm, "");
}

/** The scripts that inline code of a page runs: `deploy` for `npm run deploy -- --dry-run`. */
export function inlineScripts(file: string): string[] {
  const named = [...proseOf(file).matchAll(/`npm (?:run\s+)?([\w:]+)[^`]*`/g)];
  return named.map(([, name]) => name ?? "");
}

/** Inline code of a page that is a command of wrangler, without the words `npx wrangler`. */
export function inlineWrangler(file: string): string[] {
  return [...proseOf(file).matchAll(/`(?:npx )?wrangler ([^`]+)`/g)]
    .map(([, command]) => (command ?? "").replaceAll(/\s+/g, " "))
    .filter((command) => !command.includes("<command>"));
}
