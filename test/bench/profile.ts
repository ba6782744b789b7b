/**
 * CPU profiles of the isolates in workerd, taken through its inspector while load runs.
 */
import { writeFileSync } from "node:fs";

/** The parts of a .cpuprofile that are read here. */
interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame }[];
  samples?: number[];
  timeDeltas?: number[];
}

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
}

interface Target {
  title: string;
  id: string;
  webSocketDebuggerUrl: string;
}

/** A function's own time, callees not included. */
export interface SelfTime {
  name: string;
  ms: number;
  /** Of the time in which the isolate ran. */
  share: number;
}

/** One isolate's profile. */
export interface IsolateProfile {
  isolate: string;
  file: string;
  busyMs: number;
  functions: SelfTime[];
}

/** Between samples, in microseconds. */
const SAMPLING_US = 250;
/**
 * An isolate is sampled only while it runs. A longer time between two samples belongs to other
 * isolates of the thread, or to nobody.
 */
const SAMPLE_US_MAX = SAMPLING_US * 1.5;
const FUNCTIONS_MAX = 25;

/** Profiles all isolates of the process while `work` runs; writes one file for each busy one. */
export async function profileWhile(
  inspectorPort: number,
  file: string,
  work: () => Promise<unknown>,
): Promise<IsolateProfile[]> {
  const answer = await fetch(`http://127.0.0.1:${inspectorPort}/json`);
  const targets = await answer.json<Target[]>();
  const sessions = await Promise.all(targets.map((target) => Session.open(target)));
  await Promise.all(sessions.map((session) => session.start()));
  await work();
  const profiles: IsolateProfile[] = [];
  for (const session of sessions) {
    const taken = await session.stop();
    const summary = summarize(session.isolate, taken);
    if (summary.busyMs === 0) continue;
    const isMain = session.isolate.endsWith("user:headgate");
    const name = isMain ? file : `${file}.${session.isolate.replaceAll(/[^\w-]+/g, "-")}`;
    const written = name.endsWith(".cpuprofile") ? name : `${name}.cpuprofile`;
    writeFileSync(written, JSON.stringify(taken));
    profiles.push({ ...summary, file: written });
  }
  return profiles.toSorted((a, b) => b.busyMs - a.busyMs);
}

/** One isolate's inspector. */
class Session {
  readonly isolate: string;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (result: unknown) => void>();

  private constructor(target: Target, socket: WebSocket) {
    this.isolate = target.title || target.id;
    this.socket = socket;
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(String(event.data)) as { id?: number; result?: unknown };
      if (message.id !== undefined) this.waiting.get(message.id)?.(message.result);
    });
  }

  static async open(target: Target): Promise<Session> {
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`No inspector of ${target.id}.`)));
    await promise;
    return new Session(target, socket);
  }

  async start(): Promise<void> {
    await this.call("Profiler.enable");
    await this.call("Profiler.setSamplingInterval", { interval: SAMPLING_US });
    await this.call("Profiler.start");
  }

  async stop(): Promise<CpuProfile> {
    const stopped = (await this.call("Profiler.stop")) as { profile: CpuProfile };
    this.socket.close();
    return stopped.profile;
  }

  private call(method: string, params: object = {}): Promise<unknown> {
    const id = this.waiting.size + 1;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.waiting.set(id, resolve);
    this.socket.send(JSON.stringify({ id, method, params }));
    return promise;
  }
}

function summarize(isolate: string, profile: CpuProfile): Omit<IsolateProfile, "file"> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const own = new Map<string, number>();
  let busyMs = 0;
  profile.samples?.forEach((id, index) => {
    const frame = nodes.get(id);
    if (frame === undefined || frame.functionName === "(idle)") return;
    const ms = Math.min(profile.timeDeltas?.[index] ?? 0, SAMPLE_US_MAX) / 1000;
    const name = describe(frame);
    busyMs += ms;
    own.set(name, (own.get(name) ?? 0) + ms);
  });
  const functions = [...own]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, FUNCTIONS_MAX)
    .map(([name, ms]) => ({ name, ms, share: ms / busyMs }));
  return { isolate, busyMs, functions };
}

function describe(frame: CallFrame): string {
  const name = frame.functionName || "(anonymous)";
  const file = frame.url.split("/").at(-1) ?? "";
  return file === "" ? name : `${name}  ${file}:${frame.lineNumber + 1}`;
}
