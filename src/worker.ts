/** The Worker's entry: what the platform calls, and nothing else. */
import { handle } from "./http/handle.ts";
import { sweep } from "./sweep/sweep.ts";

export { ExportJob } from "./export/job/job.ts";
export { TableRange } from "./warehouse/table-range.ts";

export default {
  fetch: handle,
  scheduled: (_controller, env) => sweep(env),
} satisfies ExportedHandler<Env>;
