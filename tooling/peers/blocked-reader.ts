import { connectRedis, type RedisTarget } from "@beamtime/redis";

/** Resolves when a client of the data server waits in a read: the session itself reads nothing. */
export async function blockedReader(redis: RedisTarget): Promise<void> {
  await using connection = await connectRedis(redis);
  for (;;) {
    const clients = String(await connection.client.client("LIST"));
    if (/ flags=\w*b\w* .* cmd=xread /.test(clients)) return;
    await new Promise((resolve) => setTimeout(resolve, 20)); // Redis has no event for it
  }
}
