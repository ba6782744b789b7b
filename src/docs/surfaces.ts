/** The surfaces as the documents group and name them. */

/** The pages of the documents, in their order; each is a tag of the OpenAPI document. */
export const PAGES = [
  {
    name: "native",
    title: "Native import",
    lead: "For new programs: records in, counts out. One path, JSON or NDJSON, dry runs, repeats that do no harm.",
  },
  {
    name: "stitch",
    title: "Stitch Import API",
    lead: "For programs that were written for Stitch: target-stitch and the Stitch client libraries run unchanged.",
  },
  {
    name: "rjmetrics",
    title: "RJMetrics import",
    lead: "For programs that were written for the RJMetrics or Magento BI Data Import API, v1 and v2, and its sandbox.",
  },
  {
    name: "export",
    title: "Export API",
    lead: "For programs that were written for the Magento BI Export API 0.1: raw exports of tables, figures and charts.",
  },
  {
    name: "admin",
    title: "Admin API",
    lead: "What an owner sets up and looks at: clients, integrations, tokens, keys, tables, exports, reports.",
  },
  {
    name: "service",
    title: "Service",
    lead: "Whether the service works, and this document for programs.",
  },
] as const;

/** The name of one of them, as in its address `/docs/<name>`. */
export type PageName = (typeof PAGES)[number]["name"];
