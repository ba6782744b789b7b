/**
 * CPU profiles of the isolates in workerd, taken through its inspector while load runs.
 */
import { writeFileSync } from "node:fs";
import { InspectorSession, inspectorTargets } from "./inspector.ts";

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
  const targets = await inspectorTargets(inspectorPort);
  const sessions = await Promise.all(targets.map((target) => InspectorSession.open(target)));
  await Promise.all(sessions.map(startProfile));
  await work();
  const profiles: IsolateProfile[] = [];
  for (const session of sessions) {
    const taken = await stopProfile(session);
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

async function startProfile(session: InspectorSession): Promise<void> {
  await session.call("Profiler.enable");
  await session.call("Profiler.setSamplingInterval", { interval: SAMPLING_US });
  await session.call("Profiler.start");
}

async function stopProfile(session: InspectorSession): Promise<CpuProfile> {
  const stopped = (await session.call("Profiler.stop")) as { profile: CpuProfile };
  session.close();
  return stopped.profile;
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
