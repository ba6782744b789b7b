/**
 * What a record has changed in a plan, so that it can be taken back where the record is refused
 * in the end. Only changes are noted: a record that brings nothing new to the catalogue has none.
 */
export class Undo {
  readonly #steps: (() => void)[] = [];

  /** Notes how a change is taken back. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** The record is accepted: its changes stay. */
  keep(): void {
    if (this.#steps.length > 0) this.#steps.length = 0;
  }

  /** The record is refused: its changes are taken back, the last one first. */
  run(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) step();
  }
}
