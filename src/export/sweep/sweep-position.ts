/** Where the walks of the sweep go on: a walk over much is done in several sweeps. */

/** The walks. Each name is a row of the catalogue's table `sweeps`. */
export type Walk = "lost" | "orphans" | "vanished";

/** Where a walk goes on, as it was saved; empty at its start. */
export async function positionOf(env: Env, walk: Walk): Promise<string> {
  const position = await env.CATALOG.prepare("SELECT position FROM sweeps WHERE name = ?1")
    .bind(walk)
    .first<string>("position");
  return position ?? "";
}

/** Saves where a walk goes on; empty at its end, so that it begins anew. */
export async function savePosition(env: Env, walk: Walk, position: string): Promise<void> {
  await env.CATALOG.prepare(
    `INSERT INTO sweeps (name, position) VALUES (?1, ?2)
     ON CONFLICT (name) DO UPDATE SET position = excluded.position`,
  )
    .bind(walk, position)
    .run();
}

/** A record's place in a walk that is ordered by a time and then by the ids. */
export interface Place {
  /** ms since 1970. */
  readonly time: number;
  readonly id: number;
}

/** The place of a walk that was saved as `<time> <id>`; before all records at its start. */
export async function placeOf(env: Env, walk: Walk): Promise<Place> {
  const [time = 0, id = 0] = (await positionOf(env, walk)).split(" ").map(Number);
  return { time, id };
}

/** Saves the place of the last record of a page; without one the walk begins anew. */
export async function savePlace(env: Env, walk: Walk, place: Place | undefined): Promise<void> {
  await savePosition(env, walk, place === undefined ? "" : `${place.time} ${place.id}`);
}
