import { connectBeacon } from "@beamtime/beacon-client";
import { ArgumentError } from "@beamtime/errors";
import { type ConnectRedisOptions, connectRedis, type RedisTarget } from "@beamtime/redis";
import { DataStore } from "./data-store.js";

/** Where the scans are. */
export interface ConnectOptions {
  /** The data Redis itself; then Beacon is not asked. */
  readonly redis?: RedisTarget | undefined;
  /** `host:port` of the Beacon server that knows the data Redis. Default: the environment's `BEACON_HOST`. */
  readonly beacon?: string | undefined;
  /** Anything else that ioredis takes to reach Redis: `tls`, `username`, `password`, `sentinels`, … */
  readonly ioredis?: ConnectRedisOptions["ioredis"];
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the scans of a beamline for reading. Nothing is ever written. Whoever opens it closes it.
 *
 * @throws ArgumentError when nothing says where the scans are
 * @throws BeaconError when the Beacon server does not tell
 * @throws RedisError when the server cannot be reached
 *
 * @example
 * await using store = await connect({ beacon: "localhost:25000" });
 * const session = await store.getSessionNode("demo_session");
 * for await (const event of session.walkOnNewEvents({ filter: "scan" })) console.log(event.type, event.node.dbName);
 */
export async function connect(options: ConnectOptions = {}): Promise<DataStore> {
  const { redis, beacon = process.env["BEACON_HOST"], ioredis, signal } = options;
  if (redis === undefined && !beacon) {
    throw new ArgumentError(
      "redis",
      "nothing says where the scans are: give 'redis' or 'beacon', or set BEACON_HOST to host:port of the Beacon server",
    );
  }
  const target = redis ?? (await dataRedisOf(beacon, signal));
  return new DataStore(await connectRedis(target, { ioredis, signal }));
}

async function dataRedisOf(address: string | undefined, signal: AbortSignal | undefined): Promise<RedisTarget> {
  await using beacon = await connectBeacon({ address, signal });
  return await beacon.dataRedis({ signal });
}
