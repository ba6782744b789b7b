import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  admits,
  parseAddressList,
  parseAddressRule,
} from "../../../src/http/credentials/addresses.ts";
import type { AddressRule } from "../../../src/http/credentials/addresses.ts";

/** The rules of a list that must be good. */
function rulesOf(...texts: string[]): readonly AddressRule[] {
  const result = parseAddressList(texts);
  if (!result.ok) throw new Error(`no rule: ${result.text}`);
  return result.rules;
}

const V4 = ["0.0.0.0", "1.2.3.4", "127.0.0.1", "255.255.255.255"];
const V6 = ["::", "::1", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
const MAPPED = ["::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:1.2.3.4"];
/** What cannot be read as an address, or is not there. */
const UNKNOWN = [undefined, "", " ", "unknown", "1.2.3", "1.2.3.4:80", "[::1]", "fe80::1%eth0"];

describe("ranges", () => {
  // First and last address of each range, and their neighbours; made with Python's ipaddress
  // (ip_network(text, strict=False)).
  test.each<[text: string, inside: string[], outside: string[]]>([
    ["192.168.1.0/24", ["192.168.1.0", "192.168.1.255"], ["192.168.0.255", "192.168.2.0"]],
    ["192.168.1.77/24", ["192.168.1.0", "192.168.1.255"], ["192.168.0.255", "192.168.2.0"]],
    ["10.0.0.1", ["10.0.0.1"], ["10.0.0.0", "10.0.0.2"]],
    ["10.0.0.1/32", ["10.0.0.1"], ["10.0.0.0", "10.0.0.2"]],
    ["127.0.0.2/8", ["127.0.0.0", "127.255.255.255"], ["126.255.255.255", "128.0.0.0"]],
    ["172.16.0.0/12", ["172.16.0.0", "172.31.255.255"], ["172.15.255.255", "172.32.0.0"]],
    ["203.0.113.128/25", ["203.0.113.128", "203.0.113.255"], ["203.0.113.127", "203.0.114.0"]],
    ["203.0.113.5/31", ["203.0.113.4", "203.0.113.5"], ["203.0.113.3", "203.0.113.6"]],
    ["1.2.3.4/1", ["0.0.0.0", "127.255.255.255"], ["128.0.0.0"]],
    ["128.0.0.0/1", ["128.0.0.0", "255.255.255.255"], ["127.255.255.255"]],
    ["255.255.255.255", ["255.255.255.255"], ["255.255.255.254"]],
    ["0.0.0.0/32", ["0.0.0.0"], ["0.0.0.1"]],
    [
      "2001:db8::/32",
      ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
    ],
    [
      "2001:db8:abcd:12ff::/53",
      ["2001:db8:abcd:1000::", "2001:db8:abcd:17ff:ffff:ffff:ffff:ffff"],
      ["2001:db8:abcd:fff:ffff:ffff:ffff:ffff", "2001:db8:abcd:1800::"],
    ],
    ["2001:db8::1", ["2001:db8::1"], ["2001:db8::", "2001:db8::2"]],
    ["::1/128", ["::1"], ["::", "::2"]],
    [
      "fe80::1/10",
      ["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::"],
    ],
    [
      "8000::/1",
      ["8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ],
    [
      "2001:db8::ffff/127",
      ["2001:db8::fffe", "2001:db8::ffff"],
      ["2001:db8::fffd", "2001:db8::1:0"],
    ],
    ["::/1", ["::", "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], ["8000::"]],
    ["::10.0.0.0/104", ["::a00:0", "::aff:ffff"], ["::9ff:ffff", "::b00:0", "10.0.0.0"]],
  ])("%s", (text, inside, outside) => {
    const rules = rulesOf(text);
    expect(inside.filter((address) => !admits(rules, address))).toEqual([]);
    expect(outside.filter((address) => admits(rules, address))).toEqual([]);
  });

  test("one address, however it is written", () => {
    const rules = rulesOf("2001:DB8:0:0::A");
    const ways = ["2001:db8::a", "2001:0db8:0000:0000:0000:0000:0000:000A", "2001:db8::0.0.0.10"];
    expect(ways.filter((address) => !admits(rules, address))).toEqual([]);
  });
});

describe("IPv4-mapped IPv6 addresses are IPv4", () => {
  test("in a request", () => {
    expect(MAPPED.filter((address) => !admits(rulesOf("1.2.3.0/24"), address))).toEqual([]);
    expect(MAPPED.filter((address) => admits(rulesOf("1.2.4.0/24"), address))).toEqual([]);
    expect(MAPPED.filter((address) => admits(rulesOf("::/64", "::/0"), address))).toEqual([]);
  });

  test("in a list", () => {
    for (const text of MAPPED) {
      expect(admits(rulesOf(text), "1.2.3.4")).toBe(true);
      expect(admits(rulesOf(text), "1.2.3.5")).toBe(false);
    }
    const range = rulesOf("::ffff:10.0.0.0/104");
    const samples = ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3", "9.255.255.255", "11.0.0.0"];
    expect(samples.map((address) => admits(range, address))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(parseAddressRule("::ffff:10.0.0.0/104")).toEqual(parseAddressRule("10.0.0.0/8"));
    expect(parseAddressRule("::ffff:0:0/96")).toEqual(parseAddressRule("0.0.0.0/0"));
  });

  test("a wider range than all of them is one of IPv6", () => {
    const rules = rulesOf("::ffff:0.0.0.0/95");
    expect(admits(rules, "::fffe:1.2.3.4")).toBe(true);
    expect(admits(rules, "::ffff:1.2.3.4")).toBe(false);
    expect(admits(rules, "1.2.3.4")).toBe(false);
    expect(admits(rules, undefined)).toBe(false);
  });
});

describe("everybody and nobody", () => {
  const everyone = [...V4, ...V6, ...MAPPED, ...UNKNOWN];

  test.each(["0.0.0.0/0", "1.2.3.4/0", "::ffff:0:0/96"])("%s admits everybody", (text) => {
    expect(everyone.filter((address) => !admits(rulesOf(text), address))).toEqual([]);
    expect(everyone.filter((address) => !admits(rulesOf("9.9.9.9", text), address))).toEqual([]);
  });

  test.each(["::/0", "2001:db8::1/0"])("%s admits IPv6 and requests without address", (text) => {
    const rules = rulesOf(text);
    expect([...V6, ...UNKNOWN].filter((address) => !admits(rules, address))).toEqual([]);
    expect([...V4, ...MAPPED].filter((address) => admits(rules, address))).toEqual([]);
  });

  test("an empty list admits nobody", () => {
    expect(everyone.filter((address) => admits([], address))).toEqual([]);
  });

  test("no other rules admit without an address, not even together", () => {
    const rules = rulesOf("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1", "::1", "0.0.0.0");
    expect([...V4, ...V6].filter((address) => !admits(rules, address))).toEqual([]);
    expect(UNKNOWN.filter((address) => admits(rules, address))).toEqual([]);
  });
});

/** What no notation of one address is; also true of the address of a range. */
// oxfmt-ignore
const NO_ADDRESSES = [
  "", " ", "*", "localhost", "10", "10.0", "127.1", "10.0.0", "10.0.0.0.0", "1.2.3.", ".1.2.3",
  "1..2.3", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "010.0.0.1", "10.0.0.01",
  "10.0.0.00", "256.0.0.1", "10.0.0.256", "10.0.0.-1", "+1.2.3.4", "1.2.3.4.", "1.2.3.4 ",
  " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\0", "1,2,3,4", "1.2.3.a", "１.2.3.4", "1.2.3.4:80",
  ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8",
  "1::2::3", "1:::2", "1::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::", "g::", "0x1::", "::-1",
  "[::1]", "::1 ", " ::1", "::1\n", "fe80::1%eth0", "fe80::1%1", "fe80::1%", "::1.2.3",
  "::1.2.3.256", "::01.2.3.4", "::0x1.2.3.4", "::ffff:1.2.3", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4",
  "::1.2.3.4:5", "::ffff:1.2.3.4%1", "0000:0000:0000:0000:0000:0000:0000:0000:",
  "00000::1", "0".repeat(100_000), "1:".repeat(100_000),
];

describe("what is no rule", () => {
  test.each(NO_ADDRESSES.map((text) => [text.slice(0, 60), text]))("%j", (_shown, text) => {
    expect(parseAddressRule(text)).toBeUndefined();
    expect(parseAddressRule(`${text}/0`)).toBeUndefined();
    expect(parseAddressRule(`${text}/8`)).toBeUndefined();
    expect(admits(rulesOf("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"), text)).toBe(false);
  });

  // oxfmt-ignore
  test.each([
    "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/128", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
    "10.0.0.0/00", "10.0.0.0/8.0", "10.0.0.0/0x8", "10.0.0.0/1e1", "10.0.0.0/ 8", "10.0.0.0/8 ",
    "10.0.0.0 /8", "10.0.0.0/8\n", "10.0.0.0/255.0.0.0", "10.0.0.0/8/8", "10.0.0.0//8", "/8", "/",
    "10.0.0.0-10.0.0.9", "10.0.0.0\\8", "::/129", "::/1000", "::/4294967296", "::/", "::/0/",
    "::/ffff::", "::ffff:10.0.0.0/129", "::/٣",
  ])("the prefix of %j", (text) => {
    expect(parseAddressRule(text)).toBeUndefined();
  });
});

describe("parseAddressList", () => {
  test("a good list keeps its order", () => {
    const texts = ["10.0.0.0/8", "::1", "0.0.0.0/0"];
    expect(parseAddressList(texts)).toEqual({ ok: true, rules: texts.map(parseAddressRule) });
    expect(parseAddressList([])).toEqual({ ok: true, rules: [] });
  });

  test("names the first entry that is no rule", () => {
    expect(parseAddressList(["10.0.0.0/8", "127.1", "junk"])).toEqual({
      ok: false,
      index: 1,
      text: "127.1",
    });
  });
});

describe("against a model of whole numbers", () => {
  interface Family {
    readonly bits: number;
    readonly write: (value: bigint) => string;
  }
  const ipv4: Family = {
    bits: 32,
    write: (value) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join("."),
  };
  const ipv6: Family = {
    bits: 128,
    write: (value) =>
      Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 65535n)
        .map((group) => group.toString(16))
        .join(":"),
  };
  const mappedIpv4: Family = { bits: 32, write: (value) => `::ffff:${ipv4.write(value)}` };

  /** A range and an address that often differs from the range's own in one bit only. */
  const rangeAndAddress = (bits: number) =>
    fc
      .record({
        base: fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }),
        prefixBits: fc.integer({ min: 1, max: bits }),
        flipped: fc.option(fc.integer({ min: 0, max: bits - 1 })),
      })
      .map(({ base, prefixBits, flipped }) => {
        const address = flipped === null ? base : base ^ (1n << BigInt(flipped));
        const hostBits = BigInt(bits - prefixBits);
        return { base, prefixBits, address, isInside: base >> hostBits === address >> hostBits };
      });

  test.each<[name: string, list: Family, request: Family, prefixOffset: number]>([
    ["IPv4", ipv4, ipv4, 0],
    ["IPv6", ipv6, ipv6, 0],
    ["an IPv4-mapped address in the request", ipv4, mappedIpv4, 0],
    ["an IPv4-mapped range in the list", mappedIpv4, ipv4, 96],
  ])("%s", (_name, list, request, prefixOffset) => {
    fc.assert(
      fc.property(rangeAndAddress(list.bits), ({ base, prefixBits, address, isInside }) => {
        // A range of IPv6 may hold mapped addresses, which count as IPv4.
        fc.pre(list !== ipv6 || address >> 32n !== 0xffffn);
        const rules = rulesOf(`${list.write(base)}/${prefixBits + prefixOffset}`);
        expect(admits(rules, request.write(address))).toBe(isInside);
      }),
      { numRuns: 1000 },
    );
  });

  test("the families do not mix", () => {
    const value = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
    fc.assert(
      fc.property(value(32), value(128), fc.integer({ min: 1, max: 32 }), (v4, v6, prefixBits) => {
        fc.pre(v6 >> 32n !== 0xffffn);
        expect(admits(rulesOf(`${ipv4.write(v4)}/${prefixBits}`), ipv6.write(v6))).toBe(false);
        expect(admits(rulesOf(`${ipv6.write(v6)}/${prefixBits}`), ipv4.write(v4))).toBe(false);
      }),
    );
  });

  test("a list admits whom one of its rules admits", () => {
    const case4 = rangeAndAddress(32);
    fc.assert(
      fc.property(fc.array(case4, { maxLength: 5 }), case4, (others, asked) => {
        const texts = [...others, asked].map(({ base, prefixBits }) =>
          [ipv4.write(base), prefixBits].join("/"),
        );
        const address = ipv4.write(asked.address);
        const isAdmitted = texts.some((text) => admits(rulesOf(text), address));
        expect(admits(rulesOf(...texts), address)).toBe(isAdmitted);
      }),
    );
  });

  /** An address as it is meant: mapped ones are IPv4. */
  interface Meant {
    readonly bits: 32 | 128;
    readonly value: bigint;
  }
  const MAPPED = 0xffffn << 32n;
  const meant = ({ bits, value }: Meant): Meant =>
    bits === 128 && value >> 32n === 0xffffn
      ? { bits: 32, value: value ^ MAPPED }
      : { bits, value };

  /** The ways in which an IPv6 address may be written; each number chooses one. */
  const notations: ((value: bigint) => string)[] = [
    ipv6.write,
    (value) => ipv6.write(value).toUpperCase(),
    (value) => ipv6.write(value).replaceAll(/[\da-f]+/g, (group) => group.padStart(4, "0")),
    (value) => {
      const groups = ipv6.write(value).split(":").slice(0, 6);
      return `${groups.join(":")}:${ipv4.write(value & 0xffffffffn)}`;
    },
    // The first run of groups that are 0, then the last one, is left out.
    (value) => `:${ipv6.write(value)}:`.replace(/(?::0)+:/, "::").replace(/^:(?!:)|(?<!:):$/g, ""),
    (value) =>
      `:${ipv6.write(value)}:`
        .replace(/^(.*?[^0:]|)((?::0)+:)((?:(?!:0:).)*)$/, "$1::$3")
        .replace(/^:(?!:)|(?<!:):$/g, ""),
  ];

  const anyAddress: fc.Arbitrary<Meant> = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): Meant => ({ bits: 32, value })),
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value): Meant => ({ bits: 128, value })),
    // Mapped ones, and those with runs of zeros.
    fc
      .bigInt({ min: 0n, max: 2n ** 32n - 1n })
      .map((value): Meant => ({ bits: 128, value: value | MAPPED })),
    fc
      .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xffffn, 0x2001n), { minLength: 8, maxLength: 8 })
      .map((groups): Meant => ({
        bits: 128,
        value: groups.reduce<bigint>((value, group) => (value << 16n) | group, 0n),
      })),
  );

  test("any two of any notation: the top bits decide", () => {
    let admitted = 0;
    const property = fc.property(
      anyAddress,
      fc.integer({ min: 0, max: 128 }),
      fc.option(anyAddress),
      fc.nat({ max: 127 }),
      fc.tuple(fc.nat({ max: notations.length - 1 }), fc.nat({ max: notations.length - 1 })),
      (base, prefix, stranger, flipped, [listNotation, requestNotation]) => {
        const write = ({ bits, value }: Meant, way: number): string =>
          bits === 32 ? ipv4.write(value) : (notations[way] ?? ipv6.write)(value);
        const prefixBits = prefix % (base.bits + 1);
        const near = { ...base, value: base.value ^ (1n << BigInt(flipped % base.bits)) };
        const address = stranger ?? near;

        // The model, in whole numbers only.
        const isMappedRange = base.bits === 128 && meant(base).bits === 32 && prefixBits >= 96;
        const range = isMappedRange ? meant(base) : base;
        const rangeBits = isMappedRange ? prefixBits - 96 : prefixBits;
        const caller = meant(address);
        const shift = BigInt(range.bits - rangeBits);
        const isInside =
          (range.bits === 32 && rangeBits === 0) ||
          (caller.bits === range.bits && caller.value >> shift === range.value >> shift);

        const rules = rulesOf(`${write(base, listNotation)}/${prefixBits}`);
        expect(admits(rules, write(address, requestNotation))).toBe(isInside);
        if (isInside) admitted += 1;
      },
    );
    fc.assert(property, { numRuns: 3000 });
    // Neither answer is rare.
    expect(admitted).toBeGreaterThan(300);
    expect(admitted).toBeLessThan(2700);
  });
});
