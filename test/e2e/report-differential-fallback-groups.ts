/** Series, columns and groups of figures without PostgreSQL. */
import { Buffer } from "../../src/buffer.ts";
import {
  type Decimal,
  decimal,
  minus,
  order,
  plus,
  quotient,
  times,
  ZERO,
} from "./report-differential-decimal.ts";
import type { FigureCase } from "./report-differential-definitions.ts";

/** A field of CSV; null where it is nothing. */
export type Field = string | null;

/** A value; undefined where there is none. */
export type Maybe = Decimal | undefined;

/** A metric with its values. */
export interface Series {
  readonly isGrouped: boolean;
  /** Undefined without periods. */
  readonly unit: string | undefined;
  /** The groups that it has, as JSON. */
  readonly groups: ReadonlySet<string>;
  /** The periods that are shown. */
  readonly shown: ReadonlySet<string>;
  /** By group and period; the period of a total is "". */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Maybe>>;
  readonly totals: ReadonlyMap<string, ReadonlyMap<string, Maybe>>;
}

/** A metric or a formula. */
export interface Column {
  readonly label: string;
  readonly isHidden: boolean;
  readonly valueOf: (values: readonly Maybe[]) => Maybe;
}

/** The columns of a figure, hidden ones among them. */
export function columnsOf({ metrics, formulas = [] }: FigureCase): readonly Column[] {
  return [
    ...metrics.map(({ label, hidden = false }, at) => ({
      label,
      isHidden: hidden,
      valueOf: (values: readonly Maybe[]) => values[at],
    })),
    ...formulas.map(({ label, expression }) => {
      const formula = FORMULAS[expression];
      if (formula === undefined) throw new Error(`the formula ${expression} is not known`);
      return { label, isHidden: false, valueOf: formula };
    }),
  ];
}

const FORMULAS: Readonly<Record<string, (values: readonly Maybe[]) => Maybe>> = {
  "A / B": ([a, b]) => a && b && quotient(a, b),
  "(A - B * 2.50) / (B / 4) - -C": ([a, b, c]) => {
    const quarter = b && quotient(b, decimal("4"));
    const rest = a && b && minus(a, times(b, decimal("2.5")));
    const worked = rest && quarter && quotient(rest, quarter);
    return worked && c && plus(worked, c);
  },
};

/** The groups, as JSON, in the order in which they are shown. */
export function groupsOf(
  figure: FigureCase,
  series: readonly Series[],
  hasPeriods: boolean,
): string[] {
  const grouped = series.filter(({ isGrouped }) => isGrouped);
  if (grouped.length === 0) return ["[]"];
  const groups = [...new Set(grouped.flatMap((one) => [...one.groups]))];
  const { top } = figure;
  const columns = columnsOf(figure);
  const shown = columns.filter(({ isHidden }) => !isHidden);
  const isByOne = top?.by === undefined && shown.length === 1 && (!hasPeriods || top !== undefined);
  const by = isByOne ? shown[0]?.label : top?.by;
  const column = columns.find(({ label }) => label === by);
  const dimension = figure.group_by?.indexOf(by ?? "") ?? -1;
  const totalOf = (group: string): Maybe =>
    column?.valueOf(
      series.map(({ isGrouped, totals }) => totals.get(isGrouped ? group : "[]")?.get("") ?? ZERO),
    );
  const sign = (top?.order ?? (dimension >= 0 ? "asc" : "desc")) === "asc" ? 1 : -1;
  const sorted = groups.toSorted((a, b) => {
    const plain = compareGroups(a, b);
    if (column !== undefined) return compareTotals(totalOf(a), totalOf(b), sign) || plain;
    if (dimension < 0) return plain;
    const [x, y] = [a, b].map((group) => (JSON.parse(group) as string[])[dimension] ?? "");
    return sign * compareTexts(x ?? "", y ?? "") || plain;
  });
  return sorted.slice(0, typeof top?.n === "number" ? top.n : sorted.length);
}

function compareTotals(a: Maybe, b: Maybe, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return sign * order(a, b);
}

function compareGroups(a: string, b: string): number {
  const [left, right] = [JSON.parse(a) as string[], JSON.parse(b) as string[]];
  const at = left.findIndex((text, index) => compareTexts(text, right[index] ?? "") !== 0);
  return at < 0 ? 0 : compareTexts(left[at] ?? "", right[at] ?? "");
}

/** Numbers before other texts, those by code points, as the bytes of UTF-8. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => /^-?\d+(\.\d+)?$/.test(text));
  const byBytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (left !== right) return left === true ? -1 : 1;
  return left === true ? order(decimal(a), decimal(b)) || byBytes : byBytes;
}
