import type { RedisLocation } from "@beamtime/beacon-server";
import { connectRedis, type RedisTarget } from "@beamtime/redis";

/** A Redis server: how this process reaches it, and what clients are told of it. */
export interface RedisPlace {
  /** With credentials, where there are any. */
  readonly target: RedisTarget;
  /** Asked at each request of a client. */
  readonly location: () => RedisLocation;
}

/** The place of a server that runs already. @throws RedisError when it cannot be reached */
export async function placeOf(target: RedisTarget, signal: AbortSignal | undefined): Promise<RedisPlace> {
  await using connection = await connectRedis(target, { db: 0, signal });
  const { address } = connection;
  if (address.startsWith("/")) return { target, location: () => ({ path: address }) };
  const end = address.lastIndexOf(":");
  const host = address.slice(0, end).replace(/^\[|\]$/g, "");
  const port = Number(address.slice(end + 1));
  return { target, location: () => ({ host, port }) };
}
