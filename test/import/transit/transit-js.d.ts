/** The part of transit-js that the tests use; the package has no types of its own. */
declare module "transit-js" {
  interface Keyed {
    forEach(visit: (value: unknown, key: unknown) => void): void;
  }
  interface Transit {
    writer(type: "json" | "json-verbose"): { write(value: unknown): string };
    keyword(name: string): unknown;
    symbol(name: string): unknown;
    uuid(text: string): unknown;
    uri(text: string): unknown;
    integer(text: string): unknown;
    bigInt(text: string): unknown;
    bigDec(text: string): unknown;
    tagged(tag: string, value: unknown): unknown;
    list(values: readonly unknown[]): unknown;
    set(values: readonly unknown[]): Keyed;
    map(keysAndValues: readonly unknown[]): Keyed;
    isKeyword(value: unknown): boolean;
    isMap(value: unknown): value is Keyed;
    isSet(value: unknown): value is Keyed;
    isInteger(value: unknown): boolean;
    isTaggedValue(value: unknown): value is { readonly tag: string; readonly rep: unknown };
  }
  const transit: Transit;
  export default transit;
}
