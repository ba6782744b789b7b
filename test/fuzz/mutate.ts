/** Changes of a whole request: its body, how that travels, its path, query and headers. */
import { gzipSync } from "node:zlib";
import { Buffer } from "../../src/buffer.ts";
import { changedJson } from "./mutate-json.ts";
import type { Random } from "../support/random.ts";
import { type Input, withHeader } from "./request.ts";
import { addressText, logicText } from "./texts.ts";
import { HEADERS, NUMBERS, OTHERS, PARAMETERS, PATH_PIECES, STRINGS } from "./tokens.ts";

type Change = (input: Input, other: Input, random: Random) => Input;

/** A changed copy of an input; `other` is one that pieces may be taken from. */
export function mutate(input: Input, other: Input, random: Random): Input {
  const hasBody = input.body.length > 0;
  const rounds = random.chance(0.25) ? 2 : 1;
  let changed = input;
  for (let round = 0; round < rounds; round += 1) {
    changed = changeOf(hasBody, random)(changed, other, random);
  }
  return changed;
}

function changeOf(hasBody: boolean, random: Random): Change {
  const at = random.next();
  if (!hasBody)
    return at < 0.45 ? changePath : at < 0.75 ? changeQuery : at < 0.95 ? changeHead : addBody;
  if (at < 0.62) return changeBody;
  if (at < 0.72) return changeBytes;
  if (at < 0.8) return changeTravel;
  if (at < 0.87) return changeHead;
  return at < 0.93 ? changePath : changeQuery;
}

const changeBody: Change = (input, other, random) => {
  const text = Buffer.from(input.body).toString();
  if (isForm(input)) return { ...input, body: Buffer.from(changedForm(text, random)) };
  const changed = changedJson(text, Buffer.from(other.body).toString(), random);
  if (changed !== undefined) return { ...input, body: Buffer.from(changed) };
  return isLines(input) ? changeLine(input, other, random) : changeBytes(input, other, random);
};

const isForm = (input: Input): boolean =>
  input.headers.some(([, value]) => value.includes("urlencoded"));
const isLines = (input: Input): boolean =>
  input.headers.some(([, value]) => value.includes("ndjson"));

/** One line of NDJSON, or the ends of the lines. */
const changeLine: Change = (input, other, random) => {
  const lines = Buffer.from(input.body).toString().split("\n");
  const at = random.below(lines.length);
  const line = lines[at] ?? "";
  const made = changedJson(line, Buffer.from(other.body).toString(), random);
  lines[at] = made ?? random.pick([...OTHERS, ...STRINGS]);
  if (random.chance(0.2))
    lines.push(...Array.from({ length: random.pick([1, 100, 3_000]) }, () => line));
  const end = random.chance(0.8)
    ? "\n"
    : random.pick(["\r\n", "\r", "\n\n", "\u2028", "\0\n", "\u000b"]);
  return { ...input, body: Buffer.from(lines.join(end)) };
};

const FORM_VALUES: readonly ((random: Random) => string)[] = [
  logicText,
  addressText,
  (random) =>
    random.pick(["", "0", "-1", "1", "all", "on", "\0", "\ud800", "é", "a".repeat(5_000)]),
  (random) => random.pick(NUMBERS),
  (random) => random.pick(STRINGS),
  (random) => random.pick(["2019-01-01", "month", "count", "sum", "total", "status", "created_at"]),
];

function changedForm(form: string, random: Random): string {
  const fields = [...new URLSearchParams(form)];
  // Without its secret a form is a stranger's, and that is soon known.
  const own = fields.map((_, index) => index).filter((index) => fields[index]?.[0] !== "csrf");
  const at = own.length === 0 ? 0 : random.pick(own);
  const value = random.pick(FORM_VALUES)(random);
  const [name = "name", before = ""] = fields[at] ?? [];
  switch (random.below(5)) {
    case 0:
      fields.splice(at, 1);
      break;
    case 1:
      fields.push([name, value]);
      break;
    case 2:
      fields[at] = [random.pick(["__proto__", "", "csrf", "filter_0", `${name}_1`]), before];
      break;
    default:
      fields[at] = [name, value];
  }
  const text = new URLSearchParams(
    fields.map(([one, two]) => [one, two.toWellFormed()]),
  ).toString();
  return random.chance(0.05)
    ? text.replaceAll("=", random.pick(["%", "%zz=", "%ff=", "==", ""]))
    : text;
}

/** Bytes here and there: broken UTF-8, truncation, repetition. */
const changeBytes: Change = (input, other, random) => {
  const body = Buffer.from(input.body);
  const at = random.below(body.length);
  const end = Math.min(body.length, at + 1 + random.below(16));
  const token = Buffer.from(random.pick([...STRINGS, ...NUMBERS, ...OTHERS]));
  switch (random.below(7)) {
    case 0:
      return { ...input, body: body.subarray(0, at) };
    case 1: {
      const flipped = Buffer.from(body);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return { ...input, body: flipped };
    }
    case 2:
      return { ...input, body: Buffer.concat([body.subarray(0, at), body.subarray(end)]) };
    case 3:
      return { ...input, body: Buffer.concat([body.subarray(0, at), token, body.subarray(at)]) };
    case 4:
      return { ...input, body: Buffer.concat([body.subarray(0, end), body.subarray(at)]) };
    case 5: {
      const broken = Buffer.from([random.pick([0x80, 0xc0, 0xed, 0xff, 0x00]), random.below(256)]);
      return { ...input, body: Buffer.concat([body.subarray(0, at), broken, body.subarray(at)]) };
    }
    default: {
      const from = random.below(Math.max(1, other.body.length));
      return { ...input, body: Buffer.concat([body.subarray(0, at), other.body.subarray(from)]) };
    }
  }
};

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const REPEATED = 100_000;

/** Encodings and framings, right and wrong. */
const changeTravel: Change = (input, _other, random) => {
  const { body } = input;
  const gzip = (bytes: Uint8Array): Input => ({
    ...withHeader(input, "Content-Encoding", "gzip"),
    body: bytes,
  });
  const packed = gzipSync(body);
  switch (random.below(11)) {
    case 0:
      return gzip(packed);
    case 1:
      return gzip(packed.subarray(0, random.below(packed.length)));
    case 2:
      return gzip(Buffer.concat([packed, random.chance(0.5) ? packed : Buffer.from("rest")]));
    case 3: {
      const flipped = Buffer.from(packed);
      flipped[random.below(flipped.length)] = random.below(256);
      return gzip(flipped);
    }
    case 4:
      return gzip(gzipSync(packed));
    case 5:
      return gzip(body);
    case 6:
      // Ten times what push takes, in a few kilobytes.
      return gzip(
        gzipSync(Buffer.alloc(REPEATED * random.pick([1, 10, 60]), random.pick([32, 91, 0]))),
      );
    case 7:
      return { ...input, body: Buffer.concat([BOM, body]) };
    case 8:
      return { ...input, body: Buffer.from(Buffer.from(body).toString(), "utf16le") };
    case 9:
      return { ...input, framing: "none" };
    default:
      return { ...input, framing: "chunked" };
  }
};

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"];

const changeHead: Change = (input, _other, random) => {
  if (random.chance(0.15)) return { ...input, method: random.pick(METHODS) };
  if (random.chance(0.2) && input.headers.length > 0) {
    return { ...input, headers: input.headers.toSpliced(random.below(input.headers.length), 1) };
  }
  const [name, value] = random.pick(HEADERS);
  if (random.chance(0.3)) return { ...input, headers: [...input.headers, [name, value]] };
  return withHeader(input, name, value);
};

const changePath: Change = (input, _other, random) => {
  const [path = "/", ...query] = input.target.split("?");
  const steps = path.split("/");
  const at = 1 + random.below(Math.max(1, steps.length - 1));
  const piece = random.pick(PATH_PIECES);
  switch (random.below(5)) {
    case 0:
      steps[at] = piece;
      break;
    case 1:
      steps[at] = `${steps[at] ?? ""}${piece}`;
      break;
    case 2:
      steps.splice(at, random.below(2), piece);
      break;
    case 3:
      steps[at] = (steps[at] ?? "a").slice(0, 64).repeat(random.pick([2, 50, 1_000]));
      break;
    default:
      steps[at] = random
        .pick(["a", "%41", "%f0%9f%98%80", "/", "../"])
        .repeat(random.pick([300, 3_000, 5_400]));
  }
  return { ...input, target: [steps.join("/"), ...query].join("?") };
};

const changeQuery: Change = (input, _other, random) => {
  const [path = "/", query = ""] = input.target.split("?");
  const parts = query === "" ? [] : query.split("&");
  const at = random.below(parts.length + 1);
  const others = [
    random.pick(PATH_PIECES),
    "a".repeat(15_000),
    `x=${encodeURIComponent(random.pick(OTHERS))}`,
  ];
  const part = random.chance(0.8) ? random.pick(PARAMETERS) : random.pick(others);
  parts.splice(at, random.below(2), part);
  return { ...input, target: `${path}?${parts.join("&")}` };
};

const addBody: Change = (input, other, random) =>
  changeBody(
    { ...input, body: other.body.length > 0 ? other.body : Buffer.from("{}"), framing: "length" },
    other,
    random,
  );
