/**
 * What the runtime has and TypeScript 7.0 does not know yet: source text access of
 * JSON.parse (https://tc39.es/proposal-json-parse-with-source/).
 */
interface RawJSON {
  readonly rawJSON: string;
}

interface JSON {
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): RawJSON;
  isRawJSON(value: unknown): value is RawJSON;
}
