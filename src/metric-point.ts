/**
 * A point of the metrics (Analytics Engine); docs/operations.md has the layout of each kind.
 * Never throws: a point that is lost is no reason to fail, nor to fill the log. A deployment may
 * do without the binding, and an invocation takes a limited number of points.
 */
export function writePoint(env: Env, point: AnalyticsEngineDataPoint): void {
  try {
    (env as Partial<Env>).METRICS?.writeDataPoint(point);
  } catch {
    // See above.
  }
}
