/**
 * Large bodies a few at a time: they wait, first come first served, while as many are worked on as
 * the memory takes well (promise P7). Until then all but their beginning is the client's.
 */
import { pause } from "../pause.ts";
import { ROOM_LOOK_MS, ROOM_WAIT_MS_MAX, ROOM_WAITERS_MAX } from "./limits.ts";

/**
 * A place in the queue. Each looks for itself whether it is its turn: a request whose client hung
 * up may end anywhere, and could neither be woken nor wake the next.
 */
interface Place {
  lookedAt: number;
}

/** After so many ms without a look, a request has probably ended. */
const LOST_MS = 2_000;

const queue: Place[] = [];

/**
 * Waits until there is room and all who came before have theirs.
 *
 * @param takeRoom is asked as often as every {@link ROOM_LOOK_MS}; where there is room, it must
 * take it at once, so that the next one does not find the same.
 * @returns false where there is none in {@link ROOM_WAIT_MS_MAX}, or too many wait already.
 */
export async function waitInTurn(takeRoom: () => boolean): Promise<boolean> {
  const begin = Date.now();
  if (firstOf(begin) === undefined && takeRoom()) return true;
  if (queue.length >= ROOM_WAITERS_MAX) return false;
  const place = { lookedAt: begin };
  queue.push(place);
  try {
    for (let now = begin; now - begin < ROOM_WAIT_MS_MAX; now = Date.now()) {
      place.lookedAt = now;
      if (firstOf(now) === place && takeRoom()) return true;
      await pause(ROOM_LOOK_MS);
    }
    return false;
  } finally {
    const at = queue.indexOf(place);
    if (at !== -1) queue.splice(at, 1);
  }
}

/**
 * The first who still waits. One that could not look for so long keeps its place: all may have been
 * kept from looking, by a thread that was busy.
 */
function firstOf(now: number): Place | undefined {
  while (queue[0] !== undefined && now - queue[0].lookedAt > ROOM_WAIT_MS_MAX) queue.shift();
  return queue.find(({ lookedAt }) => now - lookedAt <= LOST_MS);
}
