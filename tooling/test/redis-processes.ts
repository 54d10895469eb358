import { connectBeacon } from "@beamtime/beacon-client";
import { connectRedis, type RedisTarget, settingsDatabase } from "@beamtime/redis";

/** Process ids of the two Redis servers of a Beacon server. */
export async function redisProcesses(beacon: string): Promise<{ readonly settings: number; readonly data: number }> {
  await using client = await connectBeacon({ address: beacon });
  const [settings, data] = await Promise.all([
    client.settingsRedis().then(processOf),
    client.dataRedis().then(processOf),
  ]);
  return { settings, data };
}

async function processOf(target: RedisTarget): Promise<number> {
  await using redis = await connectRedis(target, { db: settingsDatabase });
  return Number(/process_id:(\d+)/.exec(await redis.client.info("server"))?.[1]);
}
