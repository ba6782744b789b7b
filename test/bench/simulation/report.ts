/** Tables of results, as docs/scale.md has them. */
import type { Cost } from "./cost.ts";
import { limitOf, type Result } from "./result.ts";
import { TOLERANCE, type Comparison } from "./validate.ts";

/** A row of a table in Markdown. */
function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const short = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value));

/** Runs by their titles. */
export function resultsText(results: readonly (readonly [string, Result])[]): string {
  const head = [
    ...["", "answered/s", "refused", "p50, p99 ms", "ranges", "commits/s", "requests a commit"],
    ...["rows a commit", "statements a MB", "shards mean, max", "busiest object", "catalogue"],
    ...["limits"],
  ];
  const rows = results.map(([title, result]) => [
    ...[title, whole(result.requestsPerS), percent(result.refusedShare)],
    ...[`${whole(result.p50Ms)}, ${whole(result.p99Ms)}`, result.ranges],
    ...[whole(result.commitsPerS), short(result.requestsPerCommit), short(result.rowsPerCommit)],
    short(result.statementsPerMb),
    `${percent(result.shards.mean)}, ${percent(result.shards.max)}`,
    ...[percent(result.objects.max), percent(result.catalogue.max), limitOf(result)],
  ]);
  return table(head, rows);
}

/** The simulation beside real runs. */
export function comparisonText(comparisons: readonly Comparison[]): string {
  const head = [
    ...[
      "points x connections",
      "measured requests/s",
      "simulated",
      "by CPU time",
      "measured group",
      "simulated",
    ],
    ...["within", "fitted"],
  ];
  const rows = comparisons.map(({ run, isFitted, isWithin, ...simulated }) => [
    `${run.points} x ${run.connections}`,
    ...[whole(run.requestsPerS), whole(simulated.requestsPerS)],
    whole(simulated.aloneRequestsPerS),
    ...[run.requestsPerCommit.toFixed(1), simulated.requestsPerCommit.toFixed(1)],
    ...[isWithin ? "yes" : "NO", isFitted ? "yes" : ""],
  ]);
  const { requestsPerS, requestsPerCommit } = TOLERANCE;
  const note = `Tolerance: ${percent(requestsPerS)} of the rate, ${percent(requestsPerCommit)} of the group.`;
  return `${table(head, rows)}\n${note}`;
}

/** Costs by their titles. */
export function costText(costs: readonly (readonly [string, Cost])[]): string {
  const names = [
    ...["requests", "workerCpu", "objectRequests", "objectDuration", "rowsWritten", "rowsRead"],
    ...["metrics", "logs", "sum", "storageMonth"],
  ] as const;
  const head = ["USD for a billion points", ...costs.map(([title]) => title)];
  const rows = names.map((name) => [name, ...costs.map(([, cost]) => amount(cost, name))]);
  return table(head, rows);
}

function amount(cost: Cost, name: string): string {
  const value: unknown = Reflect.get(cost, name);
  return typeof value === "number" ? value.toFixed(2) : "";
}
