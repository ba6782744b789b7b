/**
 * The fuzzer: changes inputs and keeps those whose answers are new. What it steers by are the
 * answers, for each route the status, the row of the error table and the words: each is a branch
 * of the service that was not seen before.
 */
import { judge, type Verdict } from "./oracle.ts";
import { mutate } from "./mutate.ts";
import { Random } from "../support/random.ts";
import { type Input, shownInput } from "./request.ts";
import type { Target } from "./target.ts";

/** An input that the service handled wrongly. */
export interface Finding {
  readonly input: Input;
  /** What is wrong: stays the same while the input is shrunk. */
  readonly kind: string;
  readonly detail: string;
}

/** How many answers of each code came on each route. */
export type Coverage = Map<string, Map<string, number>>;

/** Peak memory above what the service held before, from which an input is reported; in bytes. */
const MEMORY_BYTES_REPORTED = 100_000_000;

/** Body bytes from which an input's memory is measured: smaller ones vanish in the noise. */
const MEASURED_BODY_BYTES = 20_000;

/** Answers of one shape that are kept on a route, so that long runs do not drown in one branch. */
const KEPT_OF_CODE_MAX = 40;

/** What is no JSON leads to nothing but what is no JSON. */
const KEPT_MALFORMED_MAX = 2;

/** Most findings of a kind: more of them say nothing new. */
const FINDINGS_OF_KIND_MAX = 3;

/** Runs inputs against a service and remembers what came of them. */
export class Fuzzer {
  readonly findings: Finding[] = [];
  readonly coverage: Coverage = new Map();
  /** Inputs that needed much memory, with the bytes. */
  readonly hungry: { readonly input: Input; readonly bytes: number }[] = [];
  inputs = 0;
  accepted = 0;
  slowestMs = 0;
  readonly #target: Target;
  readonly #random: Random;
  readonly #corpus: Input[];
  readonly #byRoute = new Map<string, Input[]>();
  readonly #seen = new Set<string>();
  readonly #kept = new Map<string, number>();

  constructor(target: Target, seeds: readonly Input[], seed: number) {
    this.#target = target;
    this.#random = new Random(seed);
    this.#corpus = [...seeds];
    for (const input of seeds) this.#keep(input);
  }

  get corpusSize(): number {
    return this.#corpus.length;
  }

  /** How many different answers were seen. */
  get shapes(): number {
    return this.#seen.size;
  }

  /** Sends all seeds as they are. */
  async replaySeeds(): Promise<void> {
    for (const input of this.#corpus.slice()) await this.run(input);
  }

  /** Sends one changed input. */
  async step(): Promise<void> {
    const random = this.#random;
    // By routes, so that one with many answers does not take all the time.
    const inputs = this.#byRoute.get(random.pick([...this.#byRoute.keys()])) ?? [];
    const size = inputs.length;
    // What was found last leads on more often than what was there from the beginning.
    const isLate = random.chance(0.3);
    const index = isLate ? size - 1 - random.below(Math.min(size, 10)) : random.below(size);
    const input = inputs[index];
    if (input === undefined) throw new Error("the corpus is empty");
    const changed = mutate(input, random.pick(this.#corpus), random);
    if (isAllowed(changed)) await this.run(changed);
  }

  /** Sends an input, judges the answer and keeps the input where the answer is new. */
  async run(input: Input): Promise<void> {
    const { verdict, findings } = await this.examine(input);
    this.inputs += 1;
    if (verdict.code === "ok") this.accepted += 1;
    this.#count(input.route, verdict.code);
    for (const finding of findings) this.#report(finding);
    const shape = `${input.route} ${verdict.shape}`;
    if (this.#seen.has(shape)) return;
    this.#seen.add(shape);
    const code = `${input.route} ${verdict.code}`;
    const kept = this.#kept.get(code) ?? 0;
    const keptMax = verdict.code === "body_malformed" ? KEPT_MALFORMED_MAX : KEPT_OF_CODE_MAX;
    if (kept >= keptMax) return;
    this.#kept.set(code, kept + 1);
    this.#corpus.push(input);
    this.#keep(input);
  }

  #keep(input: Input): void {
    const inputs = this.#byRoute.get(input.route);
    if (inputs === undefined) this.#byRoute.set(input.route, [input]);
    else inputs.push(input);
  }

  /** Sends an input and says what is wrong with what happened. */
  async examine(input: Input): Promise<{ verdict: Verdict; findings: Finding[] }> {
    const target = this.#target;
    const before = target.written.digest();
    const isMeasured = input.body.length >= MEASURED_BODY_BYTES;
    if (isMeasured) target.resetPeak();
    const bytesBefore = isMeasured ? target.memory().residentBytes : 0;
    const outcome = await target.send(input);
    const verdict = judge(input, outcome);
    if (isMeasured) this.#noteMemory(input, target.memory().peakBytes - bytesBefore);
    this.slowestMs = Math.max(this.slowestMs, outcome.elapsedMs);
    const findings: Finding[] = [];
    if (verdict.fault !== undefined) {
      const kind = `answer ${outcome.answer?.status ?? "none"} ${input.route}`;
      findings.push({ input, kind, detail: verdict.fault });
    }
    if (verdict.code !== "ok") findings.push(...this.#writtenBy(input, before, verdict));
    for (const error of target.takeErrors().filter(isDefect)) {
      findings.push({ input, kind: `log ${input.route}`, detail: error });
    }
    return { verdict, findings };
  }

  #writtenBy(input: Input, before: string, { code }: Verdict): Finding[] {
    const after = this.#target.written.digest();
    // A page that says what is wrong with a form is refused with 422, but one may also be made.
    if (after === before || code.startsWith("page")) return [];
    const changed = after.split("\n").filter((line) => !before.includes(line));
    const kind = `written on a refusal ${input.route}`;
    return [{ input, kind, detail: `${code} wrote ${changed.join(" ")}; before ${before}` }];
  }

  #noteMemory(input: Input, bytes: number): void {
    if (bytes >= MEMORY_BYTES_REPORTED) this.hungry.push({ input, bytes });
  }

  #count(route: string, code: string): void {
    const codes = this.coverage.get(route) ?? new Map<string, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.coverage.set(route, codes);
  }

  #report(finding: Finding): void {
    const same = this.findings.filter(({ kind }) => kind === finding.kind);
    if (same.length < FINDINGS_OF_KIND_MAX) this.findings.push(finding);
  }
}

/** Lines of the log that say that something failed which must not. */
function isDefect(line: string): boolean {
  return /defect|uncaught|unhandled|internal|error/i.test(line);
}

/** The fuzzer must not lose the things and credentials that its inputs live by. */
function isAllowed({ method, target }: Input): boolean {
  if (method === "DELETE") return target.endsWith("/99999");
  const isKeyInUse = method !== "GET" && /export-keys\/0*1(?:$|[^\d])/.test(target);
  return !isKeyInUse && !/(?:delete|revoke|sign-out)(?:$|\?)/.test(target);
}

/** A finding as text. */
export function shownFinding({ input, kind, detail }: Finding): string {
  return `${kind}: ${detail.slice(0, 1_500)}\n${shownInput(input)}`;
}
