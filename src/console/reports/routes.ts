/** All paths of figures and cohort charts. */
import type { ConsoleRoute } from "../context.ts";
import { builderRoutes } from "./builder.tsx";
import { reportListRoutes } from "./list.tsx";
import { reportRoutes } from "./report.tsx";

/** Lists, builders, reports. */
export const reportPageRoutes: readonly ConsoleRoute[] = [
  ...reportListRoutes,
  ...builderRoutes,
  ...reportRoutes,
];
