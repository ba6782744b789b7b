/** `GET /admin/v1/shards`: how full the databases of the rows are. */
import { jsonAnswer } from "../http/answer.ts";
import { settingsOf } from "../http/settings.ts";
import { readShards } from "../warehouse/shard-room.ts";
import { type AdminContext, type AdminRoute, timeText } from "./routes.ts";

/** All shards that are bound, as the sweep measured them last; null where it has not yet. */
async function listShards({ env }: AdminContext): Promise<Response> {
  const { shardBytesMax } = settingsOf(env);
  const shards = (await readShards(env)).map(({ shard, size }) => ({
    shard,
    bytes: size?.bytes ?? null,
    bytes_max: shardBytesMax,
    is_full: (size?.bytes ?? 0) >= shardBytesMax,
    measured_at: size === undefined ? null : timeText(size.measured_at),
  }));
  return jsonAnswer(200, JSON.stringify({ shards }));
}

/** The path of the shards. */
export const shardRoutes: readonly AdminRoute[] = [
  { path: "/shards", methods: { GET: listShards } },
];
