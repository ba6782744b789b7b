/**
 * Orders for the differential test, the same for the same seed: as the JSON that a client pushes,
 * and as what another engine is told of them. Instants are chosen first and written afterwards,
 * so that nothing here reads a date, and numbers stay the texts that they are.
 */
import { Random } from "../support/random.ts";
import {
  dateText,
  EDGES_MS,
  FIRST_MS,
  LAST_MS,
  MISSING,
  NO_DATES,
  noDate,
  NULL,
  numberValue,
  ODD_NUMBERS,
  SKUS,
  STATUSES,
  textValue,
  type Value,
} from "./report-differential-values.ts";

/** The columns of the table. */
export const COLUMNS = [
  "id",
  "customer_id",
  "status",
  "sku",
  "value",
  "quantity",
  "ratio",
  "is_gift",
  "created_at",
  "customer_created_at",
] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** An order. */
export type Order = Readonly<Record<ColumnName, Value>>;

/** Makes so many orders. */
export function makeOrders(count: number, seed: number): readonly Order[] {
  const maker = new OrderMaker(count, new Random(seed));
  return Array.from({ length: count }, (_, index) => maker.order(index + 1));
}

class OrderMaker {
  readonly #random: Random;
  readonly #customers: number;
  /** When customers joined, in ms since 1970. */
  readonly #joined = new Map<number, number>();

  constructor(count: number, random: Random) {
    this.#random = random;
    this.#customers = Math.ceil(count / 8);
  }

  order(id: number): Order {
    const customer = 1 + this.#below(this.#customers);
    const created = this.#instantMs();
    return {
      id: numberValue(String(id)),
      customer_id: this.#customer(customer),
      status: this.#oneIn(12) ? this.#nothing() : textValue(this.#pick(STATUSES)),
      sku: this.#oneIn(40) ? this.#pick([NULL, textValue("")]) : textValue(this.#pick(SKUS)),
      value: this.#money(),
      quantity: this.#oneIn(20) ? this.#nothing() : numberValue(String(1 + this.#below(5))),
      ratio: numberValue(this.#decimal(1, this.#below(13))),
      is_gift: this.#flag(),
      created_at: this.#date(created),
      customer_created_at: this.#date(this.#joinedAt(customer)),
    };
  }

  /** A number, sometimes in another form, and sometimes the text of one: that is another member. */
  #customer(customer: number): Value {
    if (this.#oneIn(30)) return this.#nothing();
    if (this.#oneIn(50)) return numberValue(`${customer}.0`);
    if (this.#oneIn(50)) return textValue(String(customer));
    return numberValue(String(customer));
  }

  #money(): Value {
    if (this.#oneIn(30)) return this.#nothing();
    if (this.#oneIn(80)) return textValue(this.#pick(["n/a", "12.50", ""]));
    if (this.#oneIn(60)) return numberValue(this.#pick(ODD_NUMBERS));
    const sign = this.#oneIn(15) ? "-" : "";
    return numberValue(sign + this.#decimal(500, this.#below(5)));
  }

  /** Below a limit, with so many places, zeros at the end among them. */
  #decimal(limit: number, places: number): string {
    const whole = String(this.#below(limit));
    if (places === 0) return whole;
    const digits = Array.from({ length: places }, () => this.#below(10)).join("");
    return `${whole}.${digits}`;
  }

  #flag(): Value {
    if (this.#oneIn(6)) return this.#nothing();
    const flag = this.#random.chance(0.3);
    return { json: String(flag), flag };
  }

  #joinedAt(customer: number): number {
    const known = this.#joined.get(customer) ?? this.#instantMs();
    this.#joined.set(customer, known);
    return known;
  }

  #instantMs(): number {
    if (this.#oneIn(5)) return this.#pick(EDGES_MS) + this.#below(7_200_000) - 3_600_000;
    return FIRST_MS + Math.floor(this.#random.next() * (LAST_MS - FIRST_MS));
  }

  /** A date in one of the forms that clients send. */
  #date(ms: number): Value {
    if (this.#oneIn(40)) return this.#nothing();
    if (this.#oneIn(40)) return noDate(this.#pick(NO_DATES));
    const second = Math.floor(ms / 1000) * 1000;
    const iso = new Date(second).toISOString();
    const plain = iso.slice(0, 19).replace("T", " ");
    switch (this.#below(8)) {
      case 0:
        return dateText(iso.slice(0, 10), Math.floor(ms / 86_400_000) * 86_400_000);
      case 1:
        return dateText(`${iso.slice(0, 19)}Z`, second);
      case 2:
        return dateText(iso.slice(0, 19), second);
      case 3:
        return this.#withFraction(plain, second);
      case 4:
        return this.#withOffset(second);
      case 5:
        return { json: String(ms), number: String(ms), instant: BigInt(ms) * 1000n };
      default:
        return dateText(plain, second);
    }
  }

  /** Digits after the microseconds are cut. */
  #withFraction(plain: string, second: number): Value {
    const isEdge = this.#oneIn(3);
    const count = 1 + this.#below(9);
    const digits = Array.from({ length: count }, () => (isEdge ? 9 : this.#below(10))).join("");
    const micros = BigInt(digits.slice(0, 6).padEnd(6, "0"));
    const zone = this.#pick(["", "Z"]);
    const text = `${plain}.${digits}${zone}`;
    return { ...textValue(text), instant: BigInt(second) * 1000n + micros };
  }

  #withOffset(second: number): Value {
    const minutes = this.#pick([-480, -300, -210, -30, 0, 60, 120, 330, 345, 840]);
    const local = new Date(second + minutes * 60_000).toISOString().slice(0, 19);
    const size = Math.abs(minutes);
    const two = (value: number): string => String(value).padStart(2, "0");
    const sign = minutes < 0 ? "-" : "+";
    const hours = two(Math.floor(size / 60));
    return dateText(`${local}${sign}${hours}${this.#pick([":", ""])}${two(size % 60)}`, second);
  }

  #nothing(): Value {
    return this.#pick([NULL, MISSING]);
  }

  #oneIn(count: number): boolean {
    return this.#below(count) === 0;
  }

  #below(limit: number): number {
    return this.#random.below(limit);
  }

  #pick<T>(values: readonly T[]): T {
    return this.#random.pick(values);
  }
}

/** The JSON of an order's data, without what is missing. */
export function orderJson(order: Order): string {
  const members = COLUMNS.flatMap((name) => {
    const { json } = order[name];
    return json === undefined ? [] : `"${name}":${json}`;
  });
  return `{${members.join(",")}}`;
}
