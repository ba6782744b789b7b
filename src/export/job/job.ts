import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { ExportRun } from "./run.ts";

/** What an export's job is started with. */
export interface ExportJobParams {
  readonly exportId: number;
}

/**
 * Makes the file of one export. A Workflow, so that it goes on where it was after a crash or a
 * deploy (promise P6).
 */
export class ExportJob extends WorkflowEntrypoint<Env, ExportJobParams> {
  override async run(event: WorkflowEvent<ExportJobParams>, step: WorkflowStep): Promise<void> {
    await new ExportRun(this.env, event.payload.exportId).run(step);
  }
}
