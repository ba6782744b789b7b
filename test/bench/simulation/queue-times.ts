/** What the real queue of a key range takes of its object's CPU time, without RPC and D1. */
import { CommitQueue } from "../../../src/warehouse/commit-queue.ts";

const REQUESTS = 100_000;
const CLIENTS = 64;

/** Commits of one point by clients that wait for each; CPU time of a request, in ms. */
export async function measureQueue(): Promise<number> {
  const members = `"1795241049000000001/0 [1000000001]":{"id":1000000001,"total":58.40}`;
  const chunk = { members, bytes: members.length, rows: 1 };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const queue = new CommitQueue(async () => {
    await turn();
    return { changes: 1, tallies: [] };
  });
  let left = REQUESTS;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await queue.commit([chunk]);
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / REQUESTS;
}
