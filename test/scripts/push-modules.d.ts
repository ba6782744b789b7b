/** The parts of scripts/push that tests call without a process around them. */
interface Frame {
  readonly text: string;
  readonly line: number;
  readonly end: number;
  readonly nextLine: number;
}

interface Splitter {
  line: number;
}

declare module "*/scripts/push/frames.mjs" {
  export function framesOf(
    pieces: AsyncIterable<Uint8Array>,
    splitter: Splitter,
    offset?: number,
  ): AsyncGenerator<Frame[]>;
  export const LineSplitter: new (line?: number) => Splitter;
}

declare module "*/scripts/push/csv.mjs" {
  export const CsvSplitter: new (delimiter: string, line?: number) => Splitter;
  export function fieldsOf(row: string, delimiter: string, line: number): (string | null)[];
}

declare module "*/scripts/push/json-array.mjs" {
  export const JsonArraySplitter: new (line?: number, isBegun?: boolean) => Splitter;
}

declare module "*/scripts/push/columns.mjs" {
  export function recordWriter(
    columns: readonly string[],
    typeOf: (column: string) => string,
    empty: string,
  ): (fields: readonly (string | null)[]) => string;
}

declare module "*/scripts/retry.mjs" {
  export function waitMs(
    repeat: number,
    retryAfter?: string | null,
    random?: number,
    now?: number,
  ): number;
}

declare module "*/scripts/push/progress.mjs" {
  interface Progress {
    readonly bytes: number;
    readonly total: number | undefined;
    readonly rows: number;
  }
  export function statusOf(
    progress: Progress,
    first: Progress,
    seconds: number,
    hasBar: boolean,
    width?: number,
  ): string;
}
