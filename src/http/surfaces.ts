/** The surfaces of the service: the wire formats that answer in shapes of their own. */

/** Those that import. `validate` stores nothing. */
export const IMPORT_SURFACES = ["push", "validate", "batch", "rjmetrics", "native"] as const;

/** Any of them; `stitch` is every Stitch path that does not import. */
export type Surface = (typeof IMPORT_SURFACES)[number] | "stitch" | "export" | "admin";

/** As people call them. */
export const SURFACE_NAMES: Readonly<Record<Surface, string>> = {
  push: "Stitch push",
  validate: "Stitch validate",
  batch: "Stitch batch",
  stitch: "Other Stitch paths",
  rjmetrics: "RJMetrics import",
  native: "Native import",
  export: "Export API",
  admin: "Admin API",
};
