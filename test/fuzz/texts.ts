/** Texts with a grammar of their own: half of them by the rules, half of them nearly. */
import type { Random } from "../support/random.ts";

/** Makes a text. */
export type TextMaker = (random: Random) => string;

/** Puts together what `parts` offers, now and then with a slip. */
function slip(random: Random, made: string): string {
  if (random.chance(0.6) || made === "") return made;
  const at = random.below(made.length);
  const cut = random.below(3);
  const extra = random.pick(["", "(", ")", "[", "]", "/", " ", "\0", "\ud800", "é", "0", "A", ","]);
  return made.slice(0, at) + extra + made.slice(at + cut);
}

/** The logic of filters: `([A] AND [B]) OR [C]`. */
export const logicText: TextMaker = (random) => {
  const leaf = (): string => {
    const letter = random.chance(0.8)
      ? random.pick(["A", "B"])
      : random.pick(["C", "Z", "a", "AA", "Ä"]);
    return random.chance(0.5) ? `[${letter}]` : letter;
  };
  const or = (depth: number): string => {
    const count = 1 + random.below(depth > 3 ? 1 : 3);
    const parts = Array.from({ length: count }, () =>
      random.chance(0.4) && depth < 25 ? `(${or(depth + 1)})` : leaf(),
    );
    return parts.join(random.pick([" AND ", " OR ", " or ", " And ", "\nAND\t", " NOT ", " "]));
  };
  if (random.chance(0.05)) return "(".repeat(random.pick([20, 21, 500, 999, 5_000]));
  return slip(random, or(0));
};

/** Formulas of metrics: `D / (B / 4)`. */
const formulaText: TextMaker = (random) => {
  const factor = (depth: number): string => {
    if (depth < 60 && random.chance(0.3)) return `(${sum(depth + 1)})`;
    if (random.chance(0.2)) return `-${random.chance(0.5) ? factor(depth + 1) : "1"}`;
    return random.pick([
      "A",
      "B",
      "1",
      "0",
      "4.50",
      "1e3",
      "9".repeat(300),
      "C",
      "AB",
      ".5",
      "0.0001",
    ]);
  };
  const sum = (depth: number): string => {
    const count = 1 + random.below(depth > 3 ? 2 : 4);
    const parts = Array.from({ length: count }, () => factor(depth));
    return parts.reduce(
      (made, part) => `${made}${random.pick(["+", " - ", "*", "/", " / "])}${part}`,
    );
  };
  if (random.chance(0.05))
    return random.pick(["-", "(", "A*", "A/"]).repeat(random.pick([49, 51, 499]));
  return slip(random, sum(0));
};

/** Addresses and ranges of them, right and nearly right. */
export const addressText: TextMaker = (random) => {
  const octet = (): string =>
    random.pick(["0", "10", "127", "255", "256", "01", "0x7f", "1", "-1", "", "1e1", "٣"]);
  const hextet = (): string =>
    random.pick(["0", "ffff", "2001", "db8", "FFFF", "", "10000", "g", "::"]);
  const v4 = (): string => Array.from({ length: random.pick([4, 4, 4, 3, 5, 1]) }, octet).join(".");
  const v6 = (): string => Array.from({ length: random.pick([8, 8, 3, 2, 9]) }, hextet).join(":");
  const base = random.chance(0.4)
    ? v4()
    : random.pick([
        v6(),
        `::ffff:${v4()}`,
        "::",
        "::1",
        "fe80::1%eth0",
        "2130706433",
        "localhost",
        "",
      ]);
  const bits = random.pick([
    "0",
    "8",
    "32",
    "33",
    "96",
    "128",
    "129",
    "-1",
    "08",
    "",
    "1e1",
    " 8",
    "8/8",
  ]);
  return slip(random, random.chance(0.6) ? `${base}/${bits}` : base);
};

/** Regular expressions for a schema's `pattern`: some would take for ever in a backtracking one. */
const patternText: TextMaker = (random) => {
  const atom = (): string =>
    random.pick([
      "a",
      ".",
      "\\d",
      "\\w",
      "[a-z]",
      "[^a]",
      "(a|a)",
      "(a*)",
      "^",
      "$",
      "\\b",
      "(?=a)",
      "(?:a)",
    ]) + random.pick(["", "", "*", "+", "?", "{2}", "{1,1000}", "{99999}", "*?"]);
  if (random.chance(0.15)) {
    return random.pick([
      "(a+)+$",
      "(a|aa)+$",
      "(.*a){25}",
      "((a{9}){9}){9}{9}",
      "(?<n>a)\\k<n>",
      "[",
      "(",
      "a{2,1}",
      "\\p{L}+",
      "(a?){300}a{300}",
      "(".repeat(5_000),
      "\\",
    ]);
  }
  return slip(random, Array.from({ length: 1 + random.below(5) }, atom).join(""));
};

/** Dates and times as people send them. */
export const dateText: TextMaker = (random) =>
  slip(
    random,
    random.pick([
      "2019-01-01",
      "2019-12-31",
      "0001-01-01",
      "9999-12-31",
      "2020-02-29",
      "2019-02-29",
      "2019-13-01",
      "2019-08-01 14:22:32",
      "2019-08-01T14:22:32.123456789+14:00",
      "last_full_year",
      "all_time",
      "-0001-01-01",
      "+275760-09-13",
      "1969-12-31T23:59:59Z",
      "24:00:00",
      "2019-W01-1",
    ]),
  );

/** Time zones. */
const zoneText: TextMaker = (random) =>
  slip(
    random,
    random.pick([
      "UTC",
      "Europe/Berlin",
      "America/St_Johns",
      "Pacific/Apia",
      "Etc/GMT+12",
      "GMT",
      "+05:30",
      "EST5EDT",
      "Africa/Monrovia",
      "europe/berlin",
      "../UTC",
      "",
    ]),
  );

/** Which member holds which kind of text; tried in this order on the quoted name. */
export const MAKERS: readonly (readonly [RegExp, TextMaker])[] = [
  [/filter_logic/, logicText],
  [/expression/, formulaText],
  [/allowed_ips|addresses/, addressText],
  [/pattern/, patternText],
  [/time_zone/, zoneText],
  [/from|to|date|created_at|chosen|moving/, dateText],
];
