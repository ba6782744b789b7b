/**
 * The logic text of filters (wire.md section 5): `([A] AND [B]) OR [C]`.
 *
 *     or      = and { "OR" and }
 *     and     = primary { "AND" primary }
 *     primary = letter | "[" letter "]" | "(" or ")"
 *
 * AND binds tighter than OR; both in any letter case. A letter is `A` to `Z` and may be named
 * more than once. White space separates words and is otherwise free.
 */
import { DefinitionError, type Tree } from "./filter.ts";
import { FILTER_QUOTED_MAX, LOGIC_DEPTH_MAX, LOGIC_LENGTH_MAX } from "./limits.ts";

/** The member that has the text. */
const PLACE = "filter_logic";

/** A word, or any other character but white space. */
const TOKEN = /[A-Za-z]+|\S/gu;

interface Token {
  readonly text: string;
  /** Characters (UTF-16 units) to its first one, counted from 1. */
  readonly at: number;
}

/**
 * The tree of a logic text. Brackets leave no trace in it but the shape.
 *
 * @param leaves by their letters; each must be named.
 * @throws DefinitionError `filter_logic: at character 9: …`, the first character being 1.
 */
export function parseLogic<Leaf>(text: string, leaves: ReadonlyMap<string, Leaf>): Tree<Leaf> {
  if (text.length > LOGIC_LENGTH_MAX) {
    throw new DefinitionError(PLACE, `must have at most ${LOGIC_LENGTH_MAX} characters`);
  }
  const parser = new Parser(text, leaves);
  const tree = parser.whole();
  for (const letter of leaves.keys()) {
    if (parser.named.has(letter)) continue;
    throw new DefinitionError(PLACE, `does not name the filter ${letter}`);
  }
  return tree;
}

/** All leaves joined by AND. */
export function allOf<Leaf>(leaves: readonly Leaf[]): Tree<Leaf> {
  return joined(
    "and",
    leaves.map((leaf) => ({ type: "leaf", leaf })),
  );
}

function joined<Leaf>(type: "and" | "or", nodes: readonly Tree<Leaf>[]): Tree<Leaf> {
  const [first] = nodes;
  return nodes.length === 1 && first !== undefined ? first : { type, nodes };
}

class Parser<Leaf> {
  /** The letters that were met. */
  readonly named = new Set<string>();
  readonly #leaves: ReadonlyMap<string, Leaf>;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, leaves: ReadonlyMap<string, Leaf>) {
    this.#leaves = leaves;
    const tokens = [...text.matchAll(TOKEN)].map((match) => ({
      text: match[0],
      at: match.index + 1,
    }));
    this.#tokens = [...tokens, { text: "", at: text.length + 1 }];
  }

  whole(): Tree<Leaf> {
    const tree = this.#or();
    const rest = this.#take();
    if (rest.text !== "") throw unexpected(rest, "AND, OR or the end");
    return tree;
  }

  #or(): Tree<Leaf> {
    const nodes = [this.#and()];
    while (this.#takeWord("OR")) nodes.push(this.#and());
    return joined("or", nodes);
  }

  #and(): Tree<Leaf> {
    const nodes = [this.#primary()];
    while (this.#takeWord("AND")) nodes.push(this.#primary());
    return joined("and", nodes);
  }

  #primary(): Tree<Leaf> {
    const token = this.#take();
    if (token.text === "(") return this.#bracketed(token);
    if (token.text !== "[") return this.#leaf(token, "a letter or an opening bracket");
    const leaf = this.#leaf(this.#take(), "a letter");
    const end = this.#take();
    if (end.text !== "]") throw unexpected(end, "the bracket ]");
    return leaf;
  }

  #bracketed(start: Token): Tree<Leaf> {
    this.#depth += 1;
    if (this.#depth > LOGIC_DEPTH_MAX) {
      throw wrong(start, `brackets are nested deeper than ${LOGIC_DEPTH_MAX} levels`);
    }
    const tree = this.#or();
    const end = this.#take();
    if (end.text !== ")") throw unexpected(end, "AND, OR or the bracket )");
    this.#depth -= 1;
    return tree;
  }

  #leaf(token: Token, expected: string): Tree<Leaf> {
    if (!/^[A-Z]$/.test(token.text)) throw unexpected(token, expected);
    const leaf = this.#leaves.get(token.text);
    if (leaf === undefined) throw wrong(token, `no filter has the id ${token.text}`);
    this.named.add(token.text);
    return { type: "leaf", leaf };
  }

  #takeWord(word: "AND" | "OR"): boolean {
    const isIt = this.#tokens[this.#next]?.text.toUpperCase() === word;
    if (isIt) this.#next += 1;
    return isIt;
  }

  /** The next token; at the end an empty one, again and again. */
  #take(): Token {
    const token = this.#tokens[this.#next] ?? { text: "", at: 0 };
    if (token.text !== "") this.#next += 1;
    return token;
  }
}

function unexpected({ text, at }: Token, expected: string): DefinitionError {
  const found = text === "" ? "the end" : JSON.stringify(text.slice(0, FILTER_QUOTED_MAX));
  return wrong({ text, at }, `${expected} is expected, not ${found}`);
}

function wrong({ at }: Token, rule: string): DefinitionError {
  return new DefinitionError(PLACE, `at character ${at}: ${rule}`);
}
