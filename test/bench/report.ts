/**
 * The figures as text.
 */
import { availableParallelism, loadavg } from "node:os";
import type { Counts } from "./counts.ts";
import type { CaseResult, Figures } from "./measure.ts";
import type { IsolateProfile } from "./profile.ts";
import { aimText, isReached, type Reading } from "./readings.ts";

const NAMES = {
  headgate: "Headgate",
  empty: "empty Worker",
  sqlite: "node:sqlite",
  postgres: "PostgreSQL",
};
const COLUMNS = [
  "",
  "requests/s",
  "points/s",
  "p50 ms",
  "p99 ms",
  "CPU ms",
  "Headgate's share",
  "by CPU",
  "target",
];
const WIDTHS = [14, 12, 13, 9, 9, 9, 24, 9, 0];

/** The heading of the table of cases. */
export function caseHeading(): string {
  return row(COLUMNS);
}

/** What else the machine does: past its number of cores, only the shares by CPU can be trusted. */
export function machineText(): string {
  const [minute] = loadavg();
  return `${availableParallelism()} cores, load of the last minute ${minute?.toFixed(1) ?? "?"}`;
}

/** One case: a title and a row for each contestant. */
export function caseText(result: CaseResult): string {
  const rows = (["headgate", "empty", "sqlite", "postgres"] as const).flatMap((name) => {
    const figures = result.contestants[name];
    if (figures === undefined) return [];
    const reading = result.readings.find(({ id }) => id.endsWith(` / ${name}`));
    return row([NAMES[name], ...figureTexts(figures), judgementText(reading)]);
  });
  const { headgate, empty, postgres } = result.contestants;
  const load = Math.max(...[headgate, empty, postgres].map((one) => one?.clientLoad ?? 0));
  const kilobytes = (result.bodyBytes / 1000).toFixed(1);
  const about = `${kilobytes} kB, ${result.rounds} rounds, load generator ${percent(load)} of a core`;
  const refused = result.readings.find(({ id }) => id.endsWith(" / 503"));
  const overload = refused === undefined ? [] : [`Headgate answered ${refused.value} with 503`];
  return [`\n${result.title} (${about})`, ...rows, ...overload].join("\n");
}

function figureTexts(figures: Figures): string[] {
  const { headgateShare: share, shareRange: range } = figures;
  return [
    grouped(figures.requestsPerSecond),
    grouped(figures.pointsPerSecond),
    figures.p50Ms.toFixed(1),
    figures.p99Ms.toFixed(1),
    figures.cpuMsPerRequest?.toFixed(2) ?? "",
    share === undefined || range === undefined
      ? ""
      : `${percent(share)} (${percent(range[0])} to ${percent(range[1])})`,
    figures.headgateCpuShare === undefined ? "" : percent(figures.headgateCpuShare),
  ];
}

function judgementText(reading: Reading | undefined): string {
  if (reading?.aim === undefined) return "";
  return `${aimText(reading)} ${isReached(reading) ? "reached" : "MISSED"}`;
}

/** What pushes cost in D1 calls. */
export function countsText(counts: Counts): string {
  const { firstPush, warmPush, concurrent, bigPush } = counts;
  const perRequest = (concurrent.shardCalls / concurrent.requests).toFixed(2);
  const perMegabyte = bigPush.statementsPerMegabyte.toFixed(2);
  const line = (title: string, count: Counts["warmPush"], more: string) =>
    `${title.padEnd(34)}${count.catalogCalls} catalogue, ${count.shardCalls} shard calls, ` +
    `${count.statements} statements${more}; ${count.noteCalls} notes of imports beside`;
  return [
    "\nD1 calls",
    line("first push, which makes the table", firstPush, ""),
    line("warm push of 1 point", warmPush, ""),
    line(
      `${concurrent.requests} pushes of 1 point @64`,
      concurrent,
      `, ${perRequest} calls a push`,
    ),
    line("push of 10,000 points", bigPush, `, ${perMegabyte} a MB`),
    ...[...warmPush.catalogSql, ...concurrent.catalogSql].map(
      (sql) => `  in the catalogue: ${sql}`,
    ),
  ].join("\n");
}

/** The busiest functions of each isolate. */
export function profilesText(profiles: IsolateProfile[]): string {
  return profiles
    .map(({ isolate, file, busyMs, functions }) => {
      const rows = functions.map(
        ({ name, ms, share }) =>
          `${percent(share).padStart(6)}${ms.toFixed(1).padStart(10)} ms  ${name}`,
      );
      return [`\n${isolate}: busy ${busyMs.toFixed(0)} ms, ${file}`, ...rows].join("\n");
    })
    .join("\n");
}

function row(cells: string[]): string {
  const padded = cells.map((cell, at) => {
    const width = WIDTHS[at] ?? 0;
    return at === 0 ? cell.padEnd(width) : width === 0 ? `  ${cell}` : cell.padStart(width);
  });
  return padded.join("").trimEnd();
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function grouped(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 1 : 0 });
}
