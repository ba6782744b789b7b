/**
 * Child processes that answer questions: one of load with what was measured, for example.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { LoadWindow, WindowResult } from "./load.ts";

type Reply<Answer> = { result: Answer } | { error: string };

/** Asks a question of another process, one at a time. */
export class ChildRunner<Question extends object, Answer> {
  private readonly child: ChildProcess;

  /** `module` is a file of this folder; `args` are its command line. */
  constructor(module: string, args: string[]) {
    const file = join(import.meta.dirname, module);
    this.child = fork(file, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Throws what went wrong in the child, such as an answer that is not 201. */
  async run(question: Question): Promise<Answer> {
    const abort = new AbortController();
    const exited = once(this.child, "exit", abort).then(([code]) => {
      throw new Error(`The process ended with ${String(code)}.`);
    });
    const replied = once(this.child, "message", abort) as Promise<[Reply<Answer>]>;
    // Whichever loses the race is rejected by the abort below, and nobody asks any more.
    exited.catch(() => undefined);
    replied.catch(() => undefined);
    try {
      this.child.send(question);
      const [reply] = await Promise.race([replied, exited]);
      if ("error" in reply) throw new Error(reply.error);
      return reply.result;
    } finally {
      abort.abort();
    }
  }

  close(): void {
    this.child.kill();
  }
}

/** Runs windows of load in another process. */
export class WindowRunner extends ChildRunner<LoadWindow, WindowResult> {}
