/** The bundle that counting.ts wraps, by the name it has beside it in the Worker. */
import type { DurableObject } from "cloudflare:workers";

declare const worker: ExportedHandler<Env>;
// oxlint-disable-next-line import/no-default-export -- what workerd looks for
export default worker;
export declare const TableRange: new (state: DurableObjectState, env: Env) => DurableObject<Env>;
