/** Makes a failing input small: as long as the same goes wrong, pieces are left out. */
import { Buffer } from "../../src/buffer.ts";
import type { Finding, Fuzzer } from "./fuzzer.ts";
import type { Input } from "./request.ts";

/** Most inputs that are tried. */
const TRIES_MAX = 300;

/** The smallest input found with a finding of the same kind. */
export async function shrink(fuzzer: Fuzzer, { input, kind }: Finding): Promise<Input> {
  let best = input;
  let left = TRIES_MAX;
  const fails = async (candidate: Input): Promise<boolean> => {
    const { findings } = await fuzzer.examine(candidate);
    return findings.some((finding) => finding.kind === kind);
  };
  for (;;) {
    let smallerOne: Input | undefined;
    for (const candidate of smaller(best)) {
      left -= 1;
      if (left < 0) return best;
      if (!(await fails(candidate))) continue;
      smallerOne = candidate;
      break;
    }
    if (smallerOne === undefined) return best;
    best = smallerOne;
  }
}

/** Candidates, the smallest first. */
function* smaller(input: Input): Generator<Input> {
  for (const index of input.headers.keys()) {
    yield { ...input, headers: input.headers.toSpliced(index, 1) };
  }
  const [path = "", query] = input.target.split("?");
  if (query !== undefined) yield { ...input, target: path };
  if (input.framing === "chunked") yield { ...input, framing: "length" };
  const { body } = input;
  for (let size = Math.ceil(body.length / 2); size >= 1; size = Math.floor(size / 2)) {
    if (body.length / size > TRIES_MAX) break;
    for (let at = 0; at < body.length; at += size) {
      const rest = Buffer.concat([body.subarray(0, at), body.subarray(at + size)]);
      yield { ...input, body: rest };
    }
  }
}
