/**
 * What a run has measured, as single values with names: to judge them by what is aimed at, to
 * record them, and to compare them with those of another run.
 */

/** `share`: of 1; `times`: a multiple; sizes in bytes by powers of ten. */
export type Unit = "share" | "times" | "ms" | "bytes" | "count";

/** A bound that a value should reach. */
export type Aim = { atLeast: number } | { atMost: number } | { below: number };

/** One value. */
export interface Reading {
  /** The name in recorded.json: it stays the same from run to run. */
  id: string;
  /** What is measured, for readers. */
  text: string;
  value: number;
  unit: Unit;
  /** The lowest and the highest value of a round, where there were several. */
  range?: [number, number] | undefined;
  /** The same by CPU time, where it tells more than the clock; not judged. */
  byCpu?: number | undefined;
  /** Without it, the value is only told. */
  aim?: Aim | undefined;
}

/** Whether a value is as aimed at; true without an aim. */
export function isReached({ value, aim }: Reading): boolean {
  if (aim === undefined) return true;
  if ("atLeast" in aim) return value >= aim.atLeast;
  return "below" in aim ? value < aim.below : value <= aim.atMost;
}

/** The aim as text: `>= 60 %`. */
export function aimText({ aim, unit }: Reading): string {
  if (aim === undefined) return "";
  if ("atLeast" in aim) return `>= ${valueText(aim.atLeast, unit)}`;
  return "below" in aim ? `< ${valueText(aim.below, unit)}` : `<= ${valueText(aim.atMost, unit)}`;
}

/** A value with its unit. */
export function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case "share":
      return `${(value * 100).toFixed(0)} %`;
    case "times":
      return `${value.toFixed(2)} x`;
    case "ms":
      return `${value.toFixed(0)} ms`;
    case "bytes":
      return value >= 1e6 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e3).toFixed(1)} KB`;
    case "count":
      return Number.isInteger(value) ? String(value) : value.toFixed(2);
  }
}
