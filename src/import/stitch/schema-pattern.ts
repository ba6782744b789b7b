/**
 * `pattern` and `patternProperties`: regular expressions in time linear in the text.
 *
 * The runtime's own RegExp backtracks: `^(a+)+$` on forty letters runs for hours, a caller
 * sends both pattern and text, and the runtime cannot interrupt it. Limits on lengths do not
 * help against that. So an expression becomes a graph of states, and a text is read once while
 * the set of states that it can be in is followed (Thompson's construction). That takes at most
 * states × characters, and the {@link Meter} counts them. Captures do not matter for a test.
 */
import type { Meter } from "./schema-check.ts";
import { type Edge, type Part, parsePattern } from "./schema-pattern-parse.ts";
import { unusable } from "./schema-read.ts";

/** Room for states that is left to the patterns of one schema; counts down. */
export interface PatternSpace {
  statesLeft: number;
}

/**
 * States of all patterns of a schema; about 100 bytes each. `{n,m}` repeats the states of what
 * it follows m times.
 */
export const PATTERN_STATES_MAX = 20_000;

/** One node of the graph. A `split` leads to `next` and to `other`. */
interface State {
  readonly id: number;
  readonly kind: "accept" | "atom" | "split" | "edge" | "look";
  next: State | undefined;
  other?: State;
  readonly matches?: (code: number) => boolean;
  readonly edge?: Edge;
  readonly look?: Look;
}

interface Look {
  readonly entry: State;
  readonly step: 1 | -1;
  readonly isNegative: boolean;
}

/**
 * Compiles an expression.
 *
 * @throws Refusal batch_schema_unusable for what {@link parsePattern} refuses and for patterns
 * that need more states than are left.
 */
export function compilePattern(source: string, space: PatternSpace, place: string): Pattern {
  const { part, unicode } = parsePattern(source, place);
  const builder = new Builder(space, place);
  const entry = builder.program(part, 1);
  return new Pattern(entry, builder.count, unicode, !startsAtStart(part));
}

/** Whether every match begins with `^`, so that no later position has to be tried. */
function startsAtStart(part: Part): boolean {
  if (part.kind === "edge") return part.edge === "start";
  if (part.kind === "choice") return part.parts.every(startsAtStart);
  const first = part.kind === "sequence" ? part.parts[0] : undefined;
  return first !== undefined && startsAtStart(first);
}

/** Builds graphs from the end: each part is given the state that follows it. */
class Builder {
  count = 0;
  readonly #space: PatternSpace;
  readonly #place: string;

  constructor(space: PatternSpace, place: string) {
    this.#space = space;
    this.#place = place;
  }

  /** A graph with its own end; `step` -1 reads the text backwards (lookbehind). */
  program(part: Part, step: 1 | -1): State {
    return this.#build(part, this.#state({ kind: "accept", next: undefined }), step);
  }

  #state(state: Omit<State, "id">): State {
    this.#space.statesLeft -= 1;
    if (this.#space.statesLeft < 0) {
      throw unusable(`${this.#place}: over ${PATTERN_STATES_MAX} states in the schema's patterns`);
    }
    this.count += 1;
    return { id: this.count - 1, ...state };
  }

  #build(part: Part, next: State, step: 1 | -1): State {
    switch (part.kind) {
      case "atom":
        return this.#state({ kind: "atom", next, matches: part.matches });
      case "edge":
        return this.#state({ kind: "edge", next, edge: part.edge });
      case "look": {
        const inner = part.isBehind ? -1 : 1;
        const entry = this.program(part.part, inner);
        return this.#state({ kind: "look", next, look: { ...part, entry, step: inner } });
      }
      case "sequence": {
        const parts = step === 1 ? part.parts.toReversed() : part.parts;
        return parts.reduce((after, inner) => this.#build(inner, after, step), next);
      }
      case "choice":
        return part.parts
          .map((inner) => this.#build(inner, next, step))
          .reduce((other, entry) => this.#state({ kind: "split", next: entry, other }));
      case "repeat":
        return this.#repeat(part.part, part.min, part.max, next, step);
    }
  }

  #repeat(part: Part, min: number, max: number, next: State, step: 1 | -1): State {
    let entry = next;
    if (max === Infinity) {
      entry = this.#state({ kind: "split", next: undefined, other: next });
      entry.next = this.#build(part, entry, step);
    } else {
      for (let left = max - min; left > 0; left -= 1) {
        const inner = this.#build(part, entry, step);
        entry = this.#state({ kind: "split", next: inner, other: next });
      }
    }
    for (let left = min; left > 0; left -= 1) {
      const inner = this.#build(part, entry, step);
      // An empty part adds no state, so that the limit of states would not end this loop.
      if (inner === entry) break;
      entry = inner;
    }
    return entry;
  }
}

/** A compiled expression; it may be used for any number of texts, one after the other. */
export class Pattern {
  readonly #entry: State;
  readonly #unicode: boolean;
  readonly #isSearch: boolean;
  /** The round in which a state was last reached, by its id. */
  readonly #reached: Int32Array;
  #round = 0;

  constructor(entry: State, states: number, unicode: boolean, isSearch: boolean) {
    this.#entry = entry;
    this.#unicode = unicode;
    this.#isSearch = isSearch;
    this.#reached = new Int32Array(states);
  }

  /**
   * Whether the expression matches anywhere in the text.
   *
   * @throws LimitReached where the meter's steps are used up.
   */
  matches(text: string, meter: Meter): boolean {
    return this.#run(this.#entry, text, 0, 1, this.#isSearch, meter);
  }

  #run(
    entry: State,
    text: string,
    from: number,
    step: 1 | -1,
    isSearch: boolean,
    meter: Meter,
  ): boolean {
    const open: State[] = [entry];
    const atoms: State[] = [];
    let position = from;
    for (;;) {
      if (this.#follow(open, atoms, text, position, meter)) return true;
      if (atoms.length === 0 && !isSearch) return false;
      const code = this.#codeAt(text, step === 1 ? position : position - 1, step);
      if (code === undefined) return false;
      position += code > 0xffff ? 2 * step : step;
      if (isSearch) open.push(entry);
      for (const atom of atoms) {
        if (atom.matches?.(code) && atom.next !== undefined) open.push(atom.next);
      }
      atoms.length = 0;
    }
  }

  /** Moves what is reachable without reading from `open` to `atoms`; true where it is the end. */
  #follow(open: State[], atoms: State[], text: string, position: number, meter: Meter): boolean {
    this.#round += 1;
    const round = this.#round;
    let steps = 1;
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (this.#reached[state.id] === round) continue;
      this.#reached[state.id] = round;
      steps += 1;
      if (state.kind === "accept") return true;
      if (state.kind === "atom") atoms.push(state);
      else if (this.#passes(state, text, position, meter)) {
        if (state.other !== undefined) open.push(state.other);
        if (state.next !== undefined) open.push(state.next);
      }
    }
    meter.spend(steps);
    return false;
  }

  #passes(state: State, text: string, position: number, meter: Meter): boolean {
    if (state.edge !== undefined) return isAtEdge(state.edge, text, position);
    if (state.look === undefined) return true;
    const { entry, step, isNegative } = state.look;
    return this.#run(entry, text, position, step, false, meter) !== isNegative;
  }

  /** The character that starts at `index`, or that ends there where the text is read backwards. */
  #codeAt(text: string, index: number, step: 1 | -1): number | undefined {
    if (index < 0 || index >= text.length) return undefined;
    if (!this.#unicode) return text.charCodeAt(index);
    if (step === 1) return text.codePointAt(index);
    const pair = index > 0 ? text.codePointAt(index - 1) : undefined;
    return pair !== undefined && pair > 0xffff ? pair : text.charCodeAt(index);
  }
}

function isAtEdge(edge: Edge, text: string, position: number): boolean {
  if (edge === "start") return position === 0;
  if (edge === "end") return position === text.length;
  const isBoundary = isWordAt(text, position - 1) !== isWordAt(text, position);
  return isBoundary === (edge === "word");
}

function isWordAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code >= 97) return code <= 122;
  return code === 95 || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}
