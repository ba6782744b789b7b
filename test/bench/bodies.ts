/**
 * Push bodies (wire.md 2.4, 2.7) with the points of a shop's orders. A body is built once; each
 * request then only overwrites the digits of its keys and sequences, which all have the same
 * length, so that making a body costs the load generator next to nothing.
 */

/** The client and the import token of scripts/demo.sql. */
export const CLIENT_ID = 4231;
export const IMPORT_TOKEN = "demo-import-token";

/**
 * `exact`: 19-digit sequences and prices with two decimals (`58.40`), which a double would
 * change, so that exact parsing takes its slow path. `plain`: 13-digit sequences (ms) and prices
 * as a client with doubles prints them (`58.4`).
 */
export type Numbers = "exact" | "plain";

/** What a body looks like, apart from its keys and sequences. */
export interface Shape {
  points: number;
  table: string;
  numbers: Numbers;
  encoding: "json" | "transit";
  /**
   * The requests go to so many tables in turn, whose names begin with `table`. Without it, to the
   * one table. In JSON only.
   */
  tables?: number;
  /** Characters that each point's note has more. In JSON only. */
  padding?: number;
}

/** Which keys a body's points have: new ones from `next` on, or some of the ids below `count`. */
export type Keys = { kind: "fresh"; next: number } | { kind: "stored"; count: number };

/** Keys and sequences are a fixed beginning and this many digits that change. */
const DIGITS = 9;
const ID_START = "1";
const SEQUENCE_START: Record<Numbers, string> = { exact: "1795241049", plain: "1795" };

/**
 * Walks over stored keys in an order that is not theirs, and meets each once before one twice.
 * A prime that divides no power of ten.
 */
const STRIDE = 611_953;

/** Gives the points' ids and sequences, one after the other. */
export class KeySource {
  private readonly keys: Keys;
  private readonly stale: boolean;
  private readonly start: number;
  private sequence: number;
  private position = 0;

  /** Sequences rise from `sequence` on, or are all 0 where the points are to be stale. */
  constructor(keys: Keys, sequence: number, stale: boolean) {
    this.keys = keys;
    this.start = sequence;
    this.sequence = sequence;
    this.stale = stale;
  }

  nextId(): number {
    const at = this.position++;
    if (this.keys.kind === "fresh") return this.keys.next + at;
    // From another key in each window, so that no window finds its pages in a cache.
    return ((this.start + at) * STRIDE) % this.keys.count;
  }

  nextSequence(): number {
    return this.stale ? 0 : this.sequence++;
  }

  /** The place of the next point among all that a contestant has been sent for a table. */
  get place(): number {
    return this.start + this.position;
  }

  /** How many points were given out. */
  get used(): number {
    return this.position;
  }
}

/** One body whose keys and sequences can be overwritten. */
export class PushBody {
  readonly bytes: Uint8Array;
  private readonly idOffsets: number[] = [];
  private readonly sequenceOffsets: number[] = [];
  private readonly tableOffsets: number[] = [];
  private readonly shape: Shape;

  constructor(shape: Shape) {
    this.shape = shape;
    let text = "[";
    const writer = shape.encoding === "json" ? new JsonPoints(shape) : new TransitPoints(shape);
    for (let index = 0; index < shape.points; index++) {
      if (index > 0) text += ",";
      for (const piece of writer.pieces(index)) {
        text += piece.text;
        if (piece.digits === "id") this.idOffsets.push(text.length);
        if (piece.digits === "table") this.tableOffsets.push(text.length);
        if (piece.digits === "sequence") this.sequenceOffsets.push(text.length);
        if (piece.digits !== undefined) text += "0".repeat(DIGITS);
      }
    }
    this.bytes = new TextEncoder().encode(`${text}]`);
  }

  /** Overwrites all keys and sequences; the bytes must not be on their way to a socket. */
  fill(source: KeySource): void {
    const { points, tables = 1 } = this.shape;
    const table = Math.floor(source.place / points) % tables;
    for (const offset of this.tableOffsets) writeDigits(this.bytes, offset, table);
    for (const offset of this.idOffsets) writeDigits(this.bytes, offset, source.nextId());
    for (const offset of this.sequenceOffsets) {
      writeDigits(this.bytes, offset, source.nextSequence());
    }
  }
}

function writeDigits(bytes: Uint8Array, offset: number, value: number): void {
  let rest = value;
  for (let at = offset + DIGITS - 1; at >= offset; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
}

/** A stretch of a body, and what the digits behind it stand for. */
interface Piece {
  text: string;
  digits?: "id" | "sequence" | "table";
}

interface Order {
  userId: number;
  price: string;
  sku: string;
  email: string;
  status: string;
  createdAt: string;
  note: string;
}

const STATUSES = ["pending", "paid", "shipped", "complete", "canceled"];
const NAMES = ["maria.keller", "j.okafor", "li.wei", "sofia.rossi", "tom.baker"];
const NOTES = ["", "gift wrap", "leave at the door", "call before delivery, ring twice"];

/** An order that depends on nothing but its index, so that all contestants get the same. */
function order(index: number, numbers: Numbers): Order {
  const mixed = Math.imul(index + 1, 2_654_435_761) >>> 0;
  const cents = 199 + (mixed % 90_000);
  const exact = (cents / 100).toFixed(2);
  return {
    userId: 1000 + (mixed % 48_000),
    price: numbers === "exact" ? exact : String(Number(exact)),
    sku: `SKU-${String(mixed % 100_000).padStart(5, "0")}-B`,
    email: `${pick(NAMES, mixed)}${mixed % 997}@example.com`,
    status: pick(STATUSES, mixed >>> 3),
    createdAt: new Date(1_773_480_413_589 + mixed).toISOString(),
    note: pick(NOTES, mixed >>> 5),
  };
}

function pick(texts: string[], number: number): string {
  return texts[number % texts.length] ?? "";
}

class JsonPoints {
  private readonly head: Piece[];
  private readonly shape: Shape;

  constructor(shape: Shape) {
    this.shape = shape;
    const table = `{"client_id":${CLIENT_ID},"table_name":"${shape.table}`;
    const sequence = `","sequence":${SEQUENCE_START[shape.numbers]}`;
    this.head =
      shape.tables === undefined
        ? [{ text: table + sequence, digits: "sequence" }]
        : [
            { text: `${table}_`, digits: "table" },
            { text: sequence, digits: "sequence" },
          ];
  }

  pieces(index: number): Piece[] {
    const { userId, price, ...texts } = order(index, this.shape.numbers);
    const { sku, email, status, createdAt } = texts;
    const note = texts.note + "-".repeat(this.shape.padding ?? 0);
    const rest = JSON.stringify({ sku, email, status, created_at: createdAt, note });
    const data = `"action":"upsert","key_names":["id"],"data":{"id":${ID_START}`;
    return [
      ...this.head,
      { text: `,${data}`, digits: "id" },
      { text: `,"user_id":${userId},"value":${price},${rest.slice(1)}}` },
    ];
  }
}

/** Writes as the Python client does: string keys through the rolling cache, exact decimals. */
class TransitPoints {
  private readonly shape: Shape;
  private readonly cached = new Map<string, string>();

  constructor(shape: Shape) {
    this.shape = shape;
  }

  pieces(index: number): Piece[] {
    const { shape } = this;
    const { userId, price, ...texts } = order(index, shape.numbers);
    const value = shape.numbers === "exact" ? `"~f${price}"` : price;
    const head = this.pair("client_id", String(CLIENT_ID)) + this.pair("table_name", shape.table);
    const sequence = this.pair("sequence", `"~i${SEQUENCE_START[shape.numbers]}`);
    const middle =
      this.pair("action", "upsert") + this.pair("key_names", '["id"]') + this.pair("data", '["^ "');
    const rest =
      this.pair("user_id", String(userId)) + this.pair("value", value) + this.texts(texts);
    return [
      { text: `["^ "${head}${sequence}`, digits: "sequence" },
      { text: `"${middle}${this.pair("id", ID_START)}`, digits: "id" },
      { text: `${rest}]]` },
    ];
  }

  private texts(some: Omit<Order, "userId" | "price">): string {
    return (
      this.pair("sku", some.sku) +
      this.pair("email", some.email) +
      this.pair("status", some.status) +
      this.pair("created_at", `~t${some.createdAt}`) +
      this.pair("note", some.note)
    );
  }

  /** `,key,value`; a value that starts like JSON other than text goes in as it is. */
  private pair(key: string, value: string): string {
    return `,${this.key(key)},${/^["[\d]/.test(value) ? value : JSON.stringify(value)}`;
  }

  private key(key: string): string {
    const known = this.cached.get(key);
    if (known !== undefined) return known;
    if (key.length >= 4) {
      this.cached.set(key, `"^${String.fromCharCode(48 + this.cached.size)}"`);
    }
    return `"${key}"`;
  }
}
