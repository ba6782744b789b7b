/** What happens when: a binary heap in typed arrays, since a run has tens of millions of events. */

/** An event: what kind of thing happens, and to which. */
export interface Event {
  /** In ms since the run began. */
  at: number;
  kind: number;
  subject: number;
}

/** Events by their time; those of one time in the order in which they were put in. */
export class EventHeap {
  #times = new Float64Array(1024);
  /** Orders the events of one time. */
  #numbers = new Float64Array(1024);
  #kinds = new Uint8Array(1024);
  #subjects = new Int32Array(1024);
  #size = 0;
  #next = 0;

  get size(): number {
    return this.#size;
  }

  push(at: number, kind: number, subject: number): void {
    if (this.#size === this.#times.length) this.#grow();
    let hole = this.#size;
    this.#size += 1;
    const number = this.#next;
    this.#next += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if ((this.#times[parent] ?? 0) <= at) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#set(hole, at, number, kind, subject);
  }

  /** Takes the earliest event out and writes it to `into`; false where there is none. */
  pop(into: Event): boolean {
    if (this.#size === 0) return false;
    into.at = this.#times[0] ?? 0;
    into.kind = this.#kinds[0] ?? 0;
    into.subject = this.#subjects[0] ?? 0;
    this.#size -= 1;
    if (this.#size > 0) this.#sink(this.#size);
    return true;
  }

  /** Puts the event of place `from`, which is past the end, where it belongs from the top on. */
  #sink(from: number): void {
    const at = this.#times[from] ?? 0;
    const number = this.#numbers[from] ?? 0;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(child + 1, child)) child += 1;
      const time = this.#times[child] ?? 0;
      if (time > at || (time === at && (this.#numbers[child] ?? 0) > number)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#set(hole, at, number, this.#kinds[from] ?? 0, this.#subjects[from] ?? 0);
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#times[one] ?? 0, this.#times[other] ?? 0];
    return a < b || (a === b && (this.#numbers[one] ?? 0) < (this.#numbers[other] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] ?? 0;
    this.#numbers[to] = this.#numbers[from] ?? 0;
    this.#kinds[to] = this.#kinds[from] ?? 0;
    this.#subjects[to] = this.#subjects[from] ?? 0;
  }

  #set(place: number, at: number, number: number, kind: number, subject: number): void {
    this.#times[place] = at;
    this.#numbers[place] = number;
    this.#kinds[place] = kind;
    this.#subjects[place] = subject;
  }

  #grow(): void {
    const length = this.#times.length * 2;
    const grown = <T extends Float64Array | Uint8Array | Int32Array>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.#times = grown(new Float64Array(length), this.#times);
    this.#numbers = grown(new Float64Array(length), this.#numbers);
    this.#kinds = grown(new Uint8Array(length), this.#kinds);
    this.#subjects = grown(new Int32Array(length), this.#subjects);
  }
}
