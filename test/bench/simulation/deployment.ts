/** What a simulated deployment is made of: servers, tables, and the objects of their ranges. */
import { rangesForNewTable, type KeyRange } from "../../../src/warehouse/slots.ts";
import { Catalogue } from "./catalogue.ts";
import { EventHeap } from "./event-heap.ts";
import { RangeObject, Table } from "./objects.ts";
import type { Parameters } from "./parameters.ts";
import { SimulationRandom } from "./random.ts";
import { shardsOfNewTables } from "./shards.ts";
import { Statistics } from "./statistics.ts";
import { Thread } from "./thread.ts";

/** See the module's comment. Its parts are named by their numbers; each must be there. */
export class Deployment {
  readonly parameters: Parameters;
  readonly events = new EventHeap();
  readonly random: SimulationRandom;
  readonly catalogue: Catalogue;
  readonly statistics: Statistics;
  readonly #shared = new Thread();
  readonly #isolates: Thread[];
  readonly #shards: Thread[];
  readonly #tables: Table[];
  readonly #objects: RangeObject[] = [];
  readonly #numbers = new Map<RangeObject, number>();

  constructor(parameters: Parameters) {
    const { seed, tables, isolates, shards, tablesPerClient } = parameters;
    this.parameters = parameters;
    this.random = new SimulationRandom(seed);
    this.#isolates = Array.from({ length: isolates }, () => this.#thread());
    this.#shards = Array.from({ length: shards }, () => this.#thread());
    this.catalogue = new Catalogue(parameters, this.#thread(), this.random);
    this.#tables = shardsOfNewTables(tables, shards).map(
      (own, index) => new Table(Math.floor(index / tablesPerClient), rangesForNewTable(own)),
    );
    for (const table of this.#tables) {
      for (const range of table.rangesOf(0)) this.objectOf(table, range);
    }
    const servers = { isolates: this.#isolates, shards: this.#shards, objects: this.#objects };
    this.statistics = new Statistics(parameters, { ...servers, catalogue: this.catalogue });
  }

  #thread(): Thread {
    return this.parameters.isOneThread ? this.#shared : new Thread();
  }

  /** How many objects there are. */
  get objectCount(): number {
    return this.#objects.length;
  }

  /** The object of a table's range, which is made where there is none. */
  objectOf(table: Table, range: KeyRange): RangeObject {
    const known = table.objects.get(range.start);
    if (known !== undefined) return known;
    const { splitRequestsPerS } = this.parameters;
    const object = new RangeObject(table, range, this.#thread(), splitRequestsPerS);
    // Its first caller tells it where the range ends; so does the catalogue that made it.
    object.load.learn(table.endNow(range.start));
    table.objects.set(range.start, object);
    this.#numbers.set(object, this.#objects.length);
    this.#objects.push(object);
    return object;
  }

  /** An object by its number. */
  object(number: number): RangeObject {
    const object = this.#objects[number];
    if (object === undefined) throw new Error(`There is no object ${number}.`);
    return object;
  }

  /** The number of an object. */
  numberOf(object: RangeObject): number {
    return this.#numbers.get(object) ?? 0;
  }

  /** A table by its number. */
  table(number: number): Table {
    const table = this.#tables[number];
    if (table === undefined) throw new Error(`There is no table ${number}.`);
    return table;
  }

  /** An isolate by its number. */
  isolate(number: number): Thread {
    const thread = this.#isolates[number];
    if (thread === undefined) throw new Error(`There is no isolate ${number}.`);
    return thread;
  }

  /** The database of a shard by its number. */
  shard(number: number): Thread {
    const thread = this.#shards[number];
    if (thread === undefined) throw new Error(`There is no shard ${number}.`);
    return thread;
  }
}
