/** All operations of the service, in the order of the documents. */
import type { Operation } from "../operation.ts";
import { adminClientOperations } from "./admin-clients.ts";
import { adminReportOperations } from "./admin-reports.ts";
import { adminTableOperations } from "./admin-tables.ts";
import { exportOperations } from "./export.ts";
import { nativeOperations } from "./native.ts";
import { rjmetricsOperations } from "./rjmetrics.ts";
import { serviceOperations } from "./service.ts";
import { stitchOperations } from "./stitch.ts";

/** See above. */
export const OPERATIONS: readonly Operation[] = [
  ...nativeOperations,
  ...stitchOperations,
  ...rjmetricsOperations,
  ...exportOperations,
  ...adminClientOperations,
  ...adminTableOperations,
  ...adminReportOperations,
  ...serviceOperations,
];
