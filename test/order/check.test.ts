import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkHistory, type Violation, type ViolationKind } from "./check.ts";
import { History, NO_ROW, NO_SEQUENCE, NO_WRITE } from "./history.ts";
import { type Defect, type Sequences, simulate } from "./simulated.ts";

const INT64_MAX = 9_223_372_036_854_775_807n;

const violationsOf = (history: History): readonly Violation[] =>
  checkHistory(history, (key) => `k${key}`).violations;

describe("simulated stores", () => {
  const seed = fc.integer({ min: 0, max: 2 ** 31 });
  const sequences = fc.constantFrom<Sequences>("given", "none", "mixed");

  test("a right history has no violation", () => {
    fc.assert(
      fc.property(seed, sequences, fc.integer({ min: 0, max: 400 }), (start, kind, steps) => {
        expect(violationsOf(simulate(start, steps, kind))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[Defect, Sequences, readonly ViolationKind[]]>([
    ["equal replaces", "given", ["stale", "double"]],
    ["no guard", "given", ["lost", "back", "stale"]],
    ["doubles", "given", ["lost"]],
    ["loses", "given", ["lost"]],
    ["loses", "none", ["lost", "overtaken"]],
    ["stale reads", "given", ["lost", "back"]],
    ["stale reads", "none", ["overtaken"]],
    ["stale reads", "mixed", ["lost", "overtaken"]],
    ["stores refused", "given", ["refused"]],
    ["stores refused", "none", ["refused"]],
    ["tears", "given", ["torn"]],
  ])("a store with the defect %j, sequences %s, has %j", (defect, kind, kinds) => {
    const found = new Set<ViolationKind>();
    for (let start = 0; start < 20; start += 1) {
      for (const violation of violationsOf(simulate(start, 400, kind, defect))) {
        found.add(violation.kind);
      }
    }
    expect([...found]).toEqual(expect.arrayContaining([...kinds]));
  });
});

/** A right history of one key: sequence 5 is acknowledged, and read. */
class Story {
  readonly history = new History();
  readonly first: number;

  constructor(sequence = 5n) {
    this.first = this.write(sequence);
    this.read(sequence, this.first);
  }

  write(sequence: bigint, outcome: "ok" | "failed" | "unknown" = "ok", key = 7): number {
    const request = this.history.begin();
    const write = this.history.write(request, key, sequence);
    this.history.end(request, outcome);
    return write;
  }

  read(sequence: bigint, write: number, key = 7): void {
    const request = this.history.begin();
    this.history.read(request, key, sequence, write);
    this.history.end(request, "ok");
  }
}

function expectOne(story: Story, kind: ViolationKind, ...texts: readonly string[]): void {
  const violations = violationsOf(story.history);
  expect(violations).toMatchObject([{ kind, key: 7 }]);
  for (const text of [`${kind}: key k7: `, ...texts]) expect(violations[0]?.text).toContain(text);
}

describe("what is planted is found, and named", () => {
  test("a row that is gone", () => {
    const story = new Story();
    story.read(NO_ROW, NO_WRITE);
    expectOne(story, "lost", "read 1 saw sequence -2", "was write 0 (sequence 5, request 0, ok");
  });

  test("an acknowledged write that does not show", () => {
    const story = new Story();
    story.write(6n);
    story.read(5n, story.first);
    expectOne(story, "lost", "write 0 (sequence 5", "was write 1 (sequence 6, request 2, ok");
  });

  test("neighbours that are one double", () => {
    const story = new Story(INT64_MAX - 1n);
    story.write(INT64_MAX);
    story.read(INT64_MAX - 1n, story.first);
    expectOne(story, "lost", String(INT64_MAX));
  });

  test("a read that goes back behind another one", () => {
    const story = new Story();
    const shown = story.write(6n, "unknown");
    story.read(6n, shown);
    story.read(5n, story.first);
    expectOne(story, "back", "an earlier read saw write 1 (sequence 6, request 2, unknown");
  });

  test("a value that no write has, or a write of another key, or one to come", () => {
    const nobody = new Story();
    const request = nobody.history.begin();
    nobody.history.read(request, 7, 6n, NO_WRITE, '{"id":7}');
    nobody.history.end(request, "ok");
    expectOne(nobody, "unsent", '{"id":7}');
    const other = new Story();
    const write = other.write(6n, "ok", 3);
    other.read(6n, write, 3);
    other.read(6n, write);
    expectOne(other, "unsent", "write 1 (sequence 6, request 2");
    const early = new Story();
    early.read(6n, 1);
    early.write(6n);
    early.read(6n, 1);
    expectOne(early, "unsent", "it was sent later");
  });

  test("a value with another one's sequence", () => {
    const story = new Story();
    const write = story.write(6n);
    story.read(9n, write);
    expectOne(story, "torn", "saw sequence 9 with the value of write 1 (sequence 6");
  });

  test("a refused value", () => {
    const story = new Story();
    story.read(6n, story.write(6n, "failed"));
    expectOne(story, "refused", "request 2, failed");
  });

  test("an equal sequence that replaces, after the first one and beside it", () => {
    const after = new Story();
    after.read(5n, after.write(5n));
    expect(violationsOf(after.history).map(({ kind }) => kind)).toEqual(["stale", "double"]);
    const beside = new Story();
    const { history } = beside;
    const requests = [history.begin(), history.begin()];
    const writes = requests.map((request) => history.write(request, 7, 6n));
    for (const request of requests) history.end(request, "ok");
    for (const write of writes) beside.read(6n, write);
    expectOne(beside, "double", "another read saw write 1");
  });

  test("the later of two equal sequences in one request", () => {
    const story = new Story();
    const request = story.history.begin();
    const writes = [6n, 6n].map((sequence) => story.history.write(request, 7, sequence));
    story.history.end(request, "ok");
    story.read(6n, writes[1] ?? NO_WRITE);
    expectOne(story, "stale", "write 2 (sequence 6", "stored before it was write 1");
  });

  test("a value without sequence that another one overtook", () => {
    const story = new Story(NO_SEQUENCE);
    const later = story.write(NO_SEQUENCE);
    story.read(NO_SEQUENCE, later);
    story.read(NO_SEQUENCE, story.first);
    expectOne(story, "overtaken", "value of write 0", "later is write 1");
    const kept = new Story(NO_SEQUENCE);
    kept.write(NO_SEQUENCE);
    kept.read(NO_SEQUENCE, kept.first);
    expectOne(kept, "overtaken", "later is write 1");
  });

  test("a sequence that a value without one has lost or made up", () => {
    const lost = new Story();
    lost.read(NO_SEQUENCE, lost.write(NO_SEQUENCE));
    expectOne(lost, "lost", "saw sequence -1");
    const made = new Story();
    made.read(6n, made.write(NO_SEQUENCE));
    expectOne(made, "torn", "saw sequence 6");
  });

  test("a key that was not read at the end", () => {
    const story = new Story();
    story.write(6n);
    expectOne(story, "unread");
  });
});

test("unknown writes may show late, or not at all, and concurrent ones in any order", () => {
  const story = new Story();
  const { history } = story;
  const late = story.write(8n, "unknown");
  story.write(9n, "unknown");
  const requests = [history.begin(), history.begin()];
  const [one, two] = requests.map((request, i) => history.write(request, 7, 6n + BigInt(i)));
  story.read(6n, one ?? NO_WRITE);
  story.read(7n, two ?? NO_WRITE);
  for (const request of requests) history.end(request, "ok");
  story.read(7n, two ?? NO_WRITE);
  story.read(8n, late);
  expect(violationsOf(history)).toEqual([]);
});

test("of many violations all are counted, and the first ones are told", () => {
  const story = new Story();
  for (let i = 0; i < 100; i += 1) story.read(4n, NO_WRITE);
  const { violations, count } = checkHistory(story.history);
  expect([violations.length, count]).toEqual([20, 200]);
});
