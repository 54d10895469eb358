import { ArgumentError } from "@beamtime/errors";
import { connectRedis, type RedisTarget } from "@beamtime/redis";
import { askBeacon } from "./ask-beacon.js";
import { DataStore } from "./data-store.js";

/** Where the scans are. */
export interface ConnectOptions {
  /** The data Redis itself; then Beacon is not asked. */
  readonly redis?: RedisTarget | undefined;
  /** `host:port` of the Beacon server that knows the data Redis. Default: the environment's `BEACON_HOST`. */
  readonly beacon?: string | undefined;
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
  const { redis, beacon = process.env["BEACON_HOST"], signal } = options;
  if (redis === undefined && !beacon) {
    throw new ArgumentError(
      "redis",
      "nothing says where the scans are: give 'redis' or 'beacon', or set BEACON_HOST to host:port of the Beacon server",
    );
  }
  const target = redis ?? (await askBeacon(beacon ?? "", { signal }));
  return new DataStore(await connectRedis(target, { signal }));
}
