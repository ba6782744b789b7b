/**
 * The address lists of export keys (wire.md 4.1).
 *
 * A rule is a bare address or a CIDR range, IPv4 or IPv6:
 *
 * - Host bits may be set: `127.0.0.2/8` is 127.0.0.0/8. A bare address is that one address.
 * - An IPv4-mapped IPv6 address counts as IPv4, in a list and in a request:
 *   `::ffff:10.0.0.0/104` is 10.0.0.0/8. So a range of IPv6, `::/64` say, holds no IPv4 address,
 *   however that is written.
 * - `0.0.0.0/0` admits everybody: IPv4, IPv6, and a request whose address is absent or no
 *   address. Each rule that stands for the same range does, so `::ffff:0:0/96` too.
 * - `::/0` admits every IPv6 address and a request whose address is absent or no address, but
 *   no IPv4 address: wire.md says only of 0.0.0.0/0 that it reaches over to the other family,
 *   and a key is better refused than open to more than its owner wrote.
 * - An empty list admits nobody.
 *
 * Only the usual notation is read, the same for lists and requests: what ipaddr.js takes beyond
 * it (`127.1`, `010.0.0.1`, `0x7f.0.0.1`, `2130706433`, zones) means different addresses to
 * different programs, so it is no address here.
 */
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One parsed entry of a list. Parse once per key and keep: matching is cheap. */
export interface AddressRule {
  /** Any address of the range; an IPv4-mapped one is IPv4 here. */
  readonly address: Address;
  /** How many leading bits count: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly prefixBits: number;
}

/** The rules of a list, or its first entry that is no rule: its index from 0 and its text. */
export type AddressListResult =
  | { readonly ok: true; readonly rules: readonly AddressRule[] }
  | { readonly ok: false; readonly index: number; readonly text: string };

/** 0 to 255 without leading zeros. */
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
/** The IPv4 address at the end of an IPv6 address: `::ffff:10.0.0.1`. */
const IPV4_TAIL = new RegExp(`(?<=:)${OCTET}(?:\\.${OCTET}){3}$`);
/** The characters of an IPv6 address; ipaddr.js checks how they are put together. */
const IPV6_CHARACTERS = /^[\da-f:]+$/i;
/** A prefix length without leading zeros; the range is checked by family. */
const PREFIX_BITS = /^(?:0|[1-9]\d{0,2})$/;

/** Characters of the longest address, IPv6 with an IPv4 tail; bounds the work on a header. */
const ADDRESS_CHARACTERS_MAX = 45;

/** The first 96 of the 128 bits of an IPv4-mapped address are the same for all of them. */
const MAPPED_PREFIX_BITS = 96;

/** Parses one entry: `203.0.113.0/24`, `2001:db8::1`. Undefined where it is no rule. */
export function parseAddressRule(text: string): AddressRule | undefined {
  const [addressText = "", prefixText, ...rest] = text.split("/");
  if (rest.length > 0) return undefined;
  const address = parseAddress(addressText);
  if (address === undefined) return undefined;
  const bits = address.kind() === "ipv4" ? 32 : 128;
  if (prefixText !== undefined && !PREFIX_BITS.test(prefixText)) return undefined;
  const prefixBits = prefixText === undefined ? bits : Number(prefixText);
  return prefixBits > bits ? undefined : unmapRule({ address, prefixBits });
}

/** Parses a list. All or nothing: a list with an entry that is no rule has no rules. */
export function parseAddressList(texts: readonly string[]): AddressListResult {
  const rules: AddressRule[] = [];
  for (const [index, text] of texts.entries()) {
    const rule = parseAddressRule(text);
    if (rule === undefined) return { ok: false, index, text };
    rules.push(rule);
  }
  return { ok: true, rules };
}

/**
 * Whether a list admits a request.
 *
 * @param address the value of `CF-Connecting-IP` and nothing else; undefined without it.
 */
export function admits(rules: readonly AddressRule[], address: string | undefined): boolean {
  const parsed = address === undefined ? undefined : parseAddress(address);
  const caller = parsed === undefined ? undefined : unmap(parsed);
  return rules.some((rule) => admitsCaller(rule, caller));
}

/**
 * Whom an address stands for where callers are counted: IPv4 the address, IPv6 its /64, which is
 * what one customer gets at least. Undefined where it is no address.
 */
export function networkOf(address: string): string | undefined {
  const parsed = parseAddress(address);
  const caller = parsed === undefined ? undefined : unmap(parsed);
  if (caller === undefined || !("parts" in caller)) return caller?.toString();
  return `${caller.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

function admitsCaller(rule: AddressRule, caller: Address | undefined): boolean {
  const family = rule.address.kind();
  if (rule.prefixBits === 0 && family === "ipv4") return true;
  if (caller === undefined) return rule.prefixBits === 0;
  return caller.kind() === family && caller.match(rule.address, rule.prefixBits);
}

function parseAddress(text: string): Address | undefined {
  if (text.length > ADDRESS_CHARACTERS_MAX) return undefined;
  if (IPV4.test(text)) return ipaddr.IPv4.parse(text);
  // ipaddr.js would read ::10.0.0.1 as an IPv4-mapped address, which it is not.
  const hex = text.replace(IPV4_TAIL, asIPv6Tail);
  if (!IPV6_CHARACTERS.test(hex) || !ipaddr.IPv6.isValid(hex)) return undefined;
  return ipaddr.IPv6.parse(hex);
}

/** `10.0.0.1` → `a00:1`. */
function asIPv6Tail(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(ipv4).octets;
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function unmap(address: Address): Address {
  return "isIPv4MappedAddress" in address && address.isIPv4MappedAddress()
    ? address.toIPv4Address()
    : address;
}

/** A shorter prefix than that of all mapped addresses makes a range of IPv6, not of IPv4. */
function unmapRule(rule: AddressRule): AddressRule {
  const address = unmap(rule.address);
  if (address === rule.address || rule.prefixBits < MAPPED_PREFIX_BITS) return rule;
  return { address, prefixBits: rule.prefixBits - MAPPED_PREFIX_BITS };
}
