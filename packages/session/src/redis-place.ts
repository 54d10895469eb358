import type { RedisLocation } from "@beamtime/beacon-server";
import { connectRedis, type RedisTarget } from "@beamtime/redis";

/** A Redis server: how this process reaches it, and what clients are told of it. */
export interface RedisPlace {
  /** With credentials, where there are any. */
  readonly target: RedisTarget;
  /** Asked at each request of a client. */
  readonly location: () => RedisLocation | Promise<RedisLocation>;
}

/** The place of a server that runs already. @throws RedisError when it cannot be reached */
export async function placeOf(target: RedisTarget, signal: AbortSignal | undefined): Promise<RedisPlace> {
  await using connection = await connectRedis(target, { db: 0, signal });
  const { address } = connection;
  if (typeof target === "object" && "sentinels" in target) return { target, location: () => masterOf(target) };
  if (address.startsWith("/")) return { target, location: () => ({ path: address }) };
  const end = address.lastIndexOf(":");
  const host = address.slice(0, end).replace(/^\[|\]$/g, "");
  const port = Number(address.slice(end + 1));
  return { target, location: () => ({ host, port }) };
}

/** The server that sentinels name now: what clients of Beacon can be told. */
async function masterOf(target: RedisTarget): Promise<RedisLocation> {
  await using connection = await connectRedis(target, { db: 0 });
  const { remoteAddress = "", remotePort = 0 } = connection.client.stream;
  return { host: remoteAddress, port: remotePort };
}
